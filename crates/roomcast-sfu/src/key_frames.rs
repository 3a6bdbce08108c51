//! When to ask a publisher for a key frame: however many subscribers want one, the publisher is
//! asked at most once in [`MIN_INTERVAL`], and again until a key frame comes.

use std::time::{Duration, Instant};

/// The key frame requests of one publication.
#[derive(Debug, Default)]
pub(crate) struct KeyFrameRequests {
    wanted: bool,
    asked: Option<Instant>,
    unanswered: u32,
}

impl KeyFrameRequests {
    /// A subscriber wants a key frame.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame came, or nobody wants one any more.
    pub(crate) fn satisfied(&mut self) {
        self.wanted = false;
        self.unanswered = 0;
    }

    /// Whether to ask now. A yes counts as asked.
    pub(crate) fn ask(&mut self, now: Instant) -> bool {
        if !self.wanted || self.asked.is_some_and(|asked| now < asked + self.interval()) {
            return false;
        }
        self.asked = Some(now);
        self.unanswered = self.unanswered.saturating_add(1);
        true
    }

    /// When to ask next; `None` while none is wanted, or when [`KeyFrameRequests::ask`] says yes at
    /// once.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.asked.filter(|_| self.wanted).map(|asked| asked + self.interval())
    }

    fn interval(&self) -> Duration {
        if self.unanswered < PATIENCE { MIN_INTERVAL } else { SLOW_INTERVAL }
    }
}

/// A key frame costs a publisher several times an ordinary frame: more than two a second would be
/// paid by everyone's picture.
pub(crate) const MIN_INTERVAL: Duration = Duration::from_millis(500);

/// A publisher that has not answered this often is asleep or cut off: it is asked less often then, but
/// never given up, because those who wait have no other way to a picture.
const PATIENCE: u32 = 20;

/// The pause for a publisher that does not answer.
const SLOW_INTERVAL: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wishes_are_one_request() {
        let mut requests = KeyFrameRequests::default();
        let start = Instant::now();
        assert!(!requests.ask(start));
        requests.want();
        requests.want();
        assert!(requests.ask(start));
        requests.want();
        assert!(!requests.ask(start + MIN_INTERVAL / 2));
    }

    #[test]
    fn it_is_asked_again_until_one_comes() {
        let mut requests = KeyFrameRequests::default();
        let start = Instant::now();
        requests.want();
        assert!(requests.ask(start));
        assert_eq!(requests.deadline(), Some(start + MIN_INTERVAL));
        assert!(requests.ask(start + MIN_INTERVAL));
        requests.satisfied();
        assert_eq!(requests.deadline(), None);
        assert!(!requests.ask(start + 2 * MIN_INTERVAL));
    }

    #[test]
    fn a_publisher_that_does_not_answer_is_asked_less_often() {
        let mut requests = KeyFrameRequests::default();
        let start = Instant::now();
        requests.want();
        let asked = (0..120).filter(|i| requests.ask(start + *i * MIN_INTERVAL)).count();
        assert_eq!(asked, PATIENCE as usize + 10, "10 s at the usual pace, 50 s at the slow one");
    }
}
