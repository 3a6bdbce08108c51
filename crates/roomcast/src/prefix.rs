//! The part of an address that stands for one customer: what limits are counted by.

use std::net::IpAddr;

/// A whole IPv4 address, or the /64 of an IPv6 one: a single household or machine has a whole /64
/// to choose addresses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Prefix(u64, bool);

impl Prefix {
    /// The prefix of an address; IPv4 in IPv6 counts as IPv4.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_bits().into(), true),
            #[allow(clippy::cast_possible_truncation, reason = "the upper half has 64 bits")]
            IpAddr::V6(v6) => Self((v6.to_bits() >> 64) as u64, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_prefix_in_ipv6_alone() {
        let of = |text: &str| Prefix::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
