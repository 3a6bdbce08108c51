//! When what is sent is too much for the network: borne for a moment when it is little, anticipated
//! when it goes on.

use std::time::{Duration, Instant};

use super::share::share;
use super::split::Budget;

/// How a network bears what it is sent.
#[derive(Debug, Default)]
pub(super) struct Strain {
    /// Since when everything is a little too much together.
    over_since: Option<Instant>,
    /// When something went down last.
    fell_at: Option<Instant>,
}

impl Strain {
    pub(super) fn fell(&mut self, now: Instant) {
        self.fell_at = Some(now);
    }

    /// What there is to split, when so much is taken by what is as it was (bits per second), and that
    /// arrives or not. A little too much is borne for a moment: encoders swing, and so do estimates.
    pub(super) fn budget(
        &mut self,
        now: Instant,
        estimate: u64,
        (kept, is_enough): (u64, bool),
    ) -> Budget {
        let is_tolerable = is_enough || kept <= tolerated(estimate);
        let over_since = self.over_since.filter(|_| !is_tolerable).unwrap_or(now);
        self.over_since = (!is_tolerable).then_some(over_since);
        let is_borne = kept <= share(estimate, MOMENTARY_TOLERANCE)
            && now.saturating_duration_since(over_since) < MOMENT;
        let is_falling = self.fell_at.is_some_and(|at| now.saturating_duration_since(at) < FALLING);
        let keep = match (is_tolerable || is_borne, is_falling) {
            (true, _) => kept.max(estimate),
            (false, false) => estimate,
            (false, true) => share(estimate, WHILE_FALLING),
        };
        Budget { kept, keep, rise: estimate }
    }
}

/// What everything may take for good, in bits per second: measured bit rates are not exact.
pub(super) fn tolerated(estimate: u64) -> u64 {
    share(estimate, TOLERANCE)
}

/// Percent of the estimate.
pub(super) const TOLERANCE: u64 = 105;

/// Percent of the estimate that everything may take for a [`MOMENT`]. An estimator that finds a full
/// queue, of a key frame for example, goes down to 85 % of what arrived, and comes back if that was all.
pub(super) const MOMENTARY_TOLERANCE: u64 = 125;
pub(super) const MOMENT: Duration = Duration::from_secs(2);

/// A network that gets slower is found out bit by bit, while its queue grows. What has to go down
/// again so soon after it went down goes to a part of the estimate, in percent, rather than to the
/// estimate of the moment.
const FALLING: Duration = Duration::from_millis(1_500);
const WHILE_FALLING: u64 = 50;
