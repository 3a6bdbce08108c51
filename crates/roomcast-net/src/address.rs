//! The two spellings of one address.
//!
//! A dual-stack socket says `::ffff:192.0.2.1` where the rest of the program says `192.0.2.1`.
//! Everything that leaves this crate is in the short form, so that addresses can be compared.

use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

/// The address as the rest of the program writes it: IPv4-mapped IPv6 becomes IPv4.
///
/// ```
/// let mapped = "[::ffff:192.0.2.1]:8443".parse().unwrap();
/// assert_eq!(roomcast_net::address::canonical(mapped), "192.0.2.1:8443".parse().unwrap());
/// ```
#[must_use]
pub fn canonical(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) => address,
        // Taking the mapped ones apart here keeps the scope of link-local IPv6 addresses.
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(IpAddr::V4(v4), v6.port()),
            None => address,
        },
    }
}

/// The address as a dual-stack socket needs it: IPv4 becomes IPv4-mapped IPv6.
#[must_use]
pub fn mapped(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(_) => address,
        SocketAddr::V4(v4) => {
            SocketAddr::V6(SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0))
        }
    }
}

/// Like [`canonical`], for an address without a port.
#[must_use]
pub fn canonical_ip(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
    }
}

/// Like [`mapped`], for an address without a port.
#[must_use]
pub fn mapped_ip(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(_) => ip,
        IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
    }
}

pub(crate) fn is_any_v6(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_unspecified()
}

/// Whether a socket could not be had because the machine has no IPv6 (or has it switched off).
pub(crate) fn lacks_v6(error: &io::Error) -> bool {
    if matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported) {
        return true;
    }
    // EAFNOSUPPORT has no kind of its own.
    let unsupported_family = if cfg!(windows) {
        10047
    } else if cfg!(target_os = "linux") || cfg!(target_os = "android") {
        97
    } else {
        47
    };
    error.raw_os_error() == Some(unsupported_family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_address_survives_the_way_there_and_back() {
        let v4: SocketAddr = "192.0.2.7:9".parse().unwrap();
        assert!(mapped(v4).is_ipv6());
        assert_eq!(canonical(mapped(v4)), v4);
    }

    #[test]
    fn a_link_local_address_keeps_its_scope() {
        let v6 = SocketAddr::V6(SocketAddrV6::new("fe80::1".parse().unwrap(), 9, 0, 3));
        assert_eq!(canonical(v6), v6);
        assert_eq!(mapped(v6), v6);
    }
}
