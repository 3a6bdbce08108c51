//! What the payload of a packet says of its frame: its temporal layer, whether a receiver of fewer
//! layers may go up there, its numbers, and its size.

mod vp8;

pub(crate) use self::vp8::{PictureId, Vp8Numbers};
use crate::media::Codec;

/// The frame that a packet is part of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its temporal layer: 0 where there is one alone. Frames need none of a higher layer.
    pub temporal: u8,
    /// Whether a receiver of all layers below this one can decode this one from here on.
    pub is_switching_point: bool,
    /// Width and height in pixels, where a key frame says them here.
    pub size: Option<(u16, u16)>,
    /// The numbers of a VP8 picture, which are rewritten.
    pub vp8: Option<Vp8Numbers>,
}

impl Frame {
    /// Reads the beginning of a payload; what cannot be read says nothing.
    pub(crate) fn read(codec: Codec, payload: &[u8]) -> Self {
        let frame = match codec {
            Codec::Vp8 => vp8::read(payload),
            Codec::Opus | Codec::Vp9 | Codec::H264 | Codec::Av1 => None,
        };
        frame.unwrap_or_default()
    }
}
