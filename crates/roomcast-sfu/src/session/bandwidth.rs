//! What the network to a subscriber is found to carry, and when to think again about how to use it.

use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::bwe::Bitrate;

use super::pace::Pace;
use crate::allocator::{Allocator, Asked, Plan};
use crate::quality::Reception;
use crate::reception::{Evidence, Judge};

/// The bandwidth of one subscriber session.
#[derive(Debug, Default)]
pub(crate) struct Bandwidth {
    allocator: Allocator,
    /// By transport-wide feedback; in bits per second, as everything here. A mean of some seconds.
    estimate: Option<u64>,
    /// The same at this moment: a fall shows here first.
    newest: Option<u64>,
    /// By REMB, which is heard where there is no such feedback.
    remb: Option<u64>,
    /// The peer is on this machine: whatever is estimated, nothing limits.
    pub is_local: bool,
    pub pace: Pace,
    judge: Judge,
    /// What the judge has to know of the newest plan.
    evidence: Evidence,
    /// What the newest plan sends.
    used: u64,
    /// The shortest round trip.
    least: Option<Duration>,
    /// When packets last stood in a queue on the way.
    queued: Option<Instant>,
    /// When packets last waited for too long.
    stuck: Option<Instant>,
    judged_at: Option<Instant>,
    /// What str0m was told to reach for.
    told: (u64, u64),
    /// When to plan again though nothing happened.
    next_look: Option<Instant>,
}

impl Bandwidth {
    /// What the network carries, as far as it limits.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.available().filter(|_| !self.is_local)
    }

    /// What the network is found to carry, if anything tells.
    pub(crate) fn available(&self) -> Option<u64> {
        let estimate =
            self.estimate.map(|mean| self.newest.map_or(mean, |newest| newest.min(mean)));
        estimate.or(self.remb)
    }

    /// What transport-wide feedback comes to.
    pub(crate) fn estimated(&mut self, estimate: u64) {
        self.estimate = Some(estimate);
    }

    /// What it comes to at this moment. Returns whether that is a fall to which there is something to
    /// do at once.
    pub(crate) fn estimates(&mut self, newest: u64) -> bool {
        let before = self.available();
        self.newest = Some(newest);
        let after = self.available();
        before.zip(after).is_some_and(|(before, after)| after < before - before / 10)
    }

    /// Packets wait for too long: what is estimated is too much. Returns whether to plan anew.
    pub(crate) fn got_stuck(&mut self, now: Instant) -> bool {
        let is_news = self.stuck.is_none_or(|at| now >= at + STUCK_FOR);
        if is_news {
            self.stuck = Some(now);
        }
        is_news
    }

    /// So long took a packet and its feedback.
    pub(crate) fn took(&mut self, now: Instant, round_trip: Duration) {
        let least = self.least.map_or(round_trip, |least| least.min(round_trip));
        self.least = Some(least);
        if round_trip > least + QUEUE {
            self.queued = Some(now);
        }
    }

    /// Whether packets stand in a queue: what is lost then is lost because too much is sent.
    pub(crate) fn is_congested(&self, now: Instant) -> bool {
        let lately = |at: Instant| now < at + CONGESTED_FOR;
        self.queued.is_some_and(lately) || self.stuck.is_some_and(lately)
    }

    /// The peer lost this share of what was sent to it lately. Returns what is to be told of how it
    /// receives, if that is news.
    pub(crate) fn lost(&mut self, now: Instant, share: f32) -> Option<Reception> {
        if self.judged_at.is_some_and(|at| now < at + JUDGE_INTERVAL) {
            return None;
        }
        self.judged_at = Some(now);
        let available = self.available();
        self.judge.judge(now, Evidence { available, loss: share, ..self.evidence })
    }

    /// What the peer says by REMB. Nobody is believed who claims less than sound alone needs.
    pub(crate) fn remb(&mut self, estimate: u64) {
        self.remb = Some(estimate.clamp(MIN_REMB, MAX_REMB));
    }

    /// Splits what there is over what is asked for.
    pub(crate) fn plan(&mut self, now: Instant, asked: &[Asked<'_>]) -> Plan {
        let has_choice = asked.iter().any(Asked::has_alternatives);
        let is_stuck = self.stuck.is_some_and(|at| now < at + STUCK_FOR);
        let least = if is_stuck { self.used / 4 * 3 } else { u64::MAX };
        let limit = self.limit().map(|limit| limit.min(least));
        let plan = self.allocator.plan(now, limit, asked);
        self.set_pace(has_choice);
        self.used = if is_stuck { self.used } else { plan.used };
        self.evidence.is_limited = plan.is_limited;
        self.evidence.is_starved = plan.is_starved;
        let interval = if has_choice { LOOK_INTERVAL } else { SLOW_LOOK_INTERVAL };
        self.next_look = (!asked.is_empty()).then(|| now + interval);
        plan
    }

    /// When to plan again though nothing happened.
    pub(crate) fn next_look(&self) -> Option<Instant> {
        self.next_look
    }

    /// Has str0m reach for what the plan needs.
    pub(crate) fn reach(&mut self, rtc: &mut Rtc, plan: &Plan) {
        if self.estimate.is_none() {
            return;
        }
        let wanted = if self.is_local { (0, 0) } else { (plan.minimum, plan.desired) };
        if differ(wanted.0, self.told.0) || differ(wanted.1, self.told.1) {
            self.told = wanted;
            rtc.bwe().set_bitrate(Bitrate::from(wanted.0), Bitrate::from(wanted.1));
        }
    }

    /// Sets how fast pictures may be sent.
    fn set_pace(&mut self, has_choice: bool) {
        let limit = self.limit().filter(|limit| *limit < PACED_BELOW && has_choice);
        self.pace.set(limit.map(|limit| limit / 100 * PACED_PERCENT));
    }
}

/// Whether two bit rates differ by enough to say so.
fn differ(one: u64, other: u64) -> bool {
    one.abs_diff(other) > one.max(other) / 20
}

/// The estimate with which a session begins: nearly every network carries it, and sound with the lowest
/// picture needs a third. Probes, three and six times as fast, find out within a second what more there
/// is; with a higher guess they would fill the queue of a link of 500 kbit/s before anything is seen.
pub(crate) const FIRST_ESTIMATE: u64 = 600_000;

/// Below, the packets of a key frame are spread over time. Above, a whole key frame is sent within the
/// time of a frame or two by itself, and groups stay whole. Where there is nothing to choose all has
/// to be sent in any case, and is the fresher the sooner it is.
const PACED_BELOW: u64 = 8_000_000;

/// How much of the estimate pictures may fill for a moment: sound and resends go beside them, and a queue
/// that builds up because of a key frame would look like a network that carries less.
const PACED_PERCENT: u64 = 92;

/// As often the plan is looked at where there is something to choose: bit rates of layers change.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// The same where there is nothing to choose, for the judgement alone.
const SLOW_LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// A round trip that is so much longer than the shortest: beyond the unevenness of Wi-Fi, below the queues
/// of slow links.
const QUEUE: Duration = Duration::from_millis(70);

/// Losses are reported for the second before.
const CONGESTED_FOR: Duration = Duration::from_secs(2);

/// What waits takes about as long to be sent before it can be seen whether the fall was enough.
const STUCK_FOR: Duration = Duration::from_secs(1);

/// How often a session is judged.
const JUDGE_INTERVAL: Duration = Duration::from_secs(1);

/// Sound and some signaling.
const MIN_REMB: u64 = 30_000;

/// More than any picture needs.
const MAX_REMB: u64 = 100_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocator::LayerFigures;
    use crate::media::MediaKind;
    use crate::quality::Quality;

    fn layer(bitrate: u64) -> LayerFigures {
        LayerFigures { bitrates: [bitrate; 3], temporal_layers: 1, size: None, is_flowing: true }
    }

    fn asked(layers: &[LayerFigures]) -> Asked<'_> {
        let (kind, quality) = (MediaKind::Video, Quality::Auto);
        Asked { slot: 0, kind, quality, shown: None, spotlight: false, layers, current: None }
    }

    #[test]
    fn the_first_picture_of_a_slow_network_is_paced_already() {
        let mut bandwidth = Bandwidth::default();
        bandwidth.estimated(500_000);
        bandwidth.plan(Instant::now(), &[asked(&[layer(150_000), layer(600_000)])]);
        assert!(bandwidth.pace.is_on());
    }

    #[test]
    fn where_there_is_no_choice_or_no_limit_nothing_is_paced() {
        let layers = [layer(150_000), layer(600_000)];
        let plans = [
            (500_000, &layers[..1], false),
            (9_000_000, &layers[..], false),
            (500_000, &layers, true),
        ];
        for (estimate, layers, is_local) in plans {
            let mut bandwidth = Bandwidth { is_local, ..Bandwidth::default() };
            bandwidth.estimated(estimate);
            bandwidth.plan(Instant::now(), &[asked(layers)]);
            assert!(!bandwidth.pace.is_on(), "{estimate} {is_local}");
        }
    }

    #[test]
    fn loss_in_a_queue_is_told_from_other_loss_by_the_round_trip() {
        let (mut bandwidth, start) = (Bandwidth::default(), Instant::now());
        bandwidth.took(start, Duration::from_millis(40));
        bandwidth.took(start, Duration::from_millis(100));
        assert!(!bandwidth.is_congested(start));
        bandwidth.took(start, Duration::from_millis(200));
        assert!(bandwidth.is_congested(start));
        assert!(!bandwidth.is_congested(start + CONGESTED_FOR));
    }
}
