//! VP9: payload descriptor (RFC 9628 §4.2) and uncompressed frame header (VP9 bitstream §6.2).

use super::{ALL, Frame};
use crate::bits::Bits;

/// Reads a payload; `None` where the descriptor ends too early.
pub(super) fn read(payload: &[u8]) -> Option<Frame> {
    let (first, rest) = payload.split_first()?;
    let has = |bit: u8| first & bit != 0;
    let mut bits = Bits::new(rest);
    if has(HAS_ID) {
        let is_long = bits.flag()?;
        bits.skip(if is_long { 15 } else { 7 })?;
    }
    let (mut temporal, mut spatial, mut is_up_switch) = (0, 0, false);
    if has(HAS_LAYERS) {
        temporal = bits.read(3)? as u8;
        is_up_switch = bits.flag()?;
        spatial = bits.read(3)?;
        // The dependency on the lower spatial layer; then TL0PICIDX.
        bits.skip(if has(FLEXIBLE) { 1 } else { 9 })?;
    }
    if has(FLEXIBLE) && has(INTER_PICTURE) {
        skip_references(&mut bits)?;
    }
    let told = if has(HAS_STRUCTURE) { structure(&mut bits)? } else { None };
    let is_key_frame = !has(INTER_PICTURE) && has(BEGINS_FRAME) && spatial == 0;
    let shown = || is_key_frame.then(|| key_frame_size(bits)).flatten();
    Some(Frame {
        temporal,
        opens: match (temporal, is_up_switch) {
            // Layers of the usual structures refer to nothing before the last frame of the lowest.
            (0, _) => ALL,
            (_, true) => temporal,
            (_, false) => 0,
        },
        size: told.or_else(shown),
        vp8: None,
    })
}

/// Up to three numbers of seven bits, each with one that says whether another follows.
fn skip_references(bits: &mut Bits<'_>) -> Option<()> {
    for _ in 0..MAX_REFERENCES {
        bits.skip(7)?;
        if !bits.flag()? {
            break;
        }
    }
    Some(())
}

/// The size of the largest spatial layer, if it is told.
fn structure(bits: &mut Bits<'_>) -> Option<Option<(u16, u16)>> {
    let spatial_layers = bits.read(3)? + 1;
    let (has_sizes, has_group) = (bits.flag()?, bits.flag()?);
    bits.skip(3)?;
    let mut size = None;
    for _ in 0..if has_sizes { spatial_layers } else { 0 } {
        size = Some((bits.read(16)? as u16, bits.read(16)? as u16));
    }
    for _ in 0..if has_group { bits.read(8)? } else { 0 } {
        bits.skip(4)?;
        let references = bits.read(2)?;
        bits.skip(2 + 8 * references)?;
    }
    Some(size)
}

fn key_frame_size(mut bits: Bits<'_>) -> Option<(u16, u16)> {
    let is_vp9 = bits.read(2)? == FRAME_MARKER;
    let profile = bits.read(1)? | bits.read(1)? << 1;
    bits.skip(u32::from(profile == 3))?;
    let (is_shown_again, is_inter) = (bits.flag()?, bits.flag()?);
    if !is_vp9 || is_shown_again || is_inter {
        return None;
    }
    bits.skip(2)?;
    if bits.read(24)? != SYNC_CODE {
        return None;
    }
    bits.skip(u32::from(profile >= 2))?;
    let is_rgb = bits.read(3)? == RGB;
    let has_subsampling = profile & 1 == 1;
    bits.skip(match (is_rgb, has_subsampling) {
        (false, false) => 1,
        (false, true) => 4,
        (true, false) => 0,
        (true, true) => 1,
    })?;
    Some((side(&mut bits)?, side(&mut bits)?))
}

fn side(bits: &mut Bits<'_>) -> Option<u16> {
    u16::try_from(bits.read(16)? + 1).ok()
}

// The first byte of the descriptor.
const HAS_ID: u8 = 0x80;
const INTER_PICTURE: u8 = 0x40;
const HAS_LAYERS: u8 = 0x20;
const FLEXIBLE: u8 = 0x10;
const BEGINS_FRAME: u8 = 0x08;
const HAS_STRUCTURE: u8 = 0x02;

const MAX_REFERENCES: u32 = 3;
const FRAME_MARKER: u32 = 2;
const SYNC_CODE: u32 = 0x49_83_42;
/// `CS_RGB`.
const RGB: u32 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    /// Profile 0, 640 × 360: marker 10, profile 00, 0, key 0, shown 1, 0, sync code, colours 010 and
    /// 0, then the sides less one.
    const HEADER: [u8; 9] = [0x82, 0x49, 0x83, 0x42, 0x40, 0x27, 0xF0, 0x16, 0x70];

    fn layers(payload: &[u8]) -> Option<(u8, u8)> {
        read(payload).map(|f| (f.temporal, f.opens))
    }

    #[test]
    fn layers_are_read_in_both_modes() {
        // Non-flexible: picture of 15 bits, TID 2, U, TL0PICIDX.
        assert_eq!(layers(&[0xE8, 0x92, 0x34, 0x50, 7, 1]), Some((2, 2)));
        assert_eq!(layers(&[0xE8, 0x12, 0x40, 7, 1]), Some((2, 0)), "7 bits, no U");
        // Flexible: TID 1, one reference.
        assert_eq!(layers(&[0xF8, 0x92, 0x34, 0x20, 0x04, 1]), Some((1, 0)));
        assert_eq!(layers(&[0xB8, 0x12, 0x00, 1]), Some((0, ALL)));
        assert_eq!(layers(&[0x88, 0x12, 1]), Some((0, ALL)), "no layers");
    }

    #[test]
    fn sizes_come_from_the_structure_or_the_header() {
        // One layer of 320 × 180, a group of 2 pictures with 1 and 2 references.
        let structure = [0x18, 1, 64, 0, 180, 2, 0x04, 1, 0x58, 1, 2];
        let told = [&[0xAA, 0x12, 0x00, 7][..], &structure, &HEADER].concat();
        assert_eq!(read(&told).and_then(|f| f.size), Some((320, 180)));
        let shown = [&[0x88, 0x12][..], &HEADER].concat();
        assert_eq!(read(&shown).and_then(|f| f.size), Some((640, 360)));
        for (place, byte) in [(0, 0x80), (0, 0xC8), (2, 0x86), (3, 0x48)] {
            let mut other = shown.clone();
            *other.get_mut(place).unwrap() = byte;
            assert_eq!(read(&other).and_then(|f| f.size), None, "{place}");
        }
    }

    #[test]
    fn what_ends_too_early_says_nothing() {
        let structure = [0xFA, 0x92, 0x34, 0x20, 0x05, 0x05, 0x04, 0x18, 1, 64, 0, 180, 1, 0x08, 1];
        for length in 0..structure.len() {
            assert_eq!(read(structure.get(..length).unwrap()), None, "{length}");
        }
        let whole = [&structure[..], &HEADER].concat();
        let size = read(&whole).and_then(|f| f.size);
        assert_eq!(size, Some((320, 180)), "the structure counts, whatever the picture is");
    }
}
