//! Time in the forms that the server keeps it in.

use std::time::{Duration, Instant};

/// Where time is counted from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    began: Instant,
    /// A moment, and what the wall clock said then.
    wall: (Instant, u64),
}

/// Tenths of a second since the server began: permissions and channels are many, and 4 bytes last
/// for thirteen years.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tick(pub u32);

impl Clock {
    pub(crate) fn new(now: Instant, wall: (Instant, u64)) -> Self {
        Self { began: now, wall }
    }

    pub(crate) fn set(&mut self, now: Instant, unix: u64) {
        self.wall = (now, unix);
    }

    /// Seconds since 1970.
    pub(crate) fn unix(&self, now: Instant) -> u64 {
        self.wall.1.saturating_add(now.saturating_duration_since(self.wall.0).as_secs())
    }

    pub(crate) fn tick(&self, now: Instant) -> Tick {
        let tenths = now.saturating_duration_since(self.began).as_millis() / TICK_MS;
        Tick(u32::try_from(tenths).unwrap_or(u32::MAX))
    }
}

impl Tick {
    /// The first tick that lies at least this long behind the present one.
    pub(crate) fn after(self, span: Duration) -> Self {
        let tenths = u32::try_from(span.as_millis() / TICK_MS).unwrap_or(u32::MAX);
        Self(self.0.saturating_add(tenths).saturating_add(1))
    }
}

const TICK_MS: u128 = 100;
