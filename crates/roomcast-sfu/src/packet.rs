//! One RTP packet on its way from a publication to its subscribers: decrypted once, shared by all.

use std::sync::Arc;
use std::time::Instant;

use str0m::rtp::{ExtensionValues, VideoOrientation};

use crate::frame::Frame;

/// Which stream of a publication a packet belongs to. A publication starts a new epoch when its
/// publisher session, its SSRC or its codec changes; sequence numbers and timestamps of two epochs
/// have nothing to do with each other. Later epochs compare greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Epoch {
    /// The publisher session: a later one of the same publication has a greater number.
    pub session: u64,
    /// Counts the streams of the publication within the session.
    pub stream: u32,
}

/// A packet as it was published. Cloning it shares the payload.
#[derive(Debug, Clone)]
pub(crate) struct MediaPacket {
    pub epoch: Epoch,
    /// Which layer of the publication it is of: an index in the order of the publisher's offer.
    pub layer: u8,
    /// The sequence number, extended by its rollovers.
    pub seq: u64,
    /// The RTP timestamp.
    pub time: u32,
    /// When it came in: for the age of kept packets.
    pub arrival: Instant,
    /// When it was captured, by the publisher's sender reports: what keeps lips in step.
    pub captured: Instant,
    pub marker: bool,
    /// It is, or is part of, the start of a key frame.
    pub key_frame: bool,
    pub frame: Frame,
    pub extensions: Extensions,
    /// The payload has earlier packets in it as well (RFC 2198). Made for one receiver, and not kept.
    pub is_redundant: bool,
    pub payload: Arc<[u8]>,
}

/// The header extensions that reach the subscribers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extensions {
    /// RFC 6464: in -dBov.
    audio_level: Option<i8>,
    voice_activity: Option<bool>,
    /// 3GPP TS 26.114 §7.4.5: without it the picture of a phone lies on its side.
    video_orientation: Option<VideoOrientation>,
}

impl Extensions {
    /// As the byte that is sent: RFC 6464 §3.
    pub(crate) fn audio_level(self) -> Option<u8> {
        let voice = u8::from(self.voice_activity.unwrap_or_default()) << 7;
        Some(voice | self.audio_level?.unsigned_abs() & 0x7F)
    }

    /// The same: 3GPP TS 26.114 §7.4.5.
    pub(crate) fn orientation(self) -> Option<u8> {
        self.video_orientation.map(|orientation| orientation as u8)
    }
}

impl From<&ExtensionValues> for Extensions {
    fn from(values: &ExtensionValues) -> Self {
        Self {
            audio_level: values.audio_level,
            voice_activity: values.voice_activity,
            video_orientation: values.video_orientation,
        }
    }
}

impl From<Extensions> for ExtensionValues {
    fn from(extensions: Extensions) -> Self {
        Self {
            audio_level: extensions.audio_level,
            voice_activity: extensions.voice_activity,
            video_orientation: extensions.video_orientation,
            ..Self::default()
        }
    }
}
