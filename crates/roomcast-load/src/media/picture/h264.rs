//! H.264: RFC 6184 for packets (STAP-A, FU-A, single NAL units), ITU-T H.264 for what is in them.
//!
//! As browsers do it, a key frame begins with a packet of its parameter sets: constrained baseline,
//! so that there are no B-frames.

use super::cut;
use crate::args::Split;
use crate::media::stamp::{STAMP_BYTES, Stamp};

pub(super) fn payload_sizes(bytes: usize, key: bool, split: Split) -> Vec<usize> {
    // What parameter sets take, they say themselves.
    key.then_some(0).into_iter().chain(cut(bytes, split)).collect()
}

/// The payload of one packet of a picture of these pixels, `size` bytes long unless it has the
/// parameter sets.
pub(super) fn payload(size: usize, pixels: (u16, u16), stamp: Stamp) -> Vec<u8> {
    if stamp.key && stamp.index == 0 {
        return parameter_sets(pixels, stamp);
    }
    let is_first = stamp.index == u16::from(stamp.key);
    let is_last = stamp.index + 1 == stamp.count;
    let unit = if stamp.key { IDR_SLICE } else { SLICE };
    let mut bytes = Vec::with_capacity(size);
    if is_first && is_last {
        bytes.push(unit);
    } else {
        let ends = u8::from(is_first) << 7 | u8::from(is_last) << 6;
        bytes.extend_from_slice(&[unit & NRI | FU_A, ends | unit & TYPE]);
    }
    if is_first {
        bytes.extend_from_slice(&slice_header(stamp));
    }
    stamp.fill(&mut bytes, size);
    bytes
}

/// One packet with both parameter sets, and the stamp as what an encoder says about itself.
fn parameter_sets(pixels: (u16, u16), stamp: Stamp) -> Vec<u8> {
    let mut note = vec![SEI, SEI_OF_USER, (UUID.len() + STAMP_BYTES) as u8];
    note.extend_from_slice(&UUID);
    note.extend_from_slice(&stamp.to_bytes());
    note.push(END_OF_UNIT);
    let mut bytes = vec![STAP_A];
    for unit in [&sequence_parameters(pixels)[..], &PICTURE_PARAMETERS, &note] {
        bytes.extend_from_slice(&u16::try_from(unit.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(unit);
    }
    bytes
}

/// A sequence parameter set (section 7.3.2.1.1) for a picture of this width and height.
fn sequence_parameters((width, height): (u16, u16)) -> Vec<u8> {
    let (width, height) = (u32::from(width), u32::from(height));
    let (columns, rows) = (width.div_ceil(16), height.div_ceil(16));
    let mut bits = Bits::default();
    bits.put(8, 0x67);
    // Constrained baseline, level 3.1, as the offer says.
    bits.put(24, 0x42_e01f);
    // Its number; frame numbers of four bits; order of output as of decoding; one picture to refer to.
    [0, 0, 2, 1].into_iter().for_each(|value| bits.golomb(value));
    bits.put(1, 0);
    bits.golomb(columns.saturating_sub(1));
    bits.golomb(rows.saturating_sub(1));
    // Frames and not fields; direct_8x8_inference_flag.
    bits.put(2, 0b11);
    let cropped = [0, (columns * 16 - width) / 2, 0, (rows * 16 - height) / 2];
    let is_cropped = cropped != [0; 4];
    bits.put(1, u32::from(is_cropped));
    if is_cropped {
        cropped.into_iter().for_each(|edge| bits.golomb(edge));
    }
    // No usability information; the end.
    bits.put(2, 0b01);
    bits.into_bytes()
}

/// The beginning of a slice header (section 7.3.3) of an I or a P slice.
fn slice_header(stamp: Stamp) -> [u8; 2] {
    if stamp.key {
        return [0x88, 0x84];
    }
    let [.., number] = stamp.frame.to_be_bytes();
    let number = number & 0x0f;
    [0x9a | number >> 3, number << 5 | 0b10]
}

/// Bits, the highest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn put(&mut self, count: u32, value: u32) {
        for place in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = value >> place & 1 != 0;
            if let Some(last) = self.bytes.last_mut().filter(|_| bit) {
                *last |= 0x80 >> (self.used % 8);
            }
            self.used += 1;
        }
    }

    /// An unsigned Exp-Golomb code (section 9.1).
    fn golomb(&mut self, value: u32) {
        let code = value + 1;
        self.put(code.ilog2(), 0);
        self.put(code.ilog2() + 1, code);
    }

    fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// CAVLC, one slice group, one reference: nothing that a slice has to say more about.
const PICTURE_PARAMETERS: [u8; 4] = [0x68, 0xce, 0x3c, 0x80];

const SLICE: u8 = 0x41;
const IDR_SLICE: u8 = 0x65;
const SEI: u8 = 0x06;
/// `user_data_unregistered`.
const SEI_OF_USER: u8 = 5;
const STAP_A: u8 = 0x78;
const FU_A: u8 = 28;
/// The bits of a unit's header that say how much it matters, and of which type it is.
const NRI: u8 = 0x60;
const TYPE: u8 = 0x1f;
const END_OF_UNIT: u8 = 0x80;
const UUID: [u8; 16] = *b"roomcast load \x01\x01";

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(index: u16, count: u16, key: bool) -> Stamp {
        Stamp { track: 0, layer: 0, key, index, count, frame: 3, number: 5, sent_us: 6 }
    }

    /// The sizes that a sequence parameter set of this module says, read by its own rules.
    fn size(unit: &[u8]) -> (u32, u32) {
        let bits: Vec<u32> = unit
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| u32::from(byte >> bit & 1)))
            .collect();
        let mut at = 32;
        let mut next = |count: usize| {
            at += count;
            bits[at - count..at].iter().fold(0, |value, bit| value << 1 | bit)
        };
        let golomb = |next: &mut dyn FnMut(usize) -> u32| {
            let zeros = std::iter::repeat_with(|| next(1)).take_while(|bit| *bit == 0).count();
            (1 << zeros | if zeros > 0 { next(zeros) } else { 0 }) - 1
        };
        assert_eq!([0; 4].map(|_| golomb(&mut next)), [0, 0, 2, 1]);
        next(1);
        let (columns, rows) = (golomb(&mut next) + 1, golomb(&mut next) + 1);
        assert_eq!(next(2), 3);
        let [_, right, _, bottom] =
            if next(1) == 1 { [0; 4].map(|_| golomb(&mut next)) } else { [0; 4] };
        (columns * 16 - right * 2, rows * 16 - bottom * 2)
    }

    #[test]
    fn parameter_sets_say_the_size_of_the_picture() {
        for (width, height) in [(1280, 720), (640, 360), (320, 180)] {
            let unit = sequence_parameters((width, height));
            assert_eq!(unit[..4], [0x67, 0x42, 0xe0, 0x1f]);
            assert_eq!(size(&unit), (width.into(), height.into()));
            assert!(unit.windows(3).all(|bytes| bytes[..2] != [0, 0] || bytes[2] > 3));
        }
    }

    #[test]
    fn a_key_frame_begins_with_its_parameter_sets_and_goes_on_with_fragments_of_one_slice() {
        let sizes = payload_sizes(3_000, true, Split::Even);
        assert_eq!(sizes.len(), 4);
        let packet = |index| payload(sizes[index as usize], (1280, 720), stamp(index, 4, true));
        let sets = packet(0);
        let length = usize::from(sets[2]);
        assert_eq!((sets[0], sets[1], sets[3]), (0x78, 0, 0x67));
        assert_eq!(sets[3 + length..5 + length + 4], [0, 4, 0x68, 0xce, 0x3c, 0x80]);
        assert_eq!(packet(1)[..4], [0x7c, 0x85, 0x88, 0x84]);
        assert_eq!(packet(2)[..2], [0x7c, 0x05]);
        assert_eq!(packet(3)[..2], [0x7c, 0x45]);
        for index in 0..4 {
            let stamp = stamp(index, 4, true);
            assert_eq!(Stamp::ends(&packet(index)), Some((stamp, stamp)));
        }
    }

    #[test]
    fn other_pictures_are_fragments_too_or_one_unit() {
        let whole = payload(500, (1280, 720), stamp(0, 1, false));
        assert_eq!(whole[..2], [0x41, 0x9a]);
        assert_eq!(whole.len(), 500);
        let first = payload(1_000, (1280, 720), stamp(0, 2, false));
        assert_eq!(first[..3], [0x5c, 0x81, 0x9a]);
        assert_eq!(payload(1_000, (1280, 720), stamp(1, 2, false))[..2], [0x5c, 0x41]);
    }
}
