//! What packets meet on the way to one subscriber: queues, and loss with them or without.

use std::time::{Duration, Instant};

/// What was met lately.
#[derive(Debug, Default)]
pub(crate) struct Way {
    least: Least,
    /// When packets last stood in a queue.
    queued: Option<Instant>,
    /// How long round trips have been longer than the shortest by [`QUEUE`], [`DEEP`] and [`STANDING`].
    queueing: Spell,
    deep: Spell,
    standing: Spell,
}

/// Something that has been so all the time since.
#[derive(Debug, Default, Clone, Copy)]
struct Spell(Option<Instant>);

impl Spell {
    fn turn(&mut self, now: Instant, is_so: bool) {
        self.0 = is_so.then_some(self.0.unwrap_or(now));
    }

    fn lasts(self, now: Instant, time: Duration) -> bool {
        self.0.is_some_and(|since| now >= since + time)
    }
}

/// What the newest report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// Packets arrive in time, and all of them.
    Nothing,
    /// They stand in a queue for some time, and arrive.
    Queue,
    /// Some are lost, or nothing is heard.
    Loss,
    /// A deep queue has come about little by little, and stays.
    Deep,
    /// So much is sent that a deep queue has come about at once, or runs over.
    Flood,
}

impl Way {
    /// So long took a packet and its feedback, and this share of packets was lost lately.
    pub(crate) fn take(&mut self, now: Instant, round_trip: Option<Duration>, lost: f32) -> Met {
        let Some(round_trip) = round_trip else { return Met::Loss };
        let least = self.least.take(now, round_trip);
        let queue = round_trip.saturating_sub(least);
        self.queueing.turn(now, queue > QUEUE);
        self.deep.turn(now, queue > DEEP);
        self.standing.turn(now, queue > STANDING);
        if self.is_queued() {
            self.queued = Some(now);
        }
        let is_deep = self.deep.lasts(now, SOME_TIME);
        let is_steep = !self.queueing.lasts(now, STEEP);
        if self.runs_over(Some(round_trip), lost) || (is_deep && is_steep) {
            Met::Flood
        } else if lost >= LOSSLESS {
            Met::Loss
        } else if is_deep {
            Met::Deep
        } else if self.queueing.lasts(now, SOME_TIME) {
            Met::Queue
        } else {
            Met::Nothing
        }
    }

    /// Whether a report tells of a queue that runs over, be it taken or not.
    pub(crate) fn runs_over(&self, round_trip: Option<Duration>, lost: f32) -> bool {
        let queue = round_trip.unwrap_or_default().saturating_sub(self.least.shortest());
        queue > DEEP && lost >= LOSSLESS
    }

    /// Whether a report tells of no queue at all, beyond the unevenness of feedback, and of no loss.
    pub(crate) fn is_calm(&self, round_trip: Option<Duration>, lost: f32) -> bool {
        let queue = round_trip.map(|round_trip| round_trip.saturating_sub(self.least.shortest()));
        queue.is_some_and(|queue| queue < SLIGHT) && lost < LOSSLESS
    }

    /// Whether a queue does not go away: a little more is sent than is carried.
    pub(crate) fn stands(&self, now: Instant) -> bool {
        self.standing.lasts(now, STANDING_FOR)
    }

    /// Whether packets stand in a queue.
    pub(crate) fn is_queued(&self) -> bool {
        self.queueing.0.is_some()
    }

    /// Whether packets have stood in a queue lately: what is lost then is lost because too much is sent.
    pub(crate) fn is_congested(&self, now: Instant) -> bool {
        self.queued.is_some_and(|at| now < at + CONGESTED_FOR)
    }
}

/// The shortest round trip of late. Of late, for ways change: on a longer one every packet would seem to
/// stand in a queue for good.
#[derive(Debug, Default)]
struct Least {
    /// Of this period, and of the one before.
    shortest: [Option<Duration>; 2],
    since: Option<Instant>,
}

impl Least {
    fn take(&mut self, now: Instant, round_trip: Duration) -> Duration {
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) >= PERIOD {
            self.since = Some(now);
            self.shortest = [None, self.shortest[0]];
        }
        self.shortest[0] = Some(self.shortest[0].unwrap_or(round_trip).min(round_trip));
        self.shortest()
    }

    /// The longest that there is before anything was measured: then nothing is a queue.
    fn shortest(&self) -> Duration {
        self.shortest.iter().flatten().min().copied().unwrap_or(Duration::MAX)
    }
}

/// A queue that is our own is gone within a second or two, for less is sent then: what is there for two
/// periods, every time, is the way.
const PERIOD: Duration = Duration::from_secs(4);

/// A round trip that is so much longer than the shortest: beyond the unevenness of Wi-Fi, below the queues
/// of slow links.
const QUEUE: Duration = Duration::from_millis(70);

/// A browser gives feedback every 50 to 100 ms: a round trip is rarely longer than the shortest by this
/// when nothing stands in a queue.
const SLIGHT: Duration = Duration::from_millis(50);

/// So long a queue has to be there: at 500 kbit/s that of a single
/// frame takes most of it to go away, and after a gap of Wi-Fi packets and their feedback come together.
const SOME_TIME: Duration = Duration::from_millis(120);

/// A queue that is never shorter for so long: that of a frame or a probe goes away in between, and so
/// does the unevenness of Wi-Fi.
const STANDING: Duration = Duration::from_millis(40);
const STANDING_FOR: Duration = Duration::from_millis(500);

/// So deep is no queue of a single key frame, which is paced.
const DEEP: Duration = Duration::from_millis(130);

/// What has been a queue for a shorter time and is deep for [`SOME_TIME`] is sent much more than is carried:
/// by a fifth, or more. What needs longer is a little too much, as of an encoder that swings.
const STEEP: Duration = Duration::from_millis(300);

/// With a smaller share of packets lost, none is lost because there are too many.
const LOSSLESS: f32 = 0.02;

/// Losses are reported for the second before.
const CONGESTED_FOR: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: Duration = Duration::from_millis(125);

    fn met(round_trips: &[u64], lost: f32) -> (Way, Vec<Met>) {
        let (mut way, now) = (Way::default(), Instant::now());
        let take = |(report, ms): (u32, &u64)| {
            way.take(now + REPORT * report, Some(Duration::from_millis(*ms)), lost)
        };
        let met = (0..).zip(round_trips).map(take).collect();
        (way, met)
    }

    #[test]
    fn loss_in_a_queue_is_told_from_other_loss_by_the_round_trip() {
        let (mut way, now) = (Way::default(), Instant::now());
        way.take(now, Some(Duration::from_millis(40)), 0.1);
        way.take(now, Some(Duration::from_millis(100)), 0.1);
        assert!(!way.is_congested(now));
        way.take(now, Some(Duration::from_millis(120)), 0.1);
        assert!(way.is_congested(now) && !way.is_congested(now + CONGESTED_FOR));
    }

    #[test]
    fn a_deep_queue_is_a_flood_when_it_stays_or_runs_over() {
        let flood = met(&[20, 60, 160, 160], 0.0).1;
        assert_eq!(flood, [Met::Nothing, Met::Nothing, Met::Nothing, Met::Flood]);
        assert_eq!(met(&[20, 160], 0.05).1, [Met::Loss, Met::Flood]);
        assert_eq!(met(&[20, 160, 20, 160], 0.0).1[3], Met::Nothing, "gaps of Wi-Fi");
    }

    #[test]
    fn a_queue_that_runs_over_is_told_of_by_one_report() {
        let (way, _) = met(&[20], 0.0);
        let deep = Some(Duration::from_millis(160));
        assert!(way.runs_over(deep, 0.1) && !way.runs_over(deep, 0.0));
        assert!(!way.runs_over(Some(Duration::from_millis(60)), 0.1) && !way.runs_over(None, 0.1));
        assert!(!Way::default().runs_over(deep, 0.1), "nothing to compare it with");
    }

    #[test]
    fn a_way_is_calm_when_packets_arrive_in_time() {
        let (way, _) = met(&[20], 0.0);
        let after = |ms| Some(Duration::from_millis(ms));
        assert!(way.is_calm(after(60), 0.01) && !way.is_calm(after(75), 0.0));
        assert!(!way.is_calm(after(20), 0.05) && !way.is_calm(None, 0.0));
    }

    #[test]
    fn a_deep_queue_that_came_slowly_is_no_flood() {
        let slowly = met(&[20, 60, 95, 110, 130, 145, 155, 165, 170], 0.0).1;
        assert_eq!(slowly[7..], [Met::Deep, Met::Deep]);
        assert_eq!(slowly[4..7], [Met::Queue; 3]);
    }

    #[test]
    fn a_queue_counts_when_it_is_told_of_twice() {
        assert_eq!(met(&[20, 100, 100], 0.0).1, [Met::Nothing, Met::Nothing, Met::Queue]);
    }

    #[test]
    fn a_queue_stands_when_it_does_not_go_away() {
        let (mut way, start) = (Way::default(), Instant::now());
        let mut stands = |at: u64, round_trip: u64| {
            let now = start + Duration::from_millis(at);
            way.take(now, Some(Duration::from_millis(round_trip)), 0.0);
            way.stands(now)
        };
        assert!(!stands(0, 20) && !stands(125, 70) && !stands(500, 80) && stands(625, 90));
        assert!(!stands(750, 50) && !stands(875, 70));
    }

    #[test]
    fn a_way_that_has_become_longer_is_no_queue_for_good() {
        let (mut way, start) = (Way::default(), Instant::now());
        let stands = (0..200_u32).map(|report| {
            let now = start + REPORT * report;
            let round_trip = if report < 40 { 20 } else { 90 };
            way.take(now, Some(Duration::from_millis(round_trip)), 0.0);
            way.stands(now)
        });
        let stands: Vec<_> = stands.collect();
        assert!(!stands[40] && stands[50]);
        assert!(stands[110..].iter().all(|stands| !stands), "nine seconds later");
    }

    #[test]
    fn without_feedback_nothing_is_known_to_arrive() {
        assert_eq!(Way::default().take(Instant::now(), None, 0.0), Met::Loss);
    }
}
