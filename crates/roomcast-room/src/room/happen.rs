//! What happened, for those outside: each thing once.

use std::collections::BTreeMap;

use roomcast_protocol::PublicationId;

use super::Room;
use crate::happening::{Attendee, Happening, LeaveCause, Published};
use crate::output::Output;
use crate::participant::Participant;
use crate::roster::Arrival;

impl Room {
    /// Tells what is published since the last time, and what is not any more.
    pub(super) fn settle_publications(&mut self) {
        let now: BTreeMap<PublicationId, (Arrival, Published)> = self
            .roster
            .stage()
            .flat_map(|(who, p)| published_by(p).map(move |one| (one.publication, (who, one))))
            .collect();
        let before = std::mem::replace(&mut self.published, now.clone());
        for (publication, (who, one)) in &before {
            if !now.contains_key(publication) {
                self.publication_stopped(*who, one);
            }
        }
        for (publication, (_, one)) in now {
            if !before.contains_key(&publication) {
                self.happened(Happening::PublicationStarted(one));
            }
        }
    }

    /// Someone has come.
    pub(super) fn joined(&mut self, who: Arrival) {
        if let Some(participant) = self.roster.get(who) {
            self.happened(Happening::ParticipantJoined(attendee(participant)));
        }
    }

    /// Someone is about to go, with everything they publish.
    pub(super) fn leaves(&mut self, who: Arrival, cause: LeaveCause) {
        let theirs = self.published.values().filter(|(owner, _)| *owner == who);
        let theirs: Vec<Published> = theirs.map(|(_, one)| one.clone()).collect();
        self.published.retain(|_, (owner, _)| *owner != who);
        for one in theirs {
            self.publication_stopped(who, &one);
        }
        if let Some(participant) = self.roster.get(who) {
            self.happened(Happening::ParticipantLeft(attendee(participant), cause));
        }
    }

    /// Notes one thing that happened.
    pub(super) fn happened(&mut self, happening: Happening) {
        self.output(Output::Happened(happening));
    }

    /// What was wrong with it is over too.
    fn publication_stopped(&mut self, who: Arrival, one: &Published) {
        self.end_troubles(who, |source, _| source == one.source);
        self.happened(Happening::PublicationStopped(one.clone()));
    }
}

fn published_by(participant: &Participant) -> impl Iterator<Item = Published> {
    participant.publisher.published().map(|(source, slot)| Published {
        participant: participant.id.clone(),
        publication: slot.id,
        source,
    })
}

fn attendee(participant: &Participant) -> Attendee {
    Attendee {
        participant: participant.id.clone(),
        name: participant.name.as_str().to_owned(),
        role: participant.role,
        client: participant.client,
        identity: participant.identity.clone(),
    }
}
