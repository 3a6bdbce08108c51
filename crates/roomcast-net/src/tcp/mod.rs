//! The one TCP port: listen, accept, and tell by the first byte what a connection wants to speak.
//!
//! Accepting survives a process that has run out of file descriptors, and sniffing survives a peer
//! that connects and says nothing. What comes after the first byte is for others to read.

mod listener;
mod sniff;

pub use listener::{EXHAUSTED_PAUSE, Listener};
pub use sniff::{Kind, SNIFF_TIME_LIMIT, classify, sniff};
