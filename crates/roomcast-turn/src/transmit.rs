//! Where a server puts what it wants sent.

use std::net::SocketAddr;

use crate::input::Client;

/// Takes what is to be sent, as it is written (docs/decisions/002). Nothing is returned: what the
/// server does cannot depend on it.
pub trait Transmits {
    /// One message to a client: `head`, then `contents`, then `padding` zero bytes (0 to 3). A relayed
    /// payload is `contents`, and its envelope is `head` (up to 48 bytes); answers have an empty head.
    fn to_client(&mut self, client: Client, head: &[u8], contents: &[u8], padding: usize);

    /// One datagram to a peer, from the socket of the relayed address `relay`.
    fn to_peer(&mut self, relay: SocketAddr, peer: SocketAddr, contents: &[u8]);

    /// One datagram from `relay` to `destination`, which is a media address of this node.
    fn to_node(&mut self, relay: SocketAddr, destination: SocketAddr, contents: &[u8]);

    /// One datagram from `relay` to `peer`, which is a relayed address of this node on another shard
    /// ([`crate::shard_of`]): [`crate::Input::Relayed`] there, with `peer` as its relay and `relay`
    /// as its peer.
    fn to_relay(&mut self, relay: SocketAddr, peer: SocketAddr, contents: &[u8]);
}
