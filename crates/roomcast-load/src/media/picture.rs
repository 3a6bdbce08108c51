//! Pictures that look like VP8 from outside: payload descriptors, frame headers, sizes.
//!
//! Nothing can be decoded from them. What a forwarder looks at is right: RFC 7741 for the
//! descriptor, RFC 6386 section 9.1 for the frame header.

use std::sync::Arc;

use super::stamp::{STAMP_BYTES, Stamp};
use crate::args::Split;

/// The sizes of the payloads of one picture of `bytes` bytes in all.
pub(super) fn payload_sizes(bytes: usize, split: Split) -> Vec<usize> {
    let bytes = bytes.clamp(MIN_PAYLOAD_BYTES, MAX_PICTURE_BYTES);
    let count = bytes.div_ceil(MAX_PAYLOAD_BYTES);
    match split {
        Split::Even => {
            let (size, longer) = (bytes / count, bytes % count);
            (0..count).map(|index| size + usize::from(index >= count - longer)).collect()
        }
        Split::Full => {
            let rest = (bytes - (count - 1) * MAX_PAYLOAD_BYTES).max(MIN_PAYLOAD_BYTES);
            (0..count).map(|i| if i + 1 < count { MAX_PAYLOAD_BYTES } else { rest }).collect()
        }
    }
}

/// The payload of one packet of a picture of these pixels, `size` bytes long.
pub(super) fn payload(size: usize, pixels: (u16, u16), stamp: Stamp) -> Arc<[u8]> {
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(&descriptor(stamp));
    if stamp.index == 0 {
        write_frame_header(&mut bytes, stamp.key, size, pixels);
    }
    bytes.resize(size.saturating_sub(STAMP_BYTES).max(bytes.len()), FILLING);
    bytes.extend_from_slice(&stamp.to_bytes());
    bytes.into()
}

/// As browsers send it: with a picture number of 15 bits.
fn descriptor(stamp: Stamp) -> [u8; 4] {
    let [.., high, low] = stamp.frame.to_be_bytes();
    let begins = if stamp.index == 0 { 0x10 } else { 0 };
    [0x80 | begins, 0x80, 0x80 | high, low]
}

fn write_frame_header(bytes: &mut Vec<u8>, key: bool, size: usize, (width, height): (u16, u16)) {
    // Bit 0: not a key frame. Bit 4: to be shown. From bit 5: the size of the first partition.
    let partition = u32::try_from(size).unwrap_or_default() & 0x7_ffff;
    let tag = u32::from(!key) | 1 << 4 | partition << 5;
    bytes.extend_from_slice(&tag.to_le_bytes()[..3]);
    if key {
        bytes.extend_from_slice(&[0x9d, 0x01, 0x2a]);
        bytes.extend_from_slice(&width.to_le_bytes());
        bytes.extend_from_slice(&height.to_le_bytes());
    }
}

/// What browsers fit: packets of 1,200 bytes less RTP header and extensions. At 2.5 Mbit/s and 30
/// pictures a second this makes 9 packets a picture.
pub(super) const MAX_PAYLOAD_BYTES: usize = 1_160;

/// Descriptor, header of a key frame, stamp.
const MIN_PAYLOAD_BYTES: usize = 4 + 10 + STAMP_BYTES;

/// A picture has to fit in the 16-bit count of a stamp by a wide margin.
const MAX_PICTURE_BYTES: usize = 8 * 1024 * 1024;

const FILLING: u8 = 0x5a;

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(index: u16, key: bool) -> Stamp {
        Stamp { track: 0, layer: 1, key, index, count: 9, frame: 0x1_8123, number: 5, sent_us: 6 }
    }

    const FULL: (u16, u16) = (1280, 720);

    #[test]
    fn the_usual_picture_has_nine_packets_either_way() {
        let bytes = 2_500_000 / 8 / 30;
        let even = payload_sizes(bytes, Split::Even);
        assert_eq!((even.len(), even.iter().sum::<usize>()), (9, bytes));
        assert!(even.is_sorted() && even[8] - even[0] <= 1);
        let full = payload_sizes(bytes, Split::Full);
        assert_eq!((full.len(), full.iter().sum::<usize>()), (9, bytes));
        assert!(full[..8].iter().all(|size| *size == MAX_PAYLOAD_BYTES));
    }

    #[test]
    fn every_packet_has_room_for_its_headers() {
        for bytes in [0, 1, 37, 38, 1_160, 1_161, 2_321] {
            for split in [Split::Even, Split::Full] {
                for size in payload_sizes(bytes, split) {
                    assert!((MIN_PAYLOAD_BYTES..=MAX_PAYLOAD_BYTES).contains(&size), "{bytes}");
                }
            }
        }
    }

    #[test]
    fn a_key_frame_begins_as_one() {
        let payload = payload(1_000, FULL, stamp(0, true));
        assert_eq!(payload.len(), 1_000);
        // X and S; I; M and the picture number modulo 2^15.
        assert_eq!(payload[..4], [0x90, 0x80, 0x81, 0x23]);
        assert_eq!(payload[4] & 1, 0);
        assert_eq!(payload[7..10], [0x9d, 0x01, 0x2a]);
        assert_eq!(payload[10..14], [0x00, 0x05, 0xd0, 0x02]);
        assert_eq!(Stamp::read(&payload), Some(stamp(0, true)));
    }

    #[test]
    fn other_packets_do_not() {
        assert_eq!(payload(1_000, FULL, stamp(0, false))[4] & 1, 1);
        let later = payload(1_000, FULL, stamp(1, true));
        assert_eq!(later[0], 0x80);
        assert_eq!(later[4], FILLING);
    }
}
