//! The short way out of a packet that goes to many: its header is written and its payload encrypted in
//! place, in the buffer that is handed to the socket.
//!
//! Pure: no socket, thread, lock or clock. What it does not do: ICE, DTLS, reports, estimation. Those
//! are str0m's, which knows nothing of the packets that leave here (docs/decisions/016).
//!
//! - [`Protection`]: SRTP with AES-GCM (RFC 7714), from what DTLS has agreed on.
//! - [`Packet`]: one packet, and how it is written.
//! - [`Used`]: which numbers of a stream were used.
//! - [`History`]: what was sent lately, for those who ask again.

// No packet or header from outside may panic a shard.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod derivation;
mod extensions;
mod history;
mod packet;
mod protection;
mod used;

pub use extensions::Extensions;
pub use history::History;
pub use packet::{Header, Overwrite, Packet};
pub use protection::{Profile, Protection};
pub use used::Used;
