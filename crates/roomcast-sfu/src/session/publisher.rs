//! The half of a session in which a browser publishes: it offers, the node answers.

use str0m::Rtc;
use str0m::media::{KeyframeRequestKind, Mid};
use str0m::rtp::{RtpPacket, Ssrc};

use super::peer_offer::{PeerOffer, accept};
use super::sender_clock::SenderClock;
use crate::codec::Format;
use crate::command::PublishedTrack;
use crate::event::RefusedReason;
use crate::ids::{PublicationId, SessionId};
use crate::packet::{Epoch, Extensions, MediaPacket};

/// Which publications come in, and by which streams.
#[derive(Debug, Default)]
pub(crate) struct Publisher {
    tracks: Vec<Track>,
    streams: Vec<Stream>,
    /// Streams seen so far: the next epoch.
    next_stream: u32,
    clock: SenderClock,
}

#[derive(Debug)]
struct Track {
    mid: Mid,
    publication: PublicationId,
    muted: bool,
}

/// An SSRC with the payload type in which it was last seen.
#[derive(Debug)]
struct Stream {
    ssrc: Ssrc,
    payload_type: u8,
    mid: Mid,
    format: Format,
    epoch: u32,
}

/// A packet that came in, ready to be forwarded.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub publication: PublicationId,
    pub format: Format,
    pub muted: bool,
    pub packet: MediaPacket,
}

impl Publisher {
    /// Takes the peer's offer, and says what its media sections carry.
    pub(crate) fn negotiate(
        &mut self,
        rtc: &mut Rtc,
        offer: &PeerOffer,
        tracks: &[PublishedTrack],
    ) -> Result<String, RefusedReason> {
        let answer = accept(rtc, offer)?;
        let tracks: Vec<_> = tracks
            .iter()
            .filter_map(|t| {
                let mid = usable_mid(rtc, &t.mid)?;
                Some(Track { mid, publication: t.publication, muted: self.mutes(t.publication) })
            })
            .collect();
        // A browser that has dropped its last track offers nothing and is right to.
        if tracks.is_empty() && !self.is_established() {
            return Err(RefusedReason::Unusable);
        }
        let before = std::mem::replace(&mut self.tracks, tracks);
        self.begin_moved(&before);
        Ok(answer)
    }

    /// The publications that come in here.
    pub(crate) fn publications(&self) -> Vec<PublicationId> {
        self.tracks.iter().map(|t| t.publication).collect()
    }

    /// Turns what str0m received into what is forwarded; `None` for what belongs to no publication.
    pub(crate) fn incoming(
        &mut self,
        session: SessionId,
        rtc: &mut Rtc,
        packet: RtpPacket,
    ) -> Option<Incoming> {
        let index = self.stream(rtc, &packet)?;
        let stream = self.streams.get(index)?;
        let track = self.tracks.iter().find(|t| t.mid == stream.mid)?;
        let format = stream.format;
        let time = packet.header.timestamp;
        let report = packet.last_sender_info.as_ref();
        let captured = self.clock.captured(report, time, format.clock_rate(), packet.timestamp);
        Some(Incoming {
            publication: track.publication,
            format,
            muted: track.muted,
            packet: MediaPacket {
                epoch: Epoch { session: session.0, stream: stream.epoch },
                seq: *packet.seq_no,
                time,
                arrival: packet.timestamp,
                captured,
                marker: packet.header.marker,
                key_frame: format.starts_key_frame(&packet.payload),
                extensions: Extensions::from(&packet.header.ext_vals),
                payload: packet.payload,
            },
        })
    }

    /// Stops or resumes a publication. What comes after is a new epoch, so that subscribers do not
    /// take the silence for loss.
    pub(crate) fn mute(&mut self, publication: PublicationId, muted: bool) {
        let Some(track) = self.tracks.iter_mut().find(|t| t.publication == publication) else {
            return;
        };
        track.muted = muted;
        let mid = track.mid;
        self.begin_anew(mid);
    }

    /// A publication that is in another media section than before begins a new epoch, so that it is
    /// later than what was sent of it there.
    fn begin_moved(&mut self, before: &[Track]) {
        let is_same = |t: &Track, b: &Track| (t.mid, t.publication) == (b.mid, b.publication);
        let moved = self.tracks.iter().filter(|t| !before.iter().any(|b| is_same(t, b)));
        for mid in moved.map(|t| t.mid).collect::<Vec<_>>() {
            self.begin_anew(mid);
        }
    }

    fn begin_anew(&mut self, mid: Mid) {
        for stream in self.streams.iter_mut().filter(|s| s.mid == mid) {
            stream.epoch = self.next_stream;
            self.next_stream += 1;
        }
    }

    /// Whether nothing of the publication is forwarded.
    pub(crate) fn mutes(&self, publication: PublicationId) -> bool {
        self.tracks.iter().any(|t| t.publication == publication && t.muted)
    }

    /// Asks the browser for a key frame.
    pub(crate) fn request_key_frame(&self, rtc: &mut Rtc, publication: PublicationId) {
        let Some(track) = self.tracks.iter().find(|t| t.publication == publication) else {
            return;
        };
        let mut direct = rtc.direct_api();
        for stream in self.streams.iter().filter(|s| s.mid == track.mid) {
            if let Some(rx) = direct.stream_rx(&stream.ssrc) {
                rx.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }

    fn is_established(&self) -> bool {
        !self.tracks.is_empty() || self.next_stream > 0
    }

    /// The stream of a packet, found or begun. Changes of codec within an SSRC begin a new one.
    fn stream(&mut self, rtc: &mut Rtc, packet: &RtpPacket) -> Option<usize> {
        let (ssrc, payload_type) = (packet.header.ssrc, *packet.header.payload_type);
        let known = self.streams.iter().position(|s| s.ssrc == ssrc);
        if let Some(index) = known
            && self.streams.get(index)?.payload_type == payload_type
        {
            return known;
        }
        let mid = rtc.direct_api().stream_rx(&ssrc)?.mid();
        let params = rtc.codec_config().find(|p| *p.pt() == payload_type)?;
        let format = Format::new(params.spec())?;
        let stream = Stream { ssrc, payload_type, mid, format, epoch: self.next_stream };
        self.next_stream += 1;
        if let Some(index) = known {
            *self.streams.get_mut(index)? = stream;
            return known;
        }
        if self.streams.len() >= MAX_STREAMS {
            self.streams.remove(0);
        }
        self.streams.push(stream);
        Some(self.streams.len() - 1)
    }
}

/// The media section that a track names, if it can carry anything to us.
fn usable_mid(rtc: &Rtc, name: &str) -> Option<Mid> {
    let mid = Mid::from(name);
    let media = rtc.media(mid)?;
    let is_usable = media.direction().is_receiving() && !media.remote_pts().is_empty();
    is_usable.then_some(mid)
}

/// SSRCs remembered for one session: four publications, each begun anew several times.
const MAX_STREAMS: usize = 32;
