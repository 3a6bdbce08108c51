//! The deadlines of a room. Each timer is set at most once; setting it again moves it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::links::Key;
use crate::roster::Arrival;

/// Why the room wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The audience has changed, and its count may be told again.
    AudienceCount,
    /// The list of those who struggle has changed, and may be told again.
    Strugglers,
    /// A participant whose connection is lost leaves the room.
    Resume(Arrival),
    /// The publications of a participant whose publisher session is lost stop.
    Republish(Arrival),
    /// The room has been small for long enough to go back to links.
    Calm,
    /// A link that is not wanted any more is not waited for any longer.
    Path(Key),
}

/// All deadlines of a room, soonest first. Bounded by two for each participant,
/// one for each pair, and three.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Instant, Timer)>,
    set: BTreeMap<Timer, Instant>,
}

impl Timers {
    /// Sets or moves a timer.
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        self.cancel(timer);
        self.set.insert(timer, at);
        self.queue.insert((at, timer));
    }

    /// Stops a timer; does nothing if it is not set.
    pub(crate) fn cancel(&mut self, timer: Timer) {
        if let Some(at) = self.set.remove(&timer) {
            self.queue.remove(&(at, timer));
        }
    }

    /// Whether a timer is set.
    pub(crate) fn is_set(&self, timer: Timer) -> bool {
        self.set.contains_key(&timer)
    }

    /// When the room must be woken next.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes the soonest timer whose time has come.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Timer> {
        let (at, timer) = *self.queue.first()?;
        if at > now {
            return None;
        }
        self.cancel(timer);
        Some(timer)
    }

    /// Stops them all.
    pub(crate) fn clear(&mut self) {
        self.queue.clear();
        self.set.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_soonest_timer_comes_first_and_only_when_it_is_due() {
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let mut timers = Timers::default();
        timers.set(Timer::AudienceCount, later(5));
        timers.set(Timer::Resume(Arrival(1)), later(3));
        assert_eq!(timers.next(), Some(later(3)));
        assert_eq!(timers.due(later(2)), None);
        assert_eq!(timers.due(later(9)), Some(Timer::Resume(Arrival(1))));
        assert_eq!(timers.due(later(9)), Some(Timer::AudienceCount));
        assert_eq!((timers.due(later(9)), timers.next()), (None, None));
    }

    #[test]
    fn setting_a_timer_again_moves_it_and_cancelling_stops_it() {
        let start = Instant::now();
        let mut timers = Timers::default();
        timers.set(Timer::AudienceCount, start);
        timers.set(Timer::AudienceCount, start + Duration::from_secs(1));
        assert_eq!(timers.due(start), None);
        assert!(timers.is_set(Timer::AudienceCount));
        timers.cancel(Timer::AudienceCount);
        assert_eq!(timers.next(), None);
    }
}
