//! When which session has to be looked after.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::ids::SessionId;

/// A heap of deadlines in which a session that was put off is found again only when its old
/// deadline comes: sessions put their deadlines off with every packet, and that must cost nothing.
///
/// A session that is looked after earlier than planned gets a second entry; [`Timers::pop_due`] says
/// for which time an entry was made, and the one that is not the session's newest is void.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
}

/// A time at which a session is to be looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub at: Instant,
    pub session: SessionId,
    pub key: usize,
}

impl Timers {
    pub(crate) fn schedule(&mut self, entry: Entry) {
        self.heap.push(Reverse(entry));
    }

    /// The earliest deadline, which may turn out to have been put off.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// Takes one whose time has come.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Entry> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// Entries, void ones among them.
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }
}
