//! A question for how the sessions of a room fare, on its way from shard to shard.

use std::fmt;

use roomcast_sfu::{SessionId, SessionReport};

/// Goes to every shard in turn, so that none waits for another; the last one answers.
pub(crate) struct Asked {
    room: u32,
    so_far: Vec<SessionReport>,
    reply: Box<dyn FnOnce(Vec<SessionReport>) + Send>,
}

impl Asked {
    pub(crate) fn new(room: u32, reply: impl FnOnce(Vec<SessionReport>) + Send + 'static) -> Self {
        Self { room, so_far: Vec::new(), reply: Box::new(reply) }
    }

    /// Whether a session is one of the room's: its number is the upper half of their ids.
    pub(crate) fn concerns(&self, session: SessionId) -> bool {
        session.0 >> 32 == u64::from(self.room)
    }

    /// Takes what a shard says.
    pub(crate) fn add(&mut self, sessions: Vec<SessionReport>) {
        self.so_far.extend(sessions);
    }

    /// Gives whoever asked what the shards said.
    pub(crate) fn answer(self) {
        (self.reply)(self.so_far);
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("room", &self.room).finish_non_exhaustive()
    }
}
