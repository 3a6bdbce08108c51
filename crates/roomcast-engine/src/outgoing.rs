//! Collects what the media core and the relay send during one turn.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use roomcast_net::udp::Outbox;
use roomcast_sfu::Transmits;

use crate::relay::{Parcel, Taken};

/// What is to leave a shard: by its socket, or for relayed addresses of this node, which have none.
pub(crate) struct Outgoing {
    pub(crate) outbox: Outbox,
    /// Datagrams that were dropped because too much waits.
    pub(crate) not_taken: u64,
    /// For relayed addresses, by the shard that holds them.
    pub(crate) parcels: Vec<Parcel>,
    taken: Arc<Taken>,
    /// This node's media port, from which the media core sends.
    port: u16,
}

impl Outgoing {
    pub(crate) fn new(shards: usize, taken: Arc<Taken>, port: u16) -> Self {
        let parcels = (0..shards).map(|_| Parcel::default()).collect();
        Self { outbox: Outbox::new(), not_taken: 0, parcels, taken, port }
    }

    /// One datagram by the socket, in parts.
    pub(crate) fn send(&mut self, to: SocketAddr, from: Option<IpAddr>, parts: &[&[u8]]) {
        if self.outbox.push_parts((), to, from, parts).is_err() {
            self.not_taken += 1;
        }
    }

    /// One datagram from `peer` to a relayed address.
    pub(crate) fn relay(&mut self, shard: u16, relay: SocketAddr, peer: SocketAddr, bytes: &[u8]) {
        let parcel = self.parcels.get_mut(usize::from(shard));
        if parcel.is_none_or(|parcel| parcel.push(relay, peer, bytes).is_err()) {
            self.not_taken += 1;
        }
    }

    /// The shard that holds `address`, if that is a relayed address which somebody has.
    pub(crate) fn shard_of(&self, address: SocketAddr) -> Option<u16> {
        self.taken.shard_of(address)
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
        fill: impl FnOnce(&mut [u8]) -> bool,
    ) {
        if let Some(shard) = self.taken.shard_of(destination) {
            let mut contents = vec![0; bytes];
            if fill(&mut contents) {
                self.relay(shard, destination, SocketAddr::new(source, self.port), &contents);
            }
            return;
        }
        let ends = (destination, Some(source));
        if self.outbox.push_filled((), ends, bytes, fill).is_err() {
            self.not_taken += 1;
        }
    }
}
