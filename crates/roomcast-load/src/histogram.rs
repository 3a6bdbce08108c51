//! A histogram of durations with a fixed relative error.
//!
//! Buckets grow with the value: 32 for each power of two, which keeps the error below 4 % and a
//! record at a few instructions.

use std::time::Duration;

/// Counts of microseconds.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    buckets: Box<[u64]>,
    count: u64,
    max: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { buckets: vec![0; BUCKETS].into_boxed_slice(), count: 0, max: 0 }
    }

    pub(crate) fn record(&mut self, value: Duration) {
        let us = u64::try_from(value.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get_mut(index(us)) {
            *bucket += 1;
        }
        self.count += 1;
        self.max = self.max.max(us);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *ours += theirs;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    pub(crate) fn max(&self) -> Duration {
        Duration::from_micros(self.max)
    }

    /// The value below or at which `share` (0 to 1) of the records are, rounded up to the end of
    /// its bucket; zero when there are none.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count is a count"
    )]
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let wanted = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut below = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            below += count;
            if below >= wanted {
                return Duration::from_micros(upper_bound(index).min(self.max));
            }
        }
        self.max()
    }
}

/// Buckets for each power of two.
const STEPS: u64 = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Enough for every 64-bit value.
const BUCKETS: usize = (STEPS as usize) * (64 - STEP_BITS as usize + 1);

fn index(value: u64) -> usize {
    let index = if value < STEPS {
        value
    } else {
        let shift = value.ilog2() - STEP_BITS;
        u64::from(shift) * STEPS + (value >> shift)
    };
    usize::try_from(index).unwrap_or(BUCKETS - 1)
}

fn upper_bound(index: usize) -> u64 {
    let index = index as u64;
    if index < 2 * STEPS {
        return index;
    }
    let shift = index / STEPS - 1;
    let step = index % STEPS + STEPS;
    ((step + 1) << shift).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bucket_that_ends_at_most_a_thirtieth_above_it() {
        let values = (0..64).flat_map(|bit| [1_u64 << bit, (1 << bit) + (1 << bit) / 3]);
        for value in values.chain([0, 31, 32, 33, 63, 64, 65, u64::MAX]) {
            let bound = upper_bound(index(value));
            assert!(bound >= value, "{value} {bound}");
            assert!(bound - value <= value / 30, "{value} {bound}");
        }
    }

    #[test]
    fn quantiles_of_even_values_are_where_they_should_be() {
        let mut histogram = Histogram::new();
        for ms in 1..=100 {
            histogram.record(Duration::from_millis(ms));
        }
        for (share, ms) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            let got = histogram.quantile(share).as_secs_f64() * 1_000.0;
            assert!((got - ms).abs() < ms * 0.04, "{share}: {got}");
        }
        assert_eq!(histogram.max(), Duration::from_millis(100));
    }

    #[test]
    fn sums_hold_both_and_nothing_is_zero() {
        let mut sum = Histogram::new();
        assert_eq!(sum.quantile(0.5), Duration::ZERO);
        let mut other = Histogram::new();
        other.record(Duration::from_micros(7));
        sum.add(&other);
        sum.add(&other);
        assert_eq!((sum.count, sum.quantile(0.5)), (2, Duration::from_micros(7)));
    }
}
