//! Which shard keeps the port that a token stands for.
//!
//! The second client of a pair (EVEN-PORT, RFC 8656 §7.1) is another 5-tuple, so that it may land at
//! another shard than the first. Its token says where it belongs.

use crate::stun::{Message, types};

/// The shard that keeps the port which this Allocate request wants by its RESERVATION-TOKEN; `None` if
/// it is not such a request.
pub fn reserved_at(message: &[u8], shards: u16) -> Option<u16> {
    if !message.starts_with(&ALLOCATE) {
        return None;
    }
    let token = Message::read(message)?.attribute(types::RESERVATION_TOKEN)?;
    let token = u64::from_be_bytes(token.try_into().ok()?);
    u16::try_from(token % u64::from(shards.max(1))).ok()
}

/// A token that [`reserved_at`] reads as this shard.
pub(crate) fn token_of(shard: u16, shards: u16, random: u64) -> [u8; 8] {
    let shards = u64::from(shards.max(1));
    // The highest few would run over.
    let low = random.min(u64::MAX - shards);
    (low - low % shards + u64::from(shard)).to_be_bytes()
}

/// The type of an Allocate request (RFC 8656 §17).
const ALLOCATE: [u8; 2] = [0, 3];
