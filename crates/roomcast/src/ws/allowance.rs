//! What a connection may send of the kinds that go on to others: many small messages, or many bytes.
//!
//! Beyond it a message is refused, and the connection goes on.

use std::time::Instant;

use roomcast_protocol::{ClientMessage, ErrorCode, Refusal};

use super::bucket::Bucket;

/// The buckets of one connection.
#[derive(Debug)]
pub(super) struct Allowance {
    links: Bucket,
    direct_bytes: Bucket,
    preferences: Bucket,
}

/// Link messages at once: sixteen links with a description and a dozen candidates each.
const LINK_BURST: u32 = 256;
/// Link messages a second after that: restarts of ICE here and there.
const LINKS_PER_SECOND: u32 = 32;
/// Bytes of `direct` at once, counted for each receiver: a picture to a few.
const DIRECT_BURST_BYTES: u32 = 1024 * 1024;
/// Bytes of `direct` a second after that: a file goes on, and a small server still has bandwidth for
/// media.
const DIRECT_BYTES_PER_SECOND: u32 = 512 * 1024;
/// Lists of preferences at once: a stage is taken in and sorted by hand.
const PREFERENCE_BURST: u32 = 20;
/// Lists of preferences a second after that. A page gathers what changes and sends two a second; each
/// has the media of the receiver shared out anew.
const PREFERENCES_PER_SECOND: u32 = 10;

impl Allowance {
    /// Full ones.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            links: Bucket::new(LINKS_PER_SECOND, LINK_BURST, now),
            direct_bytes: Bucket::new(DIRECT_BYTES_PER_SECOND, DIRECT_BURST_BYTES, now),
            preferences: Bucket::new(PREFERENCES_PER_SECOND, PREFERENCE_BURST, now),
        }
    }

    /// Counts a message.
    ///
    /// # Errors
    /// [`ErrorCode::RateLimited`]: wait a moment, and send it again.
    pub(super) fn check(&mut self, message: &ClientMessage, now: Instant) -> Result<(), Refusal> {
        let (allowed, what) = match message {
            ClientMessage::Link { .. }
            | ClientMessage::LinkState { .. }
            | ClientMessage::Relink { .. }
            | ClientMessage::Receiving { .. } => (self.links.take(now), "messages about links"),
            ClientMessage::Direct { to, data, .. } => {
                let bytes = u32::try_from(data.len().saturating_mul(to.len())).unwrap_or(u32::MAX);
                // The largest message that the room takes always fits into a full bucket.
                let bytes = bytes.min(DIRECT_BURST_BYTES);
                (self.direct_bytes.take_many(bytes, now), "bytes of direct data")
            }
            ClientMessage::Prefer { .. } => (self.preferences.take(now), "lists of preferences"),
            _ => return Ok(()),
        };
        if allowed {
            return Ok(());
        }
        let message = format!("too many {what} came at once; wait a moment");
        Err(Refusal::new(ErrorCode::RateLimited, message))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use roomcast_protocol::ParticipantId;
    use roomcast_protocol::link::Stream;

    use super::*;

    fn direct(bytes: usize, receivers: usize) -> ClientMessage {
        ClientMessage::Direct {
            to: vec![ParticipantId("p".into()); receivers],
            stream: Stream::File,
            data: "x".repeat(bytes),
        }
    }

    #[test]
    fn bytes_count_for_each_receiver_and_come_back_with_time() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let mut sent = |message: ClientMessage, at| {
            (0..100).filter(|_| allowance.check(&message, at).is_ok()).count()
        };
        assert_eq!(sent(direct(32 * 1024, 2), start), 16);
        assert_eq!(sent(direct(32 * 1024, 1), start), 0);
        let later = start + Duration::from_secs(1);
        assert_eq!(sent(direct(32 * 1024, 1), later), 16);
    }

    #[test]
    fn lists_of_preferences_have_a_rate_of_their_own() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let mut sent = |at| {
            let prefer = ClientMessage::Prefer { pictures: Vec::new() };
            (0..100).filter(|_| allowance.check(&prefer, at).is_ok()).count()
        };
        assert_eq!(sent(start), 20);
        assert_eq!(sent(start + Duration::from_secs(1)), 10);
        assert_eq!(allowance.check(&ClientMessage::Ping, start), Ok(()));
    }

    #[test]
    fn link_messages_have_their_own_bucket_and_others_have_none() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let relink = ClientMessage::Relink { participant: ParticipantId("p".into()) };
        let sent = (0..1_000).filter(|_| allowance.check(&relink, start).is_ok()).count();
        assert_eq!(sent, 256);
        assert_eq!(allowance.check(&ClientMessage::Ping, start), Ok(()));
        assert_eq!(allowance.check(&direct(1, 1), start), Ok(()));
    }
}
