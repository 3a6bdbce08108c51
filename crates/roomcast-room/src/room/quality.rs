//! The picture that fits the network: what receivers prefer, which layers publishers need not send,
//! and who of the receivers struggles.

use std::time::Instant;

use roomcast_protocol::limits::MAX_STRUGGLING;
use roomcast_protocol::{
    MediaKind, Preference, PublicationId, Reception, Refusal, ServerMessage, Standing, Struggling,
};

use super::announce::Offered;
use super::{Caller, Room, gone};
use crate::count::Verdict;
use crate::input::SessionId;
use crate::output::MediaCommand;
use crate::preferences::Preferences;
use crate::record::Standings;
use crate::roster::Arrival;
use crate::timer::Timer;

impl Room {
    /// Takes the whole list of what a participant prefers. The list races with the stage: what is
    /// not there is passed over.
    pub(super) fn prefer(
        &mut self,
        caller: Caller,
        pictures: Vec<Preference>,
    ) -> Result<(), Refusal> {
        let preferences = Preferences::new(pictures)?;
        self.roster.get_mut(caller.who).ok_or_else(gone)?.preferences = preferences;
        self.ok(caller);
        let received = self.wanted_by(caller.who, &self.published_now());
        self.pass_preferences_on(caller.who, &received);
        Ok(())
    }

    /// Tells the media engine what someone prefers of what they receive, if that is news to it. Call
    /// behind the command that says what they receive.
    pub(super) fn pass_preferences_on(&mut self, who: Arrival, received: &[Offered]) {
        let is_received = |id: PublicationId| {
            received.iter().any(|one| one.id == id && one.kind() == MediaKind::Video)
        };
        let Some(participant) = self.roster.get_mut(who) else { return };
        let preferences = participant.preferences.about(is_received);
        let Some(subscriber) = &mut participant.subscriber else { return };
        if subscriber.prefer(&preferences) {
            let session = subscriber.session;
            self.media(MediaCommand::Prefer { session, preferences });
        }
    }

    /// Which layers of a publication are taken is another question than before.
    pub(super) fn layers_wanted(
        &mut self,
        session: SessionId,
        publication: PublicationId,
        wanted: Vec<String>,
    ) {
        let Some(who) = self.publisher_of(session) else { return };
        let Some(participant) = self.roster.get_mut(who) else { return };
        if let Some(source) = participant.publisher.want_layers(publication, &wanted) {
            self.tell(who, ServerMessage::Layers { source, wanted });
        }
    }

    /// What the node sends to someone arrives in another way than before.
    pub(super) fn reception_changed(&mut self, session: SessionId, reception: Reception) {
        let Some(who) = self.subscriber_of(session) else { return };
        if let Some(subscriber) = self.roster.get_mut(who).and_then(|p| p.subscriber.as_mut()) {
            subscriber.reception = reception;
            self.strugglers.set(who, reception);
            self.receptions_changed.insert(who);
        }
    }

    /// Tells those who receive better or worse than they know. That all is well and was so before
    /// is no news; without a session all is well.
    pub(super) fn announce_receptions(&mut self) {
        for who in std::mem::take(&mut self.receptions_changed) {
            let Some(participant) = self.roster.get_mut(who) else { continue };
            if participant.connection.is_none() {
                continue;
            }
            let now = participant.subscriber.as_ref().map(|s| s.reception).unwrap_or_default();
            let before = std::mem::replace(&mut participant.told_reception, now);
            let is_well = [before, now].iter().all(|r| r.standing == Standing::Good);
            if before != now && !is_well {
                self.tell(who, ServerMessage::Reception(now));
            }
        }
    }

    /// Tells hosts who struggles, if that has changed and it is time.
    pub(super) fn announce_strugglers(&mut self, now: Instant) {
        match self.strugglers.judge(now) {
            Verdict::Tell => {
                self.timers.cancel(Timer::Strugglers);
                let list = self.struggling();
                if let Some(message) = self.strugglers.news(list) {
                    self.tell_hosts(&message);
                }
            }
            Verdict::Wait(at) => self.timers.set(Timer::Strugglers, at),
            Verdict::Unchanged => self.timers.cancel(Timer::Strugglers),
        }
    }

    /// Those whose reception is not good, the worst first,
    /// [`roomcast_protocol::limits::MAX_STRUGGLING`] at most.
    #[must_use]
    pub fn struggling(&self) -> Vec<Struggling> {
        let worst = self.strugglers.worst(MAX_STRUGGLING).into_iter();
        let named = worst.filter_map(|(who, reception)| {
            let participant = self.roster.get(who)?;
            Some(Struggling {
                participant: participant.id.clone(),
                name: participant.name.as_str().to_owned(),
                reception,
            })
        });
        named.collect()
    }

    /// How many there are of them.
    #[must_use]
    pub fn standings(&self) -> Standings {
        let poor = self.strugglers.poor();
        Standings { limited: self.strugglers.len().saturating_sub(poor), poor }
    }
}
