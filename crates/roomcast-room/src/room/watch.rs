//! Receiving as WHEP does it: a subscriber session in which the client offers its media sections,
//! and the node fills them with the *program*.

use roomcast_protocol::{ErrorCode, MediaKind, PublicationId, Refusal, ServerMessage, Source};

use super::announce::Offered;
use super::{Caller, Room, gone};
use crate::input::SessionId;
use crate::output::MediaCommand;
use crate::participant::Participant;
use crate::publisher::MAX_PENDING_PUBLISHES;
use crate::roster::Arrival;
use crate::subscriber::{Asked, Subscriber};

impl Room {
    /// Passes an offer to the media engine, in a new session or in the one that there is. It is
    /// answered also when there is nothing to receive yet.
    pub(super) fn watch(
        &mut self,
        caller: Caller,
        sdp: String,
        fresh: bool,
    ) -> Result<(), Refusal> {
        let subscriber = self.roster.get(caller.who).and_then(|p| p.subscriber.as_ref());
        let current = subscriber.filter(|subscriber| subscriber.watches && !fresh);
        if current.is_some_and(|subscriber| !subscriber.has_room()) {
            let message = format!(
                "{MAX_PENDING_PUBLISHES} offers of this session wait for an answer already; wait for one"
            );
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        let current = current.map(|subscriber| subscriber.session);
        let session = match current {
            Some(session) => session,
            None => self.begin_watching(caller.who),
        };
        let program = self.wanted_by(caller.who, &self.published_now());
        let ids: Vec<PublicationId> = program.iter().map(|one| one.id).collect();
        let participant = self.roster.get_mut(caller.who).ok_or_else(gone)?;
        let subscriber = participant.subscriber.as_mut().ok_or_else(gone)?;
        subscriber.wait(Asked { connection: caller.connection, re: caller.re }, ids);
        let publications = program.iter().map(|one| (one.id, one.kind())).collect();
        let patience = self.patience_with(caller.who);
        self.media(MediaCommand::Watch { session, sdp, publications, patience });
        Ok(())
    }

    /// The offer was answered.
    pub(super) fn watching(&mut self, who: Arrival, sdp: String) {
        let Some(participant) = self.roster.get_mut(who) else { return };
        let here = participant.connection;
        let asked = participant.subscriber.as_mut().and_then(Subscriber::accept);
        // Since it was made, publications may have come or gone.
        self.resubscribe(who);
        let Some(asked) = asked.filter(|asked| here == Some(asked.connection)) else { return };
        self.send(asked.connection, ServerMessage::Watching { re: asked.re, sdp });
    }

    /// An offer was refused. The session goes on as it was, unless it is gone.
    pub(super) fn watch_refused(&mut self, who: Arrival, gone: bool, refusal: &Refusal) {
        if gone {
            let subscriber = self.forget_subscriber(who);
            let asked =
                subscriber.into_iter().flat_map(|mut s| s.drain_asked().collect::<Vec<_>>());
            return self.answer_asked(who, asked, refusal);
        }
        let participant = self.roster.get_mut(who);
        let asked = participant.and_then(|p| p.subscriber.as_mut()?.refuse());
        self.answer_asked(who, asked, refusal);
    }

    /// Whether the client offers in the subscriber session of this participant.
    pub(super) fn is_watching(&self, who: Arrival) -> bool {
        let subscriber = self.roster.get(who).and_then(|p| p.subscriber.as_ref());
        subscriber.is_some_and(|subscriber| subscriber.watches)
    }

    /// Puts the most important first: screens, then the cameras of hosts, then those of others; and
    /// of the sounds first those of whoever is in the first picture.
    pub(super) fn sort_as_program(&self, offered: &mut [Offered]) {
        let is_host = |who| self.roster.get(who).is_some_and(Participant::is_host);
        let rank = |one: &Offered| match one.source {
            Source::Screen => 0,
            _ if is_host(one.owner) => 1,
            _ => 2,
        };
        let pictures = offered.iter().filter(|one| one.kind() == MediaKind::Video);
        let first = pictures.min_by_key(|one| (rank(one), one.owner)).map(|one| one.owner);
        offered.sort_by_key(|one| {
            let is_sound = one.kind() == MediaKind::Audio;
            let elsewhere = is_sound && first != Some(one.owner);
            (is_sound, elsewhere, rank(one), one.owner, one.source)
        });
    }

    /// Refuses unanswered offers of this participant, as far as the connection is still there that
    /// made them.
    pub(super) fn answer_asked(
        &mut self,
        who: Arrival,
        asked: impl IntoIterator<Item = Asked>,
        refusal: &Refusal,
    ) {
        let connection = self.roster.get(who).and_then(|p| p.connection);
        for asked in asked {
            if connection == Some(asked.connection) {
                self.refuse(asked.connection, asked.re, refusal.clone());
            }
        }
    }

    fn begin_watching(&mut self, who: Arrival) -> SessionId {
        self.end_subscriber(who);
        let session = self.next_session();
        if let Some(participant) = self.roster.get_mut(who) {
            participant.subscriber = Some(Subscriber::watching(session));
        }
        self.roster.own(session, who);
        session
    }
}
