//! The chat of a room: what may be said, how fast, and what is kept for those who come later.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use roomcast_protocol::limits::{CHAT_HISTORY, MAX_CHAT_CHARS, MAX_CHAT_HISTORY_BYTES};
use roomcast_protocol::server::ChatMessage;
use roomcast_protocol::{ErrorCode, ParticipantId, Refusal};

/// The history and its numbering.
#[derive(Debug)]
pub(crate) struct Chat {
    /// Whether participants other than hosts may chat.
    pub(crate) open: bool,
    history: VecDeque<ChatMessage>,
    next_number: u64,
}

impl Chat {
    /// Begins with a history from the store (oldest first) or with none. Numbers go on from there.
    pub(crate) fn new(open: bool, history: Vec<ChatMessage>) -> Self {
        let next_number = history.iter().map(|m| m.number).max().unwrap_or(0).saturating_add(1);
        let superfluous = history.len().saturating_sub(CHAT_HISTORY);
        let history = history.into_iter().skip(superfluous).collect();
        Self { open, history, next_number }
    }

    /// Takes a message into the history and gives it its number.
    pub(crate) fn take(&mut self, at: u64, from: Speaker, text: String) -> ChatMessage {
        let Speaker { participant, name, host } = from;
        let message = ChatMessage { number: self.next_number, at, participant, name, host, text };
        self.next_number = self.next_number.saturating_add(1);
        if self.history.len() >= CHAT_HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(message.clone());
        message
    }

    /// The last messages, oldest first: as many as fit into [`MAX_CHAT_HISTORY_BYTES`], so that
    /// nobody can make the room too heavy to enter.
    pub(crate) fn history(&self) -> Vec<ChatMessage> {
        let mut left = MAX_CHAT_HISTORY_BYTES;
        let newest = self.history.iter().rev().take_while(|message| {
            let fits = left.checked_sub(json_bytes(message));
            left = fits.unwrap_or(0);
            fits.is_some()
        });
        let mut messages: Vec<_> = newest.cloned().collect();
        messages.reverse();
        messages
    }
}

/// About how many bytes a message takes in JSON: quotes, backslashes and line breaks take two.
fn json_bytes(message: &ChatMessage) -> usize {
    const FIELDS: usize = 160;
    let escaped = |text: &str| {
        let escapes = text.bytes().filter(|b| matches!(b, b'"' | b'\\' | b'\n' | b'\t')).count();
        text.len().saturating_add(escapes)
    };
    escaped(&message.text).saturating_add(escaped(&message.name)).saturating_add(FIELDS)
}

/// Who says something, as it stands at that moment.
#[derive(Debug)]
pub(crate) struct Speaker {
    pub(crate) participant: ParticipantId,
    pub(crate) name: String,
    pub(crate) host: bool,
}

/// The text as it will be shown: without white space around it, carriage returns, and the marks that
/// reorder or hide text. Zero-width joiners stay: emoji and several scripts are made with them.
///
/// # Errors
/// [`ErrorCode::TextInvalid`] when nothing visible is left, when it is longer than
/// [`MAX_CHAT_CHARS`], or when it holds a control character other than newline and tab.
pub(crate) fn clean(text: &str) -> Result<String, Refusal> {
    let fault = |message: String| Err(Refusal::new(ErrorCode::TextInvalid, message));
    let kept: String = text.chars().filter(|c| *c != '\r' && !is_deceptive(*c)).collect();
    let kept = kept.trim();
    if kept.chars().all(is_invisible) {
        return fault("the message is empty".to_owned());
    }
    if kept.chars().count() > MAX_CHAT_CHARS {
        return fault(format!("the message has more than {MAX_CHAT_CHARS} characters"));
    }
    if kept.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return fault("the message holds a control character".to_owned());
    }
    Ok(kept.to_owned())
}

/// Embeddings, overrides and isolates, which reorder the text around them (Unicode TR 36), the
/// invisible space and byte order mark, and line separators that some programs show as markup.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{2028}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Marks that say something only between visible characters.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200C}'..='\u{200F}' | '\u{00AD}' | '\u{061C}')
}

/// How fast one participant may chat: a bucket of [`CHAT_BURST`] messages that fills up by one every
/// [`CHAT_INTERVAL`].
#[derive(Debug, Default)]
pub(crate) struct Pace {
    full_at: Option<Instant>,
}

impl Pace {
    /// Takes one message out of the bucket, or says that it is empty.
    pub(crate) fn allow(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        if full_at.duration_since(now) > CHAT_INTERVAL * (CHAT_BURST - 1) {
            return false;
        }
        self.full_at = Some(full_at + CHAT_INTERVAL);
        true
    }
}

/// Chat messages that one participant may send at once: a few short lines after each other.
pub const CHAT_BURST: u32 = 8;

/// Time after which a participant may send one more: nobody types faster for long, and each message
/// goes to everyone in the room.
pub const CHAT_INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody() -> Speaker {
        Speaker { participant: ParticipantId("p".into()), name: "Ann".into(), host: false }
    }

    #[test]
    fn numbers_go_on_after_the_stored_history() {
        let mut first = Chat::new(true, Vec::new());
        assert_eq!(first.take(0, somebody(), "one".into()).number, 1);
        assert_eq!(first.take(0, somebody(), "two".into()).number, 2);
        let mut second = Chat::new(true, first.history());
        assert_eq!(second.take(0, somebody(), "three".into()).number, 3);
    }

    #[test]
    fn the_last_messages_are_kept() {
        let mut chat = Chat::new(true, Vec::new());
        for n in 0..=CHAT_HISTORY {
            chat.take(0, somebody(), n.to_string());
        }
        assert_eq!(chat.history().len(), CHAT_HISTORY);
        assert_eq!(chat.history()[0].text, "1");
        let mut long = chat.history();
        long.extend(chat.history());
        assert_eq!(Chat::new(true, long).history().len(), CHAT_HISTORY);
    }

    #[test]
    fn long_messages_leave_room_for_fewer_of_them() {
        let mut chat = Chat::new(true, Vec::new());
        for _ in 0..CHAT_HISTORY {
            chat.take(0, somebody(), "\"".repeat(MAX_CHAT_CHARS));
        }
        let history = chat.history();
        assert_eq!(history.last().unwrap().number, CHAT_HISTORY as u64);
        let bytes = serde_json::to_string(&history).unwrap().len();
        assert!((MAX_CHAT_HISTORY_BYTES / 2..=MAX_CHAT_HISTORY_BYTES).contains(&bytes), "{bytes}");
    }

    #[test]
    fn text_is_trimmed_and_keeps_lines_emoji_and_markup_as_text() {
        assert_eq!(clean("  a\r\n\tb <b>&  ").unwrap(), "a\n\tb <b>&");
        assert_eq!(clean("👩\u{200D}💻").unwrap(), "👩\u{200D}💻");
        assert_eq!(clean("a\u{202E}b\u{2066}c\u{FEFF}").unwrap(), "abc");
    }

    #[test]
    fn text_that_is_empty_too_long_or_holds_controls_is_refused() {
        let long = "x".repeat(MAX_CHAT_CHARS + 1);
        for bad in ["", " \n ", "\u{202E}", "\u{200D}\u{200E}", "a\u{0}b", "\u{1b}[31m", &long] {
            assert_eq!(clean(bad).unwrap_err().code, ErrorCode::TextInvalid, "{bad:?}");
        }
        assert!(clean(&"界".repeat(MAX_CHAT_CHARS)).is_ok());
    }

    #[test]
    fn a_burst_passes_and_then_one_message_a_second() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let passed = (0..20).filter(|_| pace.allow(start)).count();
        assert_eq!(passed, CHAT_BURST as usize);
        assert!(pace.allow(start + CHAT_INTERVAL));
        assert!(!pace.allow(start + CHAT_INTERVAL));
        let rested = start + CHAT_INTERVAL * 100;
        assert_eq!((0..20).filter(|_| pace.allow(rested)).count(), CHAT_BURST as usize);
    }
}
