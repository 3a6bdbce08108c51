//! Which relayed addresses of this node somebody has, for all shards.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use roomcast_sfu::Path;
use roomcast_turn::{RelayConfig, shard_of};

/// The ports of relayed addresses that somebody has, a bit for each. Every shard asks for each packet
/// that it sends; a shard writes when an allocation of its own opens or closes.
///
/// A relayed address without a socket looks like any other address of this machine, and a browser on
/// this machine may well have the next port. So its shape alone does not tell.
#[derive(Debug)]
pub(crate) struct Taken {
    config: RelayConfig,
    shards: u16,
    /// How many there are: mostly none, and then nothing else is looked at.
    count: AtomicU32,
    ipv4: Ports,
    ipv6: Ports,
}

/// Ports of one family.
#[derive(Debug)]
struct Ports {
    taken: Box<[AtomicU64]>,
    /// Those of them whose clients come by TCP or TLS.
    by_tcp: Box<[AtomicU64]>,
}

impl Taken {
    /// None yet.
    pub(crate) fn new(config: RelayConfig, shards: u16) -> Self {
        let (ipv4, ipv6) = (Ports::none(), Ports::none());
        Self { config, shards, count: AtomicU32::new(0), ipv4, ipv6 }
    }

    /// The shard that holds the relayed address `address`; `None` if nobody has it.
    pub(crate) fn shard_of(&self, address: SocketAddr) -> Option<u16> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let shard = shard_of(address, &self.config, self.shards)?;
        let (taken, _, bit) = self.place(address)?;
        (taken.load(Ordering::Relaxed) & bit != 0).then_some(shard)
    }

    /// How media travels that goes to `address`.
    pub(crate) fn path(&self, address: SocketAddr) -> Path {
        match (self.shard_of(address), self.place(address)) {
            (Some(_), Some((_, by_tcp, bit))) => {
                Path::Relayed { tcp: by_tcp.load(Ordering::Relaxed) & bit != 0 }
            }
            _ => Path::Direct,
        }
    }

    /// Somebody has it now, and comes by TCP or TLS or not.
    pub(crate) fn open(&self, relay: SocketAddr, tcp: bool) {
        let Some((taken, by_tcp, bit)) = self.place(relay) else { return };
        if tcp {
            by_tcp.fetch_or(bit, Ordering::Relaxed);
        } else {
            by_tcp.fetch_and(!bit, Ordering::Relaxed);
        }
        if taken.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Nobody has it any more.
    pub(crate) fn close(&self, relay: SocketAddr) {
        if let Some((taken, _, bit)) = self.place(relay)
            && taken.fetch_and(!bit, Ordering::Relaxed) & bit != 0
        {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn place(&self, relay: SocketAddr) -> Option<(&AtomicU64, &AtomicU64, u64)> {
        let ports = if relay.is_ipv4() { &self.ipv4 } else { &self.ipv6 };
        let (word, bit) = (usize::from(relay.port()) / 64, 1 << (relay.port() % 64));
        Some((ports.taken.get(word)?, ports.by_tcp.get(word)?, bit))
    }
}

impl Ports {
    fn none() -> Self {
        let none = || (0..WORDS).map(|_| AtomicU64::new(0)).collect();
        Self { taken: none(), by_tcp: none() }
    }
}

/// A bit for each port.
const WORDS: usize = 65_536 / 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_as_relayed_while_somebody_has_it() {
        let ip = "192.0.2.1".parse().unwrap();
        let config = RelayConfig { ipv4: Some(ip), ..RelayConfig::default() };
        let taken = Taken::new(config, 4);
        let relay = SocketAddr::new(ip.into(), 20_000);
        let neighbour = SocketAddr::new(ip.into(), 20_001);
        assert_eq!(taken.shard_of(relay), None);
        assert_eq!(taken.path(relay), Path::Direct);
        taken.open(relay, true);
        taken.open(relay, false);
        assert_eq!(taken.path(relay), Path::Relayed { tcp: false });
        taken.open(relay, true);
        assert_eq!(taken.path(relay), Path::Relayed { tcp: true });
        assert!(taken.shard_of(relay).is_some_and(|shard| shard < 4));
        assert_eq!(taken.shard_of(neighbour), None);
        assert_eq!(taken.shard_of("192.0.2.2:20000".parse().unwrap()), None);
        taken.close(relay);
        taken.close(relay);
        assert_eq!(taken.shard_of(relay), None);
        assert_eq!(taken.count.load(Ordering::Relaxed), 0);
    }
}
