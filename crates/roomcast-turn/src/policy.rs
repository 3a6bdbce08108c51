//! Who may be a peer.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

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

/// Addresses with a common prefix: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
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
