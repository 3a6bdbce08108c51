//! What a shard counts: plain fields, read by the engine once a second.

use std::time::Duration;

/// Counters since the shard began; the first three are states.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    /// Sessions that the shard owns now.
    pub sessions: u64,
    /// Publications that come in at this shard now.
    pub publications: u64,
    /// Subscriptions that are being served now.
    pub subscriptions: u64,
    /// RTP packets written to subscribers.
    pub forwarded: u64,
    /// Those among them that str0m did not see: sent by the short way (`roomcast-fanout`).
    pub beside: u64,
    /// Key frames asked of publishers.
    pub key_frames_asked: u64,
    /// Datagrams that are neither STUN, DTLS, RTP nor RTCP.
    pub not_media: u64,
    /// Datagrams for no session.
    pub unknown_session: u64,
    /// Checks from strangers above the limit.
    pub rate_limited: u64,
    /// RTP packets of muted publications.
    pub muted: u64,
    /// Datagrams that a session refused, among them RTCP beyond what is read of one peer.
    pub refused: u64,
    /// From a subscriber session's creation to its first media packet.
    pub first_packet: Histogram,
}

/// Durations by their upper bounds.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// How many took at most the bound of the same index; the last one: longer.
    pub counts: [u64; Histogram::BOUNDS_MS.len() + 1],
    /// The sum of all, in milliseconds.
    pub sum_ms: u64,
}

impl Histogram {
    /// The bounds, in milliseconds: each the double of the one before.
    pub const BOUNDS_MS: [u64; 8] = [25, 50, 100, 200, 400, 800, 1_600, 3_200];

    pub(crate) fn record(&mut self, took: Duration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let bucket = Self::BOUNDS_MS.partition_point(|bound| *bound < ms);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.sum_ms = self.sum_ms.saturating_add(ms);
    }
}
