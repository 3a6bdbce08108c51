//! The one TCP port: listen, accept, and tell by the first byte what a connection wants to speak.
//!
//! Accepting survives a process that has run out of file descriptors, and sniffing survives a peer
//! that connects and says nothing. What comes after the first byte is for others to read: in tokio
//! tasks, or as a [`Stream`] in a media thread.

mod listener;
mod sniff;
mod stream;
#[cfg(test)]
mod tests;

pub use listener::{EXHAUSTED_PAUSE, Listener};
pub use sniff::{Kind, SNIFF_TIME_LIMIT, classify, sniff};
pub use stream::Stream;
