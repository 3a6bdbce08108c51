//! What was sent lately, for a receiver that asks for some of it again (RFC 4585 §6.2.1).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Packets that can be sent again, in the order of their numbers, bounded in number and age; and how much
/// may be sent again, which is bounded by what was sent.
#[derive(Debug)]
pub struct History<T> {
    entries: VecDeque<Entry<T>>,
    /// Of all entries together.
    bytes: u64,
    /// Bytes that may be sent again: never more than were sent, so a receiver that asks for everything
    /// again and again costs twice what it was sent.
    credit: u64,
    max_packets: usize,
    max_age: Duration,
    /// When the first packet was sent.
    began: Option<Instant>,
}

#[derive(Debug)]
struct Entry<T> {
    index: u64,
    bytes: u32,
    /// In milliseconds since the beginning, wrapping: there is one for each packet and each receiver.
    sent: u32,
    kept: T,
}

impl<T> History<T> {
    /// An empty one for so many packets, none of them older than `age`.
    #[must_use]
    pub fn new(packets: usize, age: Duration) -> Self {
        let entries = VecDeque::new();
        Self { entries, bytes: 0, credit: 0, max_packets: packets, max_age: age, began: None }
    }

    /// Keeps a packet of so many bytes that is sent `now`. One that comes late is put in its place.
    pub fn push(&mut self, now: Instant, index: u64, bytes: usize, kept: T) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let place = match self.entries.back() {
            Some(newest) if newest.index >= index => self.place(index),
            _ => self.entries.len(),
        };
        let sent = self.moment(now);
        self.entries.insert(place, Entry { index, bytes, sent, kept });
        self.bytes += u64::from(bytes);
        while self.is_over(sent) {
            self.bytes -= self.entries.pop_front().map_or(0, |entry| u64::from(entry.bytes));
        }
        self.credit = (self.credit + u64::from(bytes)).min(self.bytes);
        self.make_room();
    }

    /// Keeps room for the next few. A burst of kept packets, as at the beginning, goes and comes seldom.
    fn make_room(&mut self) {
        let (used, room) = (self.entries.len(), self.entries.capacity());
        if used == room {
            self.entries.reserve_exact(GROWTH);
        } else if room - used > SPARE {
            self.entries.shrink_to(used + GROWTH);
        }
    }

    /// The packet with this sequence number, if it may be sent again: then that counts as done.
    pub fn take(&mut self, now: Instant, sequence: u16) -> Option<&T> {
        let newest = self.entries.back()?.index;
        let behind = (newest as u16).wrapping_sub(sequence);
        let index = newest.checked_sub(u64::from(behind))?;
        let now = self.moment(now);
        let is_it = |entry: &&Entry<T>| entry.index == index && !self.is_old(entry, now);
        let entry = self.entries.get(self.place(index)).filter(is_it)?;
        self.credit = self.credit.checked_sub(u64::from(entry.bytes))?;
        Some(&entry.kept)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        (self.bytes, self.credit) = (0, 0);
    }

    fn place(&self, index: u64) -> usize {
        self.entries.partition_point(|entry| entry.index < index)
    }

    fn is_over(&self, now: u32) -> bool {
        let is_old = self.entries.front().is_some_and(|oldest| self.is_old(oldest, now));
        is_old || self.entries.len() > self.max_packets
    }

    fn is_old(&self, entry: &Entry<T>, now: u32) -> bool {
        Duration::from_millis(now.wrapping_sub(entry.sent).into()) > self.max_age
    }

    fn moment(&mut self, now: Instant) -> u32 {
        let began = *self.began.get_or_insert(now);
        now.saturating_duration_since(began).as_millis() as u32
    }
}

/// By so many packets it grows: doubling would leave half of it empty for most.
const GROWTH: usize = 32;

/// Room that is given back: more than what comes and goes with key frames.
const SPARE: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(2);

    #[test]
    fn what_was_sent_is_found_by_the_number_that_receivers_know() {
        let now = Instant::now();
        let mut history = History::new(100, AGE);
        for index in [65_534, 65_535, 65_537, 65_536] {
            history.push(now, index, 1_000, index);
        }
        assert_eq!(history.take(now, 65_535), Some(&65_535));
        assert_eq!(history.take(now, 0), Some(&65_536), "it came late");
        assert_eq!(history.take(now, 9), None, "never sent");
        assert_eq!(history.take(now, 60_000), None, "before what was kept");
    }

    #[test]
    fn what_is_too_old_or_too_much_is_forgotten() {
        let start = Instant::now();
        let mut history = History::new(3, AGE);
        (1..=5).for_each(|index| history.push(start, index, 10, ()));
        assert_eq!(history.entries.len(), 3);
        assert_eq!(history.take(start, 2), None);
        let later = start + AGE + Duration::from_millis(1);
        assert_eq!(history.take(later, 4), None, "too old, though nothing has come since");
        history.push(later, 6, 10, ());
        assert_eq!((history.entries.len(), history.bytes), (1, 10));
    }

    #[test]
    fn the_room_of_a_burst_is_given_back() {
        let start = Instant::now();
        let mut history = History::new(1_000, AGE);
        (1..=900).for_each(|index| history.push(start, index, 10, ()));
        assert!((900..=900 + GROWTH).contains(&history.entries.capacity()));
        let later = start + AGE * 2;
        history.push(later, 901, 10, ());
        assert!(history.entries.capacity() <= SPARE, "{}", history.entries.capacity());
    }

    #[test]
    fn no_more_is_sent_again_than_was_sent() {
        let start = Instant::now();
        let mut history = History::new(1_000, AGE);
        let mut taken = 0_u64;
        for step in 1..=2_000_u64 {
            let now = start + Duration::from_millis(step);
            history.push(now, step, 1_000, ());
            let mut again =
                |behind: &u64| history.take(now, step.wrapping_sub(*behind) as u16).is_some();
            taken += (0..50).filter(|behind| again(behind)).count() as u64;
        }
        assert!(taken <= 2_000, "{taken} packets");
        assert!(taken > 1_000, "{taken} packets");
        history.clear();
        assert_eq!(history.take(start, 2_000), None);
    }
}
