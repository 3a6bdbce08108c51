//! Sockets: one UDP port in batches and groups, one TCP port told apart by its first byte.
//!
//! Owns everything that differs between platforms: address families, `SO_REUSEPORT`, GSO and GRO,
//! buffer sizes, and what to do where a kernel has none of them. It is the only crate that may hold
//! `unsafe`, and holds none so far. It knows no protocol: it never looks further than the first byte
//! of a connection, and never into a datagram.

pub mod address;
pub mod cpu;
pub mod tcp;
pub mod udp;
