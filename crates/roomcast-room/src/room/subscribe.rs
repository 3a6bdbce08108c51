//! Receiving: the subscriber session in which the node offers.

use roomcast_protocol::server::{OfferedTrack, SubscriptionState};
use roomcast_protocol::{Codec, ErrorCode, PublicationId, Refusal};

use super::{Caller, Room, gone};
use crate::input::SessionId;
use crate::output::MediaCommand;
use crate::roster::Arrival;
use crate::subscriber::Subscriber;

impl Room {
    /// Begins a subscriber session in place of an older one, or restarts ICE in the one that there
    /// is. With nothing to receive yet, nothing more happens until there is.
    pub(super) fn subscribe(&mut self, caller: Caller, restart_ice: bool) -> Result<(), Refusal> {
        self.ok(caller);
        let current = self.roster.get(caller.who).and_then(|p| p.subscriber.as_ref());
        let current = current.filter(|subscriber| !subscriber.watches);
        match current.map(|subscriber| (subscriber.session, subscriber.opened)) {
            Some((session, true)) if restart_ice => {
                self.media(MediaCommand::RestartIce { session });
            }
            Some((_, false)) if restart_ice => {}
            _ => self.begin_subscriber(caller.who),
        }
        Ok(())
    }

    fn begin_subscriber(&mut self, who: Arrival) {
        self.end_subscriber(who);
        let session = self.next_session();
        let Some(participant) = self.roster.get_mut(who) else { return };
        participant.subscriber = Some(Subscriber::new(session));
        self.roster.own(session, who);
        self.resubscribe(who);
    }

    /// Opens another session in place of one that the media engine would open otherwise now: the page
    /// shows what came by the old one until the new one brings the same.
    pub(super) fn outgrown(&mut self, session: SessionId) {
        let Some(who) = self.subscriber_of(session) else { return };
        let subscriber = self.roster.get(who).and_then(|p| p.subscriber.as_ref());
        if subscriber.is_some_and(|subscriber| !subscriber.watches) {
            self.begin_subscriber(who);
        }
    }

    /// Closes the subscriber session, if there is one. Its unanswered offers are refused.
    pub(super) fn end_subscriber(&mut self, who: Arrival) {
        let Some(mut subscriber) = self.forget_subscriber(who) else { return };
        let message = "the subscriber session of this offer was ended before it was answered";
        let refusal = Refusal::new(ErrorCode::OfferStale, message);
        self.answer_asked(who, subscriber.drain_asked(), &refusal);
        if subscriber.opened {
            self.media(MediaCommand::Close { session: subscriber.session });
        }
    }

    /// Forgets the subscriber session, if there is one.
    pub(super) fn forget_subscriber(&mut self, who: Arrival) -> Option<Subscriber> {
        let subscriber = self.roster.get_mut(who)?.subscriber.take()?;
        self.roster.disown(subscriber.session);
        self.strugglers.remove(who);
        self.receptions_changed.insert(who);
        self.decoding_ended(subscriber.states());
        Some(subscriber)
    }

    /// Passes an answer to the newest offer on.
    pub(super) fn answer(
        &mut self,
        caller: Caller,
        offer: u32,
        sdp: String,
    ) -> Result<(), Refusal> {
        let participant = self.roster.get_mut(caller.who).ok_or_else(gone)?;
        let subscriber = participant.subscriber.as_mut();
        let answered = subscriber.and_then(|s| Some((s.session, s.answer(offer)?)));
        let Some((session, offer)) = answered else {
            let message = "the offer is not open any more; answer the newest one";
            return Err(Refusal::new(ErrorCode::OfferStale, message));
        };
        self.media(MediaCommand::Answer { session, offer, sdp });
        self.ok(caller);
        Ok(())
    }

    /// The session offers. Kept until it is answered, in case nobody is connected.
    pub(super) fn offered(
        &mut self,
        session: SessionId,
        engine_number: u32,
        sdp: String,
        tracks: Vec<OfferedTrack>,
    ) {
        let Some(who) = self.subscriber_of(session) else { return };
        let Some(participant) = self.roster.get_mut(who) else { return };
        let Some(subscriber) = &mut participant.subscriber else { return };
        if subscriber.watches {
            return;
        }
        participant.last_offer = participant.last_offer.wrapping_add(1);
        let number = participant.last_offer;
        if let Some(message) = subscriber.offer(number, engine_number, sdp, tracks) {
            self.tell(who, message);
        }
    }

    /// A subscription stands differently.
    pub(super) fn subscription_changed(
        &mut self,
        session: SessionId,
        publication: PublicationId,
        decodable: bool,
        codec: Codec,
    ) {
        let Some(who) = self.subscriber_of(session) else { return };
        let Some(subscriber) = self.roster.get_mut(who).and_then(|p| p.subscriber.as_mut()) else {
            return;
        };
        let mut states = subscriber.states().into_iter();
        let before = states.find_map(|(id, able)| (id == publication).then_some(able));
        let state = match decodable {
            true => SubscriptionState::Playing,
            false => SubscriptionState::CodecUnsupported,
        };
        if let Some(message) = subscriber.set_state(publication, state, codec) {
            self.decoding_began(publication, decodable, codec, before);
            self.tell(who, message);
        }
    }

    /// Whose subscriber session this is; nobody's if it is a publisher session or over.
    pub(super) fn subscriber_of(&self, session: SessionId) -> Option<Arrival> {
        let who = self.roster.by_session(session)?;
        let subscriber = self.roster.get(who)?.subscriber.as_ref()?;
        (subscriber.session == session).then_some(who)
    }
}
