//! What a resident hears from its room, as far as it matters to one. Rooms say much that is for people:
//! that is skipped without being read whole.

use roomcast_protocol::server::{IceServer, Role, SessionKind};
use roomcast_protocol::{ErrorCode, Refusal, ServerMessage};
use serde::Deserialize;

/// A message of a room.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// It is in the room, and these are its servers.
    Welcome(Vec<IceServer>),
    /// It would have to wait for a host.
    Waiting,
    /// An offer was answered: to which request, and how.
    Answer(Option<u32>, String),
    /// A request was refused.
    Error(Option<u32>, Refusal),
    /// Its media session is over.
    SessionClosed(SessionKind),
    /// A host has changed what it may do.
    Role(Role),
    /// It is out of the room.
    Goodbye(Refusal),
    /// The room does not speak to it any more.
    Nothing,
    /// Something that is of no interest here.
    Other,
}

impl Heard {
    /// Reads a message of this node.
    pub(super) fn read(text: &str) -> Self {
        let Ok(Head { r#type }) = serde_json::from_str(text) else { return Self::Other };
        if !OF_INTEREST.contains(&r#type) {
            return Self::Other;
        }
        match serde_json::from_str::<ServerMessage>(text) {
            Ok(message) => Self::from(message),
            Err(error) => {
                tracing::error!(%error, "bug: a resident cannot read what its room says");
                let message = "the node does not understand itself; try again";
                Self::Goodbye(Refusal::new(ErrorCode::Internal, message))
            }
        }
    }
}

impl From<ServerMessage> for Heard {
    fn from(message: ServerMessage) -> Self {
        match message {
            ServerMessage::Welcome(welcome) => Self::Welcome(welcome.ice_servers),
            ServerMessage::Waiting { .. } => Self::Waiting,
            ServerMessage::Published { re, sdp } | ServerMessage::Watching { re, sdp } => {
                Self::Answer(re, sdp)
            }
            ServerMessage::Error { re, refusal } => Self::Error(re, refusal),
            ServerMessage::SessionClosed { session, .. } => Self::SessionClosed(session),
            ServerMessage::Role { role } => Self::Role(role),
            ServerMessage::Goodbye { code, message } => Self::Goodbye(Refusal::new(code, message)),
            _ => Self::Other,
        }
    }
}

#[derive(Deserialize)]
struct Head<'a> {
    r#type: &'a str,
}

const OF_INTEREST: [&str; 8] =
    ["welcome", "waiting", "published", "watching", "error", "session-closed", "role", "goodbye"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_read_and_the_rest_is_skipped() {
        let closed = ServerMessage::SessionClosed {
            session: SessionKind::Publisher,
            refusal: Refusal::new(ErrorCode::MediaTimeout, "gone"),
        };
        let text = serde_json::to_string(&closed).unwrap();
        assert_eq!(Heard::read(&text), Heard::SessionClosed(SessionKind::Publisher));
        let answer = ServerMessage::Published { re: Some(2), sdp: "v=0\r\n".into() };
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(Heard::read(&text), Heard::Answer(Some(2), "v=0\r\n".into()));
        for other in [
            r#"{"type":"chat","message":{"text":"x"}}"#,
            r#"{"type":"layers","source":"camera","wanted":["q"]}"#,
            r#"{"type":"reception","standing":"poor","lossPercent":12}"#,
        ] {
            assert_eq!(Heard::read(other), Heard::Other);
        }
        assert_eq!(Heard::read("?"), Heard::Other);
    }
}
