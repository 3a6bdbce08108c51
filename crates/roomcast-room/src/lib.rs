//! The room as a state machine: roles, stage, audience, chat, moderation, reconnect grace.
//!
//! Pure: no clock, no randomness, no socket. Feed it with [`Room::handle`], then call [`Room::poll`]
//! until it returns [`Output::Timeout`].

mod input;
mod output;
mod room;

pub use input::{ConnectionId, Input, Join, MediaEvent, Now, Opening, SessionId};
pub use output::{MediaCommand, Output, StoreCommand};
pub use room::Room;
