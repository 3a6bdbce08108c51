//! The gate of rooms: with which pass publishers, viewers and pages enter.

use roomcast_protocol::server::Role;
use roomcast_protocol::{Client, DisplayName, ErrorCode, Grants, Identity, Refusal, RoomName};
use roomcast_room::Admission;

use super::bearer::Who;
use super::gate::forbidden;
use super::pass::{Name, Opens, Pass};
use super::token::{OWN_IDENTITIES, Token, invalid};
use super::{Bearer, Gate, StreamKey};
use crate::prefix::Prefix;
use crate::secret::Secret;

/// Characters of a host key that a publisher chooses by itself: fewer are guessed.
const MIN_CHOSEN_KEY_CHARS: usize = 8;

/// What a page shows when it joins.
#[derive(Debug)]
pub(crate) struct PageCredentials {
    pub(crate) token: Option<String>,
    pub(crate) host_key: Option<Secret>,
}

impl Gate {
    /// Who publishes by WHIP.
    ///
    /// # Errors
    /// [`ErrorCode::TokenMissing`] without a bearer, [`ErrorCode::Forbidden`] for one that may not
    /// publish, [`ErrorCode::KeyInvalid`] and [`ErrorCode::TokenInvalid`] for that of another room.
    pub(crate) async fn admit_publisher(
        &self,
        room: &RoomName,
        bearer: Option<&Bearer>,
    ) -> Result<Pass, Refusal> {
        let Some(bearer) = bearer else { return Err(self.publisher_needs_bearer()) };
        match &bearer.who {
            Who::ApiKey(key) => {
                Ok(Pass::of_admin(Client::Whip, own_identity(&format!("api-key:{}", key.id))?))
            }
            Who::Token(token) => {
                token.check_room(room)?;
                if !token.publishes() {
                    return Err(forbidden("the token does not let you publish in this room"));
                }
                let mut pass = Pass::of_token(token, Client::Whip);
                // Who comes again with the same token takes their own place.
                let identity = &mut pass.admission.identity;
                if identity.is_none() {
                    *identity = Some(own_identity(&format!("token:{}", bearer.fingerprint))?);
                }
                Ok(pass)
            }
            Who::StreamKey(key) => Pass::of_stream_key(key, room),
            Who::Text(key) => {
                if self.is_closed() {
                    self.check_host_key(room, key, bearer.prefix).await?;
                }
                self.publisher_with_host_key(key)
            }
        }
    }

    fn publisher_needs_bearer(&self) -> Refusal {
        let message = if self.is_closed() {
            "publishing needs `Authorization: Bearer` with a stream key or a token (in OBS: the field \
             `Bearer Token`)"
        } else {
            "publishing needs `Authorization: Bearer` with a stream key, a token or the host key of \
             the room (in OBS: the field `Bearer Token`); for a room that is not open, choose one of \
             at least 8 characters, and it becomes the host key"
        };
        Refusal::new(ErrorCode::TokenMissing, message)
    }

    fn publisher_with_host_key(&self, key: &Secret) -> Result<Pass, Refusal> {
        if key.chars() < MIN_CHOSEN_KEY_CHARS {
            let message = format!("a host key has at least {MIN_CHOSEN_KEY_CHARS} characters");
            return Err(Refusal::new(ErrorCode::HostKeyInvalid, message));
        }
        let admission = Admission {
            identity: Some(own_identity("host-key")?),
            client: Client::Whip,
            takeover: true,
            ..Admission::default()
        };
        let opens = if self.is_closed() { Opens::Never } else { Opens::WithHostKey };
        Ok(Pass { admission, host_key: Some(key.clone()), opens, name: Name::Free })
    }

    /// Who watches by WHEP.
    ///
    /// # Errors
    /// As [`Gate::admit_publisher`]; a node that is open asks for no bearer.
    pub(crate) async fn admit_viewer(
        &self,
        room: &RoomName,
        bearer: Option<&Bearer>,
    ) -> Result<Pass, Refusal> {
        let Some(bearer) = bearer else {
            if !self.is_closed() {
                return Ok(Pass::of_viewer(false));
            }
            let message = "watching needs `Authorization: Bearer` with a token for this room";
            return Err(Refusal::new(ErrorCode::TokenMissing, message));
        };
        match &bearer.who {
            Who::ApiKey(_) => Ok(Pass::of_viewer(true)),
            Who::Token(token) => {
                token.check_room(room)?;
                if !token.subscribes() {
                    return Err(forbidden("the token does not let you watch this room"));
                }
                let mut pass = Pass::of_viewer(true);
                pass.admission.identity.clone_from(&token.identity);
                pass.name = name_of(token);
                Ok(pass)
            }
            Who::StreamKey(_) => Err(forbidden("a stream key is for publishing alone")),
            Who::Text(text) => {
                self.check_host_key(room, text, bearer.prefix).await?;
                Ok(Pass::of_viewer(true))
            }
        }
    }

    /// Who joins over the WebSocket.
    ///
    /// # Errors
    /// [`ErrorCode::TokenMissing`] on a node that is closed, when neither a token nor a host key came;
    /// otherwise as [`Gate::bearer`] and [`Gate::admit_publisher`].
    pub(crate) async fn admit_page(
        &self,
        room: &RoomName,
        credentials: PageCredentials,
        prefix: Prefix,
    ) -> Result<Pass, Refusal> {
        let PageCredentials { token, host_key } = credentials;
        let mut pass = match token {
            Some(text) => self.page_with_token(room, &text, prefix).await?,
            None => self.page_without_token(room, host_key.as_ref(), prefix).await?,
        };
        pass.host_key = host_key;
        Ok(pass)
    }

    async fn page_with_token(
        &self,
        room: &RoomName,
        text: &str,
        prefix: Prefix,
    ) -> Result<Pass, Refusal> {
        match self.recognize(text, prefix).await? {
            Who::ApiKey(_) => Ok(Pass::of_admin(Client::Page, None)),
            Who::Token(token) => {
                token.check_room(room)?;
                Ok(Pass::of_token(&token, Client::Page))
            }
            Who::StreamKey(_) => Err(forbidden("a stream key is for encoders, not for pages")),
            Who::Text(_) => Err(invalid("it is no token")),
        }
    }

    async fn page_without_token(
        &self,
        room: &RoomName,
        host_key: Option<&Secret>,
        prefix: Prefix,
    ) -> Result<Pass, Refusal> {
        let opens = match (self.is_closed(), host_key) {
            (false, _) => Opens::IfAsked,
            (true, Some(host_key)) => {
                self.check_host_key(room, host_key, prefix).await?;
                Opens::Never
            }
            (true, None) => {
                let message =
                    "this node lets in whoever has a token; ask for a link that holds one";
                return Err(Refusal::new(ErrorCode::TokenMissing, message));
            }
        };
        let admission = Admission::of_page(false);
        Ok(Pass { admission, host_key: None, opens, name: Name::Free })
    }
}

impl Pass {
    fn of_admin(client: Client, identity: impl Into<Option<Identity>>) -> Self {
        let admission = Admission {
            role: Some(Role::Host),
            grants: None,
            identity: identity.into(),
            client,
            takeover: true,
            invited: true,
        };
        Self { admission, host_key: None, opens: Opens::ByEntering, name: Name::Free }
    }

    fn of_token(token: &Token, client: Client) -> Self {
        let role = token.role();
        let admission = Admission {
            role,
            grants: token.ceiling().cloned(),
            identity: token.identity.clone(),
            client,
            takeover: true,
            invited: true,
        };
        let opens = if role == Some(Role::Host) { Opens::ByEntering } else { Opens::Never };
        Self { admission, host_key: None, opens, name: name_of(token) }
    }

    fn of_stream_key(key: &StreamKey, room: &RoomName) -> Result<Self, Refusal> {
        if key.room != *room {
            let message = "this stream key is for another room";
            return Err(Refusal::new(ErrorCode::KeyInvalid, message));
        }
        let admission = Admission {
            role: Some(Role::Speaker),
            grants: None,
            identity: Some(own_identity(&format!("stream-key:{}", key.id))?),
            client: Client::Whip,
            takeover: key.takeover,
            invited: true,
        };
        let name = DisplayName::parse(&key.name).map_or(Name::Free, Name::Default);
        Ok(Self { admission, host_key: None, opens: Opens::Never, name })
    }

    fn of_viewer(invited: bool) -> Self {
        let admission = Admission {
            role: Some(Role::Viewer),
            grants: Some(Grants { subscribe: true, ..Grants::default() }),
            identity: None,
            client: Client::Whep,
            takeover: true,
            invited,
        };
        Self { admission, host_key: None, opens: Opens::Never, name: Name::Free }
    }
}

fn name_of(token: &Token) -> Name {
    token.name.clone().map_or(Name::Free, Name::Given)
}

/// An identity that no token can have.
fn own_identity(text: &str) -> Result<Identity, Refusal> {
    Identity::parse(&format!("{OWN_IDENTITIES}{text}"))
}
