//! Sequence numbers and timestamps of one subscription: what the subscriber sees is one stream,
//! whatever happens to the streams of the publication behind it.

use std::time::Instant;

use str0m::rtp::Vp8Patch;

use crate::packet::{Epoch, MediaPacket};

/// Maps the numbers of a publication to those of one subscription.
///
/// Within an epoch the mapping is linear, so packets that come late or were lost keep their place.
/// [`Rewrite::resume_at`] closes a gap that was made on purpose; [`Rewrite::replay`] does so, too,
/// and draws the timestamps of what is sent after the fact together.
#[derive(Debug)]
pub(crate) struct Rewrite {
    clock_rate: u32,
    last: Option<Sent>,
    current: Option<Mapping>,
}

/// The numbers that a packet gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Extended by its rollovers, from [`FIRST_SEQ`].
    pub seq: u64,
    /// The RTP timestamp.
    pub time: u32,
    /// By how many ticks it was moved towards the present.
    pub drawn: u32,
    /// What is to be written over the numbers of VP8 in the payload.
    pub vp8: Option<Vp8Patch>,
    /// The payload is not to be sent: an empty packet takes its place, so that there is no gap.
    pub is_filler: bool,
}

#[derive(Debug)]
struct Mapping {
    epoch: Epoch,
    replay: Option<Replay>,
    /// Packets before this one are not forwarded any more.
    floor: u64,
    /// Added to the publication's number, wrapping.
    seq_offset: u64,
    time_offset: u32,
}

/// The part of an epoch that is sent after the fact.
///
/// With their own timestamps its frames would be shown at their own pace, and the viewer would stay
/// behind by its age. Drawn together they are decoded at once. The rule needs nothing but the
/// packet's own timestamp, so one that comes late fits in wherever it belongs.
#[derive(Debug, Clone, Copy)]
struct Replay {
    until: u64,
    /// The timestamp of the newest packet when the replay began: it stays as it is.
    anchor: u32,
}

/// The newest packet that was sent.
#[derive(Debug, Clone, Copy)]
struct Sent {
    numbers: Numbers,
    at: Instant,
}

impl Rewrite {
    /// A mapping for a stream whose timestamps run at `clock_rate` Hz.
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self { clock_rate, last: None, current: None }
    }

    /// Makes this packet the next one in the subscriber's eyes, with no gap before it. Packets of
    /// the same epoch that come before it are dropped from now on.
    pub(crate) fn resume_at(&mut self, packet: &MediaPacket, now: Instant) {
        self.start(packet, None, now);
    }

    /// The same for packets that were kept, of which `newest` is the last.
    pub(crate) fn replay(&mut self, first: &MediaPacket, newest: &MediaPacket, now: Instant) {
        self.start(first, Some(Replay { until: newest.seq, anchor: newest.time }), now);
    }

    /// Makes the next packet resume, whatever stream it is of.
    pub(crate) fn pause(&mut self) {
        self.current = None;
    }

    fn start(&mut self, first: &MediaPacket, replay: Option<Replay>, now: Instant) {
        let next_seq = self.last.map_or(FIRST_SEQ, |last| last.numbers.seq + 1);
        let time = first.time.wrapping_add(replay.map_or(0, |r| r.draws(first)));
        let kept = self.current.as_ref().filter(|c| c.epoch == first.epoch).map(|c| c.time_offset);
        let time_offset = match (kept, self.last) {
            (kept, None) => kept.unwrap_or(0),
            (Some(kept), Some(last)) if is_after(time.wrapping_add(kept), last.numbers.time) => {
                kept
            }
            (_, Some(last)) => self.time_after(last, now).wrapping_sub(time),
        };
        self.current = Some(Mapping {
            epoch: first.epoch,
            replay,
            floor: first.seq,
            seq_offset: next_seq.wrapping_sub(first.seq),
            time_offset,
        });
    }

    /// Whether this packet belongs to what is being sent: same epoch, not before its beginning.
    pub(crate) fn covers(&self, packet: &MediaPacket) -> bool {
        self.current.as_ref().is_some_and(|c| c.epoch == packet.epoch && packet.seq >= c.floor)
    }

    /// Whether this packet belongs to the epoch that is being sent.
    pub(crate) fn is_in_epoch(&self, packet: &MediaPacket) -> bool {
        self.current.as_ref().is_some_and(|c| c.epoch == packet.epoch)
    }

    /// Whether this packet belongs to a later epoch than what is being sent.
    pub(crate) fn is_newer(&self, packet: &MediaPacket) -> bool {
        self.current.as_ref().is_none_or(|c| packet.epoch > c.epoch)
    }

    /// The numbers of a packet that is sent now; `None` for one that is not [covered](Self::covers).
    pub(crate) fn map(&mut self, packet: &MediaPacket, now: Instant) -> Option<Numbers> {
        let current = self.current.as_ref().filter(|_| self.covers(packet))?;
        let drawn = current.replay.map_or(0, |replay| replay.draws(packet));
        let numbers = Numbers {
            seq: packet.seq.wrapping_add(current.seq_offset),
            time: packet.time.wrapping_add(drawn).wrapping_add(current.time_offset),
            drawn,
            vp8: None,
            is_filler: false,
        };
        if self.last.is_none_or(|last| numbers.seq > last.numbers.seq) {
            self.last = Some(Sent { numbers, at: now });
        }
        Some(numbers)
    }

    /// A packet is not sent, on purpose: what follows closes up.
    #[allow(dead_code, reason = "until temporal layers are dropped")]
    pub(crate) fn skip(&mut self, _packet: &MediaPacket) {}

    /// The timestamp that a stream has `now` which was at `last` earlier: it must move on, or a
    /// receiver takes two frames for one.
    fn time_after(&self, last: Sent, now: Instant) -> u32 {
        let elapsed = now.saturating_duration_since(last.at).as_micros();
        let ticks = elapsed * u128::from(self.clock_rate) / 1_000_000;
        // A wrapping clock: only the low 32 bits matter.
        last.numbers.time.wrapping_add((ticks as u32).max(1))
    }
}

impl Replay {
    /// By how many ticks a packet is moved towards the anchor.
    fn draws(self, packet: &MediaPacket) -> u32 {
        let behind = self.anchor.wrapping_sub(packet.time);
        let is_before = packet.seq <= self.until && behind.cast_signed() > 0;
        if is_before { behind - behind / REPLAY_SPEED } else { 0 }
    }
}

/// Whether one timestamp of a wrapping clock is later than another (RFC 1982 §3.2).
fn is_after(time: u32, other: u32) -> bool {
    time.wrapping_sub(other).cast_signed() > 0
}

/// Four kept seconds become an eighth of one: due at once for any receiver, while frames that are
/// 1 ms apart still differ.
const REPLAY_SPEED: u32 = 32;

/// The first number of a stream. SRTP begins with rollover counter 0 (RFC 3711 §3.3.1), so it is
/// below 65,536; above 0, so that one packet may be put before it.
const FIRST_SEQ: u64 = 1;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::run::tests::packet;

    fn at(epoch: u64, seq: u64, time: u32) -> MediaPacket {
        let mut p = packet(seq, time, false);
        p.epoch.session = epoch;
        p
    }

    #[test]
    fn late_and_lost_packets_keep_their_place() {
        let now = Instant::now();
        let mut rewrite = Rewrite::new(90_000);
        rewrite.resume_at(&at(1, 70_000, 10), now);
        let seqs: Vec<_> = [70_000, 70_003, 70_001]
            .map(|seq| rewrite.map(&at(1, seq, 10), now).unwrap().seq)
            .to_vec();
        assert_eq!(seqs, [1, 4, 2]);
        assert_eq!(rewrite.map(&at(1, 69_999, 10), now), None);
    }

    #[test]
    fn a_new_publisher_goes_on_where_the_old_one_stopped() {
        let start = Instant::now();
        let mut rewrite = Rewrite::new(90_000);
        rewrite.resume_at(&at(1, 500, 1_000), start);
        rewrite.map(&at(1, 500, 1_000), start);
        let later = start + Duration::from_secs(1);
        rewrite.resume_at(&at(2, 9, u32::MAX), later);
        let numbers = rewrite.map(&at(2, 9, u32::MAX), later).unwrap();
        assert_eq!(
            numbers,
            Numbers { seq: 2, time: 91_000, drawn: 0, vp8: None, is_filler: false }
        );
        assert_eq!(rewrite.map(&at(1, 501, 1_100), later), None, "the old epoch is over");
    }

    #[test]
    fn kept_frames_are_drawn_towards_the_newest_and_late_ones_fit_in() {
        let now = Instant::now();
        let mut rewrite = Rewrite::new(90_000);
        let newest = at(1, 40, 120_000);
        rewrite.replay(&at(1, 0, 0), &newest, now);
        let mut time = |seq: u64| rewrite.map(&at(1, seq, seq as u32 * 3_000), now).unwrap().time;
        assert_eq!([time(40), time(41)], [120_000, 123_000], "live goes on from the newest");
        let [first, third, second] = [time(0), time(2), time(1)];
        assert!(first < second && second < third && first > 116_000, "{first} {second} {third}");
    }

    #[test]
    fn a_replay_of_what_was_sent_before_does_not_go_back_in_time() {
        let start = Instant::now();
        let mut rewrite = Rewrite::new(90_000);
        rewrite.resume_at(&at(1, 0, 0), start);
        let before = rewrite.map(&at(1, 40, 120_000), start).unwrap();
        let later = start + Duration::from_millis(10);
        rewrite.replay(&at(1, 0, 0), &at(1, 40, 120_000), later);
        let after = rewrite.map(&at(1, 0, 0), later).unwrap();
        assert_eq!((after.seq, after.time), (before.seq + 1, before.time + 900));
    }

    proptest! {
        #[test]
        fn what_is_sent_has_no_gap_and_no_repeat(
            pieces in proptest::collection::vec((1u64..4, 0u64..1u64 << 40, 1u64..50, any::<u32>()), 1..20)
        ) {
            let mut now = Instant::now();
            let mut rewrite = Rewrite::new(90_000);
            let mut expected = FIRST_SEQ;
            for (epoch, first, count, time) in pieces {
                now += Duration::from_millis(20);
                rewrite.resume_at(&at(epoch, first, time), now);
                for i in 0..count {
                    let numbers = rewrite.map(&at(epoch, first + i, time), now).unwrap();
                    prop_assert_eq!(numbers.seq, expected);
                    expected += 1;
                }
            }
        }
    }
}
