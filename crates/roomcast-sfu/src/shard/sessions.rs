//! Opening, moving and closing sessions.

use std::time::Instant;

use str0m::Rtc;

use super::Shard;
use crate::command::{Patience, WantedPublication};
use crate::directory::keeper;
use crate::event::{ClosedReason, Event};
use crate::ids::{SessionId, ShardId};
use crate::key_frames::Urgency;
use crate::message::{Message, StrayDatagram};
use crate::session::{Half, Happening, PeerOffer, Publisher, Session, Setup, Subscriber};
use crate::transmit::Transmits;

impl Shard {
    /// Makes a publisher session of this shard, which waits for its first check. `None` when there
    /// are too many.
    pub(super) fn open_publisher(
        &mut self,
        now: Instant,
        id: SessionId,
        offer: &PeerOffer,
        patience: Patience,
    ) -> Option<usize> {
        let half = Half::Publisher(Publisher::default());
        self.open(now, id, half, patience, |setup| setup.publisher(&offer.payloads(), now))
    }

    /// The same for a subscriber session that is to receive these.
    pub(super) fn open_subscriber(
        &mut self,
        now: Instant,
        id: SessionId,
        wanted: &[WantedPublication],
    ) -> Option<usize> {
        let estimates = self.has_to_estimate(wanted);
        let half = Half::Subscriber(Box::new(Subscriber::new(estimates)));
        self.open(now, id, half, Patience::Resumable, |setup| setup.subscriber(estimates, now))
    }

    /// The same for one whose peer offers.
    pub(super) fn open_watcher(
        &mut self,
        now: Instant,
        id: SessionId,
        (offer, wanted): (&PeerOffer, &[WantedPublication]),
        patience: Patience,
    ) -> Option<usize> {
        let estimates = self.has_to_estimate(wanted);
        let half = Half::Subscriber(Box::new(Subscriber::watcher(estimates)));
        let make = |setup: &Setup| setup.watcher(&offer.payloads(), estimates, now);
        self.open(now, id, half, patience, make)
    }

    fn open(
        &mut self,
        now: Instant,
        id: SessionId,
        half: Half,
        patience: Patience,
        make: impl FnOnce(&Setup) -> Rtc,
    ) -> Option<usize> {
        let rtc = self.has_room().then(|| make(&self.setup))?;
        Some(self.insert(Box::new(Session::new(id, rtc, half, patience, now))))
    }

    fn has_room(&self) -> bool {
        self.sessions.len() - self.adopted + self.moved.len() < self.config.max_sessions
    }

    /// Makes the ufrag that the session has now known to all shards.
    pub(super) fn register(&mut self, key: usize, ufrag: String) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        if session.ufrags.contains(&ufrag) {
            return;
        }
        session.ufrags.push(ufrag.clone());
        let forgotten = (session.ufrags.len() > MAX_UFRAGS).then(|| session.ufrags.remove(0));
        if let Some(forgotten) = forgotten {
            self.unregister(forgotten);
        }
        self.by_ufrag.insert(ufrag.clone(), key);
        self.tell(keeper(ufrag.as_str(), self.config.shards), Message::Registered { ufrag });
    }

    fn unregister(&mut self, ufrag: String) {
        self.by_ufrag.remove(&ufrag);
        self.tell(keeper(ufrag.as_str(), self.config.shards), Message::Unregistered { ufrag });
    }

    /// Gives a session that nobody has reached yet to the shard where its first check landed.
    pub(super) fn hand_over(&mut self, key: usize, to: ShardId, datagram: StrayDatagram) {
        let Some(session) = self.detach(key) else { return };
        for ufrag in &session.ufrags {
            self.by_ufrag.remove(ufrag);
        }
        self.moved.insert(session.id, to);
        self.tell(to, Message::Adopted { session, datagram });
    }

    /// Takes a session over from the shard where it was opened.
    pub(super) fn adopt(
        &mut self,
        now: Instant,
        session: Box<Session>,
        datagram: StrayDatagram,
        sink: &mut impl Transmits,
    ) {
        let key = self.insert(session);
        let Some(session) = self.sessions.get_mut(key) else { return };
        let ufrags = std::mem::take(&mut session.ufrags);
        let wanted = session.subscriber().map(|(s, _)| s.wanted().to_vec()).unwrap_or_default();
        for ufrag in ufrags {
            self.register(key, ufrag);
        }
        for wanted in wanted {
            self.begin_wanting(wanted.publication);
        }
        self.stray(now, datagram, sink);
    }

    /// Closes a session, with an event if it has a reason of its own.
    pub(super) fn close(&mut self, key: usize, reason: Option<ClosedReason>) {
        let Some(mut session) = self.detach(key) else { return };
        if let Some((publisher, _)) = session.publisher() {
            for publication in publisher.publications() {
                self.end_origin(publication, key);
            }
        }
        for ufrag in std::mem::take(&mut session.ufrags) {
            self.unregister(ufrag);
        }
        for address in std::mem::take(&mut session.addresses) {
            self.forget_address(key, address);
        }
        let opened_at = self.opened_at(session.id);
        if opened_at != self.config.id {
            self.tell(opened_at, Message::SessionGone { session: session.id });
        }
        if let Some(reason) = reason {
            self.emit(Event::Closed { session: session.id, reason });
        }
    }

    /// The shard that gets the commands for a session.
    pub(super) fn opened_at(&self, session: SessionId) -> ShardId {
        opened_at(session, self.config.shards)
    }

    /// What came out of a session.
    pub(super) fn happened(
        &mut self,
        now: Instant,
        key: usize,
        happening: Happening,
        sink: &mut impl Transmits,
    ) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        match happening {
            Happening::Connected => self.connected(now, key),
            Happening::IceLost => {
                session.lost = Some(now);
                self.schedule(key, now);
            }
            Happening::IceBack => session.lost = None,
            Happening::Packet(packet) => self.incoming(key, *packet),
            Happening::Figures(news) => {
                session.figures.take(&news);
                self.take_figures(now, key, &news);
            }
            Happening::Resend { ssrc, wanted } => {
                session.resend(now, (ssrc, &wanted), sink);
                let subscriber = session.subscriber().map(|(subscriber, _)| subscriber);
                if subscriber.is_some_and(|s| s.bandwidth.rest.missed(now, wanted.len())) {
                    self.plan_later(key);
                }
            }
            Happening::Reported { ssrc } => session.reported(ssrc),
            Happening::KeyFrameWanted(mid) => {
                session.key_frames_wanted += 1;
                let taken = session.subscriber().and_then(|(s, _)| s.taken_by(mid));
                if let Some((publication, layer)) = taken {
                    self.want_key_frame(publication, layer, Urgency::Urgent);
                }
            }
            Happening::Estimate(estimate) => {
                if let Some((subscriber, _)) = session.subscriber()
                    && subscriber.bandwidth.supposed(estimate)
                {
                    self.plan_later(key);
                }
            }
            Happening::Remb(estimate) => {
                if let Some((subscriber, _)) = session.subscriber() {
                    subscriber.bandwidth.remb(estimate);
                    self.plan_later(key);
                }
            }
            Happening::ClosedByPeer => self.close(key, Some(ClosedReason::ByPeer)),
        }
    }

    fn connected(&mut self, now: Instant, key: usize) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        session.connected = true;
        session.lost = None;
        let id = session.id;
        let own = &self.config.candidates;
        let is_local = session.addresses.iter().any(|address| {
            let ip = address.remote.ip().to_canonical();
            ip.is_loopback() || own.iter().any(|candidate| candidate.ip().to_canonical() == ip)
        });
        if let Some((subscriber, _)) = session.subscriber() {
            subscriber.bandwidth.is_local = is_local;
        }
        let publications = session.publisher().map(|(p, _)| p.publications());
        self.emit(Event::Connected { session: id });
        for publication in publications.unwrap_or_default() {
            self.begin_origin(now, publication, key);
        }
        self.begin_ready(now, key);
    }

    fn insert(&mut self, mut session: Box<Session>) -> usize {
        let (id, created) = (session.id, session.created);
        // What another shard was to do for it, it will not.
        session.scheduled = None;
        session.is_plan_due = false;
        let key = self.sessions.insert(session);
        self.by_id.insert(id, key);
        self.adopted += usize::from(self.opened_at(id) != self.config.id);
        self.schedule(key, created);
        key
    }

    /// Takes a session out, and its subscriptions out of the publications.
    fn detach(&mut self, key: usize) -> Option<Box<Session>> {
        let mut session = self.sessions.try_remove(key)?;
        self.by_id.remove(&session.id);
        self.adopted -= usize::from(self.opened_at(session.id) != self.config.id);
        self.catching_up.retain(|slot| slot.session != key);
        if let Some((subscriber, _)) = session.subscriber() {
            for wanted in subscriber.wanted().to_vec() {
                self.end_wanting(wanted.publication, key);
            }
        }
        Some(session)
    }
}

/// The shard that takes the commands for a session, whichever owns it by now.
pub fn opened_at(session: SessionId, shards: u16) -> ShardId {
    ShardId((session.0 % u64::from(shards.max(1))) as u16)
}

/// Ufrags of one session: the one in use, the one before it for checks that are still on their way,
/// and restarts that were offered and never answered.
const MAX_UFRAGS: usize = 4;
