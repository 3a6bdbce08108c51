//! The form of a `join`: what can be judged without knowing any room.

use roomcast_protocol::{
    ClientMessage, DisplayName, ErrorCode, PROTOCOL_VERSION, Refusal, RoomKind, RoomName,
};

use crate::auth::PageCredentials;
use crate::secret::Secret;

/// A `join` whose form is right.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) room: RoomName,
    pub(super) name: DisplayName,
    pub(super) open: bool,
    pub(super) credentials: PageCredentials,
    pub(super) resume: Option<Secret>,
    pub(super) links: bool,
    pub(super) kind: RoomKind,
}

impl Wish {
    /// Checks a first message; whatever is no `join` is refused.
    pub(super) fn check(message: ClientMessage) -> Result<Self, Refusal> {
        let ClientMessage::Join { version, room, name, open, host_key, resume, links, kind, token } =
            message
        else {
            return Err(Refusal::new(ErrorCode::NotJoined, "the first message must be `join`"));
        };
        if version != PROTOCOL_VERSION {
            let message = format!("this node speaks version {PROTOCOL_VERSION} of the protocol");
            return Err(Refusal::new(ErrorCode::VersionUnsupported, message));
        }
        Ok(Self {
            room: RoomName::parse(&room)?,
            name: DisplayName::parse(&name)?,
            open,
            credentials: PageCredentials {
                token,
                host_key: host_key.map(Secret::received).transpose()?,
            },
            resume: resume.map(Secret::received).transpose()?,
            links,
            kind: kind.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(version: u32, room: &str, name: &str, host_key: Option<String>) -> ClientMessage {
        ClientMessage::Join {
            version,
            room: room.into(),
            name: name.into(),
            open: false,
            host_key,
            resume: None,
            links: false,
            token: None,
            kind: None,
        }
    }

    #[test]
    fn each_fault_has_its_code() {
        let code = |message| Wish::check(message).unwrap_err().code;
        assert_eq!(code(ClientMessage::Ping), ErrorCode::NotJoined);
        assert_eq!(code(join(2, "r", "n", None)), ErrorCode::VersionUnsupported);
        assert_eq!(code(join(1, " ", "n", None)), ErrorCode::NameInvalid);
        assert_eq!(code(join(1, "r", "\u{202E}", None)), ErrorCode::NameInvalid);
        assert_eq!(code(join(1, "r", "n", Some("x".repeat(129)))), ErrorCode::Malformed);
        assert!(Wish::check(join(1, "r", "n", Some("key".into()))).is_ok());
    }
}
