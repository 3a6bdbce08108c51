//! Who uses the HTTP API.

use roomcast_protocol::server::Role;
use roomcast_protocol::{DisplayName, Grants, Identity, Refusal, RoomName};

use super::KeyId;
use super::token::{Claims, invalid};

/// With which right the HTTP API is used. Made by [`super::Gate::operator`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operator {
    /// Everything on this node.
    Admin {
        /// The API key that was shown, unless a token was.
        key: Option<KeyId>,
    },
    /// What a host may do, in this one room.
    Moderator(RoomName),
}

/// A token that is to be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct TokenRequest {
    /// None for an admin's token, which is good for all rooms.
    pub(crate) room: Option<RoomName>,
    pub(crate) identity: Option<Identity>,
    pub(crate) name: Option<DisplayName>,
    pub(crate) role: Option<Role>,
    pub(crate) grants: Option<Grants>,
    /// Seconds from now; [`MAX_TOKEN_SECONDS`] at most.
    pub(crate) expires_in: u64,
}

/// How long a token may be good, in seconds: a year. Whoever needs it longer has a key.
pub(crate) const MAX_TOKEN_SECONDS: u64 = 366 * 24 * 3_600;

impl TokenRequest {
    /// The claims, as the API key `issuer` signs them at a time in seconds since 1970.
    ///
    /// # Errors
    /// [`ErrorCode::TokenInvalid`] when such a token would be refused.
    pub(crate) fn claims(&self, issuer: &KeyId, now: u64) -> Result<Claims, Refusal> {
        if !(1..=MAX_TOKEN_SECONDS).contains(&self.expires_in) {
            return Err(invalid("it has to be good for 1 second to 366 days"));
        }
        let claims = Claims {
            iss: issuer.to_string(),
            sub: self.identity.as_ref().map(|identity| identity.as_str().to_owned()),
            name: self.name.as_ref().map(|name| name.as_str().to_owned()),
            room: self.room.as_ref().map(|room| room.as_str().to_owned()),
            role: self.role,
            grants: self.grants.clone(),
            nbf: None,
            exp: (now + self.expires_in).into(),
        };
        claims.clone().check_form()?;
        Ok(claims)
    }
}
