//! A client's side of a peer connection, in a task of its own: it sends pictures and sound that look
//! right from outside, or counts what it receives.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep_until, timeout};

use crate::support::DEADLINE;

/// What a peer has seen until now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) connected: bool,
    /// Connections of ICE: one more after each restart.
    pub(crate) ice_connections: u32,
    pub(crate) video_packets: u64,
    pub(crate) audio_packets: u64,
}

/// The handle of a peer, which ends when this is dropped.
pub(crate) struct Peer {
    orders: mpsc::Sender<Order>,
    seen: watch::Receiver<Seen>,
}

enum Order {
    Accept(String),
    Restart(oneshot::Sender<String>),
}

impl Peer {
    /// A peer that offers these sections; its offer.
    pub(crate) async fn offer(sections: &[(MediaKind, Direction)]) -> (Self, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let local = socket.local_addr().unwrap();
        let mut rtc = Rtc::builder().set_rtp_mode(true).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, Protocol::Udp).unwrap());
        let mut change = rtc.sdp_api();
        let mids = sections
            .iter()
            .map(|(kind, direction)| (*kind, change.add_media(*kind, *direction, None, None, None)))
            .collect();
        let (offer, pending) = change.apply().unwrap();
        let (orders, received) = mpsc::channel(1);
        let (seeing, seen) = watch::channel(Seen::default());
        let sends = sections.iter().any(|(_, direction)| direction.is_sending());
        let task = Task {
            rtc,
            socket,
            local,
            pending: Some(pending),
            mids,
            sends,
            seeing,
            frames: 0,
            next_frame: Instant::now(),
        };
        tokio::spawn(task.run(received));
        (Self { orders, seen }, offer.to_sdp_string())
    }

    /// One that sends a picture and a sound.
    pub(crate) async fn publisher() -> (Self, String) {
        let sections = [MediaKind::Audio, MediaKind::Video].map(|kind| (kind, Direction::SendOnly));
        Self::offer(&sections).await
    }

    /// One that receives a picture and a sound.
    pub(crate) async fn viewer() -> (Self, String) {
        let sections = [MediaKind::Audio, MediaKind::Video].map(|kind| (kind, Direction::RecvOnly));
        Self::offer(&sections).await
    }

    pub(crate) async fn accept(&self, answer: &str) {
        self.orders.send(Order::Accept(answer.to_owned())).await.ok().unwrap();
    }

    /// Begins a restart of ICE; the new offer.
    pub(crate) async fn restart(&self) -> String {
        let (reply, offer) = oneshot::channel();
        self.orders.send(Order::Restart(reply)).await.ok().unwrap();
        offer.await.unwrap()
    }

    /// Waits until it has seen something.
    pub(crate) async fn until(&self, what: &str, check: impl FnMut(&Seen) -> bool) -> Seen {
        let mut seen = self.seen.clone();
        let found = timeout(DEADLINE, seen.wait_for(check)).await;
        *found.unwrap_or_else(|_| panic!("never happened: {what}")).unwrap()
    }

    /// Waits until both kinds of packets come anew.
    pub(crate) async fn until_more_comes(&self) {
        let before = *self.seen.borrow();
        self.until("more sound and picture", |seen| {
            seen.video_packets > before.video_packets + 10
                && seen.audio_packets > before.audio_packets + 10
        })
        .await;
    }
}

struct Task {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    mids: Vec<(MediaKind, Mid)>,
    sends: bool,
    seeing: watch::Sender<Seen>,
    frames: u32,
    next_frame: Instant,
}

/// Pictures and sounds go out this often.
const FRAME: Duration = Duration::from_millis(20);

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut datagram = vec![0; 2_000];
        loop {
            let wake = self.drain().await.min(self.next_frame);
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.follow(order),
                    None => return,
                },
                received = self.socket.recv_from(&mut datagram) => {
                    let Ok((length, from)) = received else { continue };
                    self.receive(from, &datagram[..length]);
                }
                () = sleep_until(wake.into()) => {
                    self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
                }
            }
            if self.next_frame <= Instant::now() {
                self.next_frame = Instant::now() + FRAME;
                self.send().await;
            }
        }
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Accept(answer) => {
                let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
                let pending = self.pending.take().unwrap();
                self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
            }
            Order::Restart(reply) => {
                let mut change = self.rtc.sdp_api();
                change.ice_restart(true);
                let (offer, pending) = change.apply().unwrap();
                self.pending = Some(pending);
                let _ = reply.send(offer.to_sdp_string());
            }
        }
    }

    fn receive(&mut self, from: SocketAddr, datagram: &[u8]) {
        if let Ok(received) = Receive::new(Protocol::Udp, from, self.local, datagram) {
            self.rtc.handle_input(Input::Receive(Instant::now(), received)).unwrap();
        }
    }

    /// Takes everything out; when to come again.
    async fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(transmit) => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination).await;
                }
                Output::Event(event) => self.see(&event),
            }
        }
    }

    fn see(&self, event: &Event) {
        self.seeing.send_modify(|seen| match event {
            Event::Connected => seen.connected = true,
            Event::IceConnectionStateChange(
                IceConnectionState::Connected | IceConnectionState::Completed,
            ) => seen.ice_connections += 1,
            Event::RtpPacket(packet) => {
                let is_video = self.codec(packet.header.payload_type) != Some(Codec::Opus);
                let count =
                    if is_video { &mut seen.video_packets } else { &mut seen.audio_packets };
                *count += 1;
            }
            _ => {}
        });
    }

    fn codec(&self, pt: Pt) -> Option<Codec> {
        let params = self.rtc.codec_config().params().iter();
        params.clone().find(|params| params.pt() == pt).map(|params| params.spec().codec)
    }

    /// A picture and a sound, if it is connected.
    async fn send(&mut self) {
        if !self.sends || !self.seeing.borrow().connected {
            return;
        }
        self.frames += 1;
        for (kind, mid) in self.mids.clone() {
            let (codec, step, payload) = match kind {
                MediaKind::Video => (Codec::Vp8, 90_000 / 50, PICTURE),
                MediaKind::Audio => (Codec::Opus, 48_000 / 50, SOUND),
            };
            let negotiated = self.rtc.media(mid).map(|media| media.remote_pts().to_vec());
            let pt = negotiated
                .unwrap_or_default()
                .into_iter()
                .find(|pt| self.codec(*pt) == Some(codec));
            let Some(pt) = pt else { continue };
            let number = u64::from(self.frames) + 1_000;
            let time = self.frames.wrapping_mul(step);
            let bytes: Arc<[u8]> = payload.into();
            let packet = RtpWrite::new(pt, number.into(), time, Instant::now(), bytes);
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
                stream.write_rtp(packet.marker(kind == MediaKind::Video));
            }
            self.drain().await;
            self.rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        }
    }
}

/// A whole VP8 key frame in one packet (RFC 7741, RFC 6386 section 9.1), as far as a forwarder looks.
const PICTURE: &[u8] =
    &[0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, 1, 2, 3, 4, 5, 6, 7, 8];

/// Opus: CELT, 20 ms, mono (RFC 6716 section 3.1).
const SOUND: &[u8] = &[0xf8, 1, 2, 3, 4, 5, 6, 7, 8];
