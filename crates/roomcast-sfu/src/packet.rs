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
    /// Bytes by which it is to be made longer, to be as long as others that go with it.
    pub padding: u8,
}

/// Makes packets of one picture that are nearly of one size be of one size: encoders cut a picture into
/// parts that differ by a byte, and only datagrams of one size leave in one system call (UDP GSO). The
/// receiver takes the padding off before it looks at the packet (RFC 3550 §5.1).
pub(crate) fn even_out(packets: &mut [MediaPacket]) {
    for picture in packets.chunk_by_mut(|a, b| a.time == b.time) {
        let longest = picture.iter().map(|packet| packet.payload.len()).max().unwrap_or_default();
        for packet in picture {
            let missing = u8::try_from(longest - packet.payload.len());
            packet.padding = missing.ok().filter(|bytes| *bytes <= MAX_PADDING).unwrap_or_default();
        }
    }
}

/// More is not worth its bytes: below 1 % of a full packet.
const MAX_PADDING: u8 = 8;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::packet;

    #[test]
    fn parts_of_a_picture_become_of_one_size_and_a_rest_stays_as_it_is() {
        let part = |seq, time, bytes: usize| MediaPacket {
            payload: vec![0; bytes].into(),
            ..packet(seq, time, false)
        };
        let sizes = [(1, 1_000), (1, 1_001), (1, 993), (1, 992), (1, 300), (2, 990), (2, 989)];
        let mut packets: Vec<_> =
            (0..).zip(sizes).map(|(seq, (time, bytes))| part(seq, time, bytes)).collect();
        even_out(&mut packets);
        let padding: Vec<_> = packets.iter().map(|packet| packet.padding).collect();
        assert_eq!(padding, [1, 0, 8, 0, 0, 0, 1]);
        even_out(&mut []);
    }
}
