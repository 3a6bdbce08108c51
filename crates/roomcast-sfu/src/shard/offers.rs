//! Offers of peers: of those who publish, and of those who watch.

use std::time::Instant;

use str0m::Rtc;

use super::Shard;
use crate::command::{Patience, PublishedTrack, WantedPublication};
use crate::event::{Event, RefusedReason};
use crate::ids::{PublicationId, SessionId};
use crate::session::{Half, MAX_DESCRIPTION, PeerOffer, Purpose};
use crate::transmit::Transmits;

impl Shard {
    pub(super) fn publish(
        &mut self,
        now: Instant,
        id: SessionId,
        (offer, patience): (&str, Patience),
        tracks: &[PublishedTrack],
        sink: &mut impl Transmits,
    ) {
        let is_fit = |half: &Half| matches!(half, Half::Publisher(_));
        let opened = self.opened_by(id, offer, Purpose::Publish, is_fit, |shard, offer| {
            shard.open_publisher(now, id, offer, patience)
        });
        let Some((key, is_new, offer)) = opened else { return };
        let before = self.published_by(key);
        let answer = self.negotiate(now, key, sink, |half, rtc| match half {
            Half::Publisher(publisher) => publisher.negotiate(rtc, &offer, tracks),
            Half::Subscriber(_) => Err(RefusedReason::UnknownSession),
        });
        if self.answered(id, (key, is_new), answer) {
            self.change_origins(now, key, &before);
        }
    }

    pub(super) fn watch(
        &mut self,
        now: Instant,
        id: SessionId,
        (offer, patience): (&str, Patience),
        publications: Vec<WantedPublication>,
        sink: &mut impl Transmits,
    ) {
        let is_fit = |half: &Half| matches!(half, Half::Subscriber(s) if s.watches());
        let opened = self.opened_by(id, offer, Purpose::Watch, is_fit, |shard, offer| {
            shard.open_watcher(now, id, (offer, &publications), patience)
        });
        let Some((key, is_new, offer)) = opened else { return };
        let answer = self.negotiate(now, key, sink, |half, rtc| match half {
            Half::Subscriber(subscriber) => subscriber.watch(rtc, &offer),
            Half::Publisher(_) => Err(RefusedReason::UnknownSession),
        });
        if self.answered(id, (key, is_new), answer) {
            self.want(key, publications);
            self.begin_ready(now, key);
        }
    }

    /// The session that an offer is for, whether it is new, and the offer. Refuses by itself.
    fn opened_by(
        &mut self,
        id: SessionId,
        offer: &str,
        purpose: Purpose,
        is_fit: impl Fn(&Half) -> bool,
        open: impl FnOnce(&mut Self, &PeerOffer) -> Option<usize>,
    ) -> Option<(usize, bool, PeerOffer)> {
        let known = self.by_id.get(&id).copied();
        let known_half = known.and_then(|key| self.sessions.get(key)).map(|s| &s.half);
        let offer = if known_half.is_some_and(|half| !is_fit(half)) {
            Err(RefusedReason::UnknownSession)
        } else if offer.len() > MAX_DESCRIPTION {
            Err(RefusedReason::Invalid)
        } else {
            PeerOffer::read(offer, purpose)
        };
        let opened = offer.and_then(|offer| {
            let key = known.or_else(|| open(self, &offer)).ok_or(RefusedReason::Full)?;
            Ok((key, known.is_none(), offer))
        });
        opened.map_err(|reason| self.refuse(id, None, reason)).ok()
    }

    fn negotiate(
        &mut self,
        now: Instant,
        key: usize,
        sink: &mut impl Transmits,
        take: impl FnOnce(&mut Half, &mut Rtc) -> Result<String, RefusedReason>,
    ) -> Result<String, RefusedReason> {
        let mut answer = Err(RefusedReason::UnknownSession);
        self.drive(key, |session, scratch| {
            session.guarded(|session| {
                answer = take(&mut session.half, &mut session.rtc);
                Ok(())
            })?;
            session.advance(now, sink, scratch)
        });
        // A session that str0m gave up while reading the offer has no answer to give.
        if self.sessions.contains(key) { answer } else { Err(RefusedReason::Invalid) }
    }

    /// Tells what became of an offer. Returns whether it was taken.
    fn answered(
        &mut self,
        id: SessionId,
        (key, is_new): (usize, bool),
        answer: Result<String, RefusedReason>,
    ) -> bool {
        match answer {
            Ok(answer) => {
                self.register_current(key);
                self.emit(Event::Answered { session: id, answer });
                true
            }
            Err(reason) => {
                if is_new {
                    self.close(key, None);
                }
                self.refuse(id, None, reason);
                false
            }
        }
    }

    fn published_by(&mut self, key: usize) -> Vec<PublicationId> {
        let publisher = self.sessions.get_mut(key).and_then(|s| s.publisher());
        publisher.map(|(p, _)| p.publications()).unwrap_or_default()
    }

    /// After a renegotiation of a session that is up: what began, what stopped.
    fn change_origins(&mut self, now: Instant, key: usize, before: &[PublicationId]) {
        let after = self.published_by(key);
        for stopped in before.iter().filter(|p| !after.contains(p)) {
            self.end_origin(*stopped, key);
        }
        if self.sessions.get(key).is_some_and(|s| s.connected) {
            for begun in after.iter().filter(|p| !before.contains(p)) {
                self.begin_origin(now, *begun, key);
            }
            for kept in after.iter().filter(|p| before.contains(p)) {
                self.take_offered(*kept, key);
            }
        }
    }
}
