//! The STUN/TURN server core (RFC 8489, RFC 8656): Binding, Allocate, Refresh, CreatePermission,
//! ChannelBind, Send, Data and ChannelData, for clients over UDP and streams, IPv4 and IPv6.
//!
//! Pure: no socket, thread, lock or clock. One [`Server`] is the relay of one shard. Give it inputs
//! with [`Server::handle`], call [`Server::poll`] until it returns `None`, and come back at
//! [`Server::deadline`]. Datagrams that an input leads to go at once to a [`Transmits`].
//!
//! A relayed address is an entry of a table. What is sent to this node's media, or to another
//! relayed address of this node, stays in memory; a socket is only bound where
//! [`RelayConfig::ports`] names a range. Which shard holds a relayed address follows from its port
//! ([`shard_of`]), so that there is no directory.
//!
//! What is deliberately absent: TLS and sockets (bytes come and go as values), relays over TCP
//! (RFC 6062), mobility (RFC 8016), ICE (a Binding request with a user is the media core's), memory
//! for sources that have not authenticated.

// No message from outside may panic a shard.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod allocation;
mod allocations;
mod bandwidth;
mod clock;
mod config;
mod counters;
mod credential;
mod frames;
mod input;
mod nonce;
mod output;
mod policy;
mod ports;
mod prefix;
mod random;
mod relay;
mod reserved;
mod server;
mod special;
mod strangers;
mod stun;
mod timers;
mod transmit;

pub use config::{Config, Limits, Redacted, Secret};
pub use counters::{Counters, Traffic};
pub use credential::Credential;
pub use frames::{FrameError, Frames};
pub use input::{BindError, Client, Input, StreamId};
pub use output::{ClosedCause, Event, Output, RefusedCause};
pub use policy::{Network, NetworkError, PeerPolicy};
pub use relay::{RelayConfig, shard_of};
pub use reserved::reserved_at;
pub use server::Server;
pub use special::{is_special, unwrapped};
pub use transmit::Transmits;
