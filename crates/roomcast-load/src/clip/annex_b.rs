//! H.264 as a byte stream (ITU-T H.264 Annex B): NAL units behind start codes, put together into pictures as
//! section 7.4.1.2.3 says. Nothing in it tells a time.

use std::ops::Range;
use std::time::Duration;

use super::{Fault, Frame};

/// Whether it begins with a start code.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0, 0, 1]) || bytes.starts_with(&[0, 0, 0, 1])
}

/// Finds the pictures of a stream that [`begins`] as one; each of them is there for `each`.
pub(super) fn frames(bytes: &[u8], each: Duration) -> Result<Vec<Frame>, Fault> {
    let mut pictures =
        Pictures { each, done: Vec::new(), parts: Vec::new(), slices: 0, key: false };
    for range in units(bytes) {
        let unit = bytes.get(range.clone()).unwrap_or_default();
        let Some(header) = unit.first() else {
            return Err(Fault::new(range.start, "there is nothing behind a start code"));
        };
        if header & FORBIDDEN != 0 {
            return Err(Fault::new(range.start, "this is no NAL unit: its first bit is set"));
        }
        pictures.take(header & TYPE, unit, range)?;
    }
    pictures.end()?;
    if pictures.done.is_empty() {
        return Err(Fault::new(bytes.len(), "there is no picture in it"));
    }
    Ok(pictures.done)
}

/// What lies between start codes, without the zeros that may follow.
fn units(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut next = start_code(bytes, 0).map(|at| at + START.len());
    std::iter::from_fn(move || {
        let begin = next?;
        let following = start_code(bytes, begin);
        next = following.map(|at| at + START.len());
        let unit = bytes.get(begin..following.unwrap_or(bytes.len())).unwrap_or_default();
        let length = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        Some(begin..begin + length)
    })
}

fn start_code(bytes: &[u8], from: usize) -> Option<usize> {
    let found = bytes.get(from..)?.windows(START.len()).position(|window| window == START)?;
    Some(from + found)
}

/// Puts units together.
struct Pictures {
    each: Duration,
    done: Vec<Frame>,
    parts: Vec<Range<usize>>,
    /// Of these, those with a part of the picture itself.
    slices: usize,
    key: bool,
}

impl Pictures {
    fn take(&mut self, kind: u8, unit: &[u8], range: Range<usize>) -> Result<(), Fault> {
        let begins_picture = match kind {
            // The first macroblock of a slice that begins a picture is 0: one bit, which is set.
            SLICE | IDR_SLICE => unit.get(1).is_some_and(|byte| byte & 0x80 != 0),
            2..=4 => {
                return Err(Fault::new(range.start, "a slice in partitions, which nobody decodes"));
            }
            SEI..=DELIMITER => true,
            _ => false,
        };
        if begins_picture && self.slices > 0 {
            self.end()?;
        }
        match kind {
            SLICE | IDR_SLICE => {
                self.slices += 1;
                self.key |= kind == IDR_SLICE;
            }
            // They say where pictures and streams end, or fill: packets do without (RFC 6184 section 1.2).
            DELIMITER..=FILLER => return Ok(()),
            _ => {}
        }
        self.parts.push(range);
        Ok(())
    }

    /// The picture is whole.
    fn end(&mut self) -> Result<(), Fault> {
        let (slices, key) = (std::mem::take(&mut self.slices), std::mem::take(&mut self.key));
        if slices == 0 {
            return Ok(());
        }
        let parts = std::mem::take(&mut self.parts);
        if self.done.is_empty() && !key {
            let at = parts.first().map_or(0, |part| part.start);
            return Err(Fault::new(at, "the first picture is no key frame (IDR)"));
        }
        let at = self.each * u32::try_from(self.done.len()).unwrap_or(u32::MAX);
        self.done.push(Frame { at, key, parts });
        Ok(())
    }
}

const START: &[u8] = &[0, 0, 1];
const FORBIDDEN: u8 = 0x80;
const TYPE: u8 = 0x1f;
const SLICE: u8 = 1;
const IDR_SLICE: u8 = 5;
const SEI: u8 = 6;
const DELIMITER: u8 = 9;
const FILLER: u8 = 12;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A key frame of two slices with its parameter sets, and two pictures with delimiters and filling.
    pub(in crate::clip) const STREAM: &[u8] = &[
        0, 0, 0, 1, 0x67, 0x42, 1, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 1, 0x65, 0x88, 7, 7, 0, 0, 1,
        0x65, 0x44, 8, 0, 0, 0, 1, 0x09, 0xf0, 0, 0, 1, 0x41, 0x9a, 9, 0, 0, 1, 0x0c, 0xff, 0, 0,
        1, 0x41, 0x9b, 3, 0, 0,
    ];

    const EACH: Duration = Duration::from_millis(40);

    fn fault(bytes: &[u8]) -> Fault {
        frames(bytes, EACH).unwrap_err()
    }

    #[test]
    fn units_are_put_together_into_pictures() {
        let frames = frames(STREAM, EACH).unwrap();
        let seen: Vec<_> =
            frames.iter().map(|f| (f.at.as_millis(), f.key, f.parts.len())).collect();
        assert_eq!(seen, [(0, true, 4), (40, false, 1), (80, false, 1)]);
        assert_eq!(frames[0].parts, [4..7, 11..13, 16..20, 23..26]);
        assert_eq!(frames[1].parts.first(), Some(&(35..38)));
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        assert_eq!(fault(&[0, 0, 1, 0, 0, 1, 0x65]).at, 3);
        assert_eq!(fault(&[0, 0, 1, 0x65, 0x88, 0, 0, 1, 0xe5, 0x88]).at, 8);
        assert_eq!(
            fault(&[0, 0, 1, 0x41, 0x88]),
            Fault::new(3, "the first picture is no key frame (IDR)")
        );
        assert_eq!(fault(&[0, 0, 1, 0x67, 0x42]), Fault::new(5, "there is no picture in it"));
        assert_eq!(fault(&[0, 0, 1, 0x02, 0x88]).at, 3);
        assert_eq!(fault(&[0, 0, 1]).at, 3);
    }
}
