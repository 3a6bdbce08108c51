//! One room.

use crate::input::{Input, Now, Opening};
use crate::output::Output;

/// A room and everyone in it.
#[derive(Debug)]
pub struct Room;

impl Room {
    /// Begins a room.
    pub fn new(_opening: Opening) -> Self {
        Self
    }

    /// Takes one input. Call [`Room::poll`] until it returns [`Output::Timeout`] afterwards.
    pub fn handle(&mut self, _now: Now, _input: Input) {}

    /// Lets time pass. Call when the deadline of [`Output::Timeout`] is reached.
    pub fn handle_timeout(&mut self, _now: Now) {}

    /// The next thing to do.
    pub fn poll(&mut self) -> Output {
        Output::Timeout(None)
    }

    /// Participants, connected or within their grace period.
    pub fn participants(&self) -> usize {
        0
    }
}
