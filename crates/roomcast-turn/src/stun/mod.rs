//! STUN messages (RFC 8489 §5). The only place that knows `stun-types`.
//!
//! Reading is our own: messages come from strangers, and are looked at in place without a log line.
//! Keys, integrity, fingerprints and writing are the library's.

mod address;
mod attributes;
mod keys;
mod message;
#[cfg(test)]
mod vectors;
mod writer;

pub(crate) use address::{IPV4, IPV6, XorAddress, read_address};
pub(crate) use attributes::{is_unknown, types};
pub(crate) use keys::{Key, KeyedHash, PasswordAlgorithm, Signature};
pub(crate) use message::{Class, HEADER, MAGIC_COOKIE, Message, Method, Transaction};
pub(crate) use writer::Answer;
