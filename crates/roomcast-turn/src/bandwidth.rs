//! How much an allocation may carry.

use crate::clock::Tick;

/// A token bucket of bytes that holds one second's worth.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bucket {
    /// Bytes that were carried and have not been paid for.
    used: u32,
    at: Tick,
}

impl Bucket {
    /// Whether a packet may pass.
    pub(crate) fn admits(&mut self, tick: Tick, bytes: usize, per_second: Option<u32>) -> bool {
        let Some(per_second) = per_second else { return true };
        if tick != self.at {
            let tenths = u64::from(tick.0.saturating_sub(self.at.0));
            let paid = u64::from(per_second) * tenths / TICKS_PER_SECOND;
            self.used = self.used.saturating_sub(u32::try_from(paid).unwrap_or(u32::MAX));
            self.at = tick;
        }
        let used = self.used.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        let admits = used <= per_second;
        if admits {
            self.used = used;
        }
        admits
    }
}

const TICKS_PER_SECOND: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_a_seconds_worth() {
        let mut bucket = Bucket::default();
        let mut passed = |tick, count| {
            (0..count).filter(|_| bucket.admits(Tick(tick), 500, Some(4_000))).count()
        };
        assert_eq!(passed(0, 100), 8);
        assert_eq!(passed(5, 100), 4);
        assert_eq!(passed(600, 100), 8);
    }

    #[test]
    fn without_a_limit_everything_passes() {
        let mut bucket = Bucket::default();
        assert!((0..100_000).all(|_| bucket.admits(Tick(0), 60_000, None)));
    }
}
