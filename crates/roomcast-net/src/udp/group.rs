//! Datagrams that leave by one system call.

use std::net::{IpAddr, SocketAddr};

/// Datagrams for one destination, one behind the other: all of [`Group::segment_size`] bytes but
/// the last, which may be shorter. That is the shape which a kernel with GSO takes in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group<'a> {
    /// Where to.
    pub destination: SocketAddr,
    /// The address of this machine to send from; the system chooses without it. A peer only takes
    /// answers from the address to which it sent.
    pub source_ip: Option<IpAddr>,
    /// The size of each datagram but the last.
    pub segment_size: usize,
    /// All of them.
    pub contents: &'a [u8],
}

impl<'a> Group<'a> {
    /// A group of one datagram.
    #[must_use]
    pub fn single(
        destination: SocketAddr,
        source_ip: Option<IpAddr>,
        contents: &'a [u8],
    ) -> Group<'a> {
        Group { destination, source_ip, segment_size: contents.len(), contents }
    }

    /// The datagrams, in order.
    pub fn datagrams(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        self.contents.chunks(self.segment_size.max(1))
    }
}

/// Datagrams in a group: the kernel takes no more in a call (UDP_MAX_SEGMENTS).
pub const MAX_GROUP_SEGMENTS: usize = 64;

/// Bytes in a group of several datagrams: below the 65,507 that an IPv4 packet holds, because the
/// kernel builds a group as one such packet first.
pub const MAX_GROUP_BYTES: usize = 65_000;

/// Bytes in a datagram: 65,535 less the headers of IPv4 and UDP.
pub const MAX_DATAGRAM_BYTES: usize = 65_507;
