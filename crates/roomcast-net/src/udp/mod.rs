//! The one UDP port: sockets for the media threads, batches in, groups out.
//!
//! A thread reads with [`Socket::recv`] into a [`RecvBatch`], collects what is to be sent in an
//! [`Outbox`], and hands each [`Group`] to [`Socket::send`]. Nothing here blocks, and nothing
//! allocates once the buffers have grown to what the load needs.

mod batch;
mod bind;
mod group;
mod outbox;
mod socket;
#[cfg(test)]
mod tests;

pub use batch::{Datagram, RecvBatch};
pub use group::{Group, MAX_DATAGRAM_BYTES, MAX_GROUP_BYTES, MAX_GROUP_SEGMENTS};
pub use outbox::{MAX_DESTINATION_BYTES, MAX_DESTINATIONS, NotTaken, Outbox};
pub use socket::{SOCKET_BUFFER_BYTES, Sent, Socket, Stop};
