//! When to ask a publisher for key frames: however many subscribers want one, and of however many
//! layers, the publisher is asked at most once in [`MIN_INTERVAL`], and again until they come.
//!
//! Browsers answer a request for one layer with key frames of all, which everyone pays for. So a wish
//! that can wait (a better layer) is put off for longer after the last request than one of somebody who
//! sees nothing.

use std::time::{Duration, Instant};

use crate::layers::LayerSet;

/// The key frame requests of one publication.
#[derive(Debug, Default)]
pub(crate) struct KeyFrameRequests {
    /// Somebody sees nothing, or too much, without them.
    urgent: LayerSet,
    /// Somebody would see better with them.
    patient: LayerSet,
    asked: Option<Instant>,
    unanswered: u32,
}

/// How soon a key frame is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    Urgent,
    Patient,
}

impl KeyFrameRequests {
    /// A subscriber wants a key frame of a layer.
    pub(crate) fn want(&mut self, layer: u8, urgency: Urgency) {
        let wanted = match urgency {
            Urgency::Urgent => &mut self.urgent,
            Urgency::Patient => &mut self.patient,
        };
        *wanted = wanted.with(LayerSet::of(layer));
    }

    /// A key frame of a layer came, or nobody can have one any more.
    pub(crate) fn satisfied(&mut self, layer: u8) {
        self.urgent = self.urgent.without(LayerSet::of(layer));
        self.patient = self.patient.without(LayerSet::of(layer));
        self.unanswered = 0;
    }

    /// Nobody wants any.
    pub(crate) fn forget(&mut self) {
        self.urgent = LayerSet::default();
        self.patient = LayerSet::default();
        self.unanswered = 0;
    }

    /// The layers of which to ask for key frames now, if any. They count as asked.
    pub(crate) fn ask(&mut self, now: Instant) -> Option<LayerSet> {
        let wanted = self.urgent.with(self.patient);
        if wanted.is_empty() || self.deadline().is_some_and(|deadline| now < deadline) {
            return None;
        }
        self.asked = Some(now);
        self.unanswered = self.unanswered.saturating_add(1);
        Some(wanted)
    }

    /// When to ask next; `None` while none is wanted, or when [`KeyFrameRequests::ask`] says yes at
    /// once.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let is_wanted = !self.urgent.with(self.patient).is_empty();
        self.asked.filter(|_| is_wanted).map(|asked| asked + self.interval())
    }

    fn interval(&self) -> Duration {
        if self.unanswered >= PATIENCE {
            SLOW_INTERVAL
        } else if self.urgent.is_empty() {
            PATIENT_INTERVAL
        } else {
            MIN_INTERVAL
        }
    }
}

/// A key frame costs a publisher several times an ordinary frame: more than two a second would be
/// paid by everyone's picture.
pub(crate) const MIN_INTERVAL: Duration = Duration::from_millis(500);

/// Several viewers who climb at different moments share one request, and nobody's picture pays for
/// more than one in two seconds.
const PATIENT_INTERVAL: Duration = Duration::from_secs(2);

/// A publisher that has not answered this often is asleep or cut off: it is asked less often then, but
/// never given up, because those who wait have no other way to a picture.
const PATIENCE: u32 = 20;

/// The pause for a publisher that does not answer.
const SLOW_INTERVAL: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    const URGENT: Urgency = Urgency::Urgent;

    #[test]
    fn many_wishes_are_one_request() {
        let mut requests = KeyFrameRequests::default();
        let start = Instant::now();
        assert_eq!(requests.ask(start), None);
        requests.want(0, URGENT);
        requests.want(2, URGENT);
        assert_eq!(requests.ask(start), Some(LayerSet::from_indices([0, 2])));
        requests.want(1, URGENT);
        assert_eq!(requests.ask(start + MIN_INTERVAL / 2), None);
    }

    #[test]
    fn it_is_asked_again_until_one_comes() {
        let mut requests = KeyFrameRequests::default();
        let start = Instant::now();
        requests.want(0, URGENT);
        assert!(requests.ask(start).is_some());
        assert_eq!(requests.deadline(), Some(start + MIN_INTERVAL));
        assert!(requests.ask(start + MIN_INTERVAL).is_some());
        requests.satisfied(0);
        assert_eq!(requests.deadline(), None);
        assert_eq!(requests.ask(start + 2 * MIN_INTERVAL), None);
    }

    #[test]
    fn a_wish_that_can_wait_waits_until_another_cannot() {
        let mut requests = KeyFrameRequests::default();
        let start = Instant::now();
        requests.want(2, Urgency::Patient);
        assert!(requests.ask(start).is_some(), "nothing was asked before");
        assert_eq!(requests.deadline(), Some(start + PATIENT_INTERVAL));
        requests.want(0, URGENT);
        assert_eq!(requests.ask(start + MIN_INTERVAL), Some(LayerSet::from_indices([0, 2])));
    }

    #[test]
    fn a_publisher_that_does_not_answer_is_asked_less_often() {
        let mut requests = KeyFrameRequests::default();
        let start = Instant::now();
        requests.want(0, URGENT);
        let asked = (0..120).filter(|i| requests.ask(start + *i * MIN_INTERVAL).is_some()).count();
        assert_eq!(asked, PATIENCE as usize + 10, "10 s at the usual pace, 50 s at the slow one");
    }
}
