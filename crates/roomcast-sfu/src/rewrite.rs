//! Sequence numbers and timestamps of one subscription: what the subscriber sees is one stream,
//! whatever happens to the streams of the publication behind it.

use std::time::Instant;

use crate::packet::{Epoch, MediaPacket};

/// Maps the numbers of a publication to those of one subscription.
///
/// Within an epoch the mapping is linear, so packets that come late or were lost keep their place.
/// [`Rewrite::resume_at`] closes a gap that was made on purpose.
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
}

#[derive(Debug)]
struct Mapping {
    epoch: Epoch,
    /// Packets before this one are not forwarded any more.
    floor: u64,
    /// Added to the publication's number, wrapping.
    seq_offset: u64,
    time_offset: u32,
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
        let next_seq = self.last.map_or(FIRST_SEQ, |last| last.numbers.seq + 1);
        let same_epoch = self.current.as_ref().filter(|current| current.epoch == packet.epoch);
        let time_offset = match (same_epoch, self.last) {
            (Some(current), _) => current.time_offset,
            (None, Some(last)) => self.time_after(last, now).wrapping_sub(packet.time),
            (None, None) => 0,
        };
        self.current = Some(Mapping {
            epoch: packet.epoch,
            floor: packet.seq,
            seq_offset: next_seq.wrapping_sub(packet.seq),
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
        let numbers = Numbers {
            seq: packet.seq.wrapping_add(current.seq_offset),
            time: packet.time.wrapping_add(current.time_offset),
        };
        if self.last.is_none_or(|last| numbers.seq > last.numbers.seq) {
            self.last = Some(Sent { numbers, at: now });
        }
        Some(numbers)
    }

    /// The timestamp that a stream has `now` which was at `last` earlier: it must move on, or a
    /// receiver takes two frames for one.
    fn time_after(&self, last: Sent, now: Instant) -> u32 {
        let elapsed = now.saturating_duration_since(last.at).as_micros();
        let ticks = elapsed * u128::from(self.clock_rate) / 1_000_000;
        // A wrapping clock: only the low 32 bits matter.
        last.numbers.time.wrapping_add((ticks as u32).max(1))
    }
}

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
        assert_eq!(numbers, Numbers { seq: 2, time: 91_000 });
        assert_eq!(rewrite.map(&at(1, 501, 1_100), later), None, "the old epoch is over");
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
