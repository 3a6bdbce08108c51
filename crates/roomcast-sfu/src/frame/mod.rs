//! What the payload of a packet says of its frame: its temporal layer, whether a receiver of fewer
//! layers may go up there, its numbers, and its size.

mod av1;
mod h264;
mod vp8;
mod vp9;

pub(crate) use self::vp8::{PictureId, Vp8Numbers};
use crate::media::Codec;

/// The frame that a packet is part of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its temporal layer: 0 where there is one alone. Frames need none of a higher layer.
    pub temporal: u8,
    /// A receiver of layers below can take those up to this one from this frame on.
    pub opens: u8,
    /// Width and height in pixels, where a key frame says them here.
    pub size: Option<(u16, u16)>,
    /// The numbers of a VP8 picture, which are rewritten.
    pub vp8: Option<Vp8Numbers>,
}

/// The frames of one stream, of which not every packet says what it is part of.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// The newest one that was read, and its timestamp.
    newest: Option<(u32, Frame)>,
}

impl Frames {
    /// Reads the beginning of a payload with the timestamp `time`. Where it says nothing, it is of
    /// the frame of the packet before, or of none that is known.
    pub(crate) fn read(&mut self, codec: Codec, payload: &[u8], time: u32) -> Frame {
        if let Some(frame) = Frame::read(codec, payload) {
            self.newest = Some((time, frame));
            return frame;
        }
        let same = self.newest.filter(|(newest, _)| *newest == time);
        same.map_or_else(Frame::default, |(_, frame)| Frame { size: None, vp8: None, ..frame })
    }
}

impl Frame {
    /// Reads the beginning of a payload; `None` where it says nothing or cannot be read.
    pub(crate) fn read(codec: Codec, payload: &[u8]) -> Option<Self> {
        match codec {
            Codec::Opus => None,
            Codec::Vp8 => vp8::read(payload),
            Codec::Vp9 => vp9::read(payload),
            Codec::H264 => h264::read(payload),
            Codec::Av1 => av1::read(payload),
        }
    }

    /// Up to which temporal layer frames are sent from this one on, where they were up to `limit`
    /// and are to be up to `wanted`. It falls at once, and rises where what follows can be decoded.
    pub(crate) fn limit(&self, limit: u8, wanted: u8) -> u8 {
        // From one layer to the next: frames of a layer may need all that is below.
        let is_next = self.temporal <= limit.saturating_add(1);
        if wanted > limit && is_next {
            wanted.min(self.opens).max(limit)
        } else {
            wanted.min(limit)
        }
    }
}

/// Of any layers.
const ALL: u8 = u8::MAX;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_limit_falls_at_once_and_rises_step_by_step() {
        let frame = |temporal, opens| Frame { temporal, opens, ..Frame::default() };
        assert_eq!(frame(0, 0).limit(2, 0), 0);
        assert_eq!(frame(1, 0).limit(0, 2), 0, "not here");
        assert_eq!(frame(1, 1).limit(0, 2), 1);
        assert_eq!(frame(2, 2).limit(0, 2), 0, "the layer between is missing");
        assert_eq!(frame(2, 2).limit(1, 2), 2);
        assert_eq!(frame(0, ALL).limit(0, 2), 2);
        assert_eq!(frame(1, 1).limit(2, 3), 2, "never falls below what is wanted");
    }

    #[test]
    fn packets_that_say_nothing_are_of_the_frame_before() {
        let mut frames = Frames::default();
        let (begins, goes_on) = ([0x50, 0x34, 0x40, 9], [0x90, 7, 7]);
        assert_eq!(frames.read(Codec::Av1, &goes_on, 1), Frame::default());
        let first = frames.read(Codec::Av1, &begins, 2);
        assert_eq!((first.temporal, frames.read(Codec::Av1, &goes_on, 2)), (2, first));
        assert_eq!(frames.read(Codec::Av1, &goes_on, 3), Frame::default(), "another frame");
    }

    /// Of payloads that are looked into the deepest.
    const HEADS: &[&[u8]] = &[&[0x67, 100], &[0xBF, 0x80, 1], &[0x28, 40, 0x08], &[]];

    proptest! {
        #[test]
        fn any_payload_can_be_read(
            head in proptest::sample::select(HEADS),
            rest in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let payload = [head, &rest].concat();
            for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
                Frame::read(codec, &payload);
            }
        }
    }

    #[test]
    fn chromium_is_read() {
        // The beginnings of packets of its fake camera with L1T3.
        let frames: [(_, &[u8], _); 6] = [
            (Codec::Vp8, &[0xB0, 0xE0, 0xBF, 0x2D, 0x27, 0xA0, 0xF1, 0x21, 0x00], (2, 2, None)),
            (Codec::Vp8, &[0xA0, 0xE0, 0xBF, 0x2F, 0x27, 0x80, 0x2D, 0x31, 0x2D], (2, 0, None)),
            (
                Codec::Vp9,
                &[0xBF, 0xAF, 0xE8, 0x10, 0x10, 0x02, 0x80, 0x01, 0x68, 0x83, 0x49, 0x83, 0x42],
                (0, ALL, Some((640, 360))),
            ),
            (Codec::Vp9, &[0xFD, 0xB0, 0x02, 0x30, 0x04, 0x87, 0x02, 0x02], (1, 1, None)),
            (
                Codec::Av1,
                &[
                    0x28, 0x10, 0x08, 0x00, 0x21, 0x07, 0x08, 0x81, 0x84, 0x40, 0x43, 0x31, 0x3F,
                    0xD9, 0xC0, 0x1A, 0x00, 0x80, 0x34, 0x00,
                ],
                (0, ALL, Some((640, 360))),
            ),
            (Codec::Av1, &[0x10, 0x34, 0x20, 0x30, 0x00, 0x40, 0x00], (1, 1, None)),
        ];
        for (codec, payload, (temporal, opens, size)) in frames {
            let frame = Frame::read(codec, payload).unwrap();
            assert_eq!((frame.temporal, frame.opens, frame.size), (temporal, opens, size));
        }
    }
}
