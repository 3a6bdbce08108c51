//! What a publisher does wrong, found out from what comes of a publication. Told once when it begins
//! and once when it is over; in between lies enough that a single slip is not told, and that nothing
//! flickers.
//!
//! Looked at when packets come: of a publisher that sends nothing there is nothing to say.

use std::time::{Duration, Instant};

use crate::arrivals::Arrivals;
use crate::trouble::PublicationTrouble;

/// The troubles of one publication.
#[derive(Debug, Default)]
pub(crate) struct Diagnosis {
    key_frames: KeyFrames,
    b_frames: BFrames,
    loss: Loss,
    next_look: Option<Instant>,
}

/// A trouble that has begun, or is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Finding {
    pub trouble: PublicationTrouble,
    pub over: bool,
}

impl Diagnosis {
    /// The publisher was asked for a key frame.
    pub(crate) fn asked_for_key_frame(&mut self, now: Instant) {
        self.key_frames.asked(now);
    }

    /// A key frame came.
    pub(crate) fn key_frame_came(&mut self) {
        self.key_frames.first_asked = None;
    }

    /// A slice of a B-frame came.
    pub(crate) fn b_slice_came(&mut self, now: Instant) {
        self.b_frames.came(now);
    }

    /// What is found at this moment: one thing at most, the others with later packets.
    pub(crate) fn look(&mut self, now: Instant, arrivals: &Arrivals) -> Option<Finding> {
        if self.next_look.is_some_and(|next| now < next) {
            return None;
        }
        let found = self
            .key_frames
            .look(now)
            .or_else(|| self.b_frames.look(now))
            .or_else(|| self.loss.look(now, arrivals));
        // Whatever else there is comes with the next packet.
        self.next_look = found.is_none().then(|| now + LOOK_INTERVAL);
        found
    }
}

/// Whether key frames come when they are asked for.
#[derive(Debug, Default)]
struct KeyFrames {
    /// The first request that was not answered.
    first_asked: Option<Instant>,
    last_asked: Option<Instant>,
    unanswered: u32,
    is_told: bool,
}

impl KeyFrames {
    fn asked(&mut self, now: Instant) {
        // Whoever waited has gone meanwhile: this is another wish.
        let is_stale = self.last_asked.is_some_and(|last| now > last + FORGOTTEN);
        if self.first_asked.is_none() || is_stale {
            self.first_asked = Some(now);
            self.unanswered = 0;
        }
        self.last_asked = Some(now);
        self.unanswered += 1;
    }

    fn look(&mut self, now: Instant) -> Option<Finding> {
        let is_late = self.first_asked.is_some_and(|first| now >= first + ANSWER_WITHIN);
        let begins = !self.is_told && is_late && self.unanswered >= MIN_REQUESTS;
        let ends = self.is_told && self.first_asked.is_none();
        self.is_told ^= begins || ends;
        let trouble = PublicationTrouble::NoKeyFrame;
        (begins || ends).then_some(Finding { trouble, over: ends })
    }
}

/// Whether B-frames come.
#[derive(Debug, Default)]
struct BFrames {
    since: Option<Instant>,
    last: Option<Instant>,
    count: u32,
    is_told: bool,
}

impl BFrames {
    fn came(&mut self, now: Instant) {
        if self.since.is_none_or(|since| now > since + B_FRAME_WINDOW) {
            self.since = Some(now);
            self.count = 0;
        }
        self.last = Some(now);
        self.count = self.count.saturating_add(1);
    }

    fn look(&mut self, now: Instant) -> Option<Finding> {
        let begins = !self.is_told && self.count >= MIN_B_SLICES;
        let ends = self.is_told && self.last.is_some_and(|last| now > last + B_FRAME_QUIET);
        if ends {
            *self = Self::default();
        }
        self.is_told |= begins;
        (begins || ends).then_some(Finding { trouble: PublicationTrouble::BFrames, over: ends })
    }
}

/// Whether packets are lost.
#[derive(Debug, Default)]
struct Loss {
    /// Since when it is counted, and what had come until then.
    since: Option<(Instant, Arrivals)>,
    /// What was told.
    told: Option<u8>,
}

impl Loss {
    fn look(&mut self, now: Instant, arrivals: &Arrivals) -> Option<Finding> {
        let Some((since, before)) = &self.since else {
            self.since = Some((now, *arrivals));
            return None;
        };
        if now < *since + LOSS_WINDOW {
            return None;
        }
        let expected = arrivals.expected.saturating_sub(before.expected);
        let lost = arrivals.lost().saturating_sub(before.lost());
        self.since = Some((now, *arrivals));
        if expected < MIN_EXPECTED {
            return None;
        }
        let percent = u8::try_from((lost * 100 + expected / 2) / expected).unwrap_or(100).min(100);
        match self.told {
            None if percent >= TELL_FROM_PERCENT => {
                self.told = Some(percent);
                Some(Finding { trouble: PublicationTrouble::Loss { percent }, over: false })
            }
            Some(percent) if lost * 100 < expected * OVER_BELOW_PERCENT => {
                self.told = None;
                Some(Finding { trouble: PublicationTrouble::Loss { percent }, over: true })
            }
            _ => None,
        }
    }
}

/// A look costs a few comparisons; twice a second is sooner than anyone reads.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// An encoder answers within a frame or two and a round trip; one whose key frames come every few
/// seconds by themselves is late, but not by so much that viewers give up.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Requests are made every half second: so many may have been lost on the way.
const MIN_REQUESTS: u32 = 8;

/// Longer than the pause between two requests to a publisher that does not answer.
const FORGOTTEN: Duration = Duration::from_secs(8);

/// Slices of B-frames: a broken packet may look like one, five in a while do not.
const MIN_B_SLICES: u32 = 5;

/// The while in which they have to come.
const B_FRAME_WINDOW: Duration = Duration::from_secs(5);

/// An encoder that makes B-frames makes them all the time; still pictures may have fewer.
const B_FRAME_QUIET: Duration = Duration::from_secs(10);

/// Over a shorter time a burst on Wi-Fi would look like a bad line.
const LOSS_WINDOW: Duration = Duration::from_secs(5);

/// Among fewer packets than in a second of sound a percentage says nothing.
const MIN_EXPECTED: u64 = 50;

/// Below this, resends make good for it unseen.
const TELL_FROM_PERCENT: u8 = 3;

/// Well below what begins it, so that it is not told over and over.
const OVER_BELOW_PERCENT: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(20);

    /// Fifty packets a second for so many seconds, of which those are missing for which `misses` says
    /// yes. Returns what is found.
    struct Feed {
        diagnosis: Diagnosis,
        arrivals: Arrivals,
        now: Instant,
        seq: u64,
        found: Vec<Finding>,
    }

    impl Feed {
        fn new() -> Self {
            let (diagnosis, arrivals) = (Diagnosis::default(), Arrivals::default());
            Self { diagnosis, arrivals, now: Instant::now(), seq: 1, found: Vec::new() }
        }

        fn run(&mut self, seconds: u64, misses: impl Fn(u64) -> bool) -> Vec<Finding> {
            for _ in 0..seconds * 50 {
                self.now += STEP;
                self.seq += 1;
                if !misses(self.seq) {
                    self.arrivals.came(0, self.seq);
                    self.found.extend(self.diagnosis.look(self.now, &self.arrivals));
                }
            }
            std::mem::take(&mut self.found)
        }
    }

    fn begun(trouble: PublicationTrouble) -> Vec<Finding> {
        vec![Finding { trouble, over: false }]
    }

    fn over(trouble: PublicationTrouble) -> Vec<Finding> {
        vec![Finding { trouble, over: true }]
    }

    #[test]
    fn loss_is_told_once_and_is_over_when_it_has_ended() {
        let mut feed = Feed::new();
        assert_eq!(feed.run(20, |_| false), []);
        let told = feed.run(20, |seq| seq % 20 == 0);
        let [Finding { trouble: PublicationTrouble::Loss { percent }, over: false }] = told[..]
        else {
            panic!("{told:?}");
        };
        assert!((3..=5).contains(&percent), "{percent}");
        assert_eq!(feed.run(20, |seq| seq % 50 == 0), [], "2 % neither begin nor end it");
        assert_eq!(feed.run(20, |_| false), over(PublicationTrouble::Loss { percent }));
        assert_eq!(feed.run(20, |seq| seq % 50 == 0), [], "2 % are not told");
    }

    #[test]
    fn a_key_frame_that_does_not_come_is_told_until_one_does() {
        let mut feed = Feed::new();
        for _ in 0..5 {
            feed.diagnosis.asked_for_key_frame(feed.now);
            assert_eq!(feed.run(1, |_| false), []);
            feed.diagnosis.asked_for_key_frame(feed.now);
        }
        assert_eq!(feed.run(1, |_| false), begun(PublicationTrouble::NoKeyFrame));
        assert_eq!(feed.run(20, |_| false), []);
        feed.diagnosis.key_frame_came();
        assert_eq!(feed.run(1, |_| false), over(PublicationTrouble::NoKeyFrame));
    }

    #[test]
    fn wishes_of_viewers_who_left_do_not_add_up() {
        let mut feed = Feed::new();
        for _ in 0..20 {
            feed.diagnosis.asked_for_key_frame(feed.now);
            assert_eq!(feed.run(9, |_| false), []);
        }
    }

    #[test]
    fn b_frames_are_told_until_none_come_any_more() {
        let mut feed = Feed::new();
        feed.diagnosis.b_slice_came(feed.now);
        assert_eq!(feed.run(6, |_| false), [], "one may be a mistake");
        (0..5).for_each(|_| feed.diagnosis.b_slice_came(feed.now));
        assert_eq!(feed.run(8, |_| false), begun(PublicationTrouble::BFrames));
        feed.diagnosis.b_slice_came(feed.now);
        assert_eq!(feed.run(8, |_| false), []);
        assert_eq!(feed.run(4, |_| false), over(PublicationTrouble::BFrames));
    }
}
