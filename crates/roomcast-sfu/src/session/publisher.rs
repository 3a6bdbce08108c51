//! The half of a session in which a browser publishes: it offers, the node answers.

use std::sync::Arc;
use std::time::Instant;

use str0m::Rtc;
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::rtp::{RtpPacket, Ssrc};

use super::peer_offer::{PeerOffer, accept};
use super::sender_clock::SenderClock;
use crate::arrivals::Arrivals;
use crate::codec::Format;
use crate::command::PublishedTrack;
use crate::diagnosis::{Diagnosis, Finding};
use crate::event::RefusedReason;
use crate::frame::Frames;
use crate::ids::{PublicationId, SessionId};
use crate::layers::{LayerSet, MAX_LAYERS};
use crate::packet::{Epoch, Extensions, MediaPacket};
use crate::quality::OfferedLayer;
use crate::report::TrackReport;

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
    /// The layers by their index: as they were offered, and what came besides.
    layers: Vec<Option<Rid>>,
    offered: Arc<[OfferedLayer]>,
    muted: bool,
    came: Came,
}

/// What came of a track.
#[derive(Debug, Default)]
struct Came {
    packets: u64,
    bytes: u64,
    key_frames: u64,
    /// The timestamp of the newest key frame.
    key_frame_time: Option<u32>,
    format: Option<Format>,
    arrivals: Arrivals,
    diagnosis: Diagnosis,
}

/// An SSRC with the payload type in which it was last seen.
#[derive(Debug)]
struct Stream {
    ssrc: Ssrc,
    payload_type: u8,
    mid: Mid,
    layer: u8,
    format: Format,
    epoch: u32,
    frames: Frames,
}

/// A packet that came in, ready to be forwarded.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub publication: PublicationId,
    pub format: Format,
    pub muted: bool,
    pub packet: MediaPacket,
    /// What is found to be wrong with the publication, or not any more.
    pub finding: Option<Finding>,
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
                let came = self.take_counts(mid, t.publication);
                let muted = self.mutes(t.publication);
                let offered: Arc<[_]> = t.layers.iter().take(MAX_LAYERS).cloned().collect();
                let layers = self.known_layers(mid, t.publication, &offered);
                Some(Track { mid, publication: t.publication, layers, offered, muted, came })
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

    /// What the peer says of the layers of a publication.
    pub(crate) fn offered(&self, publication: PublicationId) -> Arc<[OfferedLayer]> {
        let track = self.tracks.iter().find(|t| t.publication == publication);
        track.map(|track| Arc::clone(&track.offered)).unwrap_or_default()
    }

    /// Whether a publication comes in several layers that have names.
    pub(crate) fn has_layers(&self, publication: PublicationId) -> bool {
        let track = self.tracks.iter().find(|t| t.publication == publication);
        track.is_some_and(|track| track.layers.iter().flatten().count() > 1)
    }

    /// The names of layers of a publication, of those that have one.
    pub(crate) fn rids(&self, publication: PublicationId, layers: LayerSet) -> Vec<String> {
        let Some(track) = self.tracks.iter().find(|t| t.publication == publication) else {
            return Vec::new();
        };
        let named = |layer: u8| track.layers.get(usize::from(layer)).copied().flatten();
        layers.iter().filter_map(named).map(|rid| rid.to_string()).collect()
    }

    /// Turns what str0m received into what is forwarded; `None` for what belongs to no publication.
    pub(crate) fn incoming(
        &mut self,
        session: SessionId,
        rtc: &mut Rtc,
        packet: RtpPacket,
    ) -> Option<Incoming> {
        let index = self.stream(rtc, &packet)?;
        let stream = self.streams.get_mut(index)?;
        let track = self.tracks.iter_mut().find(|t| t.mid == stream.mid)?;
        let format = stream.format;
        let time = packet.header.timestamp;
        let report = packet.last_sender_info.as_ref();
        let captured = self.clock.captured(report, time, format.clock_rate(), packet.timestamp);
        let packet = MediaPacket {
            epoch: Epoch { session: session.0, stream: stream.epoch },
            seq: *packet.seq_no,
            time,
            arrival: packet.timestamp,
            captured,
            marker: packet.header.marker,
            layer: stream.layer,
            key_frame: format.starts_key_frame(&packet.payload),
            frame: stream.frames.read(format.codec, &packet.payload, time),
            extensions: Extensions::from(&packet.header.ext_vals),
            is_redundant: false,
            padding: 0,
            payload: packet.payload,
        };
        let finding = track.came.take(*stream.ssrc, format, &packet);
        let (publication, muted) = (track.publication, track.muted);
        Some(Incoming { publication, format, muted, packet, finding })
    }

    /// What came of each track.
    pub(crate) fn tracks(&self) -> impl Iterator<Item = (Mid, TrackReport)> {
        self.tracks.iter().map(|track| (track.mid, track.came.report(track.publication)))
    }

    /// Ticks of a track's clock in a second; `None` before its first packet.
    pub(crate) fn clock_rate(&self, mid: Mid) -> Option<u32> {
        let track = self.tracks.iter().find(|t| t.mid == mid)?;
        track.came.format.map(|format| format.clock_rate())
    }

    /// What has been counted of a publication that stays where it is.
    fn take_counts(&mut self, mid: Mid, publication: PublicationId) -> Came {
        let is_it = |t: &&mut Track| t.mid == mid && t.publication == publication;
        let track = self.tracks.iter_mut().find(is_it);
        track.map(|track| std::mem::take(&mut track.came)).unwrap_or_default()
    }

    /// The layers in the order of the offer, or as they were known before if it names none.
    fn known_layers(
        &self,
        mid: Mid,
        publication: PublicationId,
        offered: &[OfferedLayer],
    ) -> Vec<Option<Rid>> {
        let is_it = |t: &&Track| t.mid == mid && t.publication == publication;
        match self.tracks.iter().find(is_it) {
            Some(track) if offered.is_empty() => track.layers.clone(),
            _ => offered.iter().map(|layer| Some(Rid::from(layer.rid.as_str()))).collect(),
        }
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

    /// The streams of a publication that is in another media section than before, or whose layers have
    /// other places, begin a new epoch: later than what was sent of it there.
    fn begin_moved(&mut self, before: &[Track]) {
        let stays = |t: &Track, b: &Track| {
            (t.mid, t.publication, &t.layers) == (b.mid, b.publication, &b.layers)
        };
        for track in &self.tracks {
            if !before.iter().any(|b| stays(track, b)) {
                // They are found again with their next packets.
                self.streams.retain(|stream| stream.mid != track.mid);
            }
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

    /// Asks the browser for a key frame of these layers.
    pub(crate) fn request_key_frame(
        &mut self,
        rtc: &mut Rtc,
        (publication, layers): (PublicationId, LayerSet),
        now: Instant,
    ) {
        let Some(track) = self.tracks.iter_mut().find(|t| t.publication == publication) else {
            return;
        };
        track.came.diagnosis.asked_for_key_frame(now);
        let mut direct = rtc.direct_api();
        let is_meant = |s: &&Stream| s.mid == track.mid && layers.contains(s.layer);
        for stream in self.streams.iter().filter(is_meant) {
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
        let params = *rtc.codec_config().find(|p| *p.pt() == payload_type)?;
        let format = Format::new(params.spec())?;
        let mut direct = rtc.direct_api();
        let stream = direct.stream_rx(&ssrc)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        if params.fb_nack() && params.resend().is_none() {
            // str0m asks only those who resend by RFC 4588. Others send the packet itself again.
            stream.suppress_nack(false);
        }
        let layer = self.tracks.iter_mut().find(|t| t.mid == mid)?.layer(rid)?;
        let (epoch, frames) = (self.next_stream, Frames::default());
        let stream = Stream { ssrc, payload_type, mid, layer, format, epoch, frames };
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

impl Track {
    /// The index of a layer; `None` for one too many.
    fn layer(&mut self, rid: Option<Rid>) -> Option<u8> {
        let known = self.layers.iter().position(|known| *known == rid);
        if known.is_none() && self.layers.len() < MAX_LAYERS {
            self.layers.push(rid);
        }
        let index = known.or_else(|| self.layers.iter().position(|known| *known == rid));
        // Whoever announces layers and then sends one without a name has one.
        let index = index.or(rid.is_none().then_some(0))?;
        u8::try_from(index).ok()
    }
}

impl Came {
    /// Counts a packet, and says what is found.
    fn take(&mut self, ssrc: u32, format: Format, packet: &MediaPacket) -> Option<Finding> {
        self.packets += 1;
        self.bytes += packet.payload.len() as u64;
        self.format = Some(format);
        self.arrivals.came(ssrc, packet.seq);
        if packet.key_frame {
            let is_another = self.key_frame_time.replace(packet.time) != Some(packet.time);
            self.key_frames += u64::from(is_another);
            self.diagnosis.key_frame_came();
        }
        if format.begins_b_slice(&packet.payload) {
            self.diagnosis.b_slice_came(packet.arrival);
        }
        self.diagnosis.look(packet.arrival, &self.arrivals)
    }

    fn report(&self, publication: PublicationId) -> TrackReport {
        TrackReport {
            publication,
            codec: self.format.map(|format| format.codec),
            bytes: self.bytes,
            packets: self.packets,
            lost: self.arrivals.lost(),
            jitter: None,
            key_frames: self.key_frames,
            layers: Vec::new(),
        }
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
