//! The count of the audience: told when it changed, and not more often than once a second.

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
        match self.told_at.map(|at| at + COUNT_INTERVAL) {
            Some(next) if next > now => Verdict::Wait(next),
            _ => {
                (self.told, self.told_at) = (count, Some(now));
                Verdict::Tell
            }
        }
    }
}

/// Least time between two counts: a thousand joins within it cost each participant two messages.
pub const COUNT_INTERVAL: Duration = Duration::from_secs(1);

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
}
