//! Who may be a peer.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use crate::relay::{RelayConfig, shard_of};
use crate::special::{is_special, unwrapped};

/// Who may be a peer. This node's media addresses always may; `deny` wins over everything else.
/// Relayed addresses of this node may too. With sockets: also public addresses and what `allow`
/// names, but no special range and no other port of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerPolicy {
    /// This node's media addresses, as clients see them: they are reached in memory.
    pub node: Vec<SocketAddr>,
    /// Other addresses of this machine: none of its ports may be a peer.
    pub own: Vec<IpAddr>,
    /// Peers that may be reached although they lie in a special range or on this machine.
    pub allow: Vec<Network>,
    /// Peers that may not be reached.
    pub deny: Vec<Network>,
}

/// The way to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// A media address of this node.
    Node,
    /// A relayed address of this node.
    Relay {
        /// Which shard has it.
        shard: u16,
    },
    /// Anybody else, by a socket.
    Outside,
}

impl PeerPolicy {
    /// Whether there may be a permission for the peer. It is for its address (RFC 8656 §9); the
    /// port only tells media addresses from others of this node. What may be sent there says
    /// [`PeerPolicy::route`].
    pub(crate) fn permits(&self, peer: SocketAddr, relay: &RelayConfig) -> bool {
        if self.node.contains(&peer) {
            return true;
        }
        if self.denies(peer.ip()) {
            return false;
        }
        self.is_own(peer.ip(), relay) || self.reaches(peer.ip(), relay)
    }

    /// The way to a peer, if there may be one.
    pub(crate) fn route(
        &self,
        peer: SocketAddr,
        relay: &RelayConfig,
        shards: u16,
    ) -> Option<Route> {
        if self.node.contains(&peer) {
            return Some(Route::Node);
        }
        if peer.port() == 0 || self.denies(peer.ip()) {
            return None;
        }
        if let Some(shard) = shard_of(peer, relay, shards) {
            return Some(Route::Relay { shard });
        }
        self.reaches(peer.ip(), relay).then_some(Route::Outside)
    }

    /// Whether packets may go to the address by a socket, whatever the port.
    fn reaches(&self, address: IpAddr, relay: &RelayConfig) -> bool {
        let public = || !is_special(unwrapped(address)) && !self.is_own(address, relay);
        relay.ports.is_some() && (names(&self.allow, address) || public())
    }

    fn denies(&self, address: IpAddr) -> bool {
        names(&self.deny, address)
    }

    fn is_own(&self, address: IpAddr, relay: &RelayConfig) -> bool {
        let address = unwrapped(address);
        self.node.iter().any(|node| unwrapped(node.ip()) == address)
            || self.own.iter().any(|own| unwrapped(*own) == address)
            || relay.has(address)
    }
}

/// Whether one of them holds the address, or the IPv4 address in it.
fn names(networks: &[Network], address: IpAddr) -> bool {
    let inner = unwrapped(address);
    networks.iter().any(|network| network.holds(address) || network.holds(inner))
}

/// Addresses with a common prefix: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether the address has this prefix. An IPv4 address inside an IPv6 address is not looked for:
    /// see [`unwrapped`].
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let (difference, bits) = match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                (u128::from(ours.to_bits() ^ other.to_bits()), 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => (ours.to_bits() ^ other.to_bits(), 128),
            _ => return false,
        };
        let host_bits = bits - u32::from(self.prefix).min(bits);
        difference.checked_shr(host_bits).unwrap_or(0) == 0
    }
}

/// The text is not an address with or without a prefix length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network like 10.0.0.0/8 or fd00::/8, nor an address")]
pub struct NetworkError(String);

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NetworkError(text.chars().take(MAX_TOLD).collect());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), str::parse).map_err(|_| wrong())?;
        if prefix > bits { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }
}

/// Of a wrong text, this many characters are repeated: more than the longest right one has.
const MAX_TOLD: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(allow: &[&str], deny: &[&str]) -> PeerPolicy {
        let networks = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        PeerPolicy {
            node: vec!["203.0.113.5:8443".parse().unwrap()],
            own: vec!["10.0.0.5".parse().unwrap()],
            allow: networks(allow),
            deny: networks(deny),
        }
    }

    fn relay(sockets: bool) -> RelayConfig {
        RelayConfig {
            ipv4: Some("203.0.113.5".parse().unwrap()),
            ipv6: Some("2001:db8::5".parse().unwrap()),
            ports: sockets.then_some(50_000..=50_100),
            dont_fragment: false,
        }
    }

    fn route(policy: &PeerPolicy, peer: &str, sockets: bool) -> Option<Route> {
        policy.route(peer.parse().unwrap(), &relay(sockets), 2)
    }

    #[test]
    fn without_sockets_only_this_node_is_reached() {
        let policy = policy(&["198.51.100.0/24"], &[]);
        assert_eq!(route(&policy, "203.0.113.5:8443", false), Some(Route::Node));
        let relayed = Some(Route::Relay { shard: 1 });
        assert_eq!(route(&policy, "203.0.113.5:20002", false), relayed);
        assert_eq!(route(&policy, "203.0.113.5:443", false), None);
        assert_eq!(route(&policy, "8.8.8.8:53", false), None);
        assert_eq!(route(&policy, "198.51.100.1:53", false), None);
    }

    #[test]
    fn with_sockets_public_hosts_are_reached_but_not_this_machine() {
        let policy = policy(&[], &[]);
        assert_eq!(route(&policy, "8.8.8.8:53", true), Some(Route::Outside));
        assert_eq!(route(&policy, "203.0.113.5:50050", true), Some(Route::Relay { shard: 1 }));
        for own in
            ["203.0.113.5:22", "[::ffff:203.0.113.5]:8443", "10.0.0.5:50050", "[2001:db8::5]:22"]
        {
            assert_eq!(route(&policy, own, true), None, "{own}");
        }
        for special in ["127.0.0.1:80", "0.0.0.0:80", "[::]:80", "169.254.169.254:80", "8.8.8.8:0"]
        {
            assert_eq!(route(&policy, special, true), None, "{special}");
        }
    }

    #[test]
    fn allowed_networks_are_reached_and_denied_ones_are_not() {
        let policy =
            policy(&["127.0.0.0/8", "10.0.0.5"], &["127.0.0.2", "8.0.0.0/8", "203.0.113.5"]);
        assert_eq!(route(&policy, "127.0.0.1:80", true), Some(Route::Outside));
        assert_eq!(route(&policy, "10.0.0.5:80", true), Some(Route::Outside));
        for denied in ["127.0.0.2:80", "8.8.8.8:53", "[::ffff:8.8.8.8]:53", "203.0.113.5:50050"] {
            assert_eq!(route(&policy, denied, true), None, "{denied}");
        }
        assert_eq!(route(&policy, "203.0.113.5:8443", true), Some(Route::Node));
    }

    #[test]
    fn a_permission_for_this_nodes_address_needs_no_port_unless_it_is_denied() {
        let permits =
            |policy: &PeerPolicy, peer: &str| policy.permits(peer.parse().unwrap(), &relay(false));
        assert!(permits(&policy(&[], &[]), "203.0.113.5:0"));
        assert!(!permits(&policy(&[], &[]), "8.8.8.8:53"));
        let denied = policy(&[], &["203.0.113.5"]);
        assert!(!permits(&denied, "203.0.113.5:9"));
        assert!(permits(&denied, "203.0.113.5:8443"));
    }

    #[test]
    fn a_network_is_read_or_its_text_is_told() {
        assert!(
            "10.0.0.0/8".parse::<Network>().is_ok_and(|n| n.holds("10.9.9.9".parse().unwrap()))
        );
        assert!("::/0".parse::<Network>().is_ok_and(|n| n.holds("2001::".parse().unwrap())));
        assert!("0.0.0.0/0".parse::<Network>().is_ok_and(|n| n.holds("1.2.3.4".parse().unwrap())));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "host", "10.0.0.0/-1", "10.0.0.0/"] {
            let error = wrong.parse::<Network>().unwrap_err();
            assert!(error.to_string().contains(wrong), "{error}");
        }
    }
}
