//! Into a room of a node: one WebSocket for each participant.

mod connection;
mod host;
mod viewer;

pub(crate) use connection::Hub;
pub(super) use host::host;
pub(super) use viewer::watch;
