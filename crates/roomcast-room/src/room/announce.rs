//! What everyone is told after a change: the stage as a list, the audience as a count, and the media
//! engine what each subscriber is to receive.

use roomcast_protocol::server::RoomState;
use roomcast_protocol::{MediaKind, PublicationId, RoomKind, ServerMessage, Topology};

use super::Room;
use crate::count::Verdict;
use crate::input::{Now, SessionId};
use crate::output::{MediaCommand, Output};
use crate::roster::Arrival;
use crate::timer::Timer;

/// Everything that is published in the room, with its owner, in the order of the ids.
pub(super) type Published = Vec<(PublicationId, MediaKind, Arrival)>;

impl Room {
    /// Tells everyone what has changed.
    pub(super) fn settle(&mut self, now: Now) {
        if self.over.is_some() {
            return;
        }
        if std::mem::take(&mut self.stage_changed) {
            self.announce_stage(now.unix_ms);
        }
        if std::mem::take(&mut self.publications_changed) {
            self.resubscribe_everyone();
        }
        self.announce_audience(now);
    }

    /// The room as everyone sees it.
    pub(super) fn state(&self) -> RoomState {
        RoomState {
            name: self.name.as_str().to_owned(),
            live: self.live_since.is_some(),
            live_since: self.live_since,
            chat_open: self.chat.open,
            kind: RoomKind::Live,
            topology: Topology::Sfu,
            relay_only: false,
            locked: false,
            waiting_room: false,
            stage: self.roster.stage().map(|(_, p)| p.as_stage_member()).collect(),
        }
    }

    /// How many watch.
    pub(super) fn audience_count(&self) -> u32 {
        u32::try_from(self.roster.audience_len()).unwrap_or(u32::MAX)
    }

    /// Everything that is published now.
    pub(super) fn published_now(&self) -> Published {
        let mut all: Published = self
            .roster
            .stage()
            .flat_map(|(who, p)| p.publisher.published().map(move |t| (who, t)))
            .map(|(who, (source, slot))| (slot.id, source.kind(), who))
            .collect();
        all.sort_unstable();
        all
    }

    /// Brings the subscriber session of one participant up to date with what is published.
    pub(super) fn resubscribe(&mut self, who: Arrival) {
        let published = self.published_now();
        let Some(subscriber) = self.roster.get_mut(who).and_then(|p| p.subscriber.as_mut()) else {
            return;
        };
        if subscriber.want(&ids_for(who, &published)) {
            let command = subscribe_command(subscriber.session, who, &published);
            self.media(command);
        }
    }

    fn resubscribe_everyone(&mut self) {
        let published = self.published_now();
        for (who, participant) in self.roster.everyone() {
            let Some(subscriber) = participant.subscriber.as_mut() else { continue };
            if subscriber.want(&ids_for(who, &published)) {
                let command = subscribe_command(subscriber.session, who, &published);
                self.outputs.push_back(Output::Media(command));
            }
        }
    }

    fn announce_stage(&mut self, unix_ms: u64) {
        let live = self.roster.stage().any(|(_, p)| p.publisher.published().next().is_some());
        self.live_since = if live { self.live_since.or(Some(unix_ms)) } else { None };
        let state = self.state();
        if self.announced.as_ref() != Some(&state) {
            self.announced = Some(state.clone());
            self.broadcast(ServerMessage::Room(state));
        }
    }

    fn announce_audience(&mut self, now: Now) {
        let count = self.audience_count();
        match self.count.judge(now.monotonic, count) {
            Verdict::Tell => {
                self.timers.cancel(Timer::AudienceCount);
                self.broadcast(ServerMessage::AudienceCount { count });
            }
            Verdict::Wait(at) => {
                if !self.timers.is_set(Timer::AudienceCount) {
                    self.timers.set(Timer::AudienceCount, at);
                }
            }
            Verdict::Unchanged => self.timers.cancel(Timer::AudienceCount),
        }
    }

    /// Sends to everyone who is connected.
    pub(super) fn broadcast(&mut self, message: ServerMessage) {
        if !self.roster.is_deserted() {
            self.output(Output::Broadcast { message });
        }
    }
}

/// What one participant is to receive: everything of everyone else.
fn ids_for(who: Arrival, published: &Published) -> Vec<PublicationId> {
    published.iter().filter(|(_, _, owner)| *owner != who).map(|(id, _, _)| *id).collect()
}

fn subscribe_command(session: SessionId, who: Arrival, published: &Published) -> MediaCommand {
    let others = published.iter().filter(|(_, _, owner)| *owner != who);
    let publications = others.map(|(id, kind, _)| (*id, *kind)).collect();
    MediaCommand::Subscribe { session, publications }
}
