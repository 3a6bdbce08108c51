//! Where each datagram goes that the relay's core sends.

use std::net::SocketAddr;
use std::time::Instant;

use roomcast_sfu::{Input, Shard};
use roomcast_turn::{Client, Transmits};

use super::sockets::Sockets;
use super::streams::Streams;
use crate::outgoing::Outgoing;

/// The media core of the same shard, and what leaves the shard.
pub(crate) struct Media<'a> {
    pub(crate) shard: &'a mut Shard,
    pub(crate) outgoing: &'a mut Outgoing,
}

/// Where the core sends to.
pub(super) struct Sink<'a, 'b> {
    pub(super) now: Instant,
    pub(super) media: &'a mut Media<'b>,
    pub(super) streams: &'a mut Streams,
    pub(super) sockets: &'a mut Sockets,
}

impl Transmits for Sink<'_, '_> {
    fn to_client(&mut self, client: Client, head: &[u8], contents: &[u8], padding: usize) {
        let padding = PADDING.get(..padding).unwrap_or(&PADDING);
        let parts = [head, contents, padding];
        match client {
            Client::Udp { remote, local } => self.media.outgoing.send(remote, local, &parts),
            Client::Stream(stream) => self.streams.push(stream, &parts, !head.is_empty()),
        }
    }

    fn to_peer(&mut self, relay: SocketAddr, peer: SocketAddr, contents: &[u8]) {
        self.sockets.push(relay, peer, contents);
    }

    fn to_node(&mut self, relay: SocketAddr, destination: SocketAddr, contents: &[u8]) {
        let destination = Some(destination.ip());
        let input = Input::Datagram { source: relay, destination, contents };
        self.media.shard.handle(self.now, input, self.media.outgoing);
    }

    fn to_relay(&mut self, relay: SocketAddr, peer: SocketAddr, contents: &[u8]) {
        let outgoing = &mut *self.media.outgoing;
        if let Some(shard) = outgoing.shard_of(peer) {
            outgoing.relay(shard, peer, relay, contents);
        }
    }
}

/// ChannelData is padded to four bytes on connections (RFC 8656 §12.5).
const PADDING: [u8; 3] = [0; 3];
