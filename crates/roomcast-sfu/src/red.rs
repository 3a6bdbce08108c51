//! Redundant sound (RFC 2198): each packet carries the packets before it once more, so that a receiver
//! which loses one has it 20 ms later, without asking. For pictures resends do; for sound they come
//! too late.
//!
//! Payloads are made when the first subscriber takes them, and shared by all who take the same. Who
//! loses nothing takes none: that is decided where the session is (`session/redundancy.rs`).

use std::collections::VecDeque;
use std::sync::Arc;

use str0m::rtp::{RedEncoder, RedundantBlock};

use crate::packet::{Epoch, MediaPacket};

/// The last packets of a publication of sound, and what was made of them.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    packets: VecDeque<Kept>,
    made: VecDeque<Made>,
}

/// What is kept of a packet.
#[derive(Debug, Clone)]
struct Kept {
    epoch: Epoch,
    seq: u64,
    time: u32,
    payload: Arc<[u8]>,
}

/// A redundant payload, for whoever wants the same.
#[derive(Debug)]
struct Made {
    epoch: Epoch,
    seq: u64,
    level: u8,
    payload_type: u8,
    payload: Arc<[u8]>,
}

impl Recent {
    /// Keeps a packet, for those behind it.
    pub(crate) fn push(&mut self, packet: &MediaPacket) {
        if self.packets.len() >= KEPT_PACKETS {
            self.packets.pop_front();
        }
        let MediaPacket { epoch, seq, time, .. } = *packet;
        self.packets.push_back(Kept { epoch, seq, time, payload: Arc::clone(&packet.payload) });
    }

    /// These packets for a receiver who is to get `level` earlier ones with each, as far as there are
    /// any that fit: the others are sent as they are.
    pub(crate) fn protect(
        &mut self,
        packets: &[MediaPacket],
        level: u8,
        payload_type: u8,
    ) -> Vec<MediaPacket> {
        let protect = |packet: &MediaPacket| match self.payload(packet, level, payload_type) {
            Some(payload) => MediaPacket { payload, is_redundant: true, ..packet.clone() },
            None => packet.clone(),
        };
        packets.iter().map(protect).collect()
    }

    /// The payload in which `level` packets before this one go with it, all of the payload type that
    /// the receiver knows the codec by. `None` when there are none that fit: the packet is sent as it
    /// is.
    fn payload(&mut self, packet: &MediaPacket, level: u8, payload_type: u8) -> Option<Arc<[u8]>> {
        let is_it = |m: &&Made| {
            (m.seq, m.level, m.payload_type, m.epoch)
                == (packet.seq, level, payload_type, packet.epoch)
        };
        if let Some(made) = self.made.iter().find(is_it) {
            return Some(Arc::clone(&made.payload));
        }
        let payload: Arc<[u8]> = encode(packet, &self.before(packet, level), payload_type)?.into();
        if self.made.len() >= MADE_PAYLOADS {
            self.made.pop_front();
        }
        let MediaPacket { epoch, seq, .. } = *packet;
        let shared = Arc::clone(&payload);
        self.made.push_back(Made { epoch, seq, level, payload_type, payload: shared });
        Some(payload)
    }

    /// The packets before this one that may go with it, the nearest first.
    fn before(&self, packet: &MediaPacket, level: u8) -> Vec<&Kept> {
        let is_before = |k: &&Kept| {
            k.epoch == packet.epoch && k.seq < packet.seq && offset(packet, k).is_some()
        };
        let mut before: Vec<_> = self.packets.iter().filter(is_before).collect();
        before.sort_unstable_by_key(|k| std::cmp::Reverse(k.seq));
        before.dedup_by_key(|k| k.seq);
        before.truncate(level.into());
        let mut room = MAX_PAYLOAD.saturating_sub(packet.payload.len() + PRIMARY_HEADER);
        let fits = before.iter().take_while(|k| {
            let size = k.payload.len() + BLOCK_HEADER;
            let is_fitting = k.payload.len() <= MAX_BLOCK && size <= room;
            room = room.saturating_sub(size);
            is_fitting
        });
        let count = fits.count();
        before.truncate(count);
        before
    }
}

/// By how many ticks a packet is earlier, if the header can say so and it is of use still.
fn offset(packet: &MediaPacket, earlier: &Kept) -> Option<u32> {
    let ticks = packet.time.wrapping_sub(earlier.time);
    (1..=MAX_OFFSET).contains(&ticks).then_some(ticks)
}

/// The packet behind those before it, oldest first; `None` without an earlier packet.
fn encode(packet: &MediaPacket, before: &[&Kept], payload_type: u8) -> Option<Vec<u8>> {
    let block = |earlier: &&Kept| {
        let (pt, timestamp_offset) = (payload_type, offset(packet, earlier)?);
        Some(RedundantBlock { pt, timestamp_offset, payload: earlier.payload.to_vec() })
    };
    let blocks: Vec<_> = before.iter().rev().filter_map(block).collect();
    (!blocks.is_empty()).then(|| RedEncoder::encode(payload_type, &packet.payload, &blocks))
}

/// Enough for a batch that was held up for a while, besides the two before it. Only references.
const KEPT_PACKETS: usize = 8;

/// The two levels, under two payload types, of as many packets as come in one batch.
const MADE_PAYLOADS: usize = 16;

/// The header has 14 bits: 341 ms of Opus. What silence has put further apart is of no use: nobody
/// waits for it so long.
const MAX_OFFSET: u32 = (1 << 14) - 1;

/// The header has 10 bits.
const MAX_BLOCK: usize = (1 << 10) - 1;

/// Payloads that fit into any packet beside the headers of RTP, SRTP, UDP and IP, as browsers cut
/// theirs.
const MAX_PAYLOAD: usize = 1_100;

const BLOCK_HEADER: usize = 4;
const PRIMARY_HEADER: usize = 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use str0m::rtp::RedDecoder;

    use super::*;
    use crate::run::tests::packet;

    fn sound(seq: u64, time: u32, bytes: &[u8]) -> MediaPacket {
        MediaPacket { payload: bytes.into(), ..packet(seq, time, false) }
    }

    fn kept(packets: &[MediaPacket]) -> Recent {
        let mut recent = Recent::default();
        packets.iter().for_each(|p| recent.push(p));
        recent
    }

    /// Offsets and contents as a receiver reads them.
    fn read(payload: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let blocks = RedDecoder::decode(payload).unwrap();
        assert!(blocks.iter().all(|b| b.pt == 111));
        blocks.iter().map(|b| (b.timestamp_offset, b.payload.to_vec())).collect()
    }

    #[test]
    fn a_packet_carries_those_before_it() {
        let packets = [sound(1, 0, b"a"), sound(2, 960, b"bb"), sound(3, 1_920, b"ccc")];
        let mut recent = kept(&packets);
        let one = recent.payload(&packets[2], 1, 111).unwrap();
        assert_eq!(read(&one), [(960, b"bb".to_vec()), (0, b"ccc".to_vec())]);
        let two = recent.payload(&packets[2], 2, 111).unwrap();
        let expected = [(1_920, b"a".to_vec()), (960, b"bb".to_vec()), (0, b"ccc".to_vec())];
        assert_eq!(read(&two), expected);
        assert_eq!(recent.payload(&packets[0], 2, 111), None, "nothing came before it");
        let again = recent.payload(&packets[2], 2, 111).unwrap();
        assert!(Arc::ptr_eq(&two, &again), "made once for all");
    }

    #[test]
    fn packets_of_another_stream_and_those_before_a_silence_do_not_go_along() {
        let mut other = sound(2, 960, b"other");
        other.epoch.stream = 9;
        let last = sound(3, 1_920, b"c");
        assert_eq!(kept(&[other, last.clone()]).payload(&last, 2, 111), None);
        let after_silence = sound(4, 1_920 + 19_200, b"d");
        let mut recent = kept(&[last, after_silence.clone()]);
        assert_eq!(recent.payload(&after_silence, 1, 111), None);
    }

    #[test]
    fn a_late_packet_takes_those_before_it_and_not_those_that_came_before() {
        let packets = [sound(1, 0, b"a"), sound(3, 1_920, b"c"), sound(2, 960, b"b")];
        let payload = kept(&packets).payload(&packets[2], 2, 111).unwrap();
        assert_eq!(read(&payload), [(960, b"a".to_vec()), (0, b"b".to_vec())]);
    }

    #[test]
    fn what_would_not_fit_into_a_datagram_stays_out() {
        let packets =
            [sound(1, 0, &[1; 400]), sound(2, 960, &[2; 400]), sound(3, 1_920, &[3; 400])];
        let payload = kept(&packets).payload(&packets[2], 2, 111).unwrap();
        assert_eq!(read(&payload), [(960, vec![2; 400]), (0, vec![3; 400])]);
        let large = [sound(1, 0, &[1; 1_024]), sound(2, 960, b"b")];
        assert_eq!(kept(&large).payload(&large[1], 1, 111), None, "longer than ten bits can say");
    }

    proptest! {
        #[test]
        fn every_payload_reads_back_and_fits(
            sent in proptest::collection::vec((0u64..30, any::<u32>(), 0usize..1_300), 1..20),
            level in 0u8..4,
        ) {
            let mut seen = std::collections::HashSet::new();
            let packets: Vec<_> = sent
                .iter()
                .filter(|(seq, ..)| seen.insert(*seq))
                .map(|(seq, time, size)| sound(*seq, time % 40_000, &vec![7; *size]))
                .collect();
            let mut recent = kept(&packets);
            for packet in &packets {
                let Some(payload) = recent.payload(packet, level, 111) else { continue };
                prop_assert!(payload.len() <= MAX_PAYLOAD.max(packet.payload.len()));
                let blocks = read(&payload);
                let (last, earlier) = blocks.split_last().unwrap();
                prop_assert!((1..=usize::from(level)).contains(&earlier.len()));
                prop_assert_eq!(last, &(0, packet.payload.to_vec()));
                prop_assert!(earlier.iter().all(|(offset, _)| (1..=MAX_OFFSET).contains(offset)));
            }
        }
    }
}
