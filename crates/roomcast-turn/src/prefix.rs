//! What one customer of a network has.

use std::net::IpAddr;

/// An IPv4 address or an IPv6 /64: what quotas and rates count by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Prefix(u64);

impl Prefix {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            // 0::/32 is no customer's, so the two kinds cannot meet.
            IpAddr::V4(ip) => Self(u64::from(ip.to_bits())),
            IpAddr::V6(ip) => Self((ip.to_bits() >> 64) as u64),
        }
    }
}
