//! Numbers that were left out on purpose: those behind them close up, while numbers that were lost
//! keep their place.

use std::collections::VecDeque;

/// The newest stretches of numbers that were left out of an increasing sequence.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// In order, neither touching nor overlapping.
    stretches: VecDeque<Stretch>,
    /// How many numbers were left out in all.
    total: u64,
    /// Where numbers before this one belong is not known any more.
    floor: u64,
}

#[derive(Debug, Clone, Copy)]
struct Stretch {
    first: u64,
    /// The number behind the last one.
    end: u64,
    /// How many numbers were left out before this stretch.
    before: u64,
}

impl LeftOut {
    /// How many numbers were left out before this one; `None` when it has no place: it was left out
    /// itself, or is too old.
    pub(super) fn before(&self, number: u64) -> Option<u64> {
        let Some(newest) = self.stretches.back() else { return Some(0) };
        if number >= newest.end {
            return Some(self.total);
        }
        let index = self.stretches.partition_point(|s| s.end <= number);
        let next = self.stretches.get(index)?;
        (number < next.first && number >= self.floor).then_some(next.before)
    }

    /// Leaves out all numbers from `first` to `last`, which come behind those left out before.
    pub(super) fn push(&mut self, first: u64, last: u64) {
        let end = last.wrapping_add(1);
        match self.stretches.back_mut().filter(|s| s.end == first) {
            Some(newest) => newest.end = end,
            None => self.stretches.push_back(Stretch { first, end, before: self.total }),
        }
        self.total = self.total.wrapping_add(end.wrapping_sub(first));
        if self.stretches.len() > MAX_STRETCHES
            && let Some(oldest) = self.stretches.pop_front()
        {
            self.floor = oldest.end;
        }
    }
}

/// Every other frame of 60 a second left out for two seconds: no receiver waits longer for a packet
/// that is late.
const MAX_STRETCHES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_behind_close_up_and_those_before_keep_their_place() {
        let mut left_out = LeftOut::default();
        assert_eq!(left_out.before(7), Some(0));
        left_out.push(10, 11);
        left_out.push(12, 12);
        left_out.push(15, 15);
        let before: Vec<_> = (9..=17).map(|number| left_out.before(number)).collect();
        let (none, two) = (None, Some(3));
        assert_eq!(before, [Some(0), none, none, none, two, two, none, Some(4), Some(4)]);
    }

    #[test]
    fn memory_is_bounded_and_what_is_forgotten_has_no_place() {
        let mut left_out = LeftOut::default();
        (0..1_000).for_each(|n| left_out.push(2 * n, 2 * n));
        assert_eq!(left_out.stretches.len(), MAX_STRETCHES);
        assert_eq!(left_out.before(1_999), Some(1_000));
        assert_eq!(left_out.before(1_997), Some(999));
        assert_eq!(left_out.before(1_001), None);
    }
}
