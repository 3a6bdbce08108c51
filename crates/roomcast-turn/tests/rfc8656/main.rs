//! What RFC 8656 and RFC 8489 say, held against a server without a network. Tests are named after
//! the sentences that they hold.

mod allocations;
mod authentication;
mod bad_input;
mod channels;
mod corpus;
mod flood;
mod framing;
mod lab;
mod memory;
mod permissions;
mod properties;
mod relaying;
mod reservations;
mod sockets;
mod streams;
mod wire;
