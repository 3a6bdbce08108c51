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
    /// How many were left when the void ones were thrown out.
    kept: usize,
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

    /// Whether so many were added that the void ones should be thrown out: whoever allocates and
    /// gives back in a circle leaves one each time.
    pub(crate) fn are_many(&self) -> bool {
        self.heap.len() > 2 * self.kept + MANY
    }

    /// Throws out those for nothing that is still there.
    pub(crate) fn retain(&mut self, is_live: impl Fn(&Timer) -> bool) {
        self.heap.retain(|Reverse((_, timer))| is_live(timer));
        self.kept = self.heap.len();
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

/// 64 KiB.
const MANY: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn void_timers_are_thrown_out_before_they_are_due() {
        let now = Instant::now();
        let mut timers = Timers::default();
        let mut most = 0;
        for serial in 0..100_000 {
            timers.schedule(now, Timer::Allocation { key: 0, serial });
            if timers.are_many() {
                timers.retain(|timer| *timer == Timer::Allocation { key: 0, serial });
            }
            most = most.max(timers.heap.len());
        }
        assert!(most <= MANY + 2, "{most}");
    }
}
