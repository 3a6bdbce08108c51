//! Collects what the media core and the relay send during one turn, and sends it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use roomcast_net::udp::{Outbox, Socket};
use roomcast_sfu::Transmits;

use crate::relay::{Parcel, Taken};
use crate::stats::Traffic;

/// What is to leave a shard: by its socket, or for relayed addresses of this node, which have none.
pub(crate) struct Outgoing {
    pub(crate) socket: Socket,
    pub(crate) traffic: Traffic,
    outbox: Outbox,
    /// For relayed addresses, by the shard that holds them.
    pub(crate) parcels: Vec<Parcel>,
    taken: Arc<Taken>,
    /// This node's media port, from which the media core sends.
    port: u16,
}

impl Outgoing {
    pub(crate) fn new(socket: Socket, shards: usize, taken: Arc<Taken>, port: u16) -> Self {
        let parcels = (0..shards).map(|_| Parcel::default()).collect();
        let (outbox, traffic) = (Outbox::new(), Traffic::default());
        Self { socket, traffic, outbox, parcels, taken, port }
    }

    /// One datagram by the socket, in parts.
    pub(crate) fn send(&mut self, to: SocketAddr, from: Option<IpAddr>, parts: &[&[u8]]) {
        self.make_way(to);
        let taken = self.outbox.push_parts((), to, from, parts);
        self.traffic.socket_full += u64::from(taken.is_err());
    }

    /// One datagram from `peer` to a relayed address.
    pub(crate) fn relay(&mut self, shard: u16, relay: SocketAddr, peer: SocketAddr, bytes: &[u8]) {
        let parcel = self.parcels.get_mut(usize::from(shard));
        let is_dropped = parcel.is_none_or(|parcel| parcel.push(relay, peer, bytes).is_err());
        self.traffic.socket_full += u64::from(is_dropped);
    }

    /// The shard that holds `address`, if that is a relayed address which somebody has.
    pub(crate) fn shard_of(&self, address: SocketAddr) -> Option<u16> {
        self.taken.shard_of(address)
    }

    /// Has everything leave that waits for the socket.
    pub(crate) fn leave(&mut self) {
        let (socket, traffic) = (&mut self.socket, &mut self.traffic);
        self.outbox.drain(|group| {
            let sent = socket.send(&group);
            traffic.count_sent(&group, sent);
        });
    }

    /// Has what waits leave before something for another destination comes, once it is enough: who comes
    /// first gets a picture without waiting for all others, and what is sent is still in the cache.
    fn make_way(&mut self, to: SocketAddr) {
        if self.outbox.bytes() >= ENOUGH_BYTES && !self.outbox.ends_with((), to) {
            self.leave();
        }
    }
}

impl Transmits for Outgoing {
    fn push(&mut self, destination: SocketAddr, source: IpAddr, contents: &[u8]) {
        match self.taken.shard_of(destination) {
            None => self.send(destination, Some(source), &[contents]),
            Some(shard) => {
                self.relay(shard, destination, SocketAddr::new(source, self.port), contents);
            }
        }
    }

    fn write(
        &mut self,
        destination: SocketAddr,
        source: IpAddr,
        bytes: usize,
        fill: impl FnOnce(&mut Vec<u8>) -> bool,
    ) {
        if let Some(shard) = self.taken.shard_of(destination) {
            let mut contents = Vec::with_capacity(bytes);
            if fill(&mut contents) {
                self.relay(shard, destination, SocketAddr::new(source, self.port), &contents);
            }
            return;
        }
        self.make_way(destination);
        let ends = (destination, Some(source));
        let taken = self.outbox.push_filled((), ends, bytes, fill);
        self.traffic.socket_full += u64::from(taken.is_err());
    }
}

/// A picture for two or three viewers: far less than a processor's own cache.
const ENOUGH_BYTES: usize = 32 * 1024;
