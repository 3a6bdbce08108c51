//! The signaling side: one WebSocket for each participant.

mod connection;
mod host;
mod viewer;

pub(crate) use connection::Hub;
pub(crate) use host::host;
pub(crate) use viewer::{Watched, watch};
