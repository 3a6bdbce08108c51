//! One message as it comes in: the number by which its answer is known, and what cannot be read.

use serde::{Deserialize, Serialize};

use super::ClientMessage;
use crate::error::{ErrorCode, Refusal};
use crate::limits::MAX_MESSAGE_BYTES;

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
    "watch",
    "answer",
    "chat",
    "rename",
    "mute",
    "silence",
    "remove",
    "chat-open",
    "audience",
    "announce",
    "link",
    "link-state",
    "relink",
    "receiving",
    "prefer",
    "direct",
    "hand",
    "stage",
    "settings",
    "admit",
    "media-trouble",
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
