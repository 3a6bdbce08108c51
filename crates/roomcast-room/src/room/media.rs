//! What the media engine reports. Reports about sessions that are over are ignored: they were on
//! their way when the session was closed.

use std::time::Instant;

use roomcast_protocol::server::{ServerMessage, SessionKind};
use roomcast_protocol::{ErrorCode, Refusal};

use super::Room;
use crate::input::{MediaEvent, SessionId};
use crate::roster::Arrival;

impl Room {
    /// Takes one report.
    pub(super) fn hear(&mut self, now: Instant, event: MediaEvent) {
        match event {
            MediaEvent::Published { session, sdp } => self.answered(session, sdp),
            MediaEvent::Refused { session, gone, refusal } => {
                self.description_refused(now, session, gone, refusal);
            }
            MediaEvent::Offer { session, offer, sdp, tracks } => {
                self.offered(session, offer, sdp, tracks);
            }
            MediaEvent::Subscription { session, publication, decodable, codec } => {
                self.subscription_changed(session, publication, decodable, codec);
            }
            MediaEvent::LayersWanted { session, publication, layers } => {
                self.layers_wanted(session, publication, layers);
            }
            MediaEvent::Reception { session, reception } => {
                self.reception_changed(session, reception);
            }
            MediaEvent::Outgrown { session } => self.outgrown(session),
            MediaEvent::Closed { session, refusal } => self.session_closed(now, session, refusal),
            MediaEvent::Connected { session } => self.connected(session),
            MediaEvent::PublicationTrouble { session, publication, trouble, over } => {
                self.publication_troubled(session, publication, trouble, over);
            }
        }
    }

    /// A client's offer was answered.
    fn answered(&mut self, session: SessionId, sdp: String) {
        if let Some(who) = self.subscriber_of(session) {
            return self.watching(who, sdp);
        }
        self.published(session, sdp);
    }

    /// The media of a session is up. Its owner sees that by itself; of publishers it matters to those
    /// who would take their place.
    fn connected(&mut self, session: SessionId) {
        let who = self.publisher_of(session);
        if let Some(participant) = who.and_then(|who| self.roster.get_mut(who)) {
            participant.publisher.is_up = true;
        }
    }

    /// An offer of a client was refused: an error for the one who made it. An answer in
    /// a subscriber session was refused: the two sides disagree about the session, which is beyond
    /// repair, unless a newer offer is on its way already.
    fn description_refused(
        &mut self,
        now: Instant,
        session: SessionId,
        gone: bool,
        refusal: Refusal,
    ) {
        if let Some(who) = self.publisher_of(session) {
            return self.publish_refused(now, who, gone, &refusal);
        }
        let Some(who) = self.subscriber_of(session) else { return };
        if self.is_watching(who) {
            return self.watch_refused(who, gone, &refusal);
        }
        if gone {
            self.forget_subscriber(who);
        } else if refusal.code == ErrorCode::OfferStale {
            return;
        } else {
            self.end_subscriber(who);
        }
        self.tell_closed(who, SessionKind::Subscriber, refusal);
    }

    fn session_closed(&mut self, now: Instant, session: SessionId, refusal: Refusal) {
        if let Some(who) = self.publisher_of(session) {
            self.lose_publisher(now, who, &refusal);
            self.tell_closed(who, SessionKind::Publisher, refusal);
        } else if let Some(who) = self.subscriber_of(session) {
            if self.is_watching(who) {
                self.watch_refused(who, true, &refusal);
            } else {
                self.forget_subscriber(who);
            }
            self.tell_closed(who, SessionKind::Subscriber, refusal);
        }
    }

    /// Tells the owner that a session is gone: now, or when they are back.
    fn tell_closed(&mut self, who: Arrival, session: SessionKind, refusal: Refusal) {
        let Some(participant) = self.roster.get_mut(who) else { return };
        if participant.connection.is_none() {
            participant.untold.push((session, refusal));
        } else {
            self.tell(who, ServerMessage::SessionClosed { session, refusal });
        }
    }
}
