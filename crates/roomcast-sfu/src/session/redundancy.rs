//! How much redundant sound (RFC 2198) a subscriber session gets, by what it loses.

use std::time::{Duration, Instant};

/// How many earlier packets one receiver gets with each, by what it loses.
#[derive(Debug, Default)]
pub(crate) struct Redundancy {
    level: u8,
    /// Loss, smoothed: 0 to 1.
    loss: f32,
    /// Since when the loss has called for less.
    less_since: Option<Instant>,
    /// When it was told last.
    told: Option<Instant>,
}

impl Redundancy {
    /// The receiver lost this share (0 to 1) of what was sent to it lately. What is told more often than
    /// once a second is not heard. Returns how many earlier packets go with each from now on: 0 to
    /// [`MAX_LEVEL`].
    pub(crate) fn lost(&mut self, now: Instant, share: f32) -> u8 {
        if self.told.is_some_and(|told| now < told + INTERVAL) {
            return self.level;
        }
        self.told = Some(now);
        if share.is_finite() {
            self.loss += (share.clamp(0.0, 1.0) - self.loss) * NEWEST_COUNTS;
        }
        let rises_to = level_of(self.loss, BEGINS);
        let falls_to = level_of(self.loss, ENDS);
        if rises_to > self.level {
            self.level = rises_to;
            self.less_since = None;
        } else if falls_to < self.level {
            let since = *self.less_since.get_or_insert(now);
            if now >= since + CALM {
                self.level = falls_to;
                self.less_since = None;
            }
        } else {
            self.less_since = None;
        }
        self.level
    }
}

/// How many of the bounds, which rise, are reached.
fn level_of(loss: f32, bounds: [f32; MAX_LEVEL as usize]) -> u8 {
    bounds.iter().map(|bound| u8::from(loss >= *bound)).sum()
}

/// Two packets in a row are lost once in a hundred times at 10 %, three once in a thousand.
pub(crate) const MAX_LEVEL: u8 = 2;

/// From which smoothed loss on one packet goes with each, and two. Below 2 % what a receiver makes up
/// by itself is not heard; from 8 % on two losses in a row are as common as one at 1 %.
const BEGINS: [f32; MAX_LEVEL as usize] = [0.02, 0.08];

/// Below which they do not any more: so far apart that it does not flicker.
const ENDS: [f32; MAX_LEVEL as usize] = [0.01, 0.05];

/// For so long before less is sent: losses on Wi-Fi come and go.
const CALM: Duration = Duration::from_secs(10);

/// Shares are of a second or more.
const INTERVAL: Duration = Duration::from_millis(900);

/// How much the newest share counts: one packet of the fifty of a second is not yet a loss of 2 %, and
/// a steady loss of 4 % is seen within two seconds.
const NEWEST_COUNTS: f32 = 0.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_decides_and_single_losses_do_not() {
        let start = Instant::now();
        let at = |second: u64| start + Duration::from_secs(second);
        let mut redundancy = Redundancy::default();
        for second in 0..60 {
            let share = if second % 5 == 0 { 0.02 } else { 0.0 };
            assert_eq!(redundancy.lost(at(second), share), 0, "one packet of fifty");
        }
        assert_eq!(redundancy.lost(at(60), 0.05), 1);
        let levels: Vec<_> = (61..70).map(|second| redundancy.lost(at(second), 0.12)).collect();
        assert_eq!((levels[0], levels[8]), (1, 2));
        let levels: Vec<_> = (70..90).map(|second| redundancy.lost(at(second), 0.03)).collect();
        assert_eq!((levels[9], levels[19]), (2, 1), "less only after a while: {levels:?}");
        let levels: Vec<_> = (90..110).map(|second| redundancy.lost(at(second), 0.015)).collect();
        assert_eq!(levels[19], 1, "between the bounds it stays: {levels:?}");
        let levels: Vec<_> = (110..130).map(|second| redundancy.lost(at(second), 0.0)).collect();
        assert_eq!((levels[9], levels[19]), (1, 0), "{levels:?}");
    }

    #[test]
    fn a_receiver_that_reports_nonsense_changes_nothing_for_good() {
        let now = Instant::now();
        let mut redundancy = Redundancy::default();
        let later = |second: u64| now + Duration::from_secs(second);
        for (second, share) in (0..).zip([f32::NAN, f32::INFINITY, -1.0]) {
            assert_eq!(redundancy.lost(later(second), share), 0);
        }
        assert_eq!(redundancy.lost(later(3), 1e30), MAX_LEVEL);
        assert_eq!(redundancy.lost(later(3), 0.0), MAX_LEVEL);
        let last = (4..40).map(|second| redundancy.lost(later(second), 0.0)).last();
        assert_eq!(last, Some(0));
    }
}
