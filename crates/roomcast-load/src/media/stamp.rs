//! What each packet says about itself, in the last bytes of its payload.
//!
//! At the end, because a node may rewrite the payload descriptor at the beginning.

/// A packet's number and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Which track of the run, see [`super::track::Tracks`].
    pub(super) track: u8,
    /// Which layer of the picture, from the lowest on.
    pub(super) layer: u8,
    /// Whether it belongs to a key frame.
    pub(super) key: bool,
    /// Its place within the frame, from 0.
    pub(super) index: u16,
    /// How many packets the frame has.
    pub(super) count: u16,
    /// The number of the frame within the layer.
    pub(super) frame: u32,
    /// The number of the packet within the track, rising by one.
    pub(super) number: u32,
    /// When it was sent, in microseconds since the run began.
    pub(super) sent_us: u64,
}

/// Bytes of a stamp.
pub(super) const STAMP_BYTES: usize = 24;

const MAGIC: [u8; 2] = *b"RL";

impl Stamp {
    pub(super) fn to_bytes(self) -> [u8; STAMP_BYTES] {
        let mut bytes = [0; STAMP_BYTES];
        bytes[..2].copy_from_slice(&MAGIC);
        bytes[2] = self.track;
        bytes[3] = self.layer << 1 | u8::from(self.key);
        bytes[4..6].copy_from_slice(&self.index.to_be_bytes());
        bytes[6..8].copy_from_slice(&self.count.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.frame.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.number.to_be_bytes());
        bytes[16..].copy_from_slice(&self.sent_us.to_be_bytes());
        bytes
    }

    /// The stamp at the end of `payload`; `None` when this is no packet of ours.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let bytes: &[u8; STAMP_BYTES] = payload.last_chunk()?;
        let [m0, m1, track, kind, i0, i1, c0, c1, rest @ ..] = *bytes;
        let [f0, f1, f2, f3, n0, n1, n2, n3, time @ ..] = rest;
        ([m0, m1] == MAGIC).then_some(Self {
            track,
            layer: kind >> 1,
            key: kind & 1 != 0,
            index: u16::from_be_bytes([i0, i1]),
            count: u16::from_be_bytes([c0, c1]),
            frame: u32::from_be_bytes([f0, f1, f2, f3]),
            number: u32::from_be_bytes([n0, n1, n2, n3]),
            sent_us: u64::from_be_bytes(time),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_from_the_end_of_a_payload() {
        let stamp = Stamp {
            track: 3,
            layer: 2,
            key: true,
            index: 8,
            count: 9,
            frame: 70_000,
            number: u32::MAX,
            sent_us: u64::MAX - 1,
        };
        let payload = [&[1; 100][..], &stamp.to_bytes()].concat();
        assert_eq!(Stamp::read(&payload), Some(stamp));
        assert_eq!(Stamp::read(&payload[..payload.len() - 1]), None);
        assert_eq!(Stamp::read(&[]), None);
    }
}
