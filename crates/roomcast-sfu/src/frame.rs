//! What the payload of a packet says of its frame: its temporal layer, whether a receiver of fewer
//! layers may go up there, its numbers, and its size.

use str0m::rtp::Vp8Descriptor;

use crate::media::Codec;

/// The frame that a packet is part of.
#[allow(dead_code, reason = "until layers are chosen")]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Frame {
    /// Its temporal layer: 0 where there is one alone. Frames need none of a higher layer.
    pub temporal: u8,
    /// Whether a receiver that had lower layers alone can decode this layer from here on.
    pub is_switching_point: bool,
    /// Width and height in pixels, where a key frame says them here.
    pub size: Option<(u16, u16)>,
    /// The payload descriptor of VP8 (RFC 7741 §4.2), whose numbers are rewritten.
    pub vp8: Option<Vp8Descriptor>,
}

impl Frame {
    /// Reads the beginning of a payload; what cannot be read says nothing.
    pub(crate) fn read(codec: Codec, payload: &[u8]) -> Self {
        let vp8 = (codec == Codec::Vp8).then(|| Vp8Descriptor::parse(payload).ok()).flatten();
        Self { vp8, ..Self::default() }
    }
}
