//! What the network to one subscriber has been seen to carry.
//!
//! An estimator concludes from small differences of arrival times, and takes the groups in which a
//! picture of few frames a second comes for a queue now and then: it would have a picture fall that
//! arrives whole and in time. What arrived for a while without loss and without standing in a queue is
//! carried, whatever is estimated, and for a moment more while it stands in one.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What was seen lately.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    seen: VecDeque<Seen>,
    proven: Option<Proven>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Instant,
    /// Bytes sent until then, since the beginning.
    sent: u64,
    is_clear: bool,
}

/// How packets fared lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fared {
    /// They arrived in time, all of them.
    Clear,
    /// They arrived after standing in a queue.
    Late,
    /// Some did not arrive, or less is sent than was to be.
    Badly,
}

#[derive(Debug, Clone, Copy)]
struct Proven {
    at: Instant,
    /// Bits per second.
    rate: u64,
}

impl Carried {
    /// Until now so many bytes were sent, and lately they fared so.
    pub(crate) fn see(&mut self, at: Instant, sent: u64, fared: Fared) {
        let is_clear = fared == Fared::Clear;
        let is_old = |seen: &Seen| at.saturating_duration_since(seen.at) >= WINDOW;
        // The newest of the old ones is where the window begins.
        while self.seen.get(1).is_some_and(is_old) || self.seen.len() >= MAX_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen { at, sent, is_clear });
        let is_fresh = |p: &Proven| at.saturating_duration_since(p.at) < FRESH;
        self.proven = self.proven.filter(|proven| is_fresh(proven) && fared != Fared::Badly);
        if let Some(rate) = self.rate_of_window()
            && self.proven.is_none_or(|before| before.rate <= rate)
        {
            self.proven = Some(Proven { at, rate });
        }
    }

    /// What is proven to be carried, in bits per second with all headers but those of UDP and IP.
    pub(crate) fn rate(&self) -> Option<u64> {
        self.proven.map(|proven| proven.rate)
    }

    fn rate_of_window(&self) -> Option<u64> {
        let (first, last) = self.seen.front().zip(self.seen.back())?;
        let micros = u64::try_from(last.at.saturating_duration_since(first.at).as_micros()).ok()?;
        let is_whole = micros >= WINDOW_MICROS && self.seen.iter().all(|seen| seen.is_clear);
        let bits = last.sent.saturating_sub(first.sent).saturating_mul(8);
        is_whole.then(|| bits.saturating_mul(1_000_000) / micros)
    }
}

/// Over which rates are measured: several frames also of a picture of five a second.
const WINDOW: Duration = Duration::from_micros(WINDOW_MICROS);
const WINDOW_MICROS: u64 = 1_000_000;

/// So long it holds though less is sent, while a better layer waits for its key frame for example, and
/// though there is a queue: that it can be taken away has to show.
const FRESH: Duration = Duration::from_secs(3);

/// What is remembered at most, however often it is told.
const MAX_SEEN: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(250);

    /// So many reports of a network to which 400 kbit/s are sent.
    fn after(reports: u32, fared: impl Fn(u32) -> Fared) -> Carried {
        let (mut carried, start) = (Carried::default(), Instant::now());
        for number in 0..=reports {
            carried.see(start + TICK * number, u64::from(number) * 12_500, fared(number));
        }
        carried
    }

    /// As [`Fared::Clear`] but for one report.
    fn after_but(reports: u32, odd: u32, fared: Fared) -> Carried {
        after(reports, |number| if number == odd { fared } else { Fared::Clear })
    }

    #[test]
    fn what_arrives_for_a_second_is_carried() {
        assert_eq!(after(3, |_| Fared::Clear).rate(), None);
        assert_eq!(after(4, |_| Fared::Clear).rate(), Some(400_000));
    }

    #[test]
    fn a_loss_ends_it_at_once() {
        assert_eq!(after_but(20, 20, Fared::Badly).rate(), None);
        assert_eq!(after_but(20, 16, Fared::Badly).rate(), None);
        assert_eq!(after_but(20, 15, Fared::Badly).rate(), Some(400_000));
    }

    #[test]
    fn a_queue_proves_nothing_and_ends_it_after_a_while() {
        let late = |from: u32| move |number| if number < from { Fared::Clear } else { Fared::Late };
        assert_eq!(after(20, late(0)).rate(), None);
        assert_eq!(after(20, late(10)).rate(), Some(400_000));
        assert_eq!(after(21, late(10)).rate(), None);
    }

    #[test]
    fn what_was_carried_holds_for_a_moment_though_less_is_sent() {
        let (mut carried, start) = (after(8, |_| Fared::Clear), Instant::now() + TICK * 8);
        let mut idle = |ticks: u32| {
            carried.see(start + TICK * ticks, 100_000, Fared::Clear);
            carried.rate()
        };
        assert_eq!(idle(8), Some(400_000));
        assert!(idle(13).is_some_and(|rate| rate < 100_000));
    }
}
