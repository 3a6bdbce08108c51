//! Pictures that look real from outside: payload descriptors, frame headers, parameter sets, sizes.
//!
//! Nothing can be decoded from them, but what a forwarder looks at is right.

mod h264;
mod vp8;

use std::sync::Arc;

use super::stamp::{STAMP_BYTES, Stamp};
use crate::args::{Codec, Split};

/// The sizes of the payloads of one picture of `bytes` bytes in all.
pub(super) fn payload_sizes(codec: Codec, bytes: usize, key: bool, split: Split) -> Vec<usize> {
    match codec {
        Codec::Vp8 => cut(bytes, split),
        Codec::H264 => h264::payload_sizes(bytes, key, split),
    }
}

/// The payload of one packet of a picture of these pixels, `size` bytes long.
pub(super) fn payload(codec: Codec, size: usize, pixels: (u16, u16), stamp: Stamp) -> Arc<[u8]> {
    match codec {
        Codec::Vp8 => vp8::payload(size, pixels, stamp),
        Codec::H264 => h264::payload(size, pixels, stamp),
    }
    .into()
}

fn cut(bytes: usize, split: Split) -> Vec<usize> {
    let bytes = bytes.clamp(MIN_PAYLOAD_BYTES, MAX_PICTURE_BYTES);
    let count = bytes.div_ceil(MAX_PAYLOAD_BYTES);
    match split {
        Split::Even => even(bytes, count).collect(),
        Split::Full => {
            let rest = (bytes - (count - 1) * MAX_PAYLOAD_BYTES).max(MIN_PAYLOAD_BYTES);
            (0..count).map(|i| if i + 1 < count { MAX_PAYLOAD_BYTES } else { rest }).collect()
        }
    }
}

/// So many parts of about equal size, the later ones a byte longer.
pub(super) fn even(bytes: usize, count: usize) -> impl Iterator<Item = usize> {
    let (size, longer) = (bytes / count.max(1), bytes % count.max(1));
    (0..count).map(move |index| size + usize::from(index + longer >= count))
}

/// What browsers fit: packets of 1,200 bytes less RTP header and extensions. At 2.5 Mbit/s and 30
/// pictures a second this makes 9 packets a picture.
pub(super) const MAX_PAYLOAD_BYTES: usize = 1_160;

/// Descriptor, header of a key frame, stamp.
const MIN_PAYLOAD_BYTES: usize = 4 + 10 + STAMP_BYTES;

/// A picture has to fit in the 16-bit count of a stamp by a wide margin.
const MAX_PICTURE_BYTES: usize = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_picture_has_nine_packets_either_way() {
        let bytes = 2_500_000 / 8 / 30;
        for codec in [Codec::Vp8, Codec::H264] {
            let even = payload_sizes(codec, bytes, false, Split::Even);
            assert_eq!((even.len(), even.iter().sum::<usize>()), (9, bytes));
            assert!(even.is_sorted() && even[8] - even[0] <= 1);
            let full = payload_sizes(codec, bytes, false, Split::Full);
            assert_eq!((full.len(), full.iter().sum::<usize>()), (9, bytes));
            assert!(full[..8].iter().all(|size| *size == MAX_PAYLOAD_BYTES));
        }
    }

    #[test]
    fn every_packet_has_room_for_its_headers() {
        for bytes in [0, 1, 37, 38, 1_160, 1_161, 2_321] {
            for split in [Split::Even, Split::Full] {
                for size in cut(bytes, split) {
                    assert!((MIN_PAYLOAD_BYTES..=MAX_PAYLOAD_BYTES).contains(&size), "{bytes}");
                }
            }
        }
    }
}
