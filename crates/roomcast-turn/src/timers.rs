//! When what has to be looked after.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use crate::input::StreamId;

/// A heap of deadlines. One that was put off is found again only when its old time comes: the cost
/// of a packet does not depend on how many allocations are idle.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, Timer)>>,
}

/// What has to be looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// An allocation may have expired, unless another has its place by now.
    Allocation {
        /// Its place.
        key: u32,
        /// Which one of those that had the place.
        serial: u32,
    },
    /// The reservation of a port ends.
    Reservation {
        /// RESERVATION-TOKEN.
        token: [u8; 8],
    },
    /// A connection has had its time to make an allocation.
    Stream(StreamId),
}

impl Timers {
    pub(crate) fn schedule(&mut self, at: Instant, timer: Timer) {
        self.heap.push(Reverse((at, timer)));
    }

    /// The earliest deadline, which may turn out to have been put off.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes one whose time has come.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, timer))| timer)
    }
}
