//! Counters of the media path, copied out of the shards once a second.

/// Sums over all shards, since the start unless said otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// Sessions that exist now.
    pub sessions: u64,
    /// Publications that are being received now.
    pub publications: u64,
    /// Subscriptions that are being served now.
    pub subscriptions: u64,
    /// Datagrams that came in.
    pub packets_in: u64,
    /// Their bytes.
    pub bytes_in: u64,
    /// Datagrams that went out.
    pub packets_out: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// Send calls: `packets_out / sends` is the average group.
    pub sends: u64,
    /// RTP packets forwarded to subscribers.
    pub forwarded: u64,
    /// Key frames asked of publishers.
    pub key_frames_asked: u64,
    /// What was dropped, by cause.
    pub drops: Vec<(DropCause, u64)>,
    /// From a subscriber session's creation to the first media packet sent to it, in a histogram:
    /// counts of those that took at most [`Stats::FIRST_PACKET_BOUNDS_MS`] of the same index; the
    /// last counts the rest.
    pub first_packet: [u64; 9],
    /// The sum of the same times, in milliseconds.
    pub first_packet_sum_ms: u64,
    /// CPU time of the shards' threads, in microseconds; 0 where the platform does not tell.
    pub cpu_us: u64,
}

impl Stats {
    /// Upper bounds of the buckets of [`Stats::first_packet`], in milliseconds.
    pub const FIRST_PACKET_BOUNDS_MS: [u64; 8] = [25, 50, 100, 200, 400, 800, 1_600, 3_200];
}

/// Why something was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropCause {
    /// Not STUN, DTLS, RTP or RTCP.
    NotMedia,
    /// For no session that exists.
    UnknownSession,
    /// Another shard's media queue was full.
    ShardQueueFull,
    /// The socket's send buffer was full.
    SocketFull,
    /// Too many datagrams from strangers in a short time.
    RateLimited,
    /// The publication is muted.
    Muted,
    /// A session refused the datagram: forged, replayed or broken.
    Refused,
}

impl DropCause {
    /// Every cause.
    pub const ALL: [Self; 7] = [
        Self::NotMedia,
        Self::UnknownSession,
        Self::ShardQueueFull,
        Self::SocketFull,
        Self::RateLimited,
        Self::Muted,
        Self::Refused,
    ];

    /// The cause as a metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotMedia => "not-media",
            Self::UnknownSession => "unknown-session",
            Self::ShardQueueFull => "shard-queue-full",
            Self::SocketFull => "socket-full",
            Self::RateLimited => "rate-limited",
            Self::Muted => "muted",
            Self::Refused => "refused",
        }
    }
}
