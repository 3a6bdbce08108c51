//! Messages from a client to the node.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Refusal};
use crate::ids::ParticipantId;
use crate::limits::MAX_MESSAGE_BYTES;
use crate::media::Source;

/// A message with the number by which its answer is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the client; comes back as `re` in the answer or the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// What is asked.
    #[serde(flatten)]
    pub message: ClientMessage,
}

/// What a client may ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ClientMessage {
    /// The first message of a connection. Answered by `welcome`.
    Join {
        /// The version of the protocol that the client speaks.
        version: u32,
        /// The room's name, as typed.
        room: String,
        /// The participant's name, as typed.
        name: String,
        /// Opens the room if no room of this name is open; its opener becomes host.
        #[serde(default)]
        open: bool,
        /// The secret that makes its bearer a host of the room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host_key: Option<String>,
        /// The token of an earlier `welcome`: take up that participant again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<String>,
    },
    /// Offers (or offers anew, after a change) the publisher session. Answered by `published`.
    Publish {
        /// The whole session description, with candidates or without.
        sdp: String,
        /// What each media section that sends carries. Sections not named here are ignored, and
        /// publications named earlier but not now have stopped.
        tracks: Vec<PublishedTrack>,
        /// Whether this is a new peer connection, in place of an earlier one.
        #[serde(default)]
        fresh: bool,
    },
    /// Ends the publisher session. Answered by `ok`.
    Unpublish,
    /// Says that the participant muted or unmuted one of its own publications. Answered by `ok`.
    TrackMuted {
        /// Which of the participant's publications.
        source: Source,
        /// Whether it is now muted.
        muted: bool,
    },
    /// Asks for a subscriber session, in place of an earlier one. The node offers as soon as there
    /// is something to receive. Answered by `ok`.
    Subscribe {
        /// Keep the session and restart ICE instead: an `offer` follows at once.
        #[serde(default)]
        restart_ice: bool,
    },
    /// Answers an `offer` of the node. Answered by `ok` when it is for the newest offer.
    Answer {
        /// The number of the offer.
        offer: u32,
        /// The whole session description.
        sdp: String,
    },
    /// Says something to everyone in the room. Answered by `ok`.
    Chat {
        /// Plain text.
        text: String,
    },
    /// Changes the name of the participant. Answered by `ok`.
    Rename {
        /// The new name, as typed.
        name: String,
    },
    /// Host: stops or resumes the forwarding of a publication. Answered by `ok`.
    Mute {
        /// Whose publication.
        participant: ParticipantId,
        /// Which of them.
        source: Source,
        /// Whether it is stopped.
        muted: bool,
    },
    /// Host: takes the right to chat from a participant, or gives it back. Answered by `ok`.
    Silence {
        /// Who.
        participant: ParticipantId,
        /// Whether the right is taken.
        silenced: bool,
    },
    /// Host: removes a participant from the room. Answered by `ok`.
    Remove {
        /// Who.
        participant: ParticipantId,
    },
    /// Host: opens or closes the chat. Answered by `ok`.
    ChatOpen {
        /// Whether participants other than hosts may chat.
        open: bool,
    },
    /// Host: lists the audience. Answered by `audience-page`.
    Audience {
        /// Start behind this participant; from the beginning without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<ParticipantId>,
    },
    /// Host: ends the room for everyone and frees its name. Answered by `ok`, then `goodbye`.
    End,
    /// Leaves the room now instead of after the grace period. Answered by `goodbye`.
    Leave,
    /// Asks whether the connection lives. Answered by `pong`.
    Ping,
}

/// What one media section of a publisher session carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedTrack {
    /// The `a=mid` of the media section.
    pub mid: String,
    /// What it shows or sounds.
    pub source: Source,
    /// Whether the participant has muted it.
    #[serde(default)]
    pub muted: bool,
}

impl Request {
    /// Reads one message.
    ///
    /// # Errors
    /// The refusal comes with the id of the request where that could still be read, so that the
    /// sender can tell which of its requests failed. [`ErrorCode::TooLarge`],
    /// [`ErrorCode::Malformed`] or [`ErrorCode::UnknownMessage`].
    pub fn parse(text: &str) -> Result<Self, (Option<u32>, Refusal)> {
        if text.len() > MAX_MESSAGE_BYTES {
            let message = format!("a message may have {MAX_MESSAGE_BYTES} bytes at most");
            return Err((None, Refusal::new(ErrorCode::TooLarge, message)));
        }
        let fault = |id, error: serde_json::Error| {
            (id, Refusal::new(ErrorCode::Malformed, format!("the message cannot be read: {error}")))
        };
        let head: Head = serde_json::from_str(text).map_err(|e| fault(None, e))?;
        if !TYPES.contains(&head.r#type.as_str()) {
            let message = "there is no message of this type in this version of the protocol";
            return Err((head.id, Refusal::new(ErrorCode::UnknownMessage, message)));
        }
        serde_json::from_str(text).map_err(|e| fault(head.id, e))
    }
}

#[derive(Deserialize)]
struct Head {
    r#type: String,
    #[serde(default)]
    id: Option<u32>,
}

/// The types of [`ClientMessage`]; a test holds this list against the enum.
const TYPES: &[&str] = &[
    "join",
    "publish",
    "unpublish",
    "track-muted",
    "subscribe",
    "answer",
    "chat",
    "rename",
    "mute",
    "silence",
    "remove",
    "chat-open",
    "audience",
    "end",
    "leave",
    "ping",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_comes_back_even_when_the_rest_cannot_be_read() {
        let (id, refusal) = Request::parse(r#"{"type":"chat","id":7,"text":3}"#).unwrap_err();
        assert_eq!((id, refusal.code), (Some(7), ErrorCode::Malformed));
        let (id, refusal) = Request::parse(r#"{"type":"dance","id":8}"#).unwrap_err();
        assert_eq!((id, refusal.code), (Some(8), ErrorCode::UnknownMessage));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bad in ["", "{", "[]", "null", "{\"type\":1}", "{\"id\":1}", "\u{0}"] {
            assert_eq!(Request::parse(bad).unwrap_err().1.code, ErrorCode::Malformed, "{bad:?}");
        }
        let large = format!(r#"{{"type":"chat","text":"{}"}}"#, "x".repeat(MAX_MESSAGE_BYTES));
        assert_eq!(Request::parse(&large).unwrap_err().1.code, ErrorCode::TooLarge);
    }

    #[test]
    fn every_type_in_the_list_is_a_variant() {
        for kind in TYPES {
            let text = format!(r#"{{"type":"{kind}"}}"#);
            if let Err(error) = serde_json::from_str::<ClientMessage>(&text) {
                assert!(!error.to_string().contains("unknown variant"), "{kind}");
            }
        }
        let unknown = serde_json::from_str::<ClientMessage>(r#"{"type":"?"}"#).unwrap_err();
        let named = unknown.to_string().matches('`').count() / 2 - 1;
        assert_eq!(named, TYPES.len(), "{unknown}");
    }
}
