//! What the network to one subscriber has been seen to carry.
//!
//! An estimator concludes from small differences of arrival times, and takes the groups in which a
//! picture of few frames a second comes for a queue now and then: it would have a picture fall that
//! arrives whole and in time. What arrived for a while without loss and without standing in a queue is
//! carried, whatever is estimated.

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

#[derive(Debug, Clone, Copy)]
struct Proven {
    at: Instant,
    /// Bits per second.
    rate: u64,
}

impl Carried {
    /// Until now so many bytes were sent; lately packets arrived in time and were not lost, or not.
    pub(crate) fn see(&mut self, at: Instant, sent: u64, is_clear: bool) {
        let is_old = |seen: &Seen| at.saturating_duration_since(seen.at) >= WINDOW;
        // The newest of the old ones is where the window begins.
        while self.seen.get(1).is_some_and(is_old) || self.seen.len() >= MAX_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen { at, sent, is_clear });
        self.proven = self.proven.filter(|_| is_clear);
        let is_fresh = |p: &Proven| at.saturating_duration_since(p.at) < FRESH;
        let before = self.proven.filter(is_fresh);
        if let Some(rate) = self.rate_of_window()
            && before.is_none_or(|before| before.rate <= rate)
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

/// So long it holds though less is sent: while a better layer waits for its key frame, for example.
const FRESH: Duration = Duration::from_secs(3);

/// What is remembered at most, however often it is told.
const MAX_SEEN: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(250);

    /// So many reports of a network to which 400 kbit/s are sent.
    fn after(reports: u32, is_clear: impl Fn(u32) -> bool) -> Carried {
        let (mut carried, start) = (Carried::default(), Instant::now());
        for number in 0..=reports {
            carried.see(start + TICK * number, u64::from(number) * 12_500, is_clear(number));
        }
        carried
    }

    #[test]
    fn what_arrives_for_a_second_is_carried() {
        assert_eq!(after(3, |_| true).rate(), None);
        assert_eq!(after(4, |_| true).rate(), Some(400_000));
    }

    #[test]
    fn a_queue_or_a_loss_ends_it_at_once() {
        assert_eq!(after(20, |number| number != 20).rate(), None);
        assert_eq!(after(20, |number| number != 16).rate(), None);
        assert_eq!(after(20, |number| number != 15).rate(), Some(400_000));
    }

    #[test]
    fn what_was_carried_holds_for_a_moment_though_less_is_sent() {
        let (mut carried, start) = (after(8, |_| true), Instant::now() + TICK * 8);
        let mut idle = |ticks: u32| {
            carried.see(start + TICK * ticks, 100_000, true);
            carried.rate()
        };
        assert_eq!(idle(8), Some(400_000));
        assert!(idle(13).is_some_and(|rate| rate < 100_000));
    }
}
