//! What the network to a subscriber is found to carry, and when to think again about how to use it.

use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::stats::PeerStats;

use super::carried::{Carried, Fared};
use super::ceiling::{Ceiling, TooMuch};
use super::pace::Pace;
use super::reach::Reach;
use super::rest::Rest;
use super::thrift::{Depth, Thrift};
use super::way::{Met, Way};
use crate::allocator::{Allocator, Asked, Available, Plan};
use crate::media::MediaKind;
use crate::quality::Reception;
use crate::reception::{Evidence, Judge};

/// The bandwidth of one subscriber session.
#[derive(Debug, Default)]
pub(crate) struct Bandwidth {
    allocator: Allocator,
    /// By transport-wide feedback; in bits per second, as everything here. The newest is the first:
    /// a fall holds at once, a rise when it has lasted.
    estimates: [Option<u64>; RISES_AFTER],
    /// What was seen to be carried, whatever is estimated.
    carried: Carried,
    /// What there was for the newest plan.
    split: Option<u64>,
    /// By REMB, which is heard where there is no such feedback.
    remb: Option<u64>,
    /// The peer is on this machine: whatever is estimated, nothing limits.
    pub is_local: bool,
    pub pace: Pace,
    /// While estimates rest, they stay as they were.
    pub rest: Rest,
    /// What the estimator says, heeded or not.
    newest: u64,
    judge: Judge,
    /// What the judge has to know of the newest plan.
    evidence: Evidence,
    /// What the newest plan sends, what of it is pictures, and what has to be carried so that nothing
    /// better could be sent.
    used: u64,
    pictures: u64,
    needed: u64,
    /// What packets meet there.
    way: Way,
    ceiling: Ceiling,
    thrift: Thrift,
    reach: Reach,
    /// Whether the newest report was weighed, as every second one is. In the others only that a queue runs
    /// over is looked for: everything else takes longer to show than from one feedback to the next.
    is_weighed: bool,
    judged_at: Option<Instant>,
    /// When to plan again though nothing happened.
    next_look: Option<Instant>,
}

impl Bandwidth {
    /// What the network carries, as far as it limits, and what is sent at most for now.
    pub(crate) fn limit(&self, now: Instant) -> Option<u64> {
        let ceiling = self.ceiling.rate(now).unwrap_or(u64::MAX);
        self.available().filter(|_| !self.is_local).map(|available| available.min(ceiling))
    }

    /// What the network is found to carry, if anything tells.
    pub(crate) fn available(&self) -> Option<u64> {
        let estimate = self.estimates.iter().flatten().min().copied();
        estimate.map(|estimate| estimate.max(self.carried.rate().unwrap_or(0))).or(self.remb)
    }

    /// What is supposed before there is any feedback. Returns whether that is news.
    pub(crate) fn supposed(&mut self, estimate: u64) -> bool {
        self.estimates[0].is_none() && self.estimates[0].replace(estimate).is_none()
    }

    /// How packets fare, of which so many bytes were sent in all. Returns whether there is something to do
    /// about it at once.
    pub(crate) fn found(&mut self, now: Instant, peer: &PeerStats, sent: u64) -> bool {
        let lost = peer.egress_loss_fraction.unwrap_or(0.0);
        self.is_weighed = !self.is_weighed;
        let is_calm = self.way.is_calm(peer.rtt, lost) && self.has_all(now);
        let is_woken = self.rest.turn(now, is_calm);
        let met = self.is_weighed.then(|| self.way.take(now, peer.rtt, lost));
        let is_flood = met.map_or_else(|| self.way.runs_over(peer.rtt, lost), |m| m == Met::Flood);
        let is_earnest = !self.reach.is_padded(now) || lost > MOST_LOST_OF_PADDING;
        let is_flooded = is_flood && is_earnest && self.lower(now, TooMuch::Flood);
        met.is_some_and(|met| self.weigh(now, (peer, sent), met)) || is_flooded || is_woken
    }

    /// Whether nothing better could be sent, and nothing is being found out.
    fn has_all(&self, now: Instant) -> bool {
        let carries = |available| self.is_local || available >= self.needed;
        self.used > 0
            && !self.evidence.is_limited
            && self.ceiling.rate(now).is_none()
            && !self.reach.is_padded(now)
            && self.available().is_some_and(carries)
    }

    /// What else than a flood there is in how packets fare. Returns whether to plan anew.
    fn weigh(&mut self, now: Instant, (peer, sent): (&PeerStats, u64), met: Met) -> bool {
        if let Some(newest) = peer.bwe_tx {
            self.estimated(now, newest.as_u64());
        }
        let is_padded = self.reach.is_padded(now);
        // A queue that probes or padding made says nothing of what is sent besides.
        if !matches!(met, Met::Queue | Met::Deep) || !is_padded {
            self.carried.see(now, sent, self.fared(now, met));
        }
        self.thrift.turn(self.depth(now, met, is_padded));
        self.set_pace(self.limit(now).filter(|_| self.pace.is_on()));
        let is_over = is_padded && met != Met::Nothing;
        let is_other = |(before, after): (u64, u64)| before.abs_diff(after) > before / 10;
        is_over || self.split.zip(self.available()).is_some_and(is_other)
    }

    fn estimated(&mut self, now: Instant, newest: u64) {
        self.newest = newest;
        if self.rest.heeds() {
            self.reach.estimated(now, newest);
            self.estimates.rotate_right(1);
            self.estimates[0] = Some(newest);
        }
    }

    fn fared(&self, now: Instant, met: Met) -> Fared {
        match met {
            _ if self.ceiling.rate(now).is_some() => Fared::Badly,
            Met::Nothing => Fared::Clear,
            Met::Queue | Met::Deep => Fared::Late,
            Met::Loss | Met::Flood => Fared::Badly,
        }
    }

    /// Of the queue that is to be taken away, if there is one. A shallow one of padding goes away by itself.
    fn depth(&self, now: Instant, met: Met, is_padded: bool) -> Option<Depth> {
        let is_shallow = !is_padded && self.way.stands(now);
        let shallow = is_shallow.then_some(Depth::Shallow);
        if met == Met::Deep { Some(Depth::Deep) } else { shallow }
    }

    /// Packets wait for too long: what is estimated is too much. Returns whether to plan anew.
    pub(crate) fn got_stuck(&mut self, now: Instant) -> bool {
        self.lower(now, TooMuch::Stuck)
    }

    fn lower(&mut self, now: Instant, why: TooMuch) -> bool {
        self.ceiling.lower(now, self.used, why)
    }

    /// Whether packets stand in a queue: what is lost then is lost because too much is sent.
    pub(crate) fn is_congested(&self, now: Instant) -> bool {
        self.way.is_congested(now) || self.ceiling.rate(now).is_some()
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
        self.split = self.available();
        let limit = self.limit(now);
        let is_enough = self.carried.rate().is_some() && self.ceiling.rate(now).is_none();
        let plan = self.allocator.plan(now, Available { estimate: limit, is_enough }, asked);
        self.used = plan.used;
        self.pictures = plan.used.saturating_sub(sounds(asked));
        self.set_pace(limit.filter(|_| has_choice));
        self.evidence.is_limited = plan.is_limited;
        self.evidence.is_starved = plan.is_starved;
        self.needed = if has_choice { plan.used / 100 * AT_EASE } else { 0 };
        if plan.is_limited {
            self.rest.turn(now, false);
        }
        let interval = if has_choice { LOOK_INTERVAL } else { SLOW_LOOK_INTERVAL };
        self.next_look = (!asked.is_empty()).then(|| now + interval);
        plan
    }

    /// When to plan again though nothing happened.
    pub(crate) fn next_look(&self) -> Option<Instant> {
        self.next_look
    }

    /// Has str0m reach for what the plan needs.
    pub(crate) fn reach(&mut self, now: Instant, rtc: &mut Rtc, plan: &Plan) {
        let Some(estimate) = self.estimates[0] else { return };
        if self.rest.take_end() && self.newest < estimate / 10 * 9 {
            // Where it finds too much, it estimates what it saw arrive, which was little.
            self.reach.begin_anew(rtc, estimate);
            return;
        }
        let nothing = Plan::default();
        let is_enough = self.is_local || self.rest.is_on();
        let needed = if is_enough { &nothing } else { plan };
        self.reach.aim(now, rtc, needed, (estimate, self.way.is_queued()));
        let is_held_down = needed.is_limited && self.carried.rate().is_some();
        if let Some(known) = self.available().filter(|_| is_held_down) {
            self.reach.begin_anew_if_still(now, rtc, known);
        }
    }

    /// Sets how fast pictures may be sent: at least as fast as what is planned comes, unless that turns
    /// out to be a little too much. Then some frames are left out.
    fn set_pace(&mut self, limit: Option<u64>) {
        let limit = limit.filter(|limit| *limit < PACED_BELOW);
        let most = self.pictures / 100 * MOST_OF_PLAN;
        let fits = |limit: u64| (limit / 100 * PACED_PERCENT).max(most);
        let thrifty = self.thrift.percent().map(|percent| self.pictures / 100 * percent);
        self.pace.set(limit.map(|limit| thrifty.unwrap_or_else(|| fits(limit))));
    }
}

/// What all sound takes together, in bits per second: it has no pace.
fn sounds(asked: &[Asked<'_>]) -> u64 {
    let sounds = asked.iter().filter(|asked| asked.kind == MediaKind::Audio);
    let bitrates = sounds.filter_map(|sound| sound.layers.first()?.bitrates.last());
    bitrates.copied().fold(0, u64::saturating_add)
}

/// Estimates in a row, each two [`SENT_FIGURES_INTERVAL`] later, for which a rise has to last.
///
/// [`SENT_FIGURES_INTERVAL`]: super::setup::SENT_FIGURES_INTERVAL
const RISES_AFTER: usize = 6;

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

/// The same of what is planned: encoders swing, and what came a little too late has to be caught up with.
const MOST_OF_PLAN: u64 = 110;

/// Percent of what is sent that have to be carried before estimates rest: encoders swing.
const AT_EASE: u64 = 125;

/// Probes and padding are a small share of what is sent in a second, and what is lost by them a smaller one.
const MOST_LOST_OF_PADDING: f32 = 0.1;

/// As often the plan is looked at where there is something to choose: bit rates of layers change.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// The same where there is nothing to choose, for the judgement alone.
const SLOW_LOOK_INTERVAL: Duration = Duration::from_secs(2);

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
    use crate::quality::Quality;

    fn layer(bitrate: u64) -> LayerFigures {
        LayerFigures {
            bitrates: [bitrate; 3],
            temporal_layers: 1,
            size: None,
            is_flowing: true,
            is_measured: true,
        }
    }

    fn asked(layers: &[LayerFigures]) -> Asked<'_> {
        let (kind, quality) = (MediaKind::Video, Quality::Auto);
        Asked { slot: 0, kind, quality, shown: None, spotlight: false, layers, current: None }
    }

    #[test]
    fn the_first_picture_of_a_slow_network_is_paced_already() {
        let mut bandwidth = Bandwidth::default();
        bandwidth.supposed(500_000);
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
            bandwidth.supposed(estimate);
            bandwidth.plan(Instant::now(), &[asked(layers)]);
            assert!(!bandwidth.pace.is_on(), "{estimate} {is_local}");
        }
    }
}
