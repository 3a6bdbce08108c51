//! What each packet says about itself, over and over through its payload.
//!
//! A server may rewrite headers and descriptors, and may even put a picture together and cut it anew.
//! So a stamp repeats until the payload is full: wherever it is cut, a piece of twice its length holds
//! a whole one. Its first two bytes are letters and all others have the top bit set, so that one is
//! found from any place on, and nothing in it looks like a start code of H.264.

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
    /// When it was sent, in microseconds since the run began, modulo 2^56.
    pub(super) sent_us: u64,
}

/// Bytes of a stamp: the mark, and seven bits in each further one.
pub(super) const STAMP_BYTES: usize = MARK.len() + WORDS * 8;

/// What a stamp begins with.
const MARK: [u8; 2] = *b"RL";

/// Words of seven bytes, each of which becomes eight.
const WORDS: usize = 3;

/// A stamp without mark and top bits.
type Plain = [u8; WORDS * 7];

impl Stamp {
    pub(super) fn to_bytes(self) -> [u8; STAMP_BYTES] {
        let mut plain: Plain = [0; WORDS * 7];
        plain[0] = self.track;
        plain[1] = self.layer << 1 | u8::from(self.key);
        plain[2..4].copy_from_slice(&self.index.to_be_bytes());
        plain[4..6].copy_from_slice(&self.count.to_be_bytes());
        plain[6..10].copy_from_slice(&self.frame.to_be_bytes());
        plain[10..14].copy_from_slice(&self.number.to_be_bytes());
        plain[14..].copy_from_slice(&self.sent_us.to_be_bytes()[1..]);
        let mut bytes = [0; STAMP_BYTES];
        bytes[..MARK.len()].copy_from_slice(&MARK);
        let spread = plain.as_chunks::<7>().0.iter().map(spread);
        for (place, word) in bytes[MARK.len()..].chunks_exact_mut(8).zip(spread) {
            place.copy_from_slice(&word);
        }
        bytes
    }

    /// Fills `bytes` up to `size` bytes with repeats of this stamp, the last of which ends there. There
    /// is one in any case.
    pub(super) fn fill(self, bytes: &mut Vec<u8>, size: usize) {
        let room = size.saturating_sub(bytes.len()).max(STAMP_BYTES);
        bytes.resize(bytes.len() + room % STAMP_BYTES, FILLING);
        let stamp = self.to_bytes();
        for _ in 0..room / STAMP_BYTES {
            bytes.extend_from_slice(&stamp);
        }
    }

    /// The first and the last stamp in `payload`: they differ only where a server cut a picture anew.
    /// `None` when this is no packet of ours.
    pub(super) fn ends(payload: &[u8]) -> Option<(Self, Self)> {
        let head = payload.get(..NEAR).unwrap_or(payload);
        let first = head.windows(STAMP_BYTES).find(|bytes| begins(bytes))?;
        // Nearly always it is the same again.
        if payload.ends_with(first) {
            return Self::read(first).map(|stamp| (stamp, stamp));
        }
        let first = head.windows(STAMP_BYTES).find_map(Self::read)?;
        let tail = payload.last_chunk::<NEAR>().map_or(payload, |tail| tail);
        let last = tail.windows(STAMP_BYTES).rev().find_map(Self::read)?;
        Some((first, last))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (words, []) = bytes.strip_prefix(&MARK)?.as_chunks::<8>() else { return None };
        let mut plain: Plain = [0; WORDS * 7];
        for (place, word) in plain.chunks_exact_mut(7).zip(words) {
            place.copy_from_slice(&gather(*word)?);
        }
        let [track, kind, i0, i1, c0, c1, f0, f1, f2, f3, n0, n1, n2, n3, time @ ..] = plain;
        let [t1, t2, t3, t4, t5, t6, t7] = time;
        Some(Self {
            track,
            layer: kind >> 1,
            key: kind & 1 != 0,
            index: u16::from_be_bytes([i0, i1]),
            count: u16::from_be_bytes([c0, c1]),
            frame: u32::from_be_bytes([f0, f1, f2, f3]),
            number: u32::from_be_bytes([n0, n1, n2, n3]),
            sent_us: u64::from_be_bytes([0, t1, t2, t3, t4, t5, t6, t7]),
        })
    }
}

fn begins(bytes: &[u8]) -> bool {
    bytes.first_chunk() == Some(&MARK)
}

/// Seven bits into each of eight bytes, behind a bit that is set.
fn spread(plain: &[u8; 7]) -> [u8; 8] {
    let [a, b, c, d, e, f, g] = *plain;
    let word = u64::from_be_bytes([0, a, b, c, d, e, f, g]);
    let bits = (0..8).fold(0, |bits, place| bits | (word >> (place * 7) & 0x7f) << (place * 8));
    (bits | TOP_BITS).to_be_bytes()
}

/// The other way; `None` when a top bit is missing.
fn gather(spread: [u8; 8]) -> Option<[u8; 7]> {
    let bits = u64::from_be_bytes(spread);
    if bits & TOP_BITS != TOP_BITS {
        return None;
    }
    let word = (0..8).fold(0, |word, place| word | (bits >> (place * 8) & 0x7f) << (place * 7));
    let [_, plain @ ..] = u64::to_be_bytes(word);
    Some(plain)
}

const TOP_BITS: u64 = 0x8080_8080_8080_8080;

/// How far from an end of a payload a whole stamp is found: headers of a picture, what does not fill a
/// stamp, one that was cut, and one that was not.
const NEAR: usize = 128;

/// What stands where no whole stamp fits.
const FILLING: u8 = 0x5a;

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> Stamp {
        Stamp {
            track: 3,
            layer: 2,
            key: true,
            index: 8,
            count: 9,
            frame: 70_000,
            number: u32::MAX,
            sent_us: (1 << 56) - 2,
        }
    }

    fn filled(stamp: Stamp, size: usize) -> Vec<u8> {
        let mut bytes = vec![1, 2, 3, 4];
        stamp.fill(&mut bytes, size);
        bytes
    }

    #[test]
    fn a_stamp_is_read_from_either_end() {
        let payload = filled(stamp(), 1_000);
        assert_eq!(payload.len(), 1_000);
        assert_eq!(Stamp::ends(&payload), Some((stamp(), stamp())));
        assert_eq!(Stamp::ends(&payload[..STAMP_BYTES]), None);
        assert_eq!(Stamp::ends(&[]), None);
    }

    #[test]
    fn a_piece_of_a_picture_holds_the_stamps_of_both_packets_wherever_it_was_cut() {
        let next = Stamp { index: 9, ..stamp() };
        let picture = [filled(stamp(), 1_157), filled(next, 1_158)].concat();
        for cut in 0..1_000 {
            let piece = &picture[cut..cut + 1_240];
            let (first, last) = Stamp::ends(piece).unwrap();
            assert_eq!((first, last), (stamp(), next), "cut at {cut}");
        }
    }

    #[test]
    fn nothing_in_it_looks_like_a_start_code() {
        let zeros = Stamp { track: 0, layer: 0, key: false, index: 0, count: 0, ..stamp() };
        let zeros = Stamp { frame: 0, number: 0, sent_us: 0, ..zeros };
        let bytes = filled(zeros, 200);
        assert!(bytes[4..].iter().all(|byte| *byte != 0));
        assert_eq!(Stamp::ends(&bytes), Some((zeros, zeros)));
    }
}
