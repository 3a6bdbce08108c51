//! Counters of the media path, copied out of the shards once a second.

use std::time::Duration;

use roomcast_net::udp::{Group, Sent};
use roomcast_sfu::{Counters, Histogram};
use roomcast_turn::Counters as Relayed;

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
    /// Those among them that took the short way, beside str0m.
    pub beside: u64,
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
    /// What the relay counted.
    pub relay: Relayed,
}

impl Stats {
    /// Upper bounds of the buckets of [`Stats::first_packet`], in milliseconds.
    pub const FIRST_PACKET_BOUNDS_MS: [u64; 8] = Histogram::BOUNDS_MS;

    /// Adds those of another shard.
    pub(crate) fn add(&mut self, other: &Self) {
        self.sessions += other.sessions;
        self.publications += other.publications;
        self.subscriptions += other.subscriptions;
        self.packets_in += other.packets_in;
        self.bytes_in += other.bytes_in;
        self.packets_out += other.packets_out;
        self.bytes_out += other.bytes_out;
        self.sends += other.sends;
        self.forwarded += other.forwarded;
        self.beside += other.beside;
        self.key_frames_asked += other.key_frames_asked;
        for (mine, theirs) in self.first_packet.iter_mut().zip(other.first_packet) {
            *mine += theirs;
        }
        self.first_packet_sum_ms += other.first_packet_sum_ms;
        self.cpu_us += other.cpu_us;
        add_relayed(&mut self.relay, &other.relay);
        for (cause, count) in &other.drops {
            match self.drops.iter_mut().find(|(known, _)| known == cause) {
                Some((_, sum)) => *sum += count,
                None => self.drops.push((*cause, *count)),
            }
        }
    }
}

fn add_relayed(sum: &mut Relayed, other: &Relayed) {
    sum.allocations += other.allocations;
    sum.streams += other.streams;
    sum.opened += other.opened;
    sum.to_peers.packets += other.to_peers.packets;
    sum.to_peers.bytes += other.to_peers.bytes;
    sum.to_clients.packets += other.to_clients.packets;
    sum.to_clients.bytes += other.to_clients.bytes;
    sum.bindings += other.bindings;
    sum.challenges += other.challenges;
    sum.stale_nonces += other.stale_nonces;
    sum.unauthorized += other.unauthorized;
    sum.forbidden += other.forbidden;
    sum.quota_reached += other.quota_reached;
    sum.out_of_capacity += other.out_of_capacity;
    sum.bad_requests += other.bad_requests;
    sum.rate_limited += other.rate_limited;
    sum.malformed += other.malformed;
    sum.not_permitted += other.not_permitted;
    sum.unwanted += other.unwanted;
    sum.over_bandwidth += other.over_bandwidth;
}

/// What a shard's thread counts at its socket, and at those of relayed addresses.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub packets_in: u64,
    pub bytes_in: u64,
    pub packets_out: u64,
    pub bytes_out: u64,
    pub sends: u64,
    pub socket_full: u64,
    pub shard_queue_full: u64,
}

impl Traffic {
    /// Counts a group that was sent.
    pub(crate) fn count_sent(&mut self, group: &Group<'_>, sent: Sent) {
        self.sends += sent.calls as u64;
        self.packets_out += sent.datagrams as u64;
        // All but the last are of one size, and when some are left behind the last is among them.
        let bytes = (sent.datagrams * group.segment_size).min(group.contents.len());
        self.bytes_out += bytes as u64;
        self.socket_full += (group.datagrams().len() - sent.datagrams) as u64;
    }

    /// Together with what the cores counted.
    pub(crate) fn stats(&self, core: &Counters, relay: Relayed, cpu: Option<Duration>) -> Stats {
        let drops = DropCause::ALL.map(|cause| {
            let count = match cause {
                DropCause::NotMedia => core.not_media,
                DropCause::UnknownSession => core.unknown_session,
                DropCause::ShardQueueFull => self.shard_queue_full,
                DropCause::SocketFull => self.socket_full,
                DropCause::RateLimited => core.rate_limited,
                DropCause::Muted => core.muted,
                DropCause::Refused => core.refused,
            };
            (cause, count)
        });
        Stats {
            sessions: core.sessions,
            publications: core.publications,
            subscriptions: core.subscriptions,
            packets_in: self.packets_in,
            bytes_in: self.bytes_in,
            packets_out: self.packets_out,
            bytes_out: self.bytes_out,
            sends: self.sends,
            forwarded: core.forwarded,
            beside: core.beside,
            key_frames_asked: core.key_frames_asked,
            drops: drops.to_vec(),
            first_packet: core.first_packet.counts,
            first_packet_sum_ms: core.first_packet.sum_ms,
            cpu_us: cpu.map_or(0, |t| u64::try_from(t.as_micros()).unwrap_or(u64::MAX)),
            relay,
        }
    }
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
    /// It could not be sent: the socket's buffer was full, too much waited for one destination, or
    /// there is no way to it.
    SocketFull,
    /// Too many datagrams from strangers in a short time.
    RateLimited,
    /// The publication is muted.
    Muted,
    /// A session refused the datagram: forged, replayed, broken, or more RTCP than is read of one peer.
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
