//! Ids and names. A value of one of these types has been checked.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Refusal};
use crate::limits::{MAX_DISPLAY_NAME_CHARS, MAX_IDENTITY_CHARS, MAX_ROOM_NAME_CHARS};

/// A participant of one room, chosen by the node, unique within the node's run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ParticipantId(pub String);

impl fmt::Display for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A publication: one track that a participant publishes. Unique within the node's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicationId(pub u64);

/// The name of a room, which is also the last part of its link.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RoomName(String);

impl RoomName {
    /// Takes a name as a person typed it: white space around it is dropped.
    ///
    /// # Errors
    /// [`ErrorCode::NameInvalid`] when nothing is left, when it is longer than
    /// [`MAX_ROOM_NAME_CHARS`] or holds a control character.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let name = checked_name(text, MAX_ROOM_NAME_CHARS, "room name")?;
        // A browser resolves these two away before it asks for the page.
        if name == "." || name == ".." {
            return Err(Refusal::new(ErrorCode::NameInvalid, "a room cannot be named . or .."));
        }
        Ok(Self(name))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name that a participant goes by. Shown as text, never as markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DisplayName(String);

impl DisplayName {
    /// Takes a name as a person typed it: white space around it is dropped.
    ///
    /// # Errors
    /// [`ErrorCode::NameInvalid`] when nothing is left, when it is longer than
    /// [`MAX_DISPLAY_NAME_CHARS`] or holds a control character.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        checked_name(text, MAX_DISPLAY_NAME_CHARS, "name").map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who someone is to those who gave them their token or key: the same person or program, whenever
/// they come. Not shown to other participants.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Identity(String);

impl Identity {
    /// Takes an identity as it was given: white space around it is dropped.
    ///
    /// # Errors
    /// [`ErrorCode::NameInvalid`] when nothing is left, when it is longer than
    /// [`MAX_IDENTITY_CHARS`] or holds a control character.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        checked_name(text, MAX_IDENTITY_CHARS, "identity").map(Self)
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn checked_name(text: &str, max_chars: usize, what: &str) -> Result<String, Refusal> {
    let name = text.trim();
    let fault = |message: String| Err(Refusal::new(ErrorCode::NameInvalid, message));
    if name.is_empty() {
        return fault(format!("the {what} is empty"));
    }
    if name.chars().count() > max_chars {
        return fault(format!("the {what} has more than {max_chars} characters"));
    }
    if name.chars().any(is_unprintable) {
        return fault(format!("the {what} holds a control character"));
    }
    Ok(name.to_owned())
}

/// Control characters, and the marks that reorder or hide the text around them (Unicode TR 36):
/// with those a name could pass for another one.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_kept_as_typed() {
        assert_eq!(RoomName::parse("  Größe 直播 <b>  ").unwrap().as_str(), "Größe 直播 <b>");
        assert_eq!(DisplayName::parse("Ann").unwrap().as_str(), "Ann");
    }

    #[test]
    fn names_that_cannot_be_shown_are_refused() {
        for bad in ["", "   ", "a\u{0}b", "a\nb", "a\u{202E}b", &"x".repeat(65), "..", "."] {
            let code = RoomName::parse(bad).unwrap_err().code;
            assert_eq!(code, ErrorCode::NameInvalid, "{bad:?}");
        }
        assert!(RoomName::parse(&"界".repeat(64)).is_ok());
        assert!(Identity::parse(&"x".repeat(MAX_IDENTITY_CHARS)).is_ok());
        assert!(Identity::parse(&"x".repeat(MAX_IDENTITY_CHARS + 1)).is_err());
    }
}
