//! What str0m calls codecs and payload types, and what this crate does with them.

use str0m::format::{
    Codec as Str0mCodec, CodecSpec, PayloadParams, detect_av1_keyframe, detect_h264_keyframe,
    detect_vp8_keyframe, detect_vp9_keyframe,
};

use crate::media::{Codec, MediaKind};
use crate::slices::begins_b_slice;

/// How a publication is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    pub codec: Codec,
    spec: CodecSpec,
}

impl Format {
    /// `None` for codecs that are not forwarded.
    pub(crate) fn new(spec: CodecSpec) -> Option<Self> {
        let codec = match spec.codec {
            Str0mCodec::Opus => Codec::Opus,
            Str0mCodec::Vp8 => Codec::Vp8,
            Str0mCodec::Vp9 => Codec::Vp9,
            Str0mCodec::H264 => Codec::H264,
            Str0mCodec::Av1 => Codec::Av1,
            _ => return None,
        };
        Some(Self { codec, spec })
    }

    /// Sound or picture.
    pub(crate) fn kind(&self) -> MediaKind {
        if self.codec == Codec::Opus { MediaKind::Audio } else { MediaKind::Video }
    }

    /// Ticks of the RTP clock in a second.
    pub(crate) fn clock_rate(&self) -> u32 {
        self.spec.clock_rate.get()
    }

    /// Whether this payload starts a key frame. Always false for sound.
    pub(crate) fn starts_key_frame(&self, payload: &[u8]) -> bool {
        match self.codec {
            Codec::Opus => false,
            Codec::Vp8 => detect_vp8_keyframe(payload),
            Codec::Vp9 => detect_vp9_keyframe(payload),
            Codec::H264 => detect_h264_keyframe(payload),
            Codec::Av1 => detect_av1_keyframe(payload),
        }
    }

    /// Whether a slice of a B-frame begins in this payload. Only looked for in H264: encoders for
    /// browsers make none in the others.
    pub(crate) fn begins_b_slice(&self, payload: &[u8]) -> bool {
        self.codec == Codec::H264 && begins_b_slice(payload)
    }

    /// The best of the payload types that a receiver accepted; `None` when it cannot decode this.
    pub(crate) fn choose<'a>(
        &self,
        accepted: impl Iterator<Item = &'a PayloadParams>,
    ) -> Option<&'a PayloadParams> {
        accepted
            .filter_map(|params| Some((self.fitness(&params.spec())?, params)))
            .max_by_key(|(fitness, _)| *fitness)
            .map(|(_, params)| params)
    }

    /// How well a receiver of this kind fits; `None` when it cannot decode the format.
    fn fitness(&self, receiver: &CodecSpec) -> Option<u8> {
        if receiver.codec != self.spec.codec || receiver.clock_rate != self.spec.clock_rate {
            return None;
        }
        let (ours, theirs) = (&self.spec.format, &receiver.format);
        match self.codec {
            Codec::Opus | Codec::Vp8 | Codec::Av1 => Some(0),
            // RFC 9628 §6: a decoder of one profile need not know another.
            Codec::Vp9 => {
                (ours.profile_id.unwrap_or(0) == theirs.profile_id.unwrap_or(0)).then_some(0)
            }
            Codec::H264 => h264_fitness(
                (ours.profile_level_id, ours.packetization_mode),
                (theirs.profile_level_id, theirs.packetization_mode),
            ),
        }
    }
}

/// RFC 6184 §8.1: the packetization mode has to be the same, and the receiver's profile must take in
/// the sender's. The level is a matter of capacity, not of syntax; browsers decode above the one they
/// name.
fn h264_fitness(
    (ours, our_mode): (Option<u32>, Option<u8>),
    (theirs, their_mode): (Option<u32>, Option<u8>),
) -> Option<u8> {
    // A receiver of mode 1 takes single NAL units as well.
    if our_mode.unwrap_or(0) > their_mode.unwrap_or(0) {
        return None;
    }
    let ours = profile_rank(ours.unwrap_or(BASELINE));
    let theirs = profile_rank(theirs.unwrap_or(BASELINE));
    // The smallest profile that is large enough.
    (theirs >= ours).then(|| u8::MAX - (theirs - ours))
}

/// Orders the profiles that browsers use by what they contain (ITU-T H.264 A.2).
fn profile_rank(profile_level_id: u32) -> u8 {
    let [_, profile_idc, _, _] = profile_level_id.to_be_bytes();
    match profile_idc {
        // Baseline, constrained or not: no sender uses what the constraint takes away.
        0x42 => 0,
        0x4D => 1, // Main.
        0x58 => 2, // Extended.
        _ => 3,    // High and above.
    }
}

/// What a missing `profile-level-id` means (RFC 6184 §8.1): baseline, level 1.
const BASELINE: u32 = 0x42_00_0A;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_needs_at_least_the_senders_profile() {
        let constrained = (Some(0x42_E0_1F), Some(1));
        let main = (Some(0x4D_00_1F), Some(1));
        let high = (Some(0x64_00_1F), Some(1));
        assert!(h264_fitness(constrained, main).is_some());
        assert!(h264_fitness(high, constrained).is_none());
        assert!(h264_fitness(main, main) > h264_fitness(main, high));
        assert!(h264_fitness(main, (Some(0x4D_00_1F), Some(0))).is_none(), "mode 1 into mode 0");
    }
}
