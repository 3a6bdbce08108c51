//! A browser as far as the media core can tell: an `Rtc` behind an address, with sources or with what
//! it has received.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use roomcast_sfu::{OfferedTrack, PublicationId, PublishedTrack, SessionId};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::rtcp::SenderInfo;
use str0m::rtp::{RedDecoder, RtpPacket};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};

use crate::camera::Camera;
use crate::liar::disguise;
use crate::network::Datagram;
use crate::source::{Source, payload_type};
use crate::stamp::{Picture, Stamp};

/// One packet that a subscriber received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub at: Instant,
    pub mid: Mid,
    pub seq: u64,
    pub time: u32,
    pub stamp: Stamp,
    /// Of packets in layers.
    pub picture: Option<Picture>,
    pub size: usize,
    pub marker: bool,
    /// The packets before it that came with it (RFC 2198).
    pub earlier: Vec<Stamp>,
    pub report: Option<SenderInfo>,
}

pub(crate) struct Client {
    pub session: SessionId,
    pub rtc: Rtc,
    /// Its address as the world sees it; `inner` is how it sees itself.
    pub outer: SocketAddr,
    inner: SocketAddr,
    pub timeout: Instant,
    now: Instant,
    pub connected: bool,
    pub ice: IceConnectionState,
    pub closed: bool,
    /// As a publisher.
    pub sources: Vec<Source>,
    pub cameras: Vec<Camera>,
    pending: Option<SdpPendingOffer>,
    /// As a subscriber.
    pub received: Vec<Received>,
    /// Numbers of packets without contents.
    pub fillers: Vec<u64>,
    pub tracks: Vec<OfferedTrack>,
    /// Whether it answers offers by itself.
    pub answers: bool,
    /// Whether it takes answers as they are.
    pub reads_answers: bool,
    /// Whether it may lie about what it receives.
    pub is_liar: bool,
    /// The newest number of all packets to it, by which transport-wide feedback goes.
    pub newest: u16,
    outbox: Vec<Datagram>,
}

impl Client {
    pub(crate) fn new(
        session: SessionId,
        address: SocketAddr,
        now: Instant,
        config: impl FnOnce(RtcConfig) -> RtcConfig,
    ) -> Self {
        let config = config(RtcConfig::new().set_rtp_mode(true));
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            session,
            rtc,
            outer: address,
            inner: address,
            timeout: now,
            now,
            connected: false,
            ice: IceConnectionState::New,
            closed: false,
            sources: Vec::new(),
            cameras: Vec::new(),
            pending: None,
            received: Vec::new(),
            fillers: Vec::new(),
            tracks: Vec::new(),
            answers: true,
            reads_answers: true,
            is_liar: false,
            newest: 0,
            outbox: Vec::new(),
        }
    }

    /// Offers all its sources and these new ones.
    pub(crate) fn offer(
        &mut self,
        now: Instant,
        added: &[(PublicationId, bool)],
        dropped: &[PublicationId],
        restart_ice: bool,
    ) -> (String, Vec<PublishedTrack>) {
        let mut changes = self.rtc.sdp_api();
        for source in self.sources.iter().filter(|s| dropped.contains(&s.publication)) {
            changes.set_direction(source.mid, Direction::Inactive);
        }
        self.sources.retain(|s| !dropped.contains(&s.publication));
        for (publication, is_video) in added {
            let kind = if *is_video { MediaKind::Video } else { MediaKind::Audio };
            let mid = changes.add_media(kind, Direction::SendOnly, None, None, None);
            let (seq, time) = (fastrand::u64(0..60_000), fastrand::u32(..));
            self.sources.push(Source::new(mid, *publication, *is_video, now, seq, time));
        }
        for camera in self.cameras.iter_mut().filter(|camera| !camera.is_offered) {
            let simulcast = Some(camera.simulcast());
            camera.mid =
                changes.add_media(MediaKind::Video, Direction::SendOnly, None, None, simulcast);
            camera.is_offered = true;
        }
        if restart_ice {
            changes.ice_restart(true);
        }
        let (offer, pending) = changes.apply().expect("something to offer");
        self.pending = Some(pending);
        (offer.to_sdp_string(), self.published_tracks())
    }

    /// Offers to receive so many pictures and so many sounds, or to restart ICE when there are none.
    pub(crate) fn offer_to_receive(&mut self, pictures: usize, sounds: usize) -> String {
        let mut changes = self.rtc.sdp_api();
        let kinds = [(MediaKind::Video, pictures), (MediaKind::Audio, sounds)];
        for kind in kinds.into_iter().flat_map(|(kind, count)| vec![kind; count]) {
            changes.add_media(kind, Direction::RecvOnly, None, None, None);
        }
        if pictures + sounds == 0 {
            changes.ice_restart(true);
        }
        let (offer, pending) = changes.apply().expect("something to offer");
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub(crate) fn published_tracks(&self) -> Vec<PublishedTrack> {
        let track = |s: &Source| PublishedTrack {
            mid: s.mid.to_string(),
            publication: s.publication,
            layers: Vec::new(),
        };
        let in_layers = |camera: &Camera| PublishedTrack {
            mid: camera.mid.to_string(),
            publication: camera.publication,
            layers: camera.offered(),
        };
        self.sources.iter().map(track).chain(self.cameras.iter().map(in_layers)).collect()
    }

    pub(crate) fn take_answer(&mut self, answer: &str) {
        let pending = self.pending.take().expect("an open offer");
        let answer = SdpAnswer::from_sdp_string(answer).expect("an answer");
        self.rtc.sdp_api().accept_answer(pending, answer).expect("an answer that fits");
        // With nothing to wait for, it would not begin to check.
        self.advance(self.now);
    }

    pub(crate) fn answer(&mut self, offer: &str, tracks: Vec<OfferedTrack>) -> String {
        let offer = SdpOffer::from_sdp_string(offer).expect("an offer");
        let answer = self.rtc.sdp_api().accept_offer(offer).expect("an offer that fits");
        self.tracks = tracks;
        self.drain();
        answer.to_sdp_string()
    }

    pub(crate) fn receive(&mut self, now: Instant, source: SocketAddr, contents: &[u8]) {
        self.now = now;
        let Ok(receive) = Receive::new(Protocol::Udp, source, self.inner, contents) else { return };
        // Whose datagrams were forged on the way may see its own handshake fail.
        self.closed |= self.rtc.handle_input(Input::Receive(now, receive)).is_err();
        self.drain();
    }

    pub(crate) fn advance(&mut self, now: Instant) {
        self.now = now;
        self.closed |= self.rtc.handle_input(Input::Timeout(now)).is_err();
        self.drain();
    }

    /// When one of its sources has something to send.
    pub(crate) fn source_due(&self) -> Option<Instant> {
        let running = self.sources.iter().filter(|s| self.connected && !s.stopped);
        let cameras = self.cameras.iter().filter(|_| self.connected).map(|camera| camera.next_at);
        running.map(|s| s.next_at).chain(cameras).min()
    }

    pub(crate) fn run_sources(&mut self, now: Instant) {
        for index in 0..self.sources.len() {
            let source = &mut self.sources[index];
            if source.stopped || source.next_at > now {
                continue;
            }
            // It was not connected until now.
            if now > source.next_at + Duration::from_millis(100) {
                source.next_at = now;
            }
            let mid = source.mid;
            let Some(pt) = payload_type(&self.rtc, mid) else {
                // It has been offered, and not answered yet.
                source.next_at = now + Duration::from_millis(10);
                continue;
            };
            let writes = self.sources[index].frame(self.session, pt, now);
            for (write_index, write) in (0..).zip(writes) {
                let mut direct = self.rtc.direct_api();
                let Some(stream) = direct.stream_tx_by_mid(mid, None) else { continue };
                if write_index == 0 && self.sources[index].sent_frames() == 1 {
                    // Browsers have no bound on resends.
                    stream.set_rtx_cache(1_000, Duration::from_secs(2), None);
                }
                stream.write_rtp(write);
                self.advance(now);
            }
        }
    }

    /// Sends the picture that is due of each camera.
    pub(crate) fn run_cameras(&mut self, now: Instant) {
        for index in 0..self.cameras.len() {
            let camera = &mut self.cameras[index];
            if camera.next_at > now {
                continue;
            }
            camera.next_at = camera.next_at.max(now.checked_sub(LATE).unwrap_or(now));
            let mid = camera.mid;
            let Some(pt) = payload_type(&self.rtc, mid) else {
                camera.next_at = now + Duration::from_millis(10);
                continue;
            };
            for (rid, write) in self.cameras[index].picture(self.session, pt, now) {
                let mut direct = self.rtc.direct_api();
                let Some(stream) = direct.stream_tx_by_mid(mid, Some(rid)) else { continue };
                stream.write_rtp(write);
                self.advance(now);
            }
        }
    }

    pub(crate) fn request_key_frame(&mut self, now: Instant, mid: Mid) {
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, None) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
        self.advance(now);
    }

    /// Says goodbye, as a page that is closed properly.
    pub(crate) fn close(&mut self) {
        self.rtc.close().expect("closing");
        self.drain();
    }

    pub(crate) fn take_outbox(&mut self) -> Vec<Datagram> {
        std::mem::take(&mut self.outbox)
    }

    /// What it received of a publication, in the order of arrival.
    pub(crate) fn of(&self, publication: PublicationId) -> Vec<&Received> {
        self.received.iter().filter(|r| r.stamp.publication == publication).collect()
    }

    /// The same in the order of sequence numbers.
    pub(crate) fn in_order(&self, publication: PublicationId) -> Vec<&Received> {
        let mut packets = self.of(publication);
        packets.sort_by_key(|r| r.seq);
        packets
    }

    fn drain(&mut self) {
        loop {
            // A handshake that nobody answers is given up.
            let Ok(output) = self.rtc.poll_output() else {
                self.closed = true;
                return;
            };
            match output {
                Output::Timeout(at) => {
                    self.timeout = at;
                    return;
                }
                Output::Transmit(t) => {
                    let (source, destination) = (self.outer, t.destination);
                    let mut contents = t.contents.to_vec();
                    if self.is_liar {
                        disguise(&mut contents);
                    }
                    self.outbox.push(Datagram { source, destination, contents });
                }
                Output::Event(event) => self.happened(event),
            }
        }
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::IceConnectionStateChange(state) => self.ice = state,
            Event::Closed => self.closed = true,
            Event::RtpPacket(packet) => self.packet(&packet),
            Event::KeyframeRequest(request)
                if self.cameras.iter().any(|c| c.mid == request.mid) =>
            {
                let camera = self.cameras.iter_mut().find(|c| c.mid == request.mid);
                let layers = camera.into_iter().flat_map(|camera| &mut camera.layers);
                for layer in layers.filter(|l| request.rid.is_none_or(|rid| *rid == *l.rid)) {
                    layer.asked.push(self.now);
                    layer.key_frame_due = true;
                }
            }
            Event::KeyframeRequest(request) => {
                let now = self.now;
                let source = self.sources.iter_mut().find(|s| s.mid == request.mid);
                source.expect("a source that was asked").asked_for_key_frame(now);
            }
            _ => {}
        }
    }

    fn packet(&mut self, packet: &RtpPacket) {
        self.newest = packet.header.ext_vals.transport_cc.unwrap_or(self.newest);
        let ssrc = packet.header.ssrc;
        let mid = self.rtc.direct_api().stream_rx(&ssrc).expect("a known stream").mid();
        if packet.payload.is_empty() {
            self.fillers.push(*packet.seq_no);
            return;
        }
        let stamps = self.stamps(packet);
        let (stamp, earlier) = stamps.split_last().expect("a packet with a payload");
        self.received.push(Received {
            at: packet.timestamp,
            mid,
            seq: *packet.seq_no,
            time: packet.header.timestamp,
            stamp: *stamp,
            picture: Picture::read(&packet.payload),
            size: packet.payload.len(),
            marker: packet.header.marker,
            earlier: earlier.to_vec(),
            report: packet.last_sender_info,
        });
    }

    /// What is in a packet: several packets of sound, if it is of that payload type.
    fn stamps(&self, packet: &RtpPacket) -> Vec<Stamp> {
        let of_packet = Some(packet.header.payload_type);
        if !self.rtc.codec_config().params().iter().any(|params| params.red() == of_packet) {
            return vec![Stamp::read(&packet.payload)];
        }
        let blocks = RedDecoder::decode(&packet.payload).expect("blocks that can be read");
        blocks.iter().map(|block| Stamp::read(block.payload)).collect()
    }
}

/// A camera that is later than this was not connected until now.
const LATE: Duration = Duration::from_millis(100);
