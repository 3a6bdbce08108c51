//! Where a shard puts the datagrams that it wants sent.

use std::net::{IpAddr, SocketAddr};

/// Takes datagrams. They are handed over as they are written, so that the engine can lay those for
/// one destination side by side without copying them twice (docs/decisions/002).
pub trait Transmits {
    /// One datagram to `destination`, to be sent from the local address `source`.
    fn push(&mut self, destination: SocketAddr, source: IpAddr, contents: &[u8]);
}
