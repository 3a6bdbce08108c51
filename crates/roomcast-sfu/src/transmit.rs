//! Where a shard puts the datagrams that it wants sent.

use std::net::{IpAddr, SocketAddr};

/// Takes datagrams. They are handed over as they are written, so that the engine can lay those for
/// one destination side by side without copying them twice (docs/decisions/002).
pub trait Transmits {
    /// One datagram to `destination`, to be sent from the local address `source`.
    fn push(&mut self, destination: SocketAddr, source: IpAddr, contents: &[u8]);

    /// The same for one of `bytes` bytes that is written where it is sent from: `fill` adds them to what is
    /// there, and says whether they are to be sent. It may not be called where there is no room.
    fn write(
        &mut self,
        destination: SocketAddr,
        source: IpAddr,
        bytes: usize,
        fill: impl FnOnce(&mut Vec<u8>) -> bool,
    ) {
        let mut contents = Vec::with_capacity(bytes);
        if fill(&mut contents) {
            self.push(destination, source, &contents);
        }
    }
}
