//! What of one track arrived at one viewer.

use std::ops::Range;

/// Packets within the measurement, each counted once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Count {
    /// Different packets.
    pub(crate) received: u64,
    /// Bytes of their payloads.
    pub(crate) bytes: u64,
    /// Packets that came again.
    pub(crate) duplicates: u64,
    /// Packets that came behind a later one: reordered, or sent again after a loss.
    pub(crate) late: u64,
    /// One past the highest number that came, counted from the window's beginning.
    reached: usize,
    /// A bit for each number from the window's beginning.
    seen: Vec<u64>,
}

impl Count {
    /// Counts a packet. Returns whether it is measured and new.
    pub(super) fn take(&mut self, window: Range<u32>, number: u32, bytes: usize) -> bool {
        if !window.contains(&number) {
            return false;
        }
        let place = (number - window.start) as usize;
        if place >= MAX_NUMBERS {
            return false;
        }
        let (word, bit) = (place / 64, 1_u64 << (place % 64));
        if word >= self.seen.len() {
            self.seen.resize(word + 1, 0);
        }
        if self.seen[word] & bit != 0 {
            self.duplicates += 1;
            return false;
        }
        self.seen[word] |= bit;
        self.late += u64::from(place < self.reached);
        self.reached = self.reached.max(place + 1);
        self.received += 1;
        self.bytes += bytes as u64;
        true
    }
}

/// Numbers that are told apart: a day of 100 Mbit/s needs more, and one viewer's bits 8 MiB.
const MAX_NUMBERS: usize = 1 << 26;

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(numbers: &[u32]) -> Count {
        let mut count = Count::default();
        for number in numbers {
            count.take(100..200, *number, 10);
        }
        count
    }

    #[test]
    fn packets_outside_of_the_window_do_not_count() {
        let count = counted(&[0, 99, 100, 199, 200, u32::MAX]);
        assert_eq!((count.received, count.bytes), (2, 20));
    }

    #[test]
    fn what_comes_twice_counts_once() {
        let count = counted(&[100, 101, 101, 100, 102]);
        assert_eq!((count.received, count.duplicates, count.late), (3, 2, 0));
    }

    #[test]
    fn a_gap_that_is_filled_later_is_late_and_not_lost() {
        let count = counted(&[100, 101, 104, 103, 105, 102]);
        assert_eq!((count.received, count.late), (6, 2));
    }
}
