//! When a picture that had to go down may go up again: soon after the first time, later after each
//! rise that did not last.

use std::time::{Duration, Instant};

use super::Choice;
use super::share::share;

/// What is remembered of one picture from one plan to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// What was planned last, whether it flows or not.
    pub planned: Choice,
    rose: Option<Instant>,
    fell: Option<Fall>,
}

#[derive(Debug, Clone, Copy)]
struct Fall {
    at: Instant,
    /// What everything took together when it was too much, in bits per second.
    too_much: u64,
    /// How many rises in a row did not last.
    in_vain: u32,
}

impl Memory {
    pub(super) fn new(planned: Choice) -> Self {
        Self { planned, rose: None, fell: None }
    }

    pub(super) fn rise(&mut self, now: Instant) {
        self.rose = Some(now);
    }

    /// Remembers a fall, and at what sum it came.
    pub(super) fn fall(&mut self, now: Instant, too_much: u64) {
        let is_within = |since: Instant, time| now.saturating_duration_since(since) < time;
        let was_in_vain = self.rose.take().is_some_and(|rose| is_within(rose, LASTING));
        let before = self.fell.filter(|fall| is_within(fall.at, QUIET)).map_or(0, |f| f.in_vain);
        let in_vain = if was_in_vain { before + 1 } else { 0 };
        self.fell = Some(Fall { at: now, too_much, in_vain });
    }

    /// Whether a rise may be tried. A network that carries far more than what was too much has
    /// changed: what failed there says nothing any more.
    pub(super) fn may_rise(&self, now: Instant, estimate: u64) -> bool {
        self.fell.is_none_or(|fall| {
            let wait = WAITS.get(fall.in_vain as usize).copied().unwrap_or(LONGEST_WAIT);
            now.saturating_duration_since(fall.at) >= wait
                || (fall.in_vain > 0 && estimate >= share(fall.too_much, OTHER_NETWORK))
        })
    }
}

/// How long after a fall nothing goes up: by how many rises in a row did not last.
const WAITS: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(12)];
const LONGEST_WAIT: Duration = Duration::from_secs(32);

/// A rise that lasts so long was right; a fall after that is another matter.
const LASTING: Duration = Duration::from_secs(10);

/// After so long without a fall, those before are forgotten.
const QUIET: Duration = Duration::from_secs(60);

/// Percent of what was too much.
const OTHER_NETWORK: u64 = 150;
