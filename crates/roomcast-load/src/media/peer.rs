//! One end of a peer connection, with a socket of its own.
//!
//! Its own socket, because a node spreads its senders over its threads by their addresses. Every
//! change to the connection is followed by taking out all that it has to say, as `str0m` demands.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use anyhow::{Context as _, anyhow, bail};
use mio::{Interest, Registry, Token};
use roomcast_net::udp::{Outbox, RecvBatch, Socket};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec as Format;
use str0m::media::{Direction, MediaKind, Mid, Simulcast};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, ExtensionMap};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};

use super::loss::Loss;
use super::outcome::Reached;
use super::publisher::{Due, Publisher, payload_type};
use super::thread::Shared;
use super::viewer::Viewer;
use crate::args::Codec;
use crate::histogram::Histogram;

/// What a peer needs while it works; one for each thread.
pub(super) struct Workspace {
    pub(super) outbox: Outbox,
    pub(super) latency: Histogram,
    pub(super) unsent: u64,
    /// Datagrams that viewers lost because the run is to lose some.
    pub(super) dropped: u64,
    /// Packets that are not yet in [`Reached::packets`].
    pub(super) measured: u64,
    pub(super) reached: std::sync::Arc<Reached>,
}

/// A connection.
pub(super) struct Peer {
    rtc: Rtc,
    socket: Socket,
    local: SocketAddr,
    /// When `str0m` wants to be called.
    rtc_deadline: Instant,
    pending: Option<(SdpPendingOffer, [(Mid, Format); 2])>,
    /// Before, not all addresses of the other side need be in reach.
    connected: bool,
    loss: Loss,
    pub(super) role: Role,
}

pub(super) enum Role {
    Publisher(Box<Publisher>),
    Viewer(Box<Viewer>),
    /// Not yet known.
    None,
}

impl Peer {
    /// A peer that is woken by `token`.
    pub(super) fn new(
        shared: &Shared,
        registry: &Registry,
        token: Token,
        loss: Loss,
    ) -> anyhow::Result<Self> {
        let mut socket =
            Socket::bind(SocketAddr::new(shared.ip, 0)).context("cannot open a UDP socket")?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        let now = Instant::now();
        let mut rtc = config(shared).build(now);
        let local = socket.local_addr();
        rtc.add_local_candidate(Candidate::host(local, Protocol::Udp)?);
        Ok(Self {
            rtc,
            socket,
            local,
            rtc_deadline: now,
            pending: None,
            connected: false,
            loss,
            role: Role::None,
        })
    }

    pub(super) fn close(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(&mut self.socket)
    }

    /// Offers to send one picture, in layers or not, and one sound; returns the offer and their mids.
    pub(super) fn offer_to_send(
        &mut self,
        codec: Codec,
        layers: Option<Simulcast>,
        work: &mut Workspace,
    ) -> anyhow::Result<(String, (Mid, Mid))> {
        // Browsers send packet by packet; in groups they would reach the node all at once, and it
        // would look better than it is.
        self.socket.limit_segments(1);
        self.offer(Direction::SendOnly, codec, layers, work)
    }

    /// Offers to receive one picture and one sound.
    pub(super) fn offer_to_receive(
        &mut self,
        codec: Codec,
        work: &mut Workspace,
    ) -> anyhow::Result<String> {
        Ok(self.offer(Direction::RecvOnly, codec, None, work)?.0)
    }

    fn offer(
        &mut self,
        direction: Direction,
        codec: Codec,
        layers: Option<Simulcast>,
        work: &mut Workspace,
    ) -> anyhow::Result<(String, (Mid, Mid))> {
        let mut change = self.rtc.sdp_api();
        let video = change.add_media(MediaKind::Video, direction, None, None, layers);
        let audio = change.add_media(MediaKind::Audio, direction, None, None, None);
        let (offer, pending) = change.apply().ok_or_else(|| anyhow!("nothing to offer"))?;
        self.pending = Some((pending, [(video, codec.format()), (audio, Format::Opus)]));
        self.drain(Instant::now(), work);
        self.flush(work);
        Ok((offer.to_sdp_string(), (video, audio)))
    }

    /// Takes the other side's answer to an offer. It has to agree to picture and sound.
    pub(super) fn take_answer(&mut self, sdp: &str, work: &mut Workspace) -> anyhow::Result<()> {
        let answer = SdpAnswer::from_sdp_string(sdp).context("the answer cannot be read")?;
        let (pending, offered) =
            self.pending.take().ok_or_else(|| anyhow!("nothing was offered"))?;
        self.rtc.sdp_api().accept_answer(pending, answer).context("the answer does not fit")?;
        for (mid, format) in offered {
            if payload_type(&self.rtc, mid, format).is_none() {
                bail!("the answer does not agree to {format}");
            }
        }
        self.drain(Instant::now(), work);
        self.flush(work);
        Ok(())
    }

    /// Takes an offer of the node and answers it.
    pub(super) fn answer(&mut self, sdp: &str, work: &mut Workspace) -> anyhow::Result<String> {
        let offer = SdpOffer::from_sdp_string(sdp)?;
        let answer = self.rtc.sdp_api().accept_offer(offer)?.to_sdp_string();
        self.drain(Instant::now(), work);
        self.flush(work);
        Ok(answer)
    }

    /// When [`Peer::handle_timeout`] is to be called.
    pub(super) fn deadline(&self) -> Instant {
        let own = match &self.role {
            Role::Publisher(publisher) => publisher.deadline(),
            Role::Viewer(viewer) => viewer.deadline(),
            Role::None => None,
        };
        own.map_or(self.rtc_deadline, |own| own.min(self.rtc_deadline))
    }

    /// Reads everything that waits on the socket.
    pub(super) fn receive(&mut self, batch: &mut RecvBatch, work: &mut Workspace) {
        while self.socket.recv(batch).unwrap_or(0) > 0 {
            self.take(batch, work);
            if !batch.may_leave_more() {
                return;
            }
        }
    }

    fn take(&mut self, batch: &mut RecvBatch, work: &mut Workspace) {
        let now = Instant::now();
        for datagram in batch.datagrams() {
            if self.loss.takes() {
                work.dropped += 1;
                continue;
            }
            let received =
                Receive::new(Protocol::Udp, datagram.source, self.local, datagram.contents);
            if let Ok(received) = received {
                self.input(Input::Receive(now, received), now, work);
            }
        }
        self.flush(work);
        work.reached.packets.fetch_add(std::mem::take(&mut work.measured), Relaxed);
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant, work: &mut Workspace) {
        if self.rtc_deadline <= now {
            self.input(Input::Timeout(now), now, work);
        }
        match &mut self.role {
            Role::Publisher(_) => self.publish(now, work),
            Role::Viewer(viewer) => {
                if viewer.ask(&mut self.rtc, now) {
                    self.input(Input::Timeout(now), now, work);
                }
            }
            Role::None => {}
        }
        self.flush(work);
    }

    fn publish(&mut self, now: Instant, work: &mut Workspace) {
        loop {
            let Role::Publisher(publisher) = &mut self.role else { return };
            let packets = publisher.due(&self.rtc, now);
            if packets.is_empty() {
                return;
            }
            for Due { mid, rid, packet } in packets {
                if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, rid) {
                    stream.write_rtp(packet);
                }
                self.input(Input::Timeout(now), now, work);
            }
            self.flush(work);
        }
    }

    fn input(&mut self, input: Input<'_>, now: Instant, work: &mut Workspace) {
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a peer failed");
            self.rtc.disconnect();
        }
        self.drain(now, work);
    }

    fn drain(&mut self, now: Instant, work: &mut Workspace) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.rtc_deadline = at;
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    let pushed = work.outbox.push(transmit.destination, None, &transmit.contents);
                    work.unsent += u64::from(pushed.is_err() && self.connected);
                }
                Ok(Output::Event(event)) => self.event(&event, now, work),
                Err(error) => {
                    tracing::debug!(%error, "a peer failed");
                    self.rtc.disconnect();
                    self.rtc_deadline = now + FAR;
                    return;
                }
            }
        }
    }

    fn event(&mut self, event: &Event, now: Instant, work: &mut Workspace) {
        self.connected |= matches!(event, Event::Connected);
        match (event, &mut self.role) {
            (Event::RtpPacket(packet), Role::Viewer(viewer)) => {
                work.measured += u64::from(viewer.packet(packet, now, &mut work.latency));
            }
            (Event::Connected, Role::Viewer(viewer)) => viewer.connected(now),
            (Event::Connected, Role::Publisher(publisher)) => {
                publisher.go_live(now);
                Reached::count(&work.reached.publishers);
            }
            (Event::KeyframeRequest(request), Role::Publisher(publisher)) => {
                publisher.want_key_frame(request.rid, now);
            }
            (
                Event::IceConnectionStateChange(IceConnectionState::Disconnected),
                Role::Viewer(viewer),
            ) => viewer.disconnected(),
            _ => {}
        }
    }

    fn flush(&mut self, work: &mut Workspace) {
        let (socket, unsent) = (&mut self.socket, &mut work.unsent);
        work.outbox.drain(|group| {
            let sent = socket.send(&group);
            let rest = group.datagrams().len() - sent.datagrams;
            *unsent += if self.connected { rest as u64 } else { 0 };
        });
    }
}

fn config(shared: &Shared) -> RtcConfig {
    let config = shared
        .identity
        .config()
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
        .set_extension_map(extensions(shared.feedback));
    match shared.settings.codec {
        Codec::Vp8 => config.enable_vp8(true),
        Codec::H264 => {
            let mut config = config;
            for (pt, resend, profile) in H264 {
                config.codec_config().add_h264(pt.into(), Some(resend.into()), true, profile);
            }
            config
        }
    }
}

/// Payload types and profiles of H.264, as browsers offer them: constrained baseline, and baseline for
/// servers that ask for just that.
const H264: [(u8, u8, u32); 2] = [(108, 109, 0x42_e01f), (127, 121, 0x42_001f)];

/// The header extensions that a peer knows: those of browsers, of which the number of each packet in the
/// whole transport can be left out. Without it nothing is said of when packets arrive.
fn extensions(feedback: bool) -> ExtensionMap {
    let mut extensions = ExtensionMap::standard();
    if !feedback {
        extensions = ExtensionMap::empty();
        extensions.set(1, Extension::AudioLevel);
        extensions.set(4, Extension::RtpMid);
        extensions.set(10, Extension::RtpStreamId);
        extensions.set(11, Extension::RepairedRtpStreamId);
        extensions.set(13, Extension::VideoOrientation);
    }
    extensions
}

/// When a peer is called again that has nothing more to do.
const FAR: std::time::Duration = std::time::Duration::from_secs(3_600);
