//! VP8: payload descriptor (RFC 7741 §4.2), payload header (§4.3) and frame header (RFC 6386 §9.1).

use super::{ALL, Frame};

/// The numbers by which a receiver orders pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vp8Numbers {
    /// `PictureID`: one for each frame.
    pub id: Option<PictureId>,
    /// `TL0PICIDX`: one for each frame of the lowest temporal layer.
    pub tl0: Option<u8>,
    /// `TID`, 0 to 3.
    pub temporal: u8,
}

/// A number of 7 or 15 bits, which wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PictureId {
    pub value: u16,
    pub is_long: bool,
}

impl PictureId {
    /// A number of the same width, from one that was extended by its rollovers.
    pub(crate) fn with(self, extended: u64) -> Self {
        Self { value: extended as u16 & u16::MAX >> self.spare_bits(), ..self }
    }

    /// As it is sent (RFC 7741 §4.2).
    pub(crate) fn bytes(self) -> impl Iterator<Item = u8> {
        let [high, low] = self.value.to_be_bytes();
        let first = if self.is_long { Some(high | LONG_ID) } else { None };
        first.into_iter().chain([if self.is_long { low } else { low & !LONG_ID }])
    }

    /// How far it is ahead of an extended number; negative when behind.
    pub(crate) fn since(self, extended: u64) -> i64 {
        let spare = self.spare_bits();
        let steps = self.value.wrapping_sub(extended as u16) << spare;
        i64::from(steps.cast_signed() >> spare)
    }

    fn spare_bits(self) -> u32 {
        if self.is_long { 1 } else { 9 }
    }
}

/// Reads a payload; `None` where it ends too early.
pub(super) fn read(payload: &[u8]) -> Option<Frame> {
    let (first, mut rest) = payload.split_first()?;
    let extensions = if first & EXTENDED != 0 { byte(&mut rest)? } else { 0 };
    let id = if extensions & HAS_ID != 0 { Some(picture_id(&mut rest)?) } else { None };
    let tl0 = if extensions & HAS_TL0 != 0 { Some(byte(&mut rest)?) } else { None };
    let has_layer = extensions & (HAS_TID | HAS_KEY_IDX) != 0;
    let layer = if has_layer { byte(&mut rest)? } else { 0 };
    let temporal = if extensions & HAS_TID != 0 { layer >> TID_SHIFT } else { 0 };
    let is_first = first & (BEGINS_PARTITION | PARTITION) == BEGINS_PARTITION;
    let size = is_first.then(|| size(rest)).flatten();
    Some(Frame {
        temporal,
        opens: match size {
            Some(_) => ALL,
            None if layer & SYNC != 0 => temporal,
            None => 0,
        },
        size,
        vp8: Some(Vp8Numbers { id, tl0, temporal }),
    })
}

fn picture_id(rest: &mut &[u8]) -> Option<PictureId> {
    let first = byte(rest)?;
    if first & LONG_ID == 0 {
        return Some(PictureId { value: first.into(), is_long: false });
    }
    let value = u16::from_be_bytes([first & !LONG_ID, byte(rest)?]);
    Some(PictureId { value, is_long: true })
}

/// Width and height, which a key frame says behind its start code.
fn size(header: &[u8]) -> Option<(u16, u16)> {
    let (tag, rest) = header.split_first_chunk::<3>()?;
    let (code, rest) = rest.split_first_chunk::<3>()?;
    let ([w0, w1, h0, h1], _) = rest.split_first_chunk::<4>()?;
    let is_key_frame = tag.first()? & INTER_FRAME == 0 && *code == START_CODE;
    let side = |low: u8, high: u8| u16::from_le_bytes([low, high]) & SIDE;
    is_key_frame.then(|| (side(*w0, *w1), side(*h0, *h1)))
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, behind) = rest.split_first()?;
    *rest = behind;
    Some(*first)
}

// The first byte of the descriptor.
const EXTENDED: u8 = 0x80;
const BEGINS_PARTITION: u8 = 0x10;
const PARTITION: u8 = 0x07;

// Its second.
const HAS_ID: u8 = 0x80;
const HAS_TL0: u8 = 0x40;
const HAS_TID: u8 = 0x20;
const HAS_KEY_IDX: u8 = 0x10;

const LONG_ID: u8 = 0x80;
const TID_SHIFT: u8 = 6;
/// `Y`: the frame needs none but the last one of the lowest layer.
const SYNC: u8 = 0x20;

const INTER_FRAME: u8 = 0x01;
const START_CODE: [u8; 3] = [0x9D, 0x01, 0x2A];
/// The upper two bits are a hint how to scale the picture.
const SIDE: u16 = 0x3FFF;

#[cfg(test)]
mod tests {
    use super::*;

    /// 640 × 360, picture 0x1234, TL0PICIDX 7, TID 0, KEYIDX 3; then the frame header.
    const KEY_FRAME: [u8; 16] = [
        0x90, 0xF0, 0x92, 0x34, 0x07, 0x03, 0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68,
        0x01,
    ];

    #[test]
    fn a_key_frame_says_its_size_and_numbers() {
        let id = PictureId { value: 0x1234, is_long: true };
        let vp8 = Some(Vp8Numbers { id: Some(id), tl0: Some(7), temporal: 0 });
        let size = Some((640, 360));
        let frame = Frame { temporal: 0, opens: ALL, size, vp8 };
        assert_eq!(read(&KEY_FRAME), Some(frame));
    }

    #[test]
    fn layers_and_where_they_open_are_read() {
        let layer = |byte| read(&[0x80, 0x20, byte, 1]).map(|f| (f.temporal, f.opens));
        assert_eq!(layer(0x40), Some((1, 0)));
        assert_eq!(layer(0xA0), Some((2, 2)));
        let plain = read(&[0x10, 0x01]).unwrap();
        assert_eq!((plain.temporal, plain.size), (0, None));
        assert_eq!(plain.vp8, Some(Vp8Numbers { id: None, tl0: None, temporal: 0 }));
    }

    #[test]
    fn short_numbers_wrap_at_seven_bits() {
        let id = read(&[0x80, 0x80, 0x7F, 1]).and_then(|f| f.vp8?.id).unwrap();
        assert_eq!(id, PictureId { value: 127, is_long: false });
        assert_eq!((id.since(126), id.since(128), id.since(63), id.since(64)), (1, -1, -64, 63));
        assert_eq!(id.with(0x181), PictureId { value: 1, is_long: false });
        let long = PictureId { value: 0, is_long: true };
        assert_eq!((long.since(0x7FFF), long.since(0x8001)), (1, -1));
    }

    #[test]
    fn what_ends_too_early_says_no_more_than_it_has() {
        for length in 0..KEY_FRAME.len() {
            let frame = read(KEY_FRAME.get(..length).unwrap());
            assert_eq!(frame.is_some(), length >= 6, "{length}");
            assert_eq!(frame.and_then(|f| f.size), None);
        }
        assert_eq!(read(&[0x91, 0x00, 0x10, 0, 0, 0x9D, 1, 0x2A, 1, 0, 1, 0]).unwrap().size, None);
    }
}
