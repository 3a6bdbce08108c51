//! A clip on its way: cut into packets, and known again where it arrives.
//!
//! What is to be measured cannot be written into a real picture. So a publisher notes what it sends under the
//! last bytes of each packet, which servers leave as they are, and viewers look them up. Pictures that are
//! alike to the byte, as of a screen that stands still, count as the newest of them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash as _, Hasher as _};
use std::sync::{PoisonError, RwLock};

use super::picture::{MAX_PAYLOAD_BYTES, even};
use super::stamp::Stamp;
use crate::args::{Codec, Split};
use crate::clip::{Clip, Frame};

/// A clip, and what of it was sent.
#[derive(Debug)]
pub(crate) struct Footage {
    pub(crate) clip: Clip,
    /// By publisher. Bounded by the packets of the clip.
    sent: Vec<RwLock<Sent>>,
}

type Sent = HashMap<u64, Stamp, BuildHasherDefault<DefaultHasher>>;

impl Footage {
    /// Nothing of it was sent yet.
    pub(crate) fn new(clip: Clip, publishers: u8) -> Self {
        Self { clip, sent: (0..publishers).map(|_| RwLock::default()).collect() }
    }

    /// The payloads of a frame, which is the picture of this number.
    pub(super) fn payloads(&self, frame: &Frame, number: u32, split: Split) -> Vec<Vec<u8>> {
        let parts = self.clip.parts(frame);
        match self.clip.codec {
            Codec::Vp8 => parts.flat_map(|part| vp8(part, number, split)).collect(),
            Codec::H264 => parts.flat_map(|part| h264(part, split)).collect(),
        }
    }

    /// Notes a packet before it is sent.
    pub(super) fn note(&self, publisher: usize, payload: &[u8], stamp: Stamp) {
        let (Some(mark), Some(sent)) = (self.mark(payload), self.sent.get(publisher)) else {
            return;
        };
        sent.write().unwrap_or_else(PoisonError::into_inner).insert(mark, stamp);
    }

    /// Which packet of this publisher that is.
    pub(super) fn find(&self, publisher: usize, payload: &[u8]) -> Option<Stamp> {
        let (mark, sent) = (self.mark(payload)?, self.sent.get(publisher)?);
        sent.read().unwrap_or_else(PoisonError::into_inner).get(&mark).copied()
    }

    /// By what a packet is known again: the end of what is behind its descriptor, which servers rewrite.
    fn mark(&self, payload: &[u8]) -> Option<u64> {
        let media = match self.clip.codec {
            Codec::Vp8 => payload.get(descriptor_length(payload)?..)?,
            Codec::H264 => payload,
        };
        let end = media.last_chunk::<MARK>().map_or(media, |end| end);
        let mut hasher = DefaultHasher::new();
        end.hash(&mut hasher);
        Some(hasher.finish())
    }
}

/// Packets of VP8 (RFC 7741), with picture numbers of 15 bits as browsers send them.
fn vp8(frame: &[u8], number: u32, split: Split) -> Vec<Vec<u8>> {
    let [.., high, low] = number.to_be_bytes();
    let pieces = pieces(frame, MAX_PAYLOAD_BYTES - 4, split).into_iter().enumerate();
    let packet = |(index, piece): (usize, &[u8])| {
        let begins = if index == 0 { 0x10 } else { 0 };
        [&[0x80 | begins, 0x80, 0x80 | high, low], piece].concat()
    };
    pieces.map(packet).collect()
}

/// Bytes of a payload descriptor (RFC 7741 section 4.2).
fn descriptor_length(payload: &[u8]) -> Option<usize> {
    let first = *payload.first()?;
    if first & 0x80 == 0 {
        return Some(1);
    }
    let extension = *payload.get(1)?;
    let picture = match payload.get(2) {
        _ if extension & 0x80 == 0 => 0,
        Some(number) if number & 0x80 != 0 => 2,
        _ => 1,
    };
    let (level, layer) = (extension & 0x40 != 0, extension & 0x30 != 0);
    Some(2 + picture + usize::from(level) + usize::from(layer))
}

/// Packets of one NAL unit (RFC 6184): itself, or fragments (FU-A).
fn h264(unit: &[u8], split: Split) -> Vec<Vec<u8>> {
    let Some((header, data)) = unit.split_first() else { return Vec::new() };
    if unit.len() <= MAX_PAYLOAD_BYTES {
        return vec![unit.to_vec()];
    }
    let pieces = pieces(data, MAX_PAYLOAD_BYTES - 2, split);
    let last = pieces.len().saturating_sub(1);
    let packet = |(index, piece): (usize, &[u8])| {
        let ends = u8::from(index == 0) << 7 | u8::from(index == last) << 6;
        [&[header & 0x60 | FU_A, ends | header & 0x1f], piece].concat()
    };
    pieces.into_iter().enumerate().map(packet).collect()
}

fn pieces(bytes: &[u8], most: usize, split: Split) -> Vec<&[u8]> {
    let count = bytes.len().div_ceil(most);
    let mut rest = bytes;
    let mut take = |size: usize| {
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        rest = behind;
        piece
    };
    match split {
        Split::Even => even(bytes.len(), count).map(take).collect(),
        Split::Full => (0..count).map(|_| take(most)).collect(),
    }
}

const FU_A: u8 = 28;

/// Bytes at the end of a packet that are looked at: encoders hardly write the same ones twice.
const MARK: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(number: u32) -> Stamp {
        Stamp { track: 0, layer: 0, key: true, index: 0, count: 1, frame: 0, number, sent_us: 9 }
    }

    fn data(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n * 31 % 251) as u8).collect()
    }

    #[test]
    fn what_was_cut_is_whole_again_when_put_together() {
        for split in [Split::Even, Split::Full] {
            for length in [1, 500, MAX_PAYLOAD_BYTES - 4, MAX_PAYLOAD_BYTES, 5_000] {
                let frame = data(length);
                let cut = vp8(&frame, 0x1_8123, split);
                assert!(cut.iter().all(|payload| (5..=MAX_PAYLOAD_BYTES).contains(&payload.len())));
                assert_eq!(cut.iter().flat_map(|p| &p[4..]).copied().collect::<Vec<_>>(), frame);
                assert_eq!(cut[0][..4], [0x90, 0x80, 0x81, 0x23]);
                assert!(cut[1..].iter().all(|payload| payload[0] == 0x80));
            }
            let unit = [&[0x65], &data(5_000)[..]].concat();
            let cut = h264(&unit, split);
            let joined: Vec<u8> = cut.iter().flat_map(|p| &p[2..]).copied().collect();
            assert_eq!(joined, unit[1..]);
            assert_eq!(cut[0][..2], [0x7c, 0x85]);
            assert_eq!(cut.last().unwrap()[..2], [0x7c, 0x45]);
        }
        assert_eq!(h264(&[0x67, 1, 2], Split::Even), [[0x67, 1, 2]]);
    }

    #[test]
    fn a_packet_is_known_again_behind_another_descriptor() {
        let bytes = crate::clip::tests::two_frames();
        let footage = Footage::new(bytes, 2);
        let sent = vp8(&data(100), 7, Split::Even).remove(0);
        footage.note(1, &sent, stamp(5));
        let media = &sent[4..];
        for descriptor in [&[0x10][..], &[0x90, 0x80, 0x07], &[0x90, 0xf0, 0x80, 7, 1, 0x20]] {
            let arrived = [descriptor, media].concat();
            assert_eq!(footage.find(1, &arrived), Some(stamp(5)));
        }
        assert_eq!(footage.find(0, &sent), None);
        assert_eq!(footage.find(1, &[]), None);
        assert_eq!(footage.find(1, &[0x90, 0xf0]), None);
        footage.note(1, &sent, stamp(6));
        assert_eq!(footage.find(1, &sent), Some(stamp(6)), "the newest of those that are alike");
    }
}
