//! Kinds of H264 slices, read from RTP payloads (RFC 6184, ITU-T H.264 §7.3.3).

use crate::bits::Bits;

/// Whether a slice of a B-frame begins in this payload.
pub(crate) fn begins_b_slice(payload: &[u8]) -> bool {
    let Some(first) = payload.first() else { return false };
    match first & TYPE {
        STAP_A => units(payload.get(1..).unwrap_or_default()).any(is_b_slice),
        FU_A => {
            let header = payload.get(1).copied().unwrap_or_default();
            let is_start = header & FU_START != 0 && header & TYPE == SLICE;
            is_start && is_b_header(payload.get(2..).unwrap_or_default())
        }
        _ => is_b_slice(payload),
    }
}

/// The units of an aggregation packet (RFC 6184 §5.7.1).
pub(crate) fn units(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (size, behind) = rest.split_first_chunk::<2>()?;
        let size = usize::from(u16::from_be_bytes(*size));
        let unit = behind.get(..size)?;
        rest = behind.get(size..)?;
        Some(unit)
    })
}

fn is_b_slice(unit: &[u8]) -> bool {
    // B-frames are no key frames: slices of those are of another type.
    let is_slice = unit.first().is_some_and(|first| first & TYPE == SLICE);
    is_slice && is_b_header(unit.get(1..).unwrap_or_default())
}

/// A slice header begins with `first_mb_in_slice` and `slice_type`, in Exp-Golomb code.
fn is_b_header(header: &[u8]) -> bool {
    let mut bits = Bits::new(header);
    let kind = bits.exp_golomb().and_then(|_| bits.exp_golomb());
    kind.is_some_and(|kind| kind % 5 == B)
}

/// The lower bits of the first byte of a unit.
const TYPE: u8 = 0x1F;
const SLICE: u8 = 1;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;
const FU_START: u8 = 0x80;

/// `slice_type` modulo 5 (ITU-T H.264 table 7-6).
const B: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    // first_mb_in_slice 0 is `1`; slice_type 1 (B) is `010`, 6 (all B) `00111`, 0 (P) `1`, 5 `00110`.
    const B_ONE: u8 = 0b1010_0000;
    const B_ALL: u8 = 0b1001_1100;
    const P_ONE: u8 = 0b1100_0000;
    const P_ALL: u8 = 0b1001_1000;

    #[test]
    fn b_slices_are_found_in_every_kind_of_packet() {
        for (kind, is_b) in [(B_ONE, true), (B_ALL, true), (P_ONE, false), (P_ALL, false)] {
            assert_eq!(begins_b_slice(&[0x01, kind, 0xFF]), is_b);
            assert_eq!(begins_b_slice(&[0x7C, 0x81, kind, 0xFF]), is_b);
            assert!(!begins_b_slice(&[0x7C, 0x01, kind, 0xFF]), "not the start");
            assert_eq!(begins_b_slice(&[0x78, 0, 2, 0x09, 0xF0, 0, 2, 0x01, kind]), is_b);
        }
        assert!(!begins_b_slice(&[0x65, B_ONE]), "a key frame");
        // first_mb_in_slice 80 is `0000001010001`, then B.
        assert!(begins_b_slice(&[0x01, 0b0000_0010, 0b1000_1010]));
    }

    #[test]
    fn broken_payloads_are_none() {
        let broken: [&[u8]; 7] =
            [&[], &[0x01], &[0x7C], &[0x7C, 0x81], &[0x78, 0], &[0x78, 0, 9, 1], &[0x01, 0, 0, 0]];
        assert!(broken.into_iter().all(|payload| !begins_b_slice(payload)));
    }
}
