//! Relayed addresses: which there are, and which shard holds which.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

/// The relayed addresses of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelayConfig {
    /// The IPv4 address that clients are told.
    pub ipv4: Option<Ipv4Addr>,
    /// The IPv6 address that clients are told.
    pub ipv6: Option<Ipv6Addr>,
    /// `None`: relayed addresses are entries of a table and no socket is bound, so that only this
    /// node can be reached through them. `Some`: each is a real socket with a port of this range.
    pub ports: Option<RangeInclusive<u16>>,
    /// Whether everything sent by [`crate::Transmits::to_peer`] goes out with the DF bit set. If
    /// not, DONT-FRAGMENT is answered with 420 (RFC 8656 §7.2). Without sockets nothing is
    /// fragmented in any case.
    pub dont_fragment: bool,
}

impl RelayConfig {
    pub(crate) fn range(&self) -> RangeInclusive<u16> {
        self.ports.clone().unwrap_or(VIRTUAL_PORTS)
    }

    pub(crate) fn has(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(ip) => self.ipv4 == Some(ip),
            IpAddr::V6(ip) => self.ipv6 == Some(ip),
        }
    }
}

/// The shard of `shards` that holds a relayed address, by its port, so that there is no directory.
/// `None` if it cannot be a relayed address of this node. A media address of this node may look
/// like one; look for those first.
pub fn shard_of(relay: SocketAddr, config: &RelayConfig, shards: u16) -> Option<u16> {
    let ours = config.has(relay.ip()) && config.range().contains(&relay.port());
    // By pairs: the port that EVEN-PORT reserves lies on the same shard (RFC 8656 §7.2).
    ours.then(|| (relay.port() / 2) % shards.max(1))
}

/// Ports of relayed addresses that have no socket. They take nothing from the system, but to this
/// node a browser on the same machine looks like one of them. So they lie below the ports that
/// Linux (32768), macOS and Windows (49152) give to programs, and above those that browsers refuse.
const VIRTUAL_PORTS: RangeInclusive<u16> = 10_240..=32_767;
