//! What an engine needs to know before it starts.

use std::net::{IpAddr, SocketAddr};

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
}
