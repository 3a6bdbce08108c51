//! What a server wants done, other than sending datagrams.

use std::net::SocketAddr;

use crate::config::Redacted;
use crate::counters::Traffic;
use crate::input::StreamId;

/// What a server wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Bind a UDP socket to this relayed address (its port, on the local address that stands for
    /// it), and answer with [`crate::Input::Bound`]. Only where [`crate::RelayConfig::ports`] names
    /// a range.
    Bind {
        /// The relayed address.
        relay: SocketAddr,
    },
    /// Close the socket of this relayed address, also when it is still being bound.
    Unbind {
        /// The relayed address.
        relay: SocketAddr,
    },
    /// Close the connection, and say so with [`crate::Input::StreamClosed`].
    CloseStream {
        /// The connection.
        stream: StreamId,
    },
    /// For the log and the metrics.
    Event(Event),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A client has a relayed address.
    AllocationOpened {
        /// Whose it is.
        participant: Box<str>,
        /// The client's address.
        source: Redacted<SocketAddr>,
        /// The relayed address.
        relay: SocketAddr,
        /// Whether the client comes by TCP or TLS.
        tcp: bool,
    },
    /// A relayed address is free again.
    AllocationClosed {
        /// Whose it was.
        participant: Box<str>,
        /// The relayed address.
        relay: SocketAddr,
        /// Why.
        cause: ClosedCause,
        /// What it carried to peers.
        to_peers: Traffic,
        /// What it carried to its client.
        to_client: Traffic,
    },
    /// A request with credentials was refused. First requests without any are not told.
    Refused {
        /// Whose it was, if the name could be read; it may be invented.
        participant: Option<Box<str>>,
        /// The client's address.
        source: Redacted<SocketAddr>,
        /// Why.
        cause: RefusedCause,
    },
}

/// Why an allocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedCause {
    /// The client gave it back.
    ByClient,
    /// The client did not refresh it in time.
    Expired,
    /// The participant left.
    Revoked,
    /// The client's connection is gone.
    StreamClosed,
    /// No socket could be had for it.
    NoSocket,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedCause {
    /// The user name is not `expiry:participant`, or the password is wrong (401).
    WrongCredentials,
    /// The time in the user name is over (401).
    ExpiredUser,
    /// The peer is refused by the policy (403).
    ForbiddenPeer,
    /// The user or its address has as many allocations as it may have (486).
    Quota,
    /// The server has no more room or no port left (508).
    Capacity,
    /// The request breaks the protocol or asks for what is not there (other codes).
    Protocol,
}
