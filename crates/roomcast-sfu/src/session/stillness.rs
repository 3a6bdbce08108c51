//! Whether an estimator has come to stand still.
//!
//! str0m's stays where it is now and then, for as long as one looks, though everything arrives in time and
//! more would be carried: it neither grows nor takes what its probes find. Begun anew, from what is known,
//! it finds out.

use std::time::{Duration, Instant};

/// How long an estimate has not changed.
#[derive(Debug, Default)]
pub(crate) struct Stillness {
    estimate: u64,
    since: Option<Instant>,
    /// Beginnings in a row after which no more was found.
    in_vain: u32,
    /// The estimate when it was begun anew.
    before: u64,
}

impl Stillness {
    /// So much is estimated now.
    pub(crate) fn estimated(&mut self, now: Instant, estimate: u64) {
        if estimate != self.estimate || self.since.is_none() {
            (self.estimate, self.since) = (estimate, Some(now));
        }
        if estimate > self.before / 4 * 5 {
            self.in_vain = 0;
        }
    }

    /// Whether it has not changed for so long that it is to be begun anew, which is taken as done.
    pub(crate) fn lasts(&mut self, now: Instant) -> bool {
        let wait = PATIENCE * 2_u32.pow(self.in_vain.min(MOST_DOUBLINGS));
        let lasts = self.since.is_some_and(|since| now.saturating_duration_since(since) >= wait);
        if lasts {
            (self.before, self.since) = (self.estimate, Some(now));
            self.in_vain += 1;
        }
        lasts
    }
}

/// An estimator that works moves several times a second where as much is sent as it allows, and within
/// its pace of probes where less is sent.
const PATIENCE: Duration = Duration::from_secs(3);

/// A beginning costs a burst of probes: at most each 48 s where they find nothing.
const MOST_DOUBLINGS: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_that_moves_is_left_alone() {
        let (mut stillness, start) = (Stillness::default(), Instant::now());
        for second in 0..60 {
            let now = start + Duration::from_secs(second);
            stillness.estimated(now, 1_000_000 + second % 2);
            assert!(!stillness.lasts(now));
        }
    }

    #[test]
    fn the_longer_nothing_is_found_the_seldomer_it_is_tried() {
        let (mut stillness, start) = (Stillness::default(), Instant::now());
        let tries = (0..100).filter(|second| {
            let now = start + Duration::from_secs(*second);
            stillness.estimated(now, 1_000_000);
            stillness.lasts(now)
        });
        assert_eq!(tries.collect::<Vec<_>>(), [3, 9, 21, 45, 93]);
        stillness.estimated(start + Duration::from_secs(100), 2_000_000);
        assert!(stillness.lasts(start + Duration::from_secs(103)));
    }
}
