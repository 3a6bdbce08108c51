//! The pace at which pictures go to one subscriber. A key frame is many times a frame: sent at once to a
//! slow network it fills the queue before it, and everything behind it is late. So what goes beyond
//! the estimate waits here, where it can still be left out; sound never waits.
//!
//! str0m has a pacer, but what it holds cannot be taken back when a layer falls.

use std::time::{Duration, Instant};

/// How fast pictures may be sent. Off where the network is fast or not known.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Bytes per second.
    rate: Option<u64>,
    /// Bytes that may go now; what went beyond is taken off what comes.
    budget: i64,
    refilled: Option<Instant>,
}

impl Pace {
    /// Sets the rate in bits per second; `None`: nothing waits.
    pub(crate) fn set(&mut self, bits: Option<u64>) {
        self.rate = bits.map(|bits| bits.max(MIN_RATE) / 8);
    }

    pub(crate) fn is_on(&self) -> bool {
        self.rate.is_some()
    }

    /// Whether a packet of so many bytes may go now. If so, it counts as sent.
    pub(crate) fn admits(&mut self, now: Instant, bytes: usize) -> bool {
        let Some(rate) = self.rate else { return true };
        let burst = bytes_in(BURST, rate).max(MIN_BURST);
        let elapsed = self.refilled.map_or(BURST, |at| now.saturating_duration_since(at));
        self.refilled = Some(now);
        self.budget = (self.budget + bytes_in(elapsed.min(LONGEST), rate)).min(burst);
        let admits = self.budget > 0;
        if admits {
            self.budget -= i64::try_from(bytes).unwrap_or(i64::MAX);
        }
        admits
    }
}

fn bytes_in(duration: Duration, rate: u64) -> i64 {
    let bytes = duration.as_micros() * u128::from(rate) / 1_000_000;
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What may go at once: a frame of a picture that fits, so that it is one group for the socket.
const BURST: Duration = Duration::from_millis(40);

/// The same at the lowest rates: two full packets, in bytes.
const MIN_BURST: i64 = 2_400;

/// Nothing is saved up for longer.
const LONGEST: Duration = Duration::from_secs(1);

/// Less than this is no picture; in bits per second.
const MIN_RATE: u64 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_keeps_to_the_rate_after_a_first_burst() {
        let start = Instant::now();
        let mut pace = Pace::default();
        pace.set(Some(800_000));
        let sent = |pace: &mut Pace, at: Instant| {
            (0..1_000).take_while(|_| pace.admits(at, 1_000)).count()
        };
        assert_eq!(sent(&mut pace, start), 4, "40 ms of 100 kB a second");
        let steps = (1..=250).map(|step| sent(&mut pace, start + step * Duration::from_millis(4)));
        assert_eq!(steps.sum::<usize>(), 100);
        assert_eq!(sent(&mut pace, start + Duration::from_secs(60)), 4, "nothing was saved up");
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let mut pace = Pace::default();
        assert!((0..10_000).all(|_| pace.admits(Instant::now(), 1_200)) && !pace.is_on());
    }
}
