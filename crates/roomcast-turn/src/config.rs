//! What a server has to know.

use std::fmt;
use std::time::Instant;

use crate::policy::PeerPolicy;
use crate::relay::RelayConfig;

/// What a server has to know. The same for all shards of a node, but for `shard` and `seed`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which shard this is, counted from 0.
    pub shard: u16,
    /// How many shards the node has, at least 1.
    pub shards: u16,
    /// The realm that clients are told (RFC 8489 §9.2). Short, because it is in every challenge.
    pub realm: String,
    /// With it the passwords of `expiry:participant` users are made.
    pub secret: Secret,
    /// Signs nonces: one for the whole node.
    pub nonce_key: Redacted<[u8; 32]>,
    /// The relayed addresses.
    pub relay: RelayConfig,
    /// Who may be a peer.
    pub policy: PeerPolicy,
    /// How much one may take.
    pub limits: Limits,
    /// A moment, and what the wall clock said then, in seconds since 1970. When the wall clock is
    /// set, [`crate::Input::Clock`] says so.
    pub started: (Instant, u64),
    /// A random number: nobody may guess the next port.
    pub seed: u64,
}

/// How much one may take. The counts hold in each shard by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Allocations of one participant at once.
    pub per_user: u32,
    /// Allocations at once from one IPv4 address or one IPv6 /64.
    pub per_address: u32,
    /// Allocations at once in sum.
    pub total: u32,
    /// Bytes a second that an allocation may carry in each direction; what is above is dropped.
    /// `None`: as many as come.
    pub bytes_per_second: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A host with a link to each of eight viewers, over UDP, TCP and TLS, twice after a reload.
            per_user: 64,
            // A school behind one address.
            per_address: 2_000,
            // At most 20 MB.
            total: 10_000,
            // 32 Mbit/s: a camera with three layers and a screen.
            bytes_per_second: Some(4_000_000),
        }
    }
}

/// A text that appears in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A value that must not appear in logs above `debug`: its `Debug` hides it. The field is for those
/// who need it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Redacted<T>(pub T);

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
