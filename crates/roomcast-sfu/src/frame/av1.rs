//! AV1: aggregation header and elements of a payload (AV1 RTP specification §4.3, §4.4), OBU headers
//! (AV1 specification §5.3) and the sequence header (§5.5).
//!
//! A packet that only goes on with an OBU does not say its layer.

use super::{ALL, Frame};
use crate::bits::Bits;

/// Reads a payload; `None` where no OBU begins in it.
pub(super) fn read(payload: &[u8]) -> Option<Frame> {
    let (header, rest) = payload.split_first()?;
    let goes_on = usize::from(header & GOES_ON != 0);
    let mut temporal = None;
    let mut size = None;
    for element in elements(*header, rest).skip(goes_on) {
        let Some(obu) = Obu::read(element) else { continue };
        temporal = temporal.max(Some(obu.temporal));
        if obu.kind == SEQUENCE_HEADER {
            size = sequence_size(Bits::new(obu.contents));
        }
    }
    let temporal = temporal?;
    // Layers of the usual structures refer to nothing before the last frame of the lowest.
    let opens = if temporal == 0 { ALL } else { temporal };
    Some(Frame { temporal, opens, size, vp8: None })
}

/// The elements of a payload. The last one has no length where they are counted.
fn elements(header: u8, mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    let count = (header & COUNT) >> COUNT_SHIFT;
    let mut number = 0;
    std::iter::from_fn(move || {
        number += 1;
        if rest.is_empty() || number > MAX_ELEMENTS {
            return None;
        }
        if number == count {
            return Some(std::mem::take(&mut rest));
        }
        let length = leb128(&mut rest)?;
        let (element, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(element)
    })
}

struct Obu<'a> {
    kind: u8,
    temporal: u8,
    contents: &'a [u8],
}

impl<'a> Obu<'a> {
    fn read(element: &'a [u8]) -> Option<Self> {
        let (header, mut contents) = element.split_first()?;
        let mut temporal = 0;
        if header & HAS_EXTENSION != 0 {
            let (extension, behind) = contents.split_first()?;
            (temporal, contents) = (extension >> TEMPORAL_SHIFT, behind);
        }
        if header & HAS_SIZE != 0 {
            leb128(&mut contents)?;
        }
        Some(Self { kind: (header >> KIND_SHIFT) & KIND, temporal, contents })
    }
}

/// A number of seven bits a byte, the lowest first (AV1 specification §4.10.5).
fn leb128(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for index in 0..MAX_LEB128 {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// The largest size of frames (§5.5.1).
fn sequence_size(mut bits: Bits<'_>) -> Option<(u16, u16)> {
    // Profile; whether there is one picture alone.
    bits.skip(4)?;
    let is_reduced = bits.flag()?;
    if is_reduced {
        bits.skip(5)?;
    } else {
        skip_operating_points(&mut bits)?;
    }
    let (width_bits, height_bits) = (bits.read(4)? + 1, bits.read(4)? + 1);
    let width = bits.read(width_bits)?.checked_add(1)?;
    let height = bits.read(height_bits)?.checked_add(1)?;
    Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}

fn skip_operating_points(bits: &mut Bits<'_>) -> Option<()> {
    let delay_bits = timing(bits)?;
    let has_display_delay = bits.flag()?;
    for _ in 0..=bits.read(5)? {
        bits.skip(12)?;
        let level = bits.read(5)?;
        bits.skip(u32::from(level > LEVEL_WITHOUT_TIER))?;
        if let Some(delay_bits) = delay_bits
            && bits.flag()?
        {
            bits.skip(2 * delay_bits + 1)?;
        }
        if has_display_delay && bits.flag()? {
            bits.skip(4)?;
        }
    }
    Some(())
}

/// Timing and decoder model (§5.5.3, §5.5.4): how long the delays of operating points are, if they
/// are there.
fn timing(bits: &mut Bits<'_>) -> Option<Option<u32>> {
    if !bits.flag()? {
        return Some(None);
    }
    bits.skip(64)?;
    if bits.flag()? {
        bits.exp_golomb()?;
    }
    if !bits.flag()? {
        return Some(None);
    }
    let delay_bits = bits.read(5)? + 1;
    bits.skip(32 + 5 + 5)?;
    Some(Some(delay_bits))
}

// The aggregation header.
const GOES_ON: u8 = 0x80;
const COUNT: u8 = 0x30;
const COUNT_SHIFT: u8 = 4;

// An OBU header.
const KIND_SHIFT: u8 = 3;
const KIND: u8 = 0x0F;
const HAS_EXTENSION: u8 = 0x04;
const HAS_SIZE: u8 = 0x02;
const TEMPORAL_SHIFT: u8 = 5;
const SEQUENCE_HEADER: u8 = 1;

const LEVEL_WITHOUT_TIER: u32 = 7;

/// What is of interest comes first.
const MAX_ELEMENTS: u8 = 8;

/// Longer numbers exceed 32 bits.
const MAX_LEB128: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence header of 640 × 360: profile 0, one operating point of level 4; ten and nine bits.
    const SEQUENCE: [u8; 10] = [0x08, 0x00, 0x00, 0x00, 0x24, 0xC4, 0xFF, 0x67, 0x00, 0x00];

    #[test]
    fn a_key_frame_says_its_size() {
        let packet = [&[0x28, 10][..], &SEQUENCE, &[0x30, 1, 2, 3]].concat();
        let size = Some((640, 360));
        assert_eq!(read(&packet), Some(Frame { opens: ALL, size, ..Frame::default() }));
        let sized = [&[0x18][..], &[0x0A, 9], SEQUENCE.get(1..).unwrap()].concat();
        assert_eq!(read(&sized).and_then(|f| f.size), size);
    }

    #[test]
    fn layers_are_read_where_an_obu_begins() {
        let layers = |payload: &[u8]| read(payload).map(|f| (f.temporal, f.opens));
        assert_eq!(layers(&[0x10, 0x34, 0x40, 9, 9]), Some((2, 2)));
        assert_eq!(layers(&[0x00, 4, 0x34, 0x20, 9, 9]), Some((1, 1)), "not counted");
        assert_eq!(layers(&[0x90, 0x34, 0x40, 9, 9]), None, "goes on");
        assert_eq!(layers(&[0xA0, 2, 7, 7, 0x34, 0x40]), Some((2, 2)), "goes on, then begins");
    }

    #[test]
    fn broken_payloads_say_nothing() {
        assert_eq!(read(&[]), None);
        let packet = [&[0x28, 10][..], &SEQUENCE].concat();
        for length in 0..packet.len() - 1 {
            assert_eq!(read(packet.get(..length).unwrap()).and_then(|f| f.size), None, "{length}");
        }
        for payload in [&[0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1][..], &[0x00, 200, 1], &[0x10]] {
            assert_eq!(read(payload), None);
        }
        let deep = [&[0x10, 0x08, 0x01, 0xFF][..], &[0xFF; 40]].concat();
        assert!(read(&deep).is_some());
    }
}
