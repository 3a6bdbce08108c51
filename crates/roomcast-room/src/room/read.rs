//! What the outside may read of a room. It changes nothing.

use roomcast_protocol::ParticipantId;
use roomcast_protocol::server::RoomState;

use super::Room;
use crate::participant::Participant;
use crate::record::{ParticipantRecord, Sessions};
use crate::roster::Arrival;

impl Room {
    /// Participants, connected or within their grace period. A room without any is not over: when it
    /// is forgotten is for the shell to decide.
    #[must_use]
    pub fn participant_count(&self) -> usize {
        self.roster.len()
    }

    /// The room as everyone in it sees it.
    #[must_use]
    pub fn state(&self) -> RoomState {
        RoomState {
            name: self.name.as_str().to_owned(),
            live: self.live_since.is_some(),
            live_since: self.live_since,
            chat_open: self.chat.open,
            kind: self.settings.kind,
            topology: self.topology(),
            relay_only: self.settings.relay_only,
            locked: self.settings.locked,
            waiting_room: self.settings.waiting_room,
            stage: self.roster.stage().map(|(_, p)| p.as_stage_member()).collect(),
        }
    }

    /// Participants in the order of arrival, `limit` at most: those behind one of them, or from the
    /// beginning. None when the one named is not here (any more).
    #[must_use]
    pub fn participants(
        &self,
        after: Option<&ParticipantId>,
        limit: usize,
    ) -> Vec<ParticipantRecord> {
        let after = match after.map(|id| self.roster.by_id(id)) {
            Some(None) => return Vec::new(),
            Some(found) => found,
            None => None,
        };
        let behind = self.roster.behind(after).take(limit);
        behind.map(|(who, participant)| self.record(who, participant)).collect()
    }

    /// One participant.
    #[must_use]
    pub fn participant(&self, id: &ParticipantId) -> Option<ParticipantRecord> {
        let who = self.roster.by_id(id)?;
        Some(self.record(who, self.roster.get(who)?))
    }

    fn record(&self, who: Arrival, participant: &Participant) -> ParticipantRecord {
        let subscriber = participant.subscriber.as_ref().filter(|subscriber| subscriber.opened);
        ParticipantRecord {
            participant: participant.id.clone(),
            name: participant.name.as_str().to_owned(),
            role: participant.role,
            client: participant.client,
            identity: participant.identity.clone(),
            connected: participant.connection.is_some(),
            silenced: participant.silenced,
            hand: self.hands.contains(&who),
            grants: participant.grants(),
            publications: participant.publications(),
            sessions: Sessions {
                publisher: participant.publisher.session,
                subscriber: subscriber.map(|subscriber| subscriber.session),
            },
            troubles: participant.publisher.troubles.iter().collect(),
        }
    }
}
