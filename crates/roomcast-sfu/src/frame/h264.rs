//! H264: the size of the picture, from sequence parameter sets (ITU-T H.264 §7.3.2.1.1) in single
//! units and aggregation packets (RFC 6184 §5.6, §5.7.1).

use super::{ALL, Frame};
use crate::bits::Bits;
use crate::slices::units;

/// Reads a payload.
pub(super) fn read(payload: &[u8]) -> Option<Frame> {
    let (first, rest) = payload.split_first()?;
    let size = match first & TYPE {
        SPS => size(rest),
        STAP_A => units(rest).find_map(|unit| {
            let (first, rest) = unit.split_first()?;
            (first & TYPE == SPS).then(|| size(rest)).flatten()
        }),
        _ => None,
    };
    Some(Frame { size, opens: ALL, ..Frame::default() })
}

fn size(unit: &[u8]) -> Option<(u16, u16)> {
    let bytes = unescaped(unit);
    let mut bits = Bits::new(&bytes);
    let profile = bits.read(8)?;
    // Constraints and level; then the id.
    bits.skip(16)?;
    bits.exp_golomb()?;
    let chroma = if HIGH_PROFILES.contains(&profile) { high(&mut bits)? } else { YUV_420 };
    skip_order(&mut bits)?;
    // Reference frames; whether gaps are allowed.
    bits.exp_golomb()?;
    bits.skip(1)?;
    let width = bits.exp_golomb()?.checked_add(1)?.checked_mul(16)?;
    let map_units = bits.exp_golomb()?.checked_add(1)?.checked_mul(16)?;
    let is_progressive = bits.flag()?;
    let fields = if is_progressive { 1 } else { 2 };
    let height = map_units.checked_mul(fields)?;
    // Adaptive frames and fields; how motion is inferred.
    bits.skip(if is_progressive { 1 } else { 2 })?;
    let [left, right, top, bottom] = crop(&mut bits)?;
    let (unit_x, unit_y) = chroma.crop_unit();
    let width = width.checked_sub(left.checked_add(right)?.checked_mul(unit_x)?)?;
    let cropped = top.checked_add(bottom)?.checked_mul(unit_y * fields)?;
    Some((u16::try_from(width).ok()?, u16::try_from(height.checked_sub(cropped)?).ok()?))
}

/// How colours are sampled.
#[derive(Debug, Clone, Copy)]
struct Chroma {
    format: u32,
    has_separate_planes: bool,
}

const YUV_420: Chroma = Chroma { format: 1, has_separate_planes: false };

impl Chroma {
    /// Pixels in a unit of the cropping (formulas 7-19 to 7-22).
    fn crop_unit(self) -> (u32, u32) {
        match self.format {
            1 if !self.has_separate_planes => (2, 2),
            2 if !self.has_separate_planes => (2, 1),
            _ => (1, 1),
        }
    }
}

/// What the higher profiles say of colours.
fn high(bits: &mut Bits<'_>) -> Option<Chroma> {
    let format = bits.exp_golomb()?;
    let has_separate_planes = format == YUV_444 && bits.flag()?;
    bits.exp_golomb()?;
    bits.exp_golomb()?;
    bits.skip(1)?;
    let has_lists = bits.flag()?;
    let lists = if format == YUV_444 { 12 } else { 8 };
    for list in 0..if has_lists { lists } else { 0 } {
        if bits.flag()? {
            skip_list(bits, if list < 6 { 16 } else { 64 })?;
        }
    }
    Some(Chroma { format, has_separate_planes })
}

/// A scaling list (§7.3.2.1.1.1): differences, as long as the scale is not zero.
fn skip_list(bits: &mut Bits<'_>, entries: u32) -> Option<()> {
    let mut scale: u8 = 8;
    for _ in 0..entries {
        scale = scale.wrapping_add(signed(bits)? as u8);
        if scale == 0 {
            break;
        }
    }
    Some(())
}

/// The order in which pictures are shown.
fn skip_order(bits: &mut Bits<'_>) -> Option<()> {
    bits.exp_golomb()?;
    match bits.exp_golomb()? {
        0 => drop(bits.exp_golomb()?),
        1 => {
            bits.skip(1)?;
            signed(bits)?;
            signed(bits)?;
            let frames = bits.exp_golomb()?;
            // More would not fit into a packet: the bits end first.
            for _ in 0..frames {
                signed(bits)?;
            }
        }
        _ => {}
    }
    Some(())
}

fn crop(bits: &mut Bits<'_>) -> Option<[u32; 4]> {
    if !bits.flag()? {
        return Some([0; 4]);
    }
    Some([bits.exp_golomb()?, bits.exp_golomb()?, bits.exp_golomb()?, bits.exp_golomb()?])
}

/// A signed number in Exp-Golomb code (§9.1.1), modulo 2³².
fn signed(bits: &mut Bits<'_>) -> Option<u32> {
    let code = bits.exp_golomb()?;
    let half = code / 2;
    Some(if code % 2 == 1 { half + 1 } else { half.wrapping_neg() })
}

/// The first bytes of a unit without those that only keep start codes from arising (§7.4.1).
fn unescaped(unit: &[u8]) -> Vec<u8> {
    let mut zeros = 0;
    let is_kept = |byte: &u8| {
        let is_escape = zeros >= 2 && *byte == ESCAPE;
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        !is_escape
    };
    unit.iter().take(MAX_SPS).copied().filter(is_kept).collect()
}

/// The lower bits of the first byte of a unit.
const TYPE: u8 = 0x1F;
const SPS: u8 = 7;
const STAP_A: u8 = 24;

const ESCAPE: u8 = 3;
const YUV_444: u32 = 3;

/// Profiles whose parameter sets speak of colours.
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/// What comes before the size, with all scaling lists.
const MAX_SPS: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of(payload: &[u8]) -> Option<(u16, u16)> {
        read(payload).and_then(|f| f.size)
    }

    /// Constrained baseline, level 3.1, 1280 × 720.
    const HD: [u8; 13] =
        [0x67, 0x42, 0xE0, 0x1F, 0x8C, 0x8D, 0x40, 0x28, 0x02, 0xDC, 0x80, 0x00, 0x00];

    /// High, level 4, 1920 × 1080: cropped from 1088 lines, with an escaped byte behind.
    const FULL_HD: [u8; 25] = [
        0x67, 0x64, 0x00, 0x28, 0xAC, 0xD9, 0x40, 0x78, 0x02, 0x27, 0xE5, 0xC0, 0x44, 0x00, 0x00,
        0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xC8, 0x3C, 0x60,
    ];

    #[test]
    fn sizes_are_read_from_parameter_sets() {
        assert_eq!(size_of(&HD), Some((1280, 720)));
        assert_eq!(size_of(&FULL_HD), Some((1920, 1080)));
        let aggregated = [&[0x78, 0, 2, 0x09, 0xF0, 0, 13][..], &HD, &[0, 1, 0x68]].concat();
        assert_eq!(size_of(&aggregated), Some((1280, 720)));
    }

    #[test]
    fn other_units_and_broken_ones_say_nothing() {
        assert_eq!(size_of(&[0x65, 0x88]), None);
        assert_eq!(size_of(&[0x7C, 0x87, 0x42]), None);
        for length in 0..9 {
            assert_eq!(size_of(HD.get(..length).unwrap()), None);
        }
        assert_eq!(size_of(&[0x78, 0, 200, 0x67, 0x42]), None);
        assert!(size_of(&[&[0x67][..], &[0xFF; 90]].concat()).is_some());
        assert_eq!(size_of(&[&[0x67][..], &[0; 90]].concat()), None);
    }
}
