//! The network laboratory: what a bad link does to packets, from a seed.
//!
//! [`Link`] is one direction of such a link. It is pure: packets and times go in, packets and times
//! come out. [`Cable`] is two of them, with the words by which a test changes them while it runs. The
//! program `roomcast-link` joins two TUN devices by a cable. Nothing of this is part of the product.

mod cable;
mod conditions;
mod counts;
mod link;

pub use cable::{Cable, End};
pub use conditions::{Conditions, Fault, Queue};
pub use counts::{Count, Counts};
pub use link::Link;
