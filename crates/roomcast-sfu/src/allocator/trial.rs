//! How a network is asked for more: by probes now and then while it limits, and by padding before and
//! while something goes up.
//!
//! Estimators of the kind of Google's congestion control take what arrived lately for what the network
//! carries when a queue builds up, as it does with the key frame of a better layer. A rise from 0.6 to
//! 2.5 Mbit/s would end at 0.5: it is only safe when as much arrives already, of padding.

use std::time::{Duration, Instant};

use super::Plan;
use super::share::share;

/// What is being found out about a network.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// Since when padding shows that a rise would be carried, and the sum that the rise leads to.
    proving: Option<(Instant, u64)>,
    /// When the last rise has settled: until then it is kept up by padding, and nothing is probed.
    settles_at: Option<Instant>,
    /// Since when the network limits, and is tested.
    limited_since: Option<Instant>,
}

impl Trial {
    /// Whether a rise to such a sum is not to happen yet: padding has to show first that it is carried.
    pub(super) fn is_unproven(&mut self, now: Instant, estimate: u64, sum: u64) -> bool {
        if estimate >= share(sum, PLENTY) {
            self.proving = None;
            return false;
        }
        let is_same = |(_, proven): &(Instant, u64)| sum <= share(*proven, SAME_RISE);
        let (since, proven) = self.proving.filter(is_same).unwrap_or((now, sum));
        self.proving = Some((since, proven));
        now.saturating_duration_since(since) < PROVING
    }

    /// Nothing could go up.
    pub(super) fn nothing_to_prove(&mut self) {
        self.proving = None;
    }

    /// Something went up.
    pub(super) fn rose(&mut self, now: Instant) {
        (self.proving, self.settles_at) = (None, Some(now + SETTLING));
    }

    /// Fills in what is to be reached for: `sum` is planned, `next` is what the estimate must be for
    /// the cheapest step more. What is desired in the plan is everything.
    pub(super) fn reach(
        &mut self,
        (now, estimate): (Instant, u64),
        plan: &mut Plan,
        sum: u64,
        next: Option<u64>,
    ) {
        let is_testing = self.is_testing(now, plan.is_limited);
        if self.settles_at.is_some_and(|at| now < at) {
            (plan.minimum, plan.desired) = (sum, sum);
        } else if !is_testing {
            plan.desired = plan.desired.min(sum);
        } else {
            let is_roomy = sum <= share(estimate, ROOMY);
            let near = share(estimate, if is_roomy { NEAR_WITH_ROOM } else { NEAR });
            plan.minimum = next.filter(|next| *next <= near).unwrap_or(0);
        }
    }

    /// An estimator probes when more is desired than before, so the wish comes and goes.
    fn is_testing(&mut self, now: Instant, is_limited: bool) -> bool {
        if !is_limited {
            self.limited_since = None;
            return true;
        }
        let since = *self.limited_since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since).as_millis();
        elapsed % (TEST + REST).as_millis() < TEST.as_millis()
    }
}

/// What padding is to keep up to prove a rise to a sum, in bits per second.
pub(super) fn proof(sum: u64) -> u64 {
    share(sum, PROOF)
}

/// Percent of what a rise needs that padding shows for so long before it happens.
const PROOF: u64 = 103;
const PROVING: Duration = Duration::from_secs(1);

/// How long a rise needs until what it sends is what arrives: a key frame has to come first.
const SETTLING: Duration = Duration::from_secs(2);

/// Percent of a sum: what is more is another rise, and is shown anew.
const SAME_RISE: u64 = 115;

/// Percent: with an estimate of so much of a sum, nothing needs to be shown.
const PLENTY: u64 = 200;

/// Percent of the estimate: up to there padding is to show that the next step would fit; what is
/// further away is found by probes. A network that is nearly full already is not filled up for it; one
/// that is used up to a part ([`ROOMY`], percent) is, or its estimate would stay where it is: it grows
/// to half more than what arrives.
const NEAR: u64 = 110;
const NEAR_WITH_ROOM: u64 = 140;
const ROOMY: u64 = 65;

/// The least that is desired for the sake of the estimate (bits per second). Where little is sent,
/// str0m probes at twice of what is desired, and takes what it finds for the estimate even where it
/// knew of more: who goes to a small picture and back would have to begin from the bottom.
pub(super) fn remembered(estimate: u64) -> u64 {
    if estimate == u64::MAX { 0 } else { (estimate / 2).min(MOST_REMEMBERED) }
}

/// One picture of the best quality fits into the double of it.
const MOST_REMEMBERED: u64 = 2_000_000;

/// How long more is desired than is sent, while the network limits, and how long it is not. Together
/// the pace of probes: a network that comes back is found within it, and one that does not carries a
/// short burst each time.
const TEST: Duration = Duration::from_secs(2);
const REST: Duration = Duration::from_millis(1_500);
