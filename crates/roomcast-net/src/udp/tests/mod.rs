//! Tests of the UDP side: the grouping by itself, and real sockets on the loopback interface.

mod outbox;
mod sockets;
