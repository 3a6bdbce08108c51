//! What a viewer does with the packets that come in.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::media::KeyframeRequestKind;
use str0m::rtp::{RtpPacket, Ssrc};

use super::count::{Count, Phase};
use super::footage::Footage;
use super::gaps::Gaps;
use super::outcome::{Joined, Reached};
use super::stamp::Stamp;
use super::thread::Shared;
use super::track::{Kind, Tracks};
use crate::histogram::Histogram;

/// One viewer's eyes and ears.
#[derive(Debug)]
pub(super) struct Viewer {
    tracks: Arc<Tracks>,
    reached: Arc<Reached>,
    start: Instant,
    /// Whether pictures come in layers, of which the node chooses.
    layered: bool,
    joined: Joined,
    /// The publishers whose packets come to this viewer.
    of: Range<usize>,
    /// Of each of them.
    pictures: Vec<Picture>,
    footage: Option<Arc<Footage>>,
}

/// Whether the picture of one publisher can be shown yet.
#[derive(Debug, Default)]
struct Picture {
    complete: bool,
    ssrc: Option<Ssrc>,
    /// The key frame that is coming in, by its layer and number, and which of its packets came.
    frame: (u8, u32),
    seen: Vec<bool>,
    /// What is missing behind the first whole key frame.
    gaps: Gaps,
    /// While it cannot be decoded: when a key frame is asked for.
    ask_at: Option<Instant>,
}

impl Viewer {
    /// A viewer of these publishers.
    pub(super) fn new(shared: &Shared, joined: Instant, of: Range<usize>) -> Self {
        let (tracks, reached) = (Arc::clone(&shared.tracks), Arc::clone(&shared.reached));
        let footage = shared.footage.clone();
        let joined = Joined {
            at: joined,
            connected: None,
            first_packet: None,
            first_picture: None,
            counts: vec![Count::default(); tracks.len()],
            layers: vec![None; tracks.publishers()],
            switches: 0,
            key_frames_asked: 0,
            disconnects: 0,
        };
        let pictures = of.clone().map(|_| Picture::default()).collect();
        let Shared { start, settings, .. } = *shared;
        let layered = settings.simulcast;
        Self { tracks, reached, start, layered, joined, of, pictures, footage }
    }

    pub(super) fn connected(&mut self, now: Instant) {
        if self.joined.connected.is_none() {
            self.joined.connected = Some(now - self.joined.at);
            Reached::count(&self.reached.connected);
        }
    }

    pub(super) fn disconnected(&mut self) {
        self.joined.disconnects += 1;
    }

    /// A packet of media. Returns whether it is measured and new.
    pub(super) fn packet(
        &mut self,
        packet: &RtpPacket,
        now: Instant,
        latency: &mut Histogram,
    ) -> bool {
        let Some((first, stamp)) = self.stamps(&packet.payload) else {
            self.fill(packet);
            return false;
        };
        let Some(track) = self.tracks.track(stamp.track) else { return false };
        let window = track.window();
        if self.joined.first_picture.is_none() {
            self.begin(first, packet.header.ssrc, now);
            self.begin(stamp, packet.header.ssrc, now);
        } else if !self.layered && Tracks::kind(stamp.track.into()) == Kind::Video {
            self.follow(first, stamp, now);
        }
        let Some(count) = self.joined.counts.get_mut(usize::from(stamp.track)) else {
            return false;
        };
        let bytes = packet.payload.len();
        let measured = if self.layered && Tracks::kind(stamp.track.into()) == Kind::Video {
            let phase = Phase::of(stamp.number, &window);
            let measured = count.take_sent(Some(phase), *packet.seq_no, bytes);
            self.see(stamp, packet.header.ssrc);
            measured
        } else {
            count.take(window, (first.number, stamp.number), bytes)
        };
        if measured {
            let sent = Duration::from_micros(stamp.sent_us);
            latency.record((now - self.start).saturating_sub(sent));
        }
        measured
    }

    /// What a packet says of itself, or is known to be.
    fn stamps(&self, payload: &[u8]) -> Option<(Stamp, Stamp)> {
        let known = || {
            // Only one publisher's packets can be told by their content.
            let stamp = self.footage.as_ref()?.find(self.of.start, payload)?;
            Some((stamp, stamp))
        };
        Stamp::ends(payload).or_else(known)
    }

    /// The picture of the publisher whose packet this is.
    fn picture(&mut self, publisher: usize) -> Option<&mut Picture> {
        self.pictures.get_mut(publisher.checked_sub(self.of.start)?)
    }

    /// Notes the layer that a picture is sent in.
    fn see(&mut self, stamp: Stamp, ssrc: Ssrc) {
        let publisher = usize::from(stamp.track / 2);
        if let Some(picture) = self.picture(publisher) {
            picture.ssrc = Some(ssrc);
        }
        if let Some(layer) = self.joined.layers.get_mut(publisher) {
            let before = layer.replace(stamp.layer);
            self.joined.switches += u64::from(before.is_some_and(|before| before != stamp.layer));
        }
    }

    /// A packet of ours without a stamp: it keeps the place of one that is not sent.
    fn fill(&mut self, packet: &RtpPacket) {
        let of = self.pictures.iter().position(|p| p.ssrc == Some(packet.header.ssrc));
        let of = of.map(|place| self.of.start + place);
        let count = of.and_then(|publisher| self.joined.counts.get_mut(publisher * 2));
        if let Some(count) = count.filter(|_| self.layered) {
            count.take_sent(None, *packet.seq_no, packet.payload.len());
        }
    }

    /// The time until every publisher's picture is there.
    fn begin(&mut self, stamp: Stamp, ssrc: Ssrc, now: Instant) {
        self.joined.first_packet.get_or_insert(now - self.joined.at);
        if Tracks::kind(stamp.track.into()) == Kind::Audio {
            return;
        }
        let Some(picture) = self.picture(usize::from(stamp.track / 2)) else { return };
        picture.packet(stamp, ssrc, now);
        if self.joined.first_picture.is_none()
            && self.pictures.iter().all(|picture| picture.complete)
        {
            self.joined.first_picture = Some(now - self.joined.at);
            Reached::count(&self.reached.pictures);
        }
    }

    /// Whether a picture that was whole can still be decoded.
    fn follow(&mut self, first: Stamp, last: Stamp, now: Instant) {
        let Some(picture) = self.picture(usize::from(last.track / 2)) else { return };
        if first != last {
            picture.gaps.take(first);
        }
        if picture.gaps.take(last) {
            picture.ask_at.get_or_insert(now + KEY_FRAME_WAIT);
        } else {
            picture.ask_at = None;
        }
    }

    /// When a key frame is to be asked for.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.pictures.iter().filter_map(|picture| picture.ask_at).min()
    }

    /// Asks for one key frame that is due. Returns whether it did.
    pub(super) fn ask(&mut self, rtc: &mut Rtc, now: Instant) -> bool {
        let due = |picture: &&mut Picture| picture.ask_at.is_some_and(|at| at <= now);
        let Some(picture) = self.pictures.iter_mut().find(due) else { return false };
        picture.ask_at = Some(now + KEY_FRAME_WAIT);
        self.joined.key_frames_asked += 1;
        let ssrc = picture.ssrc.unwrap_or(0.into());
        if let Some(stream) = rtc.direct_api().stream_rx(&ssrc) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
        true
    }

    pub(super) fn into_joined(self) -> Joined {
        self.joined
    }
}

impl Picture {
    fn packet(&mut self, stamp: Stamp, ssrc: Ssrc, now: Instant) {
        if self.complete {
            return;
        }
        if self.ssrc.replace(ssrc).is_none() {
            self.ask_at = Some(now + KEY_FRAME_WAIT);
        }
        if !stamp.key {
            return;
        }
        let frame = (stamp.layer, stamp.frame);
        if self.frame != frame || self.seen.is_empty() {
            self.frame = frame;
            self.seen = vec![false; stamp.count.into()];
        }
        if let Some(seen) = self.seen.get_mut(usize::from(stamp.index)) {
            *seen = true;
        }
        if self.seen.iter().all(|seen| *seen) {
            self.complete = true;
            self.gaps = Gaps::behind(stamp);
            self.ask_at = None;
        }
    }
}

/// How long a viewer waits for a key frame, or for what is sent again, before it asks, and asks again.
const KEY_FRAME_WAIT: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(frame: u32, index: u16, key: bool) -> Stamp {
        Stamp { track: 0, layer: 0, key, index, count: 3, frame, number: 0, sent_us: 0 }
    }

    #[test]
    fn a_picture_is_complete_with_all_packets_of_one_key_frame() {
        let now = Instant::now();
        let mut picture = Picture::default();
        let packets = [(1, 0, false), (2, 0, true), (2, 2, true), (3, 1, true), (3, 2, true)];
        for (frame, index, key) in packets {
            picture.packet(stamp(frame, index, key), 7.into(), now);
            assert!(!picture.complete);
        }
        assert_eq!(picture.ask_at, Some(now + KEY_FRAME_WAIT));
        picture.packet(stamp(3, 0, true), 7.into(), now);
        assert!(picture.complete);
        assert_eq!(picture.ask_at, None);
    }
}
