//! When which session has to be looked after.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::ids::SessionId;

/// A heap of deadlines in which a session that was put off is found again only when its old
/// deadline comes: sessions put their deadlines off with every packet, and that must cost nothing.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, SessionId, usize)>>,
}

impl Timers {
    /// Looks after the session at `deadline`, or earlier.
    pub(crate) fn schedule(&mut self, deadline: Instant, session: SessionId, key: usize) {
        self.heap.push(Reverse((deadline, session, key)));
    }

    /// The earliest deadline, which may turn out to have been put off.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((deadline, ..))| *deadline)
    }

    /// Takes one whose time has come.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<(SessionId, usize)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, session, key))| (session, key))
    }
}
