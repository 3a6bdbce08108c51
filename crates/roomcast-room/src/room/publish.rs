//! Publishing: the publisher session as its owner asks for it.

use std::time::Instant;

use roomcast_protocol::client::{AnnouncedTrack, PublishedTrack};
use roomcast_protocol::{Client, ErrorCode, PublicationId, Refusal, ServerMessage, Source};

use super::{Caller, Room, gone, next_publication};
use crate::input::SessionId;
use crate::output::{MediaCommand, Patience, Track};
use crate::publisher::{MAX_PENDING_PUBLISHES, Pending};
use crate::roster::Arrival;
use crate::timer::Timer;
use crate::tracks::{check_announced, check_tracks};

impl Room {
    /// Takes the whole list of what a participant publishes, by whatever path.
    pub(super) fn announce(
        &mut self,
        caller: Caller,
        tracks: &[AnnouncedTrack],
    ) -> Result<(), Refusal> {
        check_announced(tracks)?;
        let Self { roster, number, last_publication, .. } = self;
        let participant = roster.get_mut(caller.who).ok_or_else(gone)?;
        participant.publisher.announce(tracks, || next_publication(*number, last_publication));
        (self.stage_changed, self.publications_changed) = (true, true);
        self.ok(caller);
        Ok(())
    }

    /// Passes an offer to the media engine, in a new session or in the one that there is. What it
    /// names is published once the offer was answered.
    pub(super) fn publish(
        &mut self,
        caller: Caller,
        sdp: String,
        tracks: &[PublishedTrack],
        fresh: bool,
    ) -> Result<(), Refusal> {
        check_tracks(tracks)?;
        let participant = self.roster.get(caller.who).ok_or_else(gone)?;
        let current = participant.publisher.session.filter(|_| !fresh);
        if current.is_some() && !participant.publisher.has_room() {
            let message = format!(
                "{MAX_PENDING_PUBLISHES} offers of this session wait for an answer already; wait for one"
            );
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        let older = if current.is_none() { self.end_publisher(caller.who) } else { None };
        let session = match current {
            Some(session) => session,
            None => self.begin_publisher(caller.who),
        };
        let tracks = self.reserve(caller, tracks);
        let patience = self.patience_with(caller.who);
        self.media(MediaCommand::Publish { session, sdp, tracks, patience });
        if let Some(session) = older {
            self.media(MediaCommand::Close { session });
        }
        Ok(())
    }

    /// The offer was answered: exactly what it named is published now.
    pub(super) fn published(&mut self, session: SessionId, sdp: String) {
        let Some(who) = self.publisher_of(session) else { return };
        let Some(participant) = self.roster.get_mut(who) else { return };
        let Some(pending) = participant.publisher.accept() else { return };
        let here = participant.connection == Some(pending.connection);
        let muted_by_host =
            participant.publisher.published().filter(|(_, slot)| slot.muted_by_host);
        let muted_by_host: Vec<PublicationId> = muted_by_host.map(|(_, slot)| slot.id).collect();
        // Before the answer: nothing of a muted publication gets through in between.
        for publication in muted_by_host {
            self.media(MediaCommand::Mute { session, publication, muted: true });
        }
        if here {
            let re = pending.re;
            self.send(pending.connection, ServerMessage::Published { re, sdp });
        }
        self.timers.cancel(Timer::Republish(who));
        (self.stage_changed, self.publications_changed) = (true, true);
    }

    /// The offer was refused: what was published before goes on, in its session or, if that is gone,
    /// for the grace period.
    pub(super) fn publish_refused(
        &mut self,
        now: Instant,
        who: Arrival,
        gone: bool,
        refusal: &Refusal,
    ) {
        if gone {
            return self.lose_publisher(now, who, refusal);
        }
        let pending = self.roster.get_mut(who).and_then(|p| p.publisher.refuse());
        self.answer_pending(who, pending, refusal);
    }

    /// The publisher session is gone without its owner's wish. The publications stay for the grace
    /// period, so that those who watch keep their places until it is back.
    pub(super) fn lose_publisher(&mut self, now: Instant, who: Arrival, refusal: &Refusal) {
        let Some(participant) = self.roster.get_mut(who) else { return };
        let anything = participant.publisher.at_node().next().is_some();
        let (session, pending) = participant.publisher.end_session();
        if let Some(session) = session {
            self.roster.disown(session);
        }
        self.end_troubles_of_session(who);
        self.answer_pending(who, pending, refusal);
        if anything {
            self.timers.set(Timer::Republish(who), now + self.grace_of(who));
        }
    }

    /// The owner stops publishing. Fine also when there is nothing to stop.
    pub(super) fn unpublish(&mut self, caller: Caller) -> Result<(), Refusal> {
        self.close_publisher(caller.who);
        self.timers.cancel(Timer::Republish(caller.who));
        self.stop_at_node(caller.who);
        self.ok(caller);
        Ok(())
    }

    /// Ends the publisher session, if there is one, and tells the media engine.
    pub(super) fn close_publisher(&mut self, who: Arrival) {
        if let Some(session) = self.end_publisher(who) {
            self.media(MediaCommand::Close { session });
        }
    }

    /// The owner mutes or unmutes at the source; a host's mute is not touched by it.
    pub(super) fn track_muted(
        &mut self,
        caller: Caller,
        source: Source,
        muted: bool,
    ) -> Result<(), Refusal> {
        let participant = self.roster.get_mut(caller.who).ok_or_else(gone)?;
        if !participant.publisher.set_muted(source, muted) {
            let message = "you do not publish this source";
            return Err(Refusal::new(ErrorCode::PublicationUnknown, message));
        }
        (self.stage_changed, self.publications_changed) = (true, true);
        self.ok(caller);
        Ok(())
    }

    /// For how long a session of this participant may be silent.
    pub(super) fn patience_with(&self, who: Arrival) -> Patience {
        let is_page = self.roster.get(who).is_some_and(|p| p.client == Client::Page);
        if is_page { Patience::Resumable } else { Patience::Brief }
    }

    /// Nothing of a participant can be had at the node any more, which is the end of what was not
    /// announced; its ids stay reserved.
    pub(super) fn stop_at_node(&mut self, who: Arrival) {
        let Some(participant) = self.roster.get_mut(who) else { return };
        if participant.publisher.leave_node() {
            (self.stage_changed, self.publications_changed) = (true, true);
        }
    }

    /// Whose publisher session this is; nobody's if it is a subscriber session or over.
    pub(super) fn publisher_of(&self, session: SessionId) -> Option<Arrival> {
        let who = self.roster.by_session(session)?;
        (self.roster.get(who)?.publisher.session == Some(session)).then_some(who)
    }

    /// Ends the publisher session on the owner's wish. Its unanswered offers are refused.
    fn end_publisher(&mut self, who: Arrival) -> Option<SessionId> {
        let (session, pending) = self.roster.get_mut(who)?.publisher.end_session();
        if let Some(session) = session {
            self.roster.disown(session);
        }
        self.end_troubles_of_session(who);
        let message = "the publisher session of this offer was ended before it was answered";
        self.answer_pending(who, pending, &Refusal::new(ErrorCode::OfferStale, message));
        session
    }

    fn begin_publisher(&mut self, who: Arrival) -> SessionId {
        let session = self.next_session();
        if let Some(participant) = self.roster.get_mut(who) {
            participant.publisher.session = Some(session);
        }
        self.roster.own(session, who);
        session
    }

    /// Notes the offer as unanswered, and gives each of its tracks the id of its publication.
    fn reserve(&mut self, caller: Caller, tracks: &[PublishedTrack]) -> Vec<Track> {
        let Self { roster, number, last_publication, .. } = self;
        let Some(participant) = roster.get_mut(caller.who) else { return Vec::new() };
        let publisher = &mut participant.publisher;
        publisher.wait(Pending::new(caller.connection, caller.re, tracks));
        let mut id = |source| publisher.id(source, || next_publication(*number, last_publication));
        let track = |PublishedTrack { mid, source, layers, .. }: &PublishedTrack| Track {
            mid: mid.clone(),
            publication: id(*source),
            layers: layers.clone(),
        };
        tracks.iter().map(track).collect()
    }

    /// Refuses unanswered offers of this participant, as far as the connection is still there that
    /// made them.
    fn answer_pending(
        &mut self,
        who: Arrival,
        pending: impl IntoIterator<Item = Pending>,
        refusal: &Refusal,
    ) {
        let connection = self.roster.get(who).and_then(|p| p.connection);
        for pending in pending {
            if connection == Some(pending.connection) {
                self.refuse(pending.connection, pending.re, refusal.clone());
            }
        }
    }
}
