//! What is missing of a picture that was whole once: as long as it is, a browser shows nothing new.

use std::collections::BTreeSet;

use super::stamp::Stamp;

/// The packets of one picture, by their publisher's numbers.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// All before it came, or do not matter any more.
    next: u32,
    /// What came behind a gap.
    ahead: BTreeSet<u32>,
}

impl Gaps {
    /// None: the frame of this packet has come, and can be decoded by itself.
    pub(super) fn behind(frame: Stamp) -> Self {
        Self { next: end_of_frame(frame), ahead: BTreeSet::new() }
    }

    /// Notes a packet. Returns whether something is missing.
    pub(super) fn take(&mut self, stamp: Stamp) -> bool {
        if stamp.number == self.next {
            self.next += 1;
        } else if stamp.number > self.next {
            self.ahead.insert(stamp.number);
            if stamp.key {
                self.skip_to(stamp);
            }
        }
        if self.ahead.len() > MAX_AHEAD {
            self.ahead.pop_first();
        }
        while self.ahead.remove(&self.next) {
            self.next += 1;
        }
        !self.ahead.is_empty()
    }

    /// What lies before a whole key frame does not matter.
    fn skip_to(&mut self, key: Stamp) {
        let frame = begin_of_frame(key)..end_of_frame(key);
        if self.ahead.range(frame.clone()).count() == usize::from(key.count) {
            self.ahead = self.ahead.split_off(&frame.end);
            self.next = self.next.max(frame.end);
        }
    }
}

fn begin_of_frame(stamp: Stamp) -> u32 {
    stamp.number.saturating_sub(stamp.index.into())
}

fn end_of_frame(stamp: Stamp) -> u32 {
    begin_of_frame(stamp).saturating_add(stamp.count.into())
}

/// Packets that are remembered behind a gap: seconds of a picture, within which a key frame comes that
/// was asked for, or none comes at all.
const MAX_AHEAD: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(number: u32, key: bool) -> Stamp {
        let index = u16::try_from(number % 3).unwrap();
        Stamp { track: 0, layer: 0, key, index, count: 3, frame: number / 3, number, sent_us: 0 }
    }

    fn take(gaps: &mut Gaps, numbers: &[u32]) -> Vec<bool> {
        numbers.iter().map(|number| gaps.take(packet(*number, false))).collect()
    }

    #[test]
    fn a_gap_is_open_until_its_packet_comes() {
        let mut gaps = Gaps::behind(packet(4, true));
        let open = take(&mut gaps, &[6, 8, 5, 9, 7, 10]);
        assert_eq!(open, [false, true, true, true, false, false]);
    }

    #[test]
    fn a_whole_key_frame_closes_all_gaps_before_it_and_none_behind() {
        let mut gaps = Gaps::behind(packet(4, true));
        assert_eq!(take(&mut gaps, &[7, 10]), [true, true]);
        let key = [12, 14, 13].map(|number| gaps.take(packet(number, true)));
        assert_eq!(key, [true, true, false]);
        assert_eq!(take(&mut gaps, &[15, 11, 17]), [false, false, true]);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut gaps = Gaps::behind(packet(4, true));
        (0..20_000).for_each(|number| _ = gaps.take(packet(10 + number * 2, false)));
        assert_eq!(gaps.ahead.len(), MAX_AHEAD);
    }
}
