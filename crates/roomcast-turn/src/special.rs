//! Addresses that are not somebody's public host.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 address inside an IPv6 address: IPv4-mapped, IPv4-compatible, NAT64 (RFC 6052) or 6to4
/// (RFC 3056). Networks may deliver such a packet to it. Others are returned as they are.
#[must_use]
pub fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let bits = v6.to_bits();
    let inner = match v6.segments() {
        [0, 0, 0, 0, 0, 0xFFFF, ..] | [0x64, 0xFF9B, 0, 0, 0, 0, ..] => Some(bits as u32),
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => Some(bits as u32),
        [0x2002, ..] => Some((bits >> 80) as u32),
        _ => None,
    };
    inner.map_or(address, |bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
}

/// Whether an address lies in a range that no public host has (RFC 6890 and its registries), but
/// for those of documentation, behind which there is nothing. [`unwrapped`] first.
#[must_use]
pub fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            IPV4.iter().any(|(range, prefix)| same(ip.to_bits().into(), *range, 32 - prefix))
        }
        IpAddr::V6(ip) => IPV6.iter().any(|(range, prefix)| {
            (ip.to_bits() ^ range.to_bits()).checked_shr(128 - prefix).unwrap_or(0) == 0
        }),
    }
}

fn same(bits: u64, range: Ipv4Addr, host_bits: u32) -> bool {
    (bits ^ u64::from(range.to_bits())) >> host_bits == 0
}

const IPV4: [(Ipv4Addr, u32); 11] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

const IPV6: [(Ipv6Addr, u32); 8] = [
    // The unspecified address, loopback, and IPv4-compatible ones of 0.0.0.0/16.
    (Ipv6Addr::UNSPECIFIED, 96),
    // NAT64 of a local network (RFC 8215).
    (Ipv6Addr::new(0x64, 0xFF9B, 1, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64),
    // Teredo: an IPv4 address is hidden in it.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0xFC00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, 0, 0), 10),
    // Site-local, which is no more, but may still be routed.
    (Ipv6Addr::new(0xFEC0, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xFF00, 0, 0, 0, 0, 0, 0, 0), 8),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn special(text: &str) -> bool {
        is_special(unwrapped(text.parse().unwrap()))
    }

    #[test]
    fn special_ranges_are_special_in_every_form() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "64:ff9b:1::8.8.8.8",
            "2001:0:4136:e378::1",
        ] {
            assert!(special(text), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_not_special() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.0.0.1",
            "128.0.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "2001:4860::1",
            "fbff::1",
        ] {
            assert!(!special(text), "{text}");
        }
    }
}
