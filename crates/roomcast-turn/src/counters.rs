//! What a server counts: plain fields, read by the engine once a second.

/// Counters since the server began; the first two are states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Allocations now.
    pub allocations: u64,
    /// Connections of clients now.
    pub streams: u64,
    /// Allocations that were opened.
    pub opened: u64,
    /// What went from clients to peers.
    pub to_peers: Traffic,
    /// What went from peers to clients.
    pub to_clients: Traffic,
    /// Binding requests that were answered.
    pub bindings: u64,
    /// Requests without credentials that were answered with a challenge (401).
    pub challenges: u64,
    /// Requests with an old nonce (438).
    pub stale_nonces: u64,
    /// Requests with wrong credentials or an expired user (401).
    pub unauthorized: u64,
    /// Peers that the policy refuses (403).
    pub forbidden: u64,
    /// Allocations above a quota (486).
    pub quota_reached: u64,
    /// Requests for which there was no room or no port (508).
    pub out_of_capacity: u64,
    /// Requests that were refused with other codes.
    pub bad_requests: u64,
    /// Messages of strangers above the limit, which got no answer.
    pub rate_limited: u64,
    /// Messages that are neither STUN nor ChannelData, or are broken.
    pub malformed: u64,
    /// Data of clients without an allocation, a permission or a channel for it, or to a peer that
    /// the policy refuses.
    pub not_permitted: u64,
    /// Data of peers without a permission, or to no allocation.
    pub unwanted: u64,
    /// Data above the bytes a second of its allocation.
    pub over_bandwidth: u64,
}

/// Datagrams that were relayed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How many.
    pub packets: u64,
    /// Their payload, without the envelopes of TURN.
    pub bytes: u64,
}

impl Traffic {
    pub(crate) fn count(&mut self, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
    }
}
