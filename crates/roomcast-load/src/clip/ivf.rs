//! IVF: a header of 32 bytes, and one of 12 bytes before each frame, all numbers with their lowest byte
//! first. The only codec taken is VP8, whose frame header is in RFC 6386 section 9.1.

use std::time::Duration;

use super::{Fault, Frame, MAX_GAP, MIN_GAP};

/// How such a file begins.
pub(super) const MARK: &[u8] = b"DKIF";

/// Finds the frames of a file that begins with [`MARK`].
pub(super) fn frames(bytes: &[u8]) -> Result<Vec<Frame>, Fault> {
    let header = Header::read(bytes)?;
    let (mut frames, mut at, mut first) = (Vec::<Frame>::new(), header.length, None);
    while at < bytes.len() {
        let (Some(size), Some(time)) = (number::<4>(bytes, at), number::<8>(bytes, at + 4)) else {
            return Err(Fault::new(at, "the file ends within the header of a frame"));
        };
        let begin = at + FRAME_HEADER;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let end = begin.checked_add(size).filter(|end| *end <= bytes.len());
        let end =
            end.ok_or(Fault::new(at, "the frame is said to reach beyond the end of the file"))?;
        // An encoder that dropped a frame says so by an empty one.
        if size > 0 {
            let data = bytes.get(begin..end).unwrap_or_default();
            let key = is_key(data).ok_or(Fault::new(begin, "this is no frame of VP8"))?;
            let first = *first.get_or_insert(time);
            let time = time.checked_sub(first).and_then(|units| header.time(units));
            let time = time.ok_or(Fault::new(at + 4, "the time of the frame is out of range"))?;
            check(&frames, time, key).map_err(|what| Fault::new(at, what))?;
            frames.push(Frame { at: time, key, parts: std::iter::once(begin..end).collect() });
        }
        at = end;
    }
    if frames.is_empty() {
        return Err(Fault::new(at, "there is no frame in it"));
    }
    Ok(frames)
}

fn check(before: &[Frame], time: Duration, key: bool) -> Result<(), &'static str> {
    let Some(last) = before.last() else {
        return if key { Ok(()) } else { Err("the first frame is no key frame") };
    };
    match time.checked_sub(last.at) {
        Some(gap) if gap < MIN_GAP => Err("the frame comes within a millisecond of the one before"),
        Some(gap) if gap > MAX_GAP => Err("the frame comes more than 10 s behind the one before"),
        Some(_) => Ok(()),
        None => Err("the frame comes before the one in front of it"),
    }
}

/// The header of a file.
struct Header {
    length: usize,
    /// Units of time in so many seconds.
    rate: u64,
    scale: u64,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let field =
            |at| number::<4>(bytes, at).ok_or(Fault::new(bytes.len(), "the header is cut off"));
        let length = field(6)? & 0xffff;
        if bytes.get(8..12) != Some(b"VP80") {
            return Err(Fault::new(8, "the codec is not VP8 (`VP80`)"));
        }
        let (rate, scale) = (field(16)?, field(20)?);
        if rate == 0 || scale == 0 {
            let at = if rate == 0 { 16 } else { 20 };
            return Err(Fault::new(at, "the time base has a zero in it"));
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length < HEADER || length > bytes.len() {
            return Err(Fault::new(6, "the length of the header is not right"));
        }
        Ok(Self { length, rate, scale })
    }

    /// So many units.
    fn time(&self, units: u64) -> Option<Duration> {
        let nanoseconds = u128::from(units) * u128::from(self.scale) * 1_000_000_000;
        let nanoseconds = u64::try_from(nanoseconds / u128::from(self.rate)).ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }
}

/// Whether a frame of VP8 is a key frame; `None` where it is no frame.
fn is_key(data: &[u8]) -> Option<bool> {
    let tag = *data.first_chunk::<3>()?;
    let is_key = tag[0] & 1 == 0;
    let starts = || data.get(3..6) == Some(&[0x9d, 0x01, 0x2a]) && data.len() >= KEY_HEADER;
    (!is_key || starts()).then_some(is_key)
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk::<N>()?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

const HEADER: usize = 32;
const FRAME_HEADER: usize = 12;
/// Tag, start code, width and height.
const KEY_HEADER: usize = 10;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file of frames at these milliseconds.
    pub(in crate::clip) fn file(frames: &[(u64, bool)]) -> Vec<u8> {
        let mut bytes = b"DKIF\0\0\x20\0VP80\x80\x02\x68\x01".to_vec();
        for field in [1_000_u32, 1, 0, 0] {
            bytes.extend_from_slice(&field.to_le_bytes());
        }
        for (time, key) in frames {
            let mut frame = vec![u8::from(!key) | 0x10, 2, 0];
            if *key {
                frame.extend_from_slice(&[0x9d, 0x01, 0x2a, 0x80, 2, 0x68, 1]);
            }
            frame.extend_from_slice(&[7; 50]);
            bytes.extend_from_slice(&u32::try_from(frame.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(&time.to_le_bytes());
            bytes.extend_from_slice(&frame);
        }
        bytes
    }

    fn fault(change: impl FnOnce(&mut Vec<u8>)) -> Fault {
        let mut bytes = file(&[(5, true), (38, false), (71, true)]);
        change(&mut bytes);
        frames(&bytes).unwrap_err()
    }

    #[test]
    fn frames_have_their_times_and_say_whether_they_are_key_frames() {
        let frames = frames(&file(&[(5, true), (38, false), (71, true)])).unwrap();
        let seen: Vec<_> = frames.iter().map(|f| (f.at.as_millis(), f.key)).collect();
        assert_eq!(seen, [(0, true), (33, false), (66, true)]);
        assert_eq!(frames[0].parts.first(), Some(&(44..104)));
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        assert_eq!(fault(|bytes| bytes.truncate(20)).at, 20);
        assert_eq!(fault(|bytes| bytes[11] = b'9'), Fault::new(8, "the codec is not VP8 (`VP80`)"));
        assert_eq!(fault(|bytes| bytes[20] = 0).at, 20);
        assert_eq!(fault(|bytes| bytes[6] = 31).at, 6);
        assert!(fault(|bytes| bytes.truncate(32)).what.contains("no frame"));
        assert!(fault(|bytes| bytes.truncate(110)).what.contains("ends within the header"));
        let long = fault(|bytes| bytes[106] = 1);
        assert_eq!((long.at, long.what.contains("beyond the end")), (104, true));
        assert_eq!(fault(|bytes| bytes[47] = 0).at, 44);
        assert!(fault(|bytes| bytes[44] |= 1).what.contains("no key frame"));
        assert!(fault(|bytes| bytes[108] = 5).what.contains("within a millisecond"));
        assert_eq!(fault(|bytes| bytes[108] = 4).at, 108);
        assert!(fault(|bytes| bytes[110] = 1).what.contains("10 s"));
    }
}
