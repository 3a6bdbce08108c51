//! VP8: RFC 7741 for the payload descriptor, RFC 6386 section 9.1 for the frame header.

use crate::media::stamp::Stamp;

/// The payload of one packet of a picture of these pixels, `size` bytes long.
pub(super) fn payload(size: usize, pixels: (u16, u16), stamp: Stamp) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(&descriptor(stamp));
    if stamp.index == 0 {
        write_frame_header(&mut bytes, stamp.key, size, pixels);
    }
    stamp.fill(&mut bytes, size);
    bytes
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

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(index: u16, key: bool) -> Stamp {
        Stamp { track: 0, layer: 1, key, index, count: 9, frame: 0x1_8123, number: 5, sent_us: 6 }
    }

    const FULL: (u16, u16) = (1280, 720);

    #[test]
    fn a_key_frame_begins_as_one() {
        let payload = payload(1_000, FULL, stamp(0, true));
        assert_eq!(payload.len(), 1_000);
        // X and S; I; M and the picture number modulo 2^15.
        assert_eq!(payload[..4], [0x90, 0x80, 0x81, 0x23]);
        assert_eq!(payload[4] & 1, 0);
        assert_eq!(payload[7..10], [0x9d, 0x01, 0x2a]);
        assert_eq!(payload[10..14], [0x00, 0x05, 0xd0, 0x02]);
        assert_eq!(Stamp::ends(&payload), Some((stamp(0, true), stamp(0, true))));
    }

    #[test]
    fn other_packets_do_not() {
        assert_eq!(payload(1_000, FULL, stamp(0, false))[4] & 1, 1);
        let later = payload(1_000, FULL, stamp(1, true));
        assert_eq!(later[0], 0x80);
    }
}
