//! What the control plane wants of sessions.

use std::time::Instant;

use super::Shard;
use crate::command::{Command, WantedPublication};
use crate::event::{Event, RefusedReason};
use crate::ids::{PublicationId, SessionId};
use crate::message::Message;
use crate::publication::SlotKey;
use crate::quality::Preference;
use crate::session::Changed;
use crate::transmit::Transmits;

impl Shard {
    pub(super) fn command(&mut self, now: Instant, command: Command, sink: &mut impl Transmits) {
        let session = command.session();
        if let Some(owner) = self.moved.get(&session).copied() {
            if matches!(command, Command::Close { .. }) {
                self.moved.remove(&session);
            }
            self.tell(owner, Message::Command(command));
            return;
        }
        match command {
            Command::Publish { offer, tracks, patience, .. } => {
                self.publish(now, session, (&offer, patience), &tracks, sink);
            }
            Command::Watch { offer, publications, patience, .. } => {
                self.watch(now, session, (&offer, patience), publications, sink);
            }
            Command::Subscribe { publications, .. } => {
                self.subscribe(now, session, publications, sink);
            }
            Command::Answer { offer, answer, .. } => {
                self.answer(now, session, offer, &answer, sink);
            }
            Command::RestartIce { .. } => self.restart_ice(now, session, sink),
            Command::Prefer { preferences, .. } => self.prefer(session, preferences),
            Command::Mute { publication, muted, .. } => self.mute(session, publication, muted),
            Command::Close { .. } => {
                if let Some(key) = self.by_id.get(&session).copied() {
                    if let Some(session) = self.sessions.get_mut(key) {
                        session.say_goodbye(sink);
                    }
                    self.close(key, None);
                }
            }
        }
    }

    fn subscribe(
        &mut self,
        now: Instant,
        id: SessionId,
        publications: Vec<WantedPublication>,
        sink: &mut impl Transmits,
    ) {
        let known = self.by_id.get(&id).copied();
        let opened = known.or_else(|| self.open_subscriber(now, id, &publications));
        let Some(key) = opened else {
            self.refuse(id, None, RefusedReason::Full);
            return;
        };
        if known.is_none() {
            self.register_current(key);
        }
        if self.want(key, publications) {
            self.begin_ready(now, key);
            self.offer(now, key, sink);
        } else {
            self.refuse(id, None, RefusedReason::UnknownSession);
        }
    }

    /// Sets what a subscriber session is to receive. Returns whether it is one.
    pub(super) fn want(&mut self, key: usize, publications: Vec<WantedPublication>) -> bool {
        let half = self.sessions.get_mut(key).and_then(|s| s.subscriber());
        let Some((subscriber, _)) = half else { return false };
        let Changed { gone, new, left } = subscriber.want(publications);
        for wanted in gone {
            self.end_wanting(wanted.publication, key);
        }
        for (slot, publication) in left {
            self.leave_slot(publication, SlotKey { session: key, slot });
        }
        for wanted in new {
            self.begin_wanting(wanted.publication);
        }
        true
    }

    fn prefer(&mut self, id: SessionId, preferences: Vec<Preference>) {
        let Some(key) = self.by_id.get(&id).copied() else { return };
        let half = self.sessions.get_mut(key).and_then(|s| s.subscriber());
        if let Some((subscriber, _)) = half {
            subscriber.prefer(preferences);
            self.plan_later(key);
        }
    }

    fn restart_ice(&mut self, now: Instant, id: SessionId, sink: &mut impl Transmits) {
        let key = self.by_id.get(&id).copied();
        let Some((subscriber, _)) =
            key.and_then(|key| self.sessions.get_mut(key)).and_then(|s| s.subscriber())
        else {
            self.refuse(id, None, RefusedReason::UnknownSession);
            return;
        };
        if let Some(open) = subscriber.restart_ice() {
            // The browser may have taken it already, so it cannot be replaced; that it asks for a
            // restart may mean that it never came, or that its answer never did.
            self.emit(open.event(id));
        } else if let Some(key) = key {
            self.offer(now, key, sink);
        }
    }

    /// Offers what has changed, unless an offer is open.
    fn offer(&mut self, now: Instant, key: usize, sink: &mut impl Transmits) {
        let mut offer = None;
        self.drive(key, |session, scratch| {
            session.guarded(|session| {
                offer = session.subscriber().and_then(|(s, rtc)| s.offer(rtc));
                Ok(())
            })?;
            session.advance(now, sink, scratch)
        });
        let (Some(offer), Some(session)) = (offer, self.sessions.get(key)) else { return };
        let id = session.id;
        if let Some(ufrag) = &offer.restarted_ufrag {
            self.register(key, ufrag.clone());
        }
        self.emit(offer.event(id));
    }

    fn answer(
        &mut self,
        now: Instant,
        id: SessionId,
        number: u32,
        answer: &str,
        sink: &mut impl Transmits,
    ) {
        let Some(key) = self.by_id.get(&id).copied() else {
            self.refuse(id, Some(number), RefusedReason::UnknownSession);
            return;
        };
        let mut outcome = Err(RefusedReason::UnknownSession);
        self.drive(key, |session, scratch| {
            session.guarded(|session| {
                if let Some((subscriber, rtc)) = session.subscriber() {
                    outcome = subscriber.answer(rtc, number, answer);
                }
                Ok(())
            })?;
            session.advance(now, sink, scratch)
        });
        match outcome {
            Ok(_) => {
                self.begin_ready(now, key);
                self.offer(now, key, sink);
            }
            Err(reason) => self.refuse(id, Some(number), reason),
        }
    }

    /// Begins to serve the slots that are ready, once the session is up.
    pub(super) fn begin_ready(&mut self, now: Instant, key: usize) {
        let Some(session) = self.sessions.get_mut(key).filter(|s| s.connected) else { return };
        let ready = session.subscriber().map(|(s, _)| s.ready()).unwrap_or_default();
        for slot in ready {
            self.begin_subscription(now, SlotKey { session: key, slot });
        }
    }

    fn mute(&mut self, id: SessionId, publication: PublicationId, muted: bool) {
        let Some(key) = self.by_id.get(&id).copied() else { return };
        let Some(session) = self.sessions.get_mut(key) else { return };
        let Some((publisher, _)) = session.publisher() else { return };
        publisher.mute(publication, muted);
        self.mute_origin(publication, key, muted);
    }

    /// The ufrag that str0m has chosen for the session.
    pub(super) fn register_current(&mut self, key: usize) {
        if let Some(session) = self.sessions.get_mut(key) {
            let ufrag = session.rtc.direct_api().local_ice_credentials().ufrag;
            self.register(key, ufrag);
        }
    }

    pub(super) fn refuse(&mut self, session: SessionId, offer: Option<u32>, reason: RefusedReason) {
        let gone = !self.by_id.contains_key(&session);
        self.emit(Event::Refused { session, offer, reason, gone });
    }
}
