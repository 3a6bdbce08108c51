//! The run: the packets of a publication since its last key frame, kept for those who come later.
//!
//! A new subscriber gets them at once and so sees a picture without a key frame being asked of the
//! publisher (DESIGN decision 9). Bounded in bytes and in age; a run that outgrows either is given
//! up whole, because without its beginning the rest is of no use.

use std::collections::VecDeque;
use std::time::Duration;

use crate::packet::MediaPacket;

/// The kept packets, in the order of their sequence numbers.
#[derive(Debug, Default)]
pub(crate) struct Run {
    packets: VecDeque<MediaPacket>,
    bytes: usize,
    /// The timestamp of the key frame with which the run begins.
    key_frame_time: Option<u32>,
}

/// What the arrival of a packet did to the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It was appended or put in its place, or is of no use to the run.
    Continued,
    /// A new run begins with this packet's frame.
    Began,
    /// The run outgrew its bounds and was given up.
    GivenUp,
}

impl Run {
    /// Takes a packet in. A packet of an older epoch must not come here.
    pub(crate) fn push(&mut self, packet: &MediaPacket) -> Change {
        if self.packets.back().is_some_and(|last| last.epoch != packet.epoch) {
            self.clear();
        }
        if self.is_over(packet) {
            return Change::Continued;
        }
        if packet.key_frame && self.key_frame_time != Some(packet.time) {
            self.begin(packet);
            return Change::Began;
        }
        self.insert(packet);
        if self.is_outgrown() {
            let was_usable = self.is_usable();
            self.clear();
            return if was_usable { Change::GivenUp } else { Change::Continued };
        }
        Change::Continued
    }

    /// Whether the run begins with a key frame.
    pub(crate) fn is_usable(&self) -> bool {
        self.key_frame_time.is_some() && !self.packets.is_empty()
    }

    /// All packets, oldest first; empty when the run is not usable.
    pub(crate) fn packets(&self) -> impl Iterator<Item = &MediaPacket> {
        self.packets.iter().filter(|_| self.key_frame_time.is_some())
    }

    /// Packets from this sequence number on, oldest first.
    pub(crate) fn packets_from(&self, seq: u64) -> impl Iterator<Item = &MediaPacket> {
        let start = self.packets.partition_point(|p| p.seq < seq);
        self.packets.range(start..)
    }

    /// The newest packet.
    pub(crate) fn newest(&self) -> Option<&MediaPacket> {
        self.packets.back()
    }

    /// How long before the newest a packet came.
    pub(crate) fn lag(&self, packet: &MediaPacket) -> Duration {
        let newest = self.newest().map_or(packet.arrival, |newest| newest.arrival);
        newest.saturating_duration_since(packet.arrival)
    }

    /// Bytes of the payloads of all packets.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a packet belongs before the key frame with which the run begins.
    fn is_over(&self, packet: &MediaPacket) -> bool {
        let is_other_frame = self.key_frame_time.is_some_and(|time| time != packet.time);
        is_other_frame && self.packets.front().is_some_and(|first| packet.seq < first.seq)
    }

    /// A key frame may take several packets to announce itself (the parameter sets of H264 come
    /// before the picture), so what is kept of the same frame stays; and the packet that announces it
    /// may come late, so what is behind it stays as well.
    fn begin(&mut self, packet: &MediaPacket) {
        self.packets.retain(|p| p.time == packet.time || p.seq > packet.seq);
        self.bytes = self.packets.iter().map(|p| p.payload.len()).sum();
        self.key_frame_time = Some(packet.time);
        self.insert(packet);
    }

    fn insert(&mut self, packet: &MediaPacket) {
        let place = self.packets.partition_point(|p| p.seq < packet.seq);
        if self.packets.get(place).is_some_and(|p| p.seq == packet.seq) {
            return;
        }
        self.bytes += packet.payload.len();
        self.packets.insert(place, packet.clone());
        while self.key_frame_time.is_none() && self.age() > MAX_LATENESS {
            self.bytes -= self.packets.pop_front().map_or(0, |p| p.payload.len());
        }
    }

    fn is_outgrown(&self) -> bool {
        self.age() > MAX_AGE || self.bytes > MAX_BYTES
    }

    fn age(&self) -> Duration {
        match (self.packets.front(), self.packets.back()) {
            (Some(first), Some(last)) => last.arrival.saturating_duration_since(first.arrival),
            _ => Duration::ZERO,
        }
    }
}

/// Older pictures than this take longer to decode than a new key frame takes to come.
const MAX_AGE: Duration = Duration::from_secs(4);

/// Until a key frame begins the run, packets are kept for as long as its beginning may be late: a few
/// round trips of asking for it again.
const MAX_LATENESS: Duration = Duration::from_millis(500);

/// What a publication of 8 Mbit/s sends within [`MAX_AGE`].
const MAX_BYTES: usize = 4 * 1024 * 1024;

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;
    use std::time::Instant;

    use super::*;
    use crate::frame::Frame;
    use crate::packet::{Epoch, Extensions};

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);

    pub(crate) fn packet(seq: u64, time: u32, key_frame: bool) -> MediaPacket {
        MediaPacket {
            epoch: Epoch { session: 1, stream: 0 },
            layer: 0,
            seq,
            time,
            arrival: *START + Duration::from_secs_f64(f64::from(time) / 90_000.0),
            captured: *START,
            marker: false,
            key_frame,
            frame: Frame::default(),
            extensions: Extensions::default(),
            is_redundant: false,
            padding: 0,
            payload: vec![0; 1_000].into(),
        }
    }

    fn seqs(run: &Run) -> Vec<u64> {
        run.packets().map(|p| p.seq).collect()
    }

    #[test]
    fn a_run_begins_with_a_key_frame_and_ends_with_the_next() {
        let mut run = Run::default();
        assert_eq!(run.push(&packet(1, 0, false)), Change::Continued);
        assert!(!run.is_usable());
        assert_eq!(run.push(&packet(2, 3_000, true)), Change::Began);
        run.push(&packet(3, 3_000, false));
        run.push(&packet(4, 6_000, false));
        assert_eq!(seqs(&run), [2, 3, 4]);
        assert_eq!(run.push(&packet(5, 9_000, true)), Change::Began);
        assert_eq!(seqs(&run), [5]);
    }

    #[test]
    fn what_came_before_in_the_same_frame_belongs_to_it() {
        let mut run = Run::default();
        run.push(&packet(1, 0, false));
        run.push(&packet(2, 3_000, false));
        run.push(&packet(3, 3_000, true));
        run.push(&packet(4, 3_000, true));
        assert_eq!(seqs(&run), [2, 3, 4]);
    }

    #[test]
    fn late_packets_take_their_place_and_repeats_are_dropped() {
        let mut run = Run::default();
        for seq in [10, 13, 12, 13, 11, 9] {
            run.push(&packet(seq, if seq == 10 { 0 } else { 3_000 }, seq == 10));
        }
        assert_eq!(seqs(&run), [10, 11, 12, 13]);
    }

    #[test]
    fn a_key_frame_whose_beginning_comes_late_keeps_what_is_behind_it() {
        let mut run = Run::default();
        for seq in [11, 12, 13] {
            run.push(&packet(seq, if seq == 11 { 3_000 } else { 6_000 }, false));
        }
        assert_eq!(run.push(&packet(10, 3_000, true)), Change::Began);
        assert_eq!(seqs(&run), [10, 11, 12, 13]);
        assert_eq!(run.push(&packet(20, 9_000, true)), Change::Began);
        assert_eq!(run.push(&packet(9, 2_000, true)), Change::Continued, "an older one is over");
        assert_eq!(seqs(&run), [20]);
    }

    #[test]
    fn before_a_key_frame_little_is_kept() {
        let mut run = Run::default();
        for seq in 0..1_000u32 {
            run.push(&packet(seq.into(), seq * 3_000, false));
        }
        assert_eq!(run.packets.len(), 16, "half a second at 30 frames a second");
        assert_eq!(run.bytes, 16_000);
    }

    #[test]
    fn a_run_that_grows_too_old_is_given_up() {
        let mut run = Run::default();
        run.push(&packet(1, 0, true));
        assert_eq!(run.push(&packet(2, 4 * 90_000, false)), Change::Continued);
        assert_eq!(run.push(&packet(3, 4 * 90_000 + 90, false)), Change::GivenUp);
        assert!(!run.is_usable());
        assert_eq!(run.packets().count(), 0);
    }

    #[test]
    fn a_run_that_grows_too_large_is_given_up() {
        let mut run = Run::default();
        run.push(&packet(0, 0, true));
        let given_up = (1..5_000).find(|seq| run.push(&packet(*seq, 0, false)) == Change::GivenUp);
        assert_eq!(given_up, Some(MAX_BYTES as u64 / 1_000));
    }

    #[test]
    fn another_stream_begins_anew() {
        let mut run = Run::default();
        run.push(&packet(1, 0, true));
        let mut other = packet(2, 3_000, false);
        other.epoch.stream = 1;
        run.push(&other);
        assert!(!run.is_usable());
    }
}
