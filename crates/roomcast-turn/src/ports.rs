//! Ports of relayed addresses that are free.

use std::net::{IpAddr, SocketAddr};

use rustc_hash::FxHashMap;

use crate::random::Random;
use crate::relay::{RelayConfig, shard_of};

/// Who has which port of this shard.
#[derive(Debug)]
pub(crate) struct Ports {
    taken: FxHashMap<Port, Holder>,
    shard: u16,
    shards: u16,
    random: Random,
}

/// A port and its family: all relayed addresses of a family have the same address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Port {
    number: u16,
    ipv6: bool,
}

/// Who has a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The allocation in this place.
    Allocation(u32),
    /// Whoever comes with the token.
    Reserved,
}

/// What a port must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Any,
    Even,
    /// Even, and the next one is free.
    Pair,
}

impl Ports {
    pub(crate) fn new(shard: u16, shards: u16, random: Random) -> Self {
        Self { taken: FxHashMap::default(), shard, shards, random }
    }

    pub(crate) fn holder(&self, relay: SocketAddr) -> Option<Holder> {
        self.taken.get(&port_of(relay)).copied()
    }

    pub(crate) fn take(&mut self, relay: SocketAddr, holder: Holder) {
        self.taken.insert(port_of(relay), holder);
    }

    pub(crate) fn free(&mut self, relay: SocketAddr) {
        self.taken.remove(&port_of(relay));
        // After a crowd the table is given back.
        if self.taken.len() * 8 < self.taken.capacity() {
            self.taken.shrink_to_fit();
        }
    }

    /// A free relayed address that nobody can guess: the first one behind a random port.
    pub(crate) fn find(
        &mut self,
        address: IpAddr,
        wanted: Wanted,
        config: &RelayConfig,
        node: &[SocketAddr],
    ) -> Option<SocketAddr> {
        let range = config.range();
        let (first, last) = (u32::from(*range.start()), u32::from(*range.end()));
        let size = (last + 1).checked_sub(first).filter(|size| *size > 0)?;
        let offset = self.random.next() as u32 % size;
        let ports = (0..size).map(|step| first + (offset + step) % size);
        let relays = ports.map(|port| SocketAddr::new(address, port as u16));
        let mut fitting = relays.filter(|relay| match wanted {
            Wanted::Any => self.is_free(*relay, config, node),
            Wanted::Even => relay.port() % 2 == 0 && self.is_free(*relay, config, node),
            Wanted::Pair => {
                relay.port() % 2 == 0
                    && self.is_free(*relay, config, node)
                    && self.is_free(next_of(*relay), config, node)
            }
        });
        fitting.next()
    }

    fn is_free(&self, relay: SocketAddr, config: &RelayConfig, node: &[SocketAddr]) -> bool {
        shard_of(relay, config, self.shards) == Some(self.shard)
            && self.holder(relay).is_none()
            && node.iter().all(|node| *node != relay)
    }
}

/// The port that a pair reserves.
pub(crate) fn next_of(relay: SocketAddr) -> SocketAddr {
    SocketAddr::new(relay.ip(), relay.port() | 1)
}

fn port_of(relay: SocketAddr) -> Port {
    Port { number: relay.port(), ipv6: relay.is_ipv6() }
}
