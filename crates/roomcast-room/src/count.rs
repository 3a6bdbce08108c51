//! The count of the audience: told when it changed, and not more often than once a second; less often
//! where many are told.

use std::time::{Duration, Instant};

/// What was told last.
#[derive(Debug, Default)]
pub(crate) struct Count {
    told: u32,
    told_at: Option<Instant>,
}

/// What to do about a count.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is what was told last.
    Unchanged,
    /// Tell it now; it has been noted as told.
    Tell,
    /// It may be told at this time.
    Wait(Instant),
}

impl Count {
    /// Judges the count as it stands now.
    pub(crate) fn judge(&mut self, now: Instant, count: u32) -> Verdict {
        if count == self.told {
            return Verdict::Unchanged;
        }
        match self.told_at.map(|at| at + interval(count)) {
            Some(next) if next > now => Verdict::Wait(next),
            _ => {
                (self.told, self.told_at) = (count, Some(now));
                Verdict::Tell
            }
        }
    }
}

/// Time between two counts, where so many watch.
fn interval(count: u32) -> Duration {
    COUNT_INTERVAL.max(Duration::from_secs(1) * count / COUNTS_PER_SECOND)
}

/// Least time between two counts: a thousand joins within it cost each participant two messages.
pub const COUNT_INTERVAL: Duration = Duration::from_secs(1);

/// Counts that a room sends in a second, all its audience together: more would keep a core busy for
/// a tenth of that time, and the media of others waiting.
pub const COUNTS_PER_SECOND: u32 = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_told_when_it_changed_and_at_most_once_a_second() {
        let start = Instant::now();
        let mut count = Count::default();
        assert_eq!(count.judge(start, 0), Verdict::Unchanged);
        assert_eq!(count.judge(start, 1), Verdict::Tell);
        assert_eq!(count.judge(start, 1), Verdict::Unchanged);
        let next = start + COUNT_INTERVAL;
        assert_eq!(count.judge(start, 2), Verdict::Wait(next));
        assert_eq!(count.judge(start, 1), Verdict::Unchanged);
        assert_eq!(count.judge(next, 5), Verdict::Tell);
        assert_eq!(count.judge(next, 6), Verdict::Wait(next + COUNT_INTERVAL));
    }

    #[test]
    fn a_large_audience_is_told_less_often() {
        let start = Instant::now();
        let mut count = Count::default();
        assert_eq!(count.judge(start, 9_999), Verdict::Tell);
        assert_eq!(count.judge(start, 10_000), Verdict::Wait(start + Duration::from_secs(5)));
        assert_eq!(count.judge(start, 3_000), Verdict::Wait(start + Duration::from_millis(1_500)));
        assert_eq!(count.judge(start, 2), Verdict::Wait(start + COUNT_INTERVAL));
    }
}
