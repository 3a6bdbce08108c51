//! One direction of a link: a queue that empties at a rate, and then a way that takes time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use fastrand::Rng;

use crate::{Conditions, Counts};

/// One direction of a link. Times count from any moment, and never run back.
///
/// After each [`push`](Self::push), [`set`](Self::set) and [`pop`](Self::pop), ask for
/// [`deadline`](Self::deadline) again.
#[derive(Debug)]
pub struct Link {
    conditions: Conditions,
    random: Rng,
    /// What waits for its turn; the first one is being sent.
    queue: VecDeque<Vec<u8>>,
    queued_bytes: u64,
    /// Since when the first one is sent under these conditions.
    since: Duration,
    /// Bits of the first one that were sent before.
    sent_bits: u64,
    /// What is on the way, by when it arrives, and then by when it came.
    way: BTreeMap<(Duration, u64), Vec<u8>>,
    departed: u64,
    /// When the last one arrives that keeps its place.
    last_arrival: Duration,
    counts: Counts,
}

impl Link {
    /// A link on which the same packets at the same times meet the same fate.
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            random: Rng::with_seed(seed),
            queue: VecDeque::new(),
            queued_bytes: 0,
            since: Duration::ZERO,
            sent_bits: 0,
            way: BTreeMap::new(),
            departed: 0,
            last_arrival: Duration::ZERO,
            counts: Counts::default(),
        }
    }

    /// What it is like now.
    pub fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// What became of the packets so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Changes what it is like. What waits goes on at the new rate; what is on the way stays so.
    pub fn set(&mut self, now: Duration, conditions: Conditions) {
        self.send(now);
        if let (Some(rate), false) = (self.conditions.rate, self.queue.is_empty()) {
            self.sent_bits += bits_in(now.saturating_sub(self.since), rate);
        }
        self.since = self.since.max(now);
        self.conditions = conditions;
    }

    /// A packet goes in.
    pub fn push(&mut self, now: Duration, packet: Vec<u8>) {
        self.send(now);
        self.counts.entered.add(&packet);
        let bytes = self.queued_bytes + packet.len() as u64;
        // The one that is being sent has left the queue of a real device.
        let fits = self.queue.is_empty() || self.conditions.room().is_none_or(|room| bytes <= room);
        if !fits || self.way.len() >= MOST_ON_THE_WAY {
            self.counts.overflowed.add(&packet);
            return;
        }
        if self.queue.is_empty() {
            (self.since, self.sent_bits) = (now, 0);
        }
        self.counts.inside.add(&packet);
        self.queued_bytes = bytes;
        self.queue.push_back(packet);
        self.send(now);
    }

    /// A packet that has come out by now; `None` when there is no other.
    pub fn pop(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.send(now);
        let first = self.way.first_entry().filter(|first| first.key().0 <= now)?;
        let packet = first.remove();
        self.counts.inside.remove(&packet);
        self.counts.passed.add(&packet);
        Some(packet)
    }

    /// When [`pop`](Self::pop) is to be asked again, if nothing else happens; `None` while it is empty.
    pub fn deadline(&self) -> Option<Duration> {
        let arrival = self.way.first_key_value().map(|((at, _), _)| *at);
        arrival.into_iter().chain(self.sent_at()).min()
    }

    /// When the first one of the queue has been sent.
    fn sent_at(&self) -> Option<Duration> {
        let bits = self.queue.front()?.len() as u64 * 8;
        let time = self.conditions.rate.map_or(Duration::ZERO, |rate| {
            let nanos = u128::from(bits.saturating_sub(self.sent_bits)) * NANOS / u128::from(rate);
            Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
        });
        Some(self.since + time)
    }

    /// Everything that has been sent by now is on the way.
    fn send(&mut self, now: Duration) {
        while let Some(at) = self.sent_at().filter(|at| *at <= now) {
            let Some(packet) = self.queue.pop_front() else { return };
            self.queued_bytes -= packet.len() as u64;
            (self.since, self.sent_bits) = (at, 0);
            self.depart(at, packet);
        }
    }

    fn depart(&mut self, at: Duration, packet: Vec<u8>) {
        // Always three draws, so that a change of one condition leaves the chances of the others.
        let [lost, jitter, held] = std::array::from_fn(|_| self.random.f64());
        if lost < self.conditions.loss {
            self.counts.inside.remove(&packet);
            self.counts.lost.add(&packet);
            return;
        }
        let mut arrival = at + self.conditions.delay + self.conditions.jitter.mul_f64(jitter);
        if held < self.conditions.reorder {
            arrival = arrival.max(self.last_arrival) + HELD_BACK;
        } else {
            arrival = arrival.max(self.last_arrival);
            self.last_arrival = arrival;
        }
        self.departed += 1;
        self.way.insert((arrival, self.departed), packet);
    }
}

fn bits_in(time: Duration, rate: u64) -> u64 {
    u64::try_from(time.as_nanos() * u128::from(rate) / NANOS).unwrap_or(u64::MAX)
}

const NANOS: u128 = 1_000_000_000;
/// Some 60 MB of full packets: a second of 500 Mbit/s.
const MOST_ON_THE_WAY: usize = 1 << 15;
/// How much later a packet comes that is held back: a few packets of a video later.
const HELD_BACK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Queue;

    const fn milliseconds(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// When each packet comes out, by its first byte.
    fn arrivals(link: &mut Link) -> Vec<(u8, Duration)> {
        let mut all = Vec::new();
        while let Some(at) = link.deadline() {
            all.extend(std::iter::from_fn(|| link.pop(at)).map(|packet| (packet[0], at)));
        }
        all
    }

    #[test]
    fn without_conditions_a_packet_comes_out_at_once() {
        let mut link = Link::new(Conditions::default(), 1);
        link.push(milliseconds(5), vec![7; 100]);
        assert_eq!(arrivals(&mut link), [(7, milliseconds(5))]);
        assert_eq!(link.deadline(), None);
    }

    #[test]
    fn a_rate_spaces_packets_and_the_delay_comes_after_it() {
        let rate = Some(1_000_000);
        let mut link =
            Link::new(Conditions { rate, delay: milliseconds(20), ..Conditions::default() }, 1);
        for number in 0..3 {
            link.push(Duration::ZERO, vec![number; 1_250]);
        }
        let expected = [(0, milliseconds(30)), (1, milliseconds(40)), (2, milliseconds(50))];
        assert_eq!(arrivals(&mut link), expected);
    }

    #[test]
    fn a_full_queue_drops_what_comes_last() {
        let conditions =
            Conditions { rate: Some(8_000), queue: Queue::Bytes(2_500), ..Conditions::default() };
        let mut link = Link::new(conditions, 1);
        for number in 0..4 {
            link.push(Duration::ZERO, vec![number; 1_000]);
        }
        let out: Vec<u8> = arrivals(&mut link).into_iter().map(|(number, _)| number).collect();
        assert_eq!(out, [0, 1]);
        assert_eq!(link.counts().overflowed.packets, 2);
    }

    #[test]
    fn a_new_rate_holds_for_what_waits() {
        let mut link = Link::new(Conditions { rate: Some(1_000_000), ..Conditions::default() }, 1);
        for number in 0..2 {
            link.push(Duration::ZERO, vec![number; 1_250]);
        }
        // Half of the first one has been sent; the other half takes ten times as long.
        link.set(milliseconds(5), Conditions { rate: Some(100_000), ..link.conditions() });
        assert_eq!(arrivals(&mut link), [(0, milliseconds(55)), (1, milliseconds(155))]);
    }

    #[test]
    fn a_shorter_delay_lets_nothing_overtake() {
        let mut link =
            Link::new(Conditions { delay: milliseconds(100), ..Conditions::default() }, 1);
        link.push(Duration::ZERO, vec![0]);
        link.set(milliseconds(1), Conditions::default());
        link.push(milliseconds(2), vec![1]);
        assert_eq!(arrivals(&mut link), [(0, milliseconds(100)), (1, milliseconds(100))]);
    }

    #[test]
    fn who_is_held_back_is_overtaken() {
        let mut link = Link::new(Conditions { reorder: 1.0, ..Conditions::default() }, 1);
        link.push(Duration::ZERO, vec![0]);
        link.set(Duration::ZERO, Conditions::default());
        link.push(milliseconds(1), vec![1]);
        assert_eq!(arrivals(&mut link), [(1, milliseconds(1)), (0, HELD_BACK)]);
    }

    #[test]
    fn as_many_are_lost_as_was_said() {
        let mut link = Link::new(Conditions { loss: 0.05, ..Conditions::default() }, 1);
        for _ in 0..10_000 {
            link.push(Duration::ZERO, vec![0]);
        }
        assert!((450..550).contains(&link.counts().lost.packets), "{:?}", link.counts());
    }
}
