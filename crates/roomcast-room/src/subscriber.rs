//! What one participant receives: the subscriber session, its open offer, and how each subscription
//! stands. In a session that watches it is the client who offers.

use std::collections::{BTreeMap, VecDeque};

use roomcast_protocol::server::{OfferedTrack, ServerMessage, SubscriptionState};
use roomcast_protocol::{Codec, Preference, PublicationId, Reception};

use crate::input::{ConnectionId, SessionId};
use crate::publisher::MAX_PENDING_PUBLISHES;

/// The receiving side of a participant. Its tables are bounded by what the stage publishes.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) session: SessionId,
    /// Whether the media engine knows the session.
    pub(crate) opened: bool,
    /// What the media engine was told last, in order.
    wanted: Vec<PublicationId>,
    /// Whether any offer of the session was answered, whoever made it.
    answered: bool,
    offer: Option<Offer>,
    /// Whether the client offers, and not the node.
    pub(crate) watches: bool,
    /// The client's offers that went to the media engine, oldest first: it answers in order.
    asked: VecDeque<Asked>,
    states: BTreeMap<PublicationId, (SubscriptionState, Codec)>,
    /// What the media engine was told last about how good they are to be.
    preferred: Vec<Preference>,
    /// How what is sent arrives, as the media engine said last.
    pub(crate) reception: Reception,
}

/// An offer of the client that the media engine has not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The connection that asked: the answer is for no other.
    pub(crate) connection: ConnectionId,
    /// The id of its request.
    pub(crate) re: Option<u32>,
}

/// An offer that was not answered yet. Kept whole, because it is lost with the connection, and the
/// media engine makes no other one before it is answered.
#[derive(Debug)]
struct Offer {
    /// The number under which the client knows it.
    number: u32,
    /// The number under which the media engine knows it.
    engine_number: u32,
    sdp: String,
    tracks: Vec<OfferedTrack>,
}

impl Subscriber {
    /// A session that receives nothing yet.
    pub(crate) fn new(session: SessionId) -> Self {
        Self {
            session,
            opened: false,
            wanted: Vec::new(),
            answered: false,
            offer: None,
            watches: false,
            asked: VecDeque::new(),
            states: BTreeMap::new(),
            preferred: Vec::new(),
            reception: Reception::default(),
        }
    }

    /// A session in which the client offers. The media engine opens it with the first offer, whether
    /// there is anything to receive or not.
    pub(crate) fn watching(session: SessionId) -> Self {
        Self { opened: true, watches: true, ..Self::new(session) }
    }

    /// Whether one more offer of the client may wait for its answer.
    pub(crate) fn has_room(&self) -> bool {
        self.asked.len() < MAX_PENDING_PUBLISHES
    }

    /// Notes an offer of the client that went to the media engine, with what it is to receive.
    pub(crate) fn wait(&mut self, asked: Asked, wanted: Vec<PublicationId>) {
        self.asked.push_back(asked);
        self.wanted = wanted;
    }

    /// The oldest offer of the client was answered.
    pub(crate) fn accept(&mut self) -> Option<Asked> {
        self.answered = true;
        self.asked.pop_front()
    }

    /// The oldest offer of the client was refused.
    pub(crate) fn refuse(&mut self) -> Option<Asked> {
        self.asked.pop_front()
    }

    /// The session is over: the offers that get no answer.
    pub(crate) fn drain_asked(&mut self) -> impl Iterator<Item = Asked> {
        self.asked.drain(..)
    }

    /// Notes what it is to receive. Whether the media engine must be told: when that has changed,
    /// not before there is something to receive, and not before it has taken an offer of the client:
    /// it would open a session in which it offers itself.
    pub(crate) fn want(&mut self, wanted: &[PublicationId]) -> bool {
        if self.wanted == wanted || (self.watches && !self.answered) {
            return false;
        }
        self.wanted = wanted.to_vec();
        self.states.retain(|publication, _| wanted.contains(publication));
        self.opened |= !wanted.is_empty();
        self.opened
    }

    /// Notes how good what it receives is to be. Whether the media engine must be told: when that has
    /// changed, and where it has been told what is received, as in [`Self::want`].
    pub(crate) fn prefer(&mut self, preferences: &[Preference]) -> bool {
        let is_early = !self.opened || (self.watches && !self.answered);
        if is_early || self.preferred == preferences {
            return false;
        }
        self.preferred = preferences.to_vec();
        true
    }

    /// Takes an offer of the media engine in place of an older one, and gives the message for it.
    /// Tracks that are no longer wanted are not named: another offer without them is on its way.
    pub(crate) fn offer(
        &mut self,
        number: u32,
        engine_number: u32,
        sdp: String,
        mut tracks: Vec<OfferedTrack>,
    ) -> Option<ServerMessage> {
        tracks.retain(|track| self.wanted.contains(&track.publication));
        self.offer = Some(Offer { number, engine_number, sdp, tracks });
        self.open_offer()
    }

    /// Takes an answer to the newest offer. Its number for the media engine, or nothing if the
    /// answer is for another one.
    pub(crate) fn answer(&mut self, number: u32) -> Option<u32> {
        let offer = self.offer.take_if(|offer| offer.number == number)?;
        self.answered = true;
        Some(offer.engine_number)
    }

    /// Notes how a subscription stands, and gives the message for it if it is one of this session.
    pub(crate) fn set_state(
        &mut self,
        publication: PublicationId,
        state: SubscriptionState,
        codec: Codec,
    ) -> Option<ServerMessage> {
        if !self.wanted.contains(&publication) {
            return None;
        }
        self.states.insert(publication, (state, codec));
        Some(ServerMessage::Subscription { publication, state, codec: Some(codec) })
    }

    /// How the subscriptions stand: which can be decoded.
    pub(crate) fn states(&self) -> Vec<(PublicationId, bool)> {
        let able = |state: SubscriptionState| state == SubscriptionState::Playing;
        self.states.iter().map(|(publication, (state, _))| (*publication, able(*state))).collect()
    }

    /// What a client must hear that was away: the open offer, and how the subscriptions stand.
    pub(crate) fn catch_up(&self) -> Vec<ServerMessage> {
        let states = self.states.iter().map(|(publication, (state, codec))| {
            let codec = Some(*codec);
            ServerMessage::Subscription { publication: *publication, state: *state, codec }
        });
        self.open_offer().into_iter().chain(states).collect()
    }

    /// `fresh` until an offer was answered: the client may have seen none of those before.
    fn open_offer(&self) -> Option<ServerMessage> {
        let Offer { number, sdp, tracks, .. } = self.offer.as_ref()?;
        Some(ServerMessage::Offer {
            offer: *number,
            sdp: sdp.clone(),
            tracks: tracks.clone(),
            fresh: !self.answered,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscriber(wanted: &[u64]) -> Subscriber {
        let mut subscriber = Subscriber::new(SessionId(1));
        subscriber.want(&ids(wanted));
        subscriber
    }

    fn ids(numbers: &[u64]) -> Vec<PublicationId> {
        numbers.iter().copied().map(PublicationId).collect()
    }

    #[test]
    fn the_media_engine_is_told_when_there_is_something_to_receive_and_when_that_changes() {
        let mut subscriber = subscriber(&[]);
        assert!(!subscriber.opened);
        assert!(!subscriber.want(&[]));
        assert!(subscriber.want(&ids(&[1])));
        assert!(!subscriber.want(&ids(&[1])));
        assert!(subscriber.want(&[]), "an open session must hear that nothing is left");
    }

    #[test]
    fn only_the_newest_offer_can_be_answered_and_only_once() {
        let mut subscriber = subscriber(&[1]);
        subscriber.offer(5, 1, "a".into(), Vec::new());
        subscriber.offer(6, 2, "b".into(), Vec::new());
        assert_eq!(subscriber.answer(5), None);
        assert_eq!(subscriber.answer(6), Some(2));
        assert_eq!(subscriber.answer(6), None);
    }

    #[test]
    fn offers_are_fresh_until_one_was_answered() {
        let mut subscriber = subscriber(&[1]);
        let fresh = |message| matches!(message, Some(ServerMessage::Offer { fresh: true, .. }));
        assert!(fresh(subscriber.offer(1, 1, "a".into(), Vec::new())));
        assert!(fresh(subscriber.offer(2, 2, "b".into(), Vec::new())));
        subscriber.answer(2);
        assert!(!fresh(subscriber.offer(3, 3, "c".into(), Vec::new())));
    }

    #[test]
    fn an_unanswered_offer_and_the_subscriptions_are_told_to_one_who_was_away() {
        let mut subscriber = subscriber(&[1, 2]);
        subscriber.offer(1, 1, "a".into(), Vec::new());
        subscriber.set_state(PublicationId(2), SubscriptionState::Playing, Codec::Vp8);
        assert_eq!(subscriber.catch_up().len(), 2);
        subscriber.answer(1);
        subscriber.want(&ids(&[1]));
        assert!(subscriber.catch_up().is_empty());
    }

    #[test]
    fn publications_that_are_not_wanted_are_not_named() {
        let mut subscriber = subscriber(&[1]);
        let track = |n: u64| OfferedTrack { mid: n.to_string(), publication: PublicationId(n) };
        let Some(ServerMessage::Offer { tracks, .. }) =
            subscriber.offer(1, 1, "a".into(), vec![track(1), track(2)])
        else {
            panic!("no offer");
        };
        assert_eq!(tracks, [track(1)]);
        let state = SubscriptionState::Playing;
        assert_eq!(subscriber.set_state(PublicationId(2), state, Codec::Vp8), None);
    }
}
