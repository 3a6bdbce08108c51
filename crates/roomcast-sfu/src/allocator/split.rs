//! One split of an estimate: every picture at its lowest step, then raised one step at a time, in the
//! order of what matters most on the page.

use std::cmp::Reverse;

use super::Asked;
use super::ladder::Ladder;
use super::share::share;

/// A picture that is not paused.
#[derive(Debug)]
pub(super) struct Picture {
    /// Its place among those that asked.
    pub index: usize,
    pub slot: usize,
    pub ladder: Ladder,
    /// The step where it was; 0 for a new one.
    pub kept: usize,
    /// The step that it gets.
    pub at: usize,
    /// Nothing was planned for it before.
    pub is_new: bool,
    /// Whether it may go above where it was.
    pub may_rise: bool,
    is_spotlight: bool,
    pixels: u32,
    /// Its next step did not fit.
    is_stuck: bool,
}

impl Picture {
    pub(super) fn new(index: usize, asked: &Asked<'_>) -> Self {
        let pixels = asked.shown.map_or(0, |(width, height)| u32::from(width) * u32::from(height));
        Self {
            index,
            slot: asked.slot,
            ladder: Ladder::of(asked),
            kept: 0,
            at: 0,
            is_new: true,
            may_rise: true,
            is_spotlight: asked.spotlight,
            pixels,
            is_stuck: false,
        }
    }

    /// Begins anew, to go no higher than it was, unless it is new.
    pub(super) fn hold(&mut self) {
        (self.at, self.is_stuck) = (0, false);
        self.may_rise = self.is_new;
    }

    pub(super) fn is_at_top(&self) -> bool {
        self.at >= self.ladder.top()
    }

    /// What the next step adds, in bits per second.
    fn next_costs(&self) -> u64 {
        self.ladder.bitrate(self.at + 1).saturating_sub(self.ladder.bitrate(self.at))
    }
}

/// What there is to split, in bits per second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// What everything would take if it stayed as it was.
    pub kept: u64,
    /// For what is as it was.
    pub keep: u64,
    /// For what is better than it was.
    pub rise: u64,
}

/// Splits what is there over the pictures, which are put in the order of what matters most. Returns
/// the sum with what is taken already.
pub(super) fn split(pictures: &mut [Picture], taken: u64, budget: Budget) -> u64 {
    pictures.sort_by_key(|p| (Reverse(p.is_spotlight), Reverse(p.pixels), p.slot));
    let lowest = pictures.iter().map(|picture| picture.ladder.bitrate(0));
    let sum = lowest.fold(taken, u64::saturating_add);
    let spotlights = pictures.iter().take_while(|picture| picture.is_spotlight).count();
    let (spotlights, rest) = pictures.split_at_mut(spotlights);
    let sum = raise(spotlights, sum, budget);
    raise(rest, sum, budget)
}

/// Raises pictures in turn, one step each, as long as one more step fits.
fn raise(pictures: &mut [Picture], mut sum: u64, budget: Budget) -> u64 {
    loop {
        let mut has_raised = false;
        for picture in pictures.iter_mut().filter(|p| !p.is_stuck && !p.is_at_top()) {
            let with_it = sum.saturating_add(picture.next_costs());
            let fits = if picture.at < picture.kept {
                with_it <= budget.keep
            } else {
                picture.may_rise && share(with_it, HEADROOM) <= budget.rise
            };
            if fits {
                (sum, picture.at, has_raised) = (with_it, picture.at + 1, true);
            }
            picture.is_stuck = !fits;
        }
        if !has_raised {
            return sum;
        }
    }
}

/// What an estimate must be for the cheapest of the next steps; `None` where all are at the top, or
/// wait.
pub(super) fn next_step(pictures: &[Picture], sum: u64) -> Option<u64> {
    let waiting = pictures.iter().filter(|picture| !picture.is_at_top() && picture.may_rise);
    waiting.map(|picture| share(sum.saturating_add(picture.next_costs()), HEADROOM)).min()
}

/// Percent: what the estimate must be of a sum before something goes up to it. Little: that it is
/// carried is shown by padding before.
const HEADROOM: u64 = 102;
