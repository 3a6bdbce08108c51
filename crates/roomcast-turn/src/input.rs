//! What happens to a server.

use std::net::{IpAddr, SocketAddr};

/// A connection over TCP or TLS. Numbers are chosen by the engine and never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub u64);

/// The side of the client of an allocation: the 5-tuple of RFC 8656 §2.2, as far as it differs
/// between clients of one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// Over UDP.
    Udp {
        /// The client's address as it is seen here.
        remote: SocketAddr,
        /// The address of this machine to which it sends, where the platform tells.
        local: Option<IpAddr>,
    },
    /// Over a connection.
    Stream(StreamId),
}

/// What happens to a server.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A client's datagram: STUN without an ICE user name, or ChannelData (its first byte is in
    /// 0–3 or 64–127).
    Datagram {
        /// Where it came from.
        source: SocketAddr,
        /// The address to which it was sent, where the platform tells.
        destination: Option<IpAddr>,
        /// All of it.
        contents: &'a [u8],
    },
    /// A client connected.
    StreamOpened {
        /// The connection.
        stream: StreamId,
        /// The client's address.
        remote: SocketAddr,
        /// The address to which it connected.
        local: SocketAddr,
    },
    /// One message of a connection, as [`crate::Frames`] cut it.
    Stream {
        /// The connection.
        stream: StreamId,
        /// The message, with its padding.
        contents: &'a [u8],
    },
    /// The connection is gone.
    StreamClosed {
        /// The connection.
        stream: StreamId,
    },
    /// A datagram reached a relayed address of this shard: by its socket, from this node's own
    /// media, or from a relayed address of another shard.
    Relayed {
        /// The relayed address.
        relay: SocketAddr,
        /// Who sent it.
        peer: SocketAddr,
        /// All of it.
        contents: &'a [u8],
    },
    /// The answer to [`crate::Output::Bind`].
    Bound {
        /// The relayed address.
        relay: SocketAddr,
        /// Whether there is a socket now.
        result: Result<(), BindError>,
    },
    /// The participant left: its allocations end.
    Revoke {
        /// What stands behind the colon in its user names.
        participant: &'a str,
    },
    /// What the wall clock says now.
    Clock {
        /// Seconds since 1970.
        unix_seconds: u64,
    },
    /// The deadline has come.
    Timeout,
}

/// Why a relayed address has no socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// Another program has the port: another port may do.
    #[error("the port is taken")]
    Taken,
    /// The system refuses: no other port will do either.
    #[error("the system refuses the socket")]
    Refused,
}
