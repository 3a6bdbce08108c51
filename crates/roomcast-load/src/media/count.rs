//! What of one track arrived at one viewer.

use std::ops::Range;

/// Where a packet lies that the publisher numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Before,
    Measured,
    After,
}

impl Phase {
    /// Of a packet of this number.
    pub(super) fn of(number: u32, window: &Range<u32>) -> Self {
        match number {
            _ if number < window.start => Self::Before,
            _ if number < window.end => Self::Measured,
            _ => Self::After,
        }
    }
}

/// Packets within the measurement, each counted once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Count {
    /// Different packets of the publisher, of which something came.
    pub(crate) received: u64,
    /// Packets as the node cut them. The same number, unless it cuts pictures anew.
    pub(crate) arrived: u64,
    /// Bytes of their payloads.
    pub(crate) bytes: u64,
    /// Packets that came again; not known where they are cut anew.
    pub(crate) duplicates: u64,
    /// Whether a packet held the end of one and the beginning of the next.
    recut: bool,
    /// Packets that came behind a later one: reordered, or sent again after a loss.
    pub(crate) late: u64,
    /// One past the highest number that came, counted from the window's beginning.
    reached: usize,
    /// A bit for each number from the window's beginning.
    seen: Vec<u64>,
    /// Where the node chooses what it sends: its first number that is measured, and one past the last.
    sent: (Option<u64>, Option<u64>),
}

impl Count {
    /// Counts a packet by its publisher's number; by two, if it has the end of one packet and the
    /// beginning of the next. Returns whether it is measured and new.
    pub(super) fn take(
        &mut self,
        window: Range<u32>,
        (first, last): (u32, u32),
        bytes: usize,
    ) -> bool {
        self.recut |= first != last;
        let place = |number: u32| (number - window.start) as usize;
        let both = first != last && window.contains(&first) && self.put(place(first));
        if !window.contains(&last) {
            return false;
        }
        self.arrived += 1;
        self.bytes += bytes as u64;
        let is_new = self.put(place(last));
        self.duplicates += u64::from(!is_new && !self.recut);
        is_new || both
    }

    /// Counts a packet of a picture in layers, of which the node chooses what it sends: what is missing
    /// shows in its own numbers. The phase is not known of a packet that only fills a gap.
    pub(super) fn take_sent(&mut self, phase: Option<Phase>, seq: u64, bytes: usize) -> bool {
        match (phase, self.sent) {
            (Some(Phase::Measured), (None, _)) => self.sent.0 = Some(seq),
            (Some(Phase::After), (Some(_), None)) => self.sent.1 = Some(seq),
            _ => {}
        }
        let (Some(first), end) = self.sent else { return false };
        let is_measured = seq >= first && end.is_none_or(|end| seq < end);
        if !is_measured {
            return false;
        }
        let is_new = self.put(usize::try_from(seq - first).unwrap_or(MAX_NUMBERS));
        self.arrived += u64::from(is_new);
        self.bytes += if is_new { bytes as u64 } else { 0 };
        self.duplicates += u64::from(!is_new);
        is_new
    }

    /// How many the node sent of such a picture, as far as its numbers tell.
    pub(crate) fn sent(&self) -> u64 {
        match self.sent {
            (Some(first), Some(end)) => end - first,
            _ => self.reached as u64,
        }
    }

    /// Notes a number. Returns whether it is new.
    fn put(&mut self, place: usize) -> bool {
        if place >= MAX_NUMBERS {
            return false;
        }
        let (word, bit) = (place / 64, 1_u64 << (place % 64));
        if word >= self.seen.len() {
            self.seen.resize(word + 1, 0);
        }
        if self.seen[word] & bit != 0 {
            return false;
        }
        self.seen[word] |= bit;
        self.late += u64::from(place < self.reached);
        self.reached = self.reached.max(place + 1);
        self.received += 1;
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
            count.take(100..200, (*number, *number), 10);
        }
        count
    }

    #[test]
    fn packets_outside_of_the_window_do_not_count() {
        let count = counted(&[0, 99, 100, 199, 200, u32::MAX]);
        assert_eq!((count.received, count.bytes), (2, 20));
    }

    #[test]
    fn what_the_node_sends_is_measured_by_its_own_numbers() {
        let mut count = Count::default();
        let packets = [
            (Some(Phase::Before), 9),
            (Some(Phase::Measured), 10),
            (Some(Phase::Before), 11),
            (None, 12),
            (Some(Phase::Measured), 14),
            (Some(Phase::After), 16),
            (Some(Phase::Measured), 13),
            (Some(Phase::Measured), 17),
        ];
        for (phase, seq) in packets {
            count.take_sent(phase, seq, 10);
        }
        assert_eq!((count.sent(), count.received, count.late), (6, 5, 1), "15 is missing");
    }

    #[test]
    fn packets_that_were_cut_anew_count_by_what_is_in_them() {
        let mut count = Count::default();
        for numbers in [(99, 100), (100, 101), (101, 103), (103, 103)] {
            count.take(100..200, numbers, 10);
        }
        assert_eq!((count.received, count.arrived, count.bytes), (3, 4, 40));
        assert_eq!(count.duplicates, 0);
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
