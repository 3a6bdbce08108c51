//! What str0m is to find out about a network, beyond what is sent over it: by probes, by padding, and by
//! beginning anew.

use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::bwe::Bitrate;

use super::stillness::Stillness;
use crate::allocator::Plan;

/// What one session reaches for.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// What str0m was told to send at least, and wished for, in bits per second.
    told: (u64, u64),
    /// When it was last told to send more than is planned.
    padded: Option<Instant>,
    stillness: Stillness,
}

impl Reach {
    /// So much is estimated.
    pub(crate) fn estimated(&mut self, now: Instant, estimate: u64) {
        self.stillness.estimated(now, estimate);
    }

    /// Reaches for what a plan needs, in the light of what is estimated and whether packets stand in a
    /// queue: what padding is to show is shown then.
    pub(crate) fn aim(
        &mut self,
        now: Instant,
        rtc: &mut Rtc,
        plan: &Plan,
        (estimate, is_queued): (u64, bool),
    ) {
        let minimum = if is_queued { 0 } else { plan.minimum };
        let highest = estimate.saturating_mul(MOST).max(minimum);
        let wanted = (minimum, plan.desired.min(highest));
        let planned = plan.used / 100 * AROUND_PLAN;
        if minimum > planned || wanted.1 > self.told.1.max(planned) {
            self.padded = Some(now);
        }
        if differ(wanted.0, self.told.0) || differ(wanted.1, self.told.1) {
            self.told = wanted;
            rtc.bwe().set_bitrate(Bitrate::from(wanted.0), Bitrate::from(wanted.1));
        }
    }

    /// Begins the estimate anew from what is known, where it has come to stand still.
    pub(crate) fn begin_anew_if_still(&mut self, now: Instant, rtc: &mut Rtc, known: u64) {
        if self.stillness.lasts(now) {
            rtc.bwe().reset(Bitrate::from(known));
        }
    }

    /// Begins the estimate anew from what is known, and reaches for nothing until the next plan.
    pub(crate) fn begin_anew(&mut self, rtc: &mut Rtc, known: u64) {
        self.told = (0, 0);
        rtc.bwe().set_bitrate(Bitrate::ZERO, Bitrate::ZERO);
        rtc.bwe().reset(Bitrate::from(known));
    }

    /// Whether a queue may be one that probes or padding made.
    pub(crate) fn is_padded(&self, now: Instant) -> bool {
        self.padded.is_some_and(|at| now < at + PADDING_LASTS)
    }
}

/// Whether two bit rates differ by enough to say so.
fn differ(one: u64, other: u64) -> bool {
    one.abs_diff(other) > one.max(other) / 20
}

/// How many times the estimate is reached for at most. str0m's probes go at twice of that, where little is
/// sent: more would fill the queue of a slow network for a tenth of a second with each.
const MOST: u64 = 2;

/// Percent of what is planned: what is reached for within them is what is sent.
const AROUND_PLAN: u64 = 110;

/// How long the queue that probes or padding made may still be told of.
const PADDING_LASTS: Duration = Duration::from_millis(700);
