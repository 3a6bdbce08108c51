//! A session: one peer connection that ends at this node. It owns its `Rtc`, and with it ICE, DTLS
//! and SRTP; which half it is decides what its media means.

mod allowance;
mod bandwidth;
mod carried;
mod ceiling;
mod figures;
mod happening;
mod keys;
mod outlet;
mod pace;
mod peer_offer;
mod publisher;
mod reach;
mod redundancy;
mod report;
mod rest;
mod sender_clock;
mod setup;
mod stillness;
mod subscriber;
mod subscription;
mod thrift;
mod watcher;
mod way;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use roomcast_fanout::Protection;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Input, Rtc, RtcError};

use allowance::Allowance;
pub(crate) use figures::{Figures, News};
pub(crate) use happening::Happening;
use happening::drain;
pub(crate) use peer_offer::{PeerOffer, Purpose};
pub(crate) use publisher::Publisher;
pub(crate) use setup::Setup;
pub use setup::{Identity, IdentityError};
pub(crate) use subscriber::{Changed, Slot, Subscriber};
pub(crate) use subscription::{Begun, CATCH_UP_INTERVAL, Progress, Stage};

use crate::command::Patience;
use crate::event::ClosedReason;
use crate::ids::{SessionId, ShardId};
use crate::traffic::{Counted, Traffic};
use crate::transmit::Transmits;

/// A peer connection with its half of the media.
pub(crate) struct Session {
    pub id: SessionId,
    pub rtc: Rtc,
    pub half: Half,
    /// Of what is sent beside str0m; `None` where that cannot be.
    pub protection: Option<Protection>,
    pub patience: Patience,
    pub created: Instant,
    /// When something came from the peer last.
    pub heard: Instant,
    pub connected: bool,
    pub allowance: Allowance,
    pub traffic: Traffic,
    pub figures: Figures,
    pub key_frames_asked: u64,
    pub key_frames_wanted: u64,
    /// Since when ICE has been without an answer.
    pub lost: Option<Instant>,
    /// Where its valid checks came from.
    pub addresses: Vec<Address>,
    /// The ufrags under which the directory knows it: more than one after an ICE restart.
    pub ufrags: Vec<String>,
    /// Whether its plan is to be made anew with the next flush.
    pub is_plan_due: bool,
    /// When str0m wants to be called.
    pub timeout: Instant,
    /// The time of its newest entry among the timers of the shard.
    pub scheduled: Option<Instant>,
}

/// What a session is for.
#[derive(Debug)]
pub(crate) enum Half {
    Publisher(Publisher),
    // Much larger than the other.
    Subscriber(Box<Subscriber>),
}

/// An address of the peer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address {
    pub remote: SocketAddr,
    /// The shard that was told to pass on what comes from there.
    pub via: Option<ShardId>,
    /// When its first valid check came, and its latest.
    pub since: Instant,
    pub checked: Instant,
}

/// Why driving a session stopped.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It refused the input, and goes on.
    Refused,
    /// It is beyond repair.
    Broken,
}

impl Session {
    /// A session that nobody has reached yet.
    pub(crate) fn new(
        id: SessionId,
        rtc: Rtc,
        half: Half,
        patience: Patience,
        now: Instant,
    ) -> Self {
        Self {
            id,
            rtc,
            half,
            protection: None,
            patience,
            created: now,
            heard: now,
            allowance: Allowance::new(now),
            traffic: Traffic::default(),
            figures: Figures::default(),
            key_frames_asked: 0,
            key_frames_wanted: 0,
            connected: false,
            lost: None,
            addresses: Vec::new(),
            ufrags: Vec::new(),
            is_plan_due: false,
            timeout: now,
            scheduled: None,
        }
    }

    /// Takes a datagram from the peer.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        (source, destination): (SocketAddr, SocketAddr),
        contents: &[u8],
        sink: &mut impl Transmits,
        happenings: &mut Vec<Happening>,
    ) -> Result<(), Fault> {
        let receive = Receive::new(Protocol::Udp, source, destination, contents);
        let input = Input::Receive(now, receive.map_err(|_| Fault::Refused)?);
        self.heard = now;
        self.traffic.received(contents);
        if !self.allowance.admits(now, contents) {
            return Err(Fault::Refused);
        }
        self.guarded(|session| {
            session.rtc.handle_input(input)?;
            session.drain(sink, happenings)
        })
    }

    /// Whether a STUN request is for this session and its integrity holds (RFC 8445 §7.3).
    pub(crate) fn accepts(
        &self,
        now: Instant,
        (source, destination): (SocketAddr, SocketAddr),
        contents: &[u8],
    ) -> bool {
        let Ok(receive) = Receive::new(Protocol::Udp, source, destination, contents) else {
            return false;
        };
        catch_unwind(AssertUnwindSafe(|| self.rtc.accepts(&Input::Receive(now, receive))))
            .unwrap_or(false)
    }

    /// Makes an address of this machine known that came up after the start.
    pub(crate) fn ensure_local(&mut self, local: SocketAddr) {
        if let Ok(candidate) = Candidate::host(local, "udp") {
            self.rtc.add_local_candidate(candidate);
        }
    }

    /// Stops sending to an address of the peer. Where str0m knows the address as anything but a host
    /// or what a check revealed, it has to find out by itself.
    pub(crate) fn leave(&mut self, remote: SocketAddr) {
        let (ip, port) = (remote.ip(), remote.port());
        let revealed = format!("candidate:1 1 udp 1 {ip} {port} typ prflx");
        let forms = [Candidate::from_sdp_string(&revealed), Candidate::host(remote, "udp")];
        for candidate in forms.into_iter().flatten() {
            self.rtc.direct_api().invalidate_candidate(&candidate);
        }
    }

    /// Tells the peer that it is over, by RTCP BYE and DTLS close_notify. What it may have to say to
    /// that is of no interest any more.
    pub(crate) fn say_goodbye(&mut self, sink: &mut impl Transmits) {
        let outcome = self.guarded(|session| {
            session.rtc.close()?;
            session.drain(sink, &mut Vec::new())
        });
        drop(outcome);
    }

    /// Lets time pass. Where packets wait to be sent, str0m lets one go with each step of time.
    pub(crate) fn advance(
        &mut self,
        now: Instant,
        sink: &mut impl Transmits,
        happenings: &mut Vec<Happening>,
    ) -> Result<(), Fault> {
        self.guarded(|session| {
            for _ in 0..MAX_STEPS {
                session.rtc.handle_input(Input::Timeout(now))?;
                session.drain(sink, happenings)?;
                if session.timeout > now {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Runs str0m, turning its errors and panics into faults: a malformed packet may end one
    /// session, never the shard.
    pub(crate) fn guarded(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<(), RtcError>,
    ) -> Result<(), Fault> {
        let outcome = catch_unwind(AssertUnwindSafe(|| run(self)));
        if let Some(protection) = keys::take()
            && matches!(self.half, Half::Subscriber(_))
        {
            self.protection = Some(protection);
        }
        match outcome {
            Ok(Ok(())) if self.rtc.is_alive() => Ok(()),
            Ok(Err(error)) if self.rtc.is_alive() => {
                tracing::debug!(session = %self.id, %error, "input refused");
                Err(Fault::Refused)
            }
            Ok(_) => Err(Fault::Broken),
            Err(_) => {
                tracing::error!(session = %self.id, "the session panicked and is closed");
                Err(Fault::Broken)
            }
        }
    }

    /// Sends packets again that the peer has asked for, those that str0m knows nothing of.
    pub(crate) fn resend(
        &mut self,
        now: Instant,
        (ssrc, wanted): (u32, &[u16]),
        sink: &mut impl Transmits,
    ) {
        let Some((subscriber, _)) = self.subscriber() else { return };
        for index in 0..subscriber.slots.len() {
            if let Some((slot, mut outlet)) = self.outlet(index, sink, &mut Vec::new()) {
                slot.subscription.resend(now, (ssrc, wanted), &mut outlet);
            }
        }
    }

    /// The peer gets a stream.
    pub(crate) fn reported(&mut self, ssrc: u32) {
        let slots = self.subscriber().map(|(subscriber, _)| &mut subscriber.slots);
        slots.into_iter().flatten().for_each(|slot| slot.subscription.reported(ssrc));
    }

    /// Takes everything that str0m has to say, up to its next timeout.
    pub(crate) fn drain(
        &mut self,
        sink: &mut impl Transmits,
        happenings: &mut Vec<Happening>,
    ) -> Result<(), RtcError> {
        let mut counted = Counted { sink, traffic: &mut self.traffic };
        self.timeout = drain(&mut self.rtc, &mut counted, happenings)?;
        Ok(())
    }

    /// When it has to be looked after next.
    pub(crate) fn deadline(&self) -> Instant {
        let deadlines = self.ends_at().into_iter().chain(self.next_look());
        deadlines.fold(self.timeout, Instant::min)
    }

    /// When its plan is to be made anew though nothing happened.
    pub(crate) fn next_look(&self) -> Option<Instant> {
        match &self.half {
            Half::Subscriber(subscriber) => subscriber.bandwidth.next_look(),
            Half::Publisher(_) => None,
        }
    }

    /// Whether it has to be given up, and why.
    pub(crate) fn given_up(&self, now: Instant) -> Option<ClosedReason> {
        let too_late = self.ends_at().is_some_and(|ends_at| now >= ends_at);
        too_late.then_some(ClosedReason::Timeout)
    }

    /// When it is given up if nothing comes from the peer.
    ///
    /// Being ICE-lite, str0m takes a pair of addresses for dead 15 s after the last check on it, and
    /// with the last pair the connection: it says `Disconnected`, but goes on to take and to send what
    /// there is. Encoders that check no more once they are connected live through this, because for
    /// whom has brief patience any sign of the peer counts, and that state does not.
    fn ends_at(&self) -> Option<Instant> {
        match (self.patience, self.connected, self.lost) {
            (Patience::Resumable, false, _) => Some(self.created + SETUP_PATIENCE),
            (Patience::Resumable, true, lost) => lost.map(|lost| lost + LOST_PATIENCE),
            (Patience::Brief, false, _) => Some(self.created + BRIEF_SETUP_PATIENCE),
            (Patience::Brief, true, _) => Some(self.heard + BRIEF_PATIENCE),
        }
    }

    /// Why it ended, when str0m is dead. It dies of its own goodbye, of errors, and of a handshake
    /// that nobody answers.
    pub(crate) fn broken_because(&self, by_peer: bool) -> ClosedReason {
        if by_peer {
            ClosedReason::ByPeer
        } else if self.addresses.is_empty() {
            ClosedReason::Timeout
        } else {
            ClosedReason::Failed
        }
    }

    /// The publisher half, if this is one.
    pub(crate) fn publisher(&mut self) -> Option<(&mut Publisher, &mut Rtc)> {
        match &mut self.half {
            Half::Publisher(publisher) => Some((publisher, &mut self.rtc)),
            Half::Subscriber(_) => None,
        }
    }

    /// A slot, if this is a subscriber session that has it.
    pub(crate) fn slot(&mut self, index: usize) -> Option<(&mut Slot, &mut Rtc)> {
        let (subscriber, rtc) = self.subscriber()?;
        Some((subscriber.slots.get_mut(index)?, rtc))
    }

    /// The subscriber half, if this is one.
    pub(crate) fn subscriber(&mut self) -> Option<(&mut Subscriber, &mut Rtc)> {
        match &mut self.half {
            Half::Subscriber(subscriber) => Some((subscriber, &mut self.rtc)),
            Half::Publisher(_) => None,
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How long a browser may take from the offer or answer to its media being up. Asking a person for
/// the camera comes before, so this is network time only: ICE itself gives up earlier.
pub(crate) const SETUP_PATIENCE: Duration = Duration::from_secs(30);

/// How long a session without an answer waits for an ICE restart. The same as the time for which a
/// participant may resume.
pub(crate) const LOST_PATIENCE: Duration = Duration::from_secs(30);

/// How long a client without a person may take: it has offered already, and a whole exchange of ICE and
/// DTLS takes a few round trips.
const BRIEF_SETUP_PATIENCE: Duration = Duration::from_secs(15);

/// How long a client that would not resume may be silent: one that vanishes has to be gone for the
/// others within 15 s, and everyone who is there says something at least every 5 s: media, a report or
/// a check (RFC 7675 §5.1).
const BRIEF_PATIENCE: Duration = Duration::from_secs(12);

/// Packets that one session may be sent in one go when its time has come: a group of the largest size.
/// What is left goes a millisecond later.
const MAX_STEPS: usize = 64;

/// The longest session description that is read, in bytes: several times what a browser writes for a
/// session at its fullest, and too little to keep a shard busy.
pub(crate) const MAX_DESCRIPTION: usize = 256 * 1024;
