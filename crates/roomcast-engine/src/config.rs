//! What an engine needs to know before it starts.

use std::net::{IpAddr, SocketAddr};

use roomcast_turn::{Limits, PeerPolicy, RelayConfig, Secret};

/// The engine's configuration: nothing optional, nothing defaulted.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen for media, with a real port (not 0). `[::]` takes IPv4 as well.
    pub listen: SocketAddr,
    /// Media threads, at least 1.
    pub shards: u16,
    /// The addresses that browsers are told to send to, with the port of `listen`.
    pub candidates: Vec<IpAddr>,
    /// Sessions that one shard may own. Reaching it refuses new ones.
    pub max_sessions_per_shard: usize,
    /// The STUN/TURN server on the same port; `None` leaves it out.
    pub turn: Option<Turn>,
}

/// How this node relays.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The realm that clients are told.
    pub realm: String,
    /// With it the passwords of `expiry:participant` users are made.
    pub secret: Secret,
    /// The relayed addresses. Whether DF can be had is found out by the engine.
    pub relay: RelayConfig,
    /// Who may be a peer.
    pub policy: PeerPolicy,
    /// How much one may take.
    pub limits: Limits,
}
