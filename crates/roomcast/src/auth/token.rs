//! What a token (JWT, RFC 7519) says, and whether it may say it: pure rules.

use roomcast_protocol::server::Role;
use roomcast_protocol::{DisplayName, ErrorCode, Grants, Identity, Refusal, RoomName};
use serde::{Deserialize, Serialize};
use serde_json::Number;

/// The claims as they are signed. Others are left alone: identity providers have many.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The id of an API key, or the configured issuer.
    pub(crate) iss: String,
    /// The identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sub: Option<String>,
    /// The name to go by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The room. Only an admin's may be without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) room: Option<String>,
    /// The role to come with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<Role>,
    /// What they may do at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grants: Option<Grants>,
    /// Seconds since 1970 from which it is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nbf: Option<Number>,
    /// Seconds since 1970 until which it is good.
    pub(crate) exp: Number,
}

/// A token whose signature, time and form are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// All rooms, when it is without: it is an admin's then.
    pub(super) room: Option<RoomName>,
    pub(super) identity: Option<Identity>,
    pub(super) name: Option<DisplayName>,
    role: Option<Role>,
    grants: Option<Grants>,
}

/// Seconds by which the clock of who signs may be ahead of ours. There is no such grace at the end.
const CLOCK_LEEWAY: f64 = 10.0;

/// Identities that begin so are the node's own, for those who come without a token.
pub(super) const OWN_IDENTITIES: &str = "roomcast:";

impl Claims {
    /// Checks them at a time, in seconds since 1970.
    ///
    /// # Errors
    /// [`ErrorCode::TokenExpired`] outside its time, [`ErrorCode::TokenInvalid`] for anything else.
    pub(super) fn check(self, now: f64) -> Result<Token, Refusal> {
        let seconds = |number: &Number| number.as_f64().unwrap_or(0.0);
        if seconds(&self.exp) <= now {
            let message = "the time of this token is over; ask for another one";
            return Err(Refusal::new(ErrorCode::TokenExpired, message));
        }
        if self.nbf.as_ref().is_some_and(|nbf| seconds(nbf) > now + CLOCK_LEEWAY) {
            let message = "the time of this token has not come yet";
            return Err(Refusal::new(ErrorCode::TokenExpired, message));
        }
        self.check_form()
    }

    /// Checks them but for their time.
    ///
    /// # Errors
    /// [`ErrorCode::TokenInvalid`].
    pub(super) fn check_form(self) -> Result<Token, Refusal> {
        let fault = |refusal: Refusal| invalid(&refusal.message);
        let token = Token {
            room: self.room.as_deref().map(RoomName::parse).transpose().map_err(fault)?,
            identity: self.sub.as_deref().map(Identity::parse).transpose().map_err(fault)?,
            name: self.name.as_deref().map(DisplayName::parse).transpose().map_err(fault)?,
            role: self.role,
            grants: self.grants,
        };
        token.checked()
    }
}

impl Token {
    fn checked(self) -> Result<Self, Refusal> {
        if self.room.is_none() && !self.is_admin() {
            return Err(invalid("it names no room; only one with the grant `admin` may do that"));
        }
        let own = |identity: &Identity| identity.as_str().starts_with(OWN_IDENTITIES);
        if self.identity.as_ref().is_some_and(own) {
            return Err(invalid("its `sub` begins like an identity of the node itself"));
        }
        Ok(self)
    }

    /// # Errors
    /// [`ErrorCode::TokenInvalid`] when it is for another room.
    pub(super) fn check_room(&self, room: &RoomName) -> Result<(), Refusal> {
        match &self.room {
            Some(named) if named != room => Err(invalid("it is for another room")),
            _ => Ok(()),
        }
    }

    /// The role to come with: the one it names, or the least that its grants ask for. None, when it
    /// says nothing: the kind of the room decides.
    pub(super) fn role(&self) -> Option<Role> {
        self.role.or_else(|| {
            let grants = self.grants.as_ref()?;
            Some(if grants.moderate || grants.admin {
                Role::Host
            } else if grants.publish.is_empty() {
                Role::Viewer
            } else {
                Role::Speaker
            })
        })
    }

    /// The ceiling, if it names one.
    pub(super) fn ceiling(&self) -> Option<&Grants> {
        self.grants.as_ref()
    }

    /// Whether it lets someone publish from the start.
    pub(super) fn publishes(&self) -> bool {
        matches!(self.role(), Some(Role::Host | Role::Speaker)) && !self.grants().publish.is_empty()
    }

    /// Whether it lets someone watch.
    pub(super) fn subscribes(&self) -> bool {
        self.grants().subscribe
    }

    /// Whether it lets someone act for the hosts of its rooms.
    pub(super) fn moderates(&self) -> bool {
        self.is_admin() || (self.role() == Some(Role::Host) && self.grants().moderate)
    }

    /// Whether the whole node is theirs.
    pub(super) fn is_admin_of_node(&self) -> bool {
        self.room.is_none() && self.is_admin()
    }

    fn is_admin(&self) -> bool {
        self.grants.as_ref().is_some_and(|grants| grants.admin)
    }

    fn grants(&self) -> Grants {
        let of_role = || Grants::of_role(self.role.unwrap_or(Role::Viewer));
        self.grants.clone().unwrap_or_else(of_role)
    }
}

/// A token that is refused, and why.
pub(super) fn invalid(why: &str) -> Refusal {
    Refusal::new(ErrorCode::TokenInvalid, format!("the token is not valid: {why}"))
}
