//! What everyone is told after a change: the stage as a list, the audience as a count, and the media
//! engine what each subscriber is to receive.

use roomcast_protocol::{MediaKind, PublicationId, ServerMessage, Source};

use super::Room;
use crate::count::Verdict;
use crate::input::Now;
use crate::output::{MediaCommand, Output};
use crate::roster::Arrival;
use crate::timer::Timer;

/// Something that can be had at the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Offered {
    pub(super) id: PublicationId,
    pub(super) source: Source,
    pub(super) owner: Arrival,
    /// By its owner or by a host.
    pub(super) muted: bool,
}

impl Offered {
    pub(super) fn kind(&self) -> MediaKind {
        self.source.kind()
    }
}

impl Room {
    /// Tells everyone what has changed.
    pub(super) fn settle(&mut self, now: Now) {
        if self.over.is_some() {
            return;
        }
        let links = self.links_changed || self.stage_changed || self.publications_changed;
        if self.stage_changed || self.publications_changed {
            self.settle_publications();
        }
        if std::mem::take(&mut self.stage_changed) {
            self.announce_stage(now.unix_ms);
        }
        if links {
            self.settle_links(now.monotonic);
            self.links_changed = false;
        }
        let rerouted = std::mem::take(&mut self.rerouted);
        if std::mem::take(&mut self.publications_changed) {
            self.resubscribe_everyone();
        } else if !rerouted.is_empty() {
            self.resubscribe_all_of(rerouted);
        }
        if std::mem::take(&mut self.hands_changed) {
            self.announce_hands();
        }
        if std::mem::take(&mut self.waiting_changed) {
            self.announce_waiting();
        }
        self.settle_decoding();
        self.announce_receptions();
        self.announce_strugglers(now.monotonic);
        self.announce_audience(now);
    }

    /// How many watch.
    pub(super) fn audience_count(&self) -> u32 {
        u32::try_from(self.roster.audience_len()).unwrap_or(u32::MAX)
    }

    /// Everything that can be had at the node now, in the order of the ids.
    pub(super) fn published_now(&self) -> Vec<Offered> {
        let mut all: Vec<Offered> = self
            .roster
            .stage()
            .flat_map(|(who, p)| p.publisher.at_node().map(move |t| (who, t)))
            .map(|(owner, (source, slot))| Offered {
                id: slot.id,
                source,
                owner,
                muted: slot.muted || slot.muted_by_host,
            })
            .collect();
        all.sort_unstable();
        all
    }

    /// Brings the subscriber session of one participant up to date with what is published.
    pub(super) fn resubscribe(&mut self, who: Arrival) {
        self.resubscribe_all_of([who]);
    }

    fn resubscribe_everyone(&mut self) {
        let subscribers = self.roster.everyone().filter(|(_, p)| p.subscriber.is_some());
        let subscribers: Vec<Arrival> = subscribers.map(|(who, _)| who).collect();
        self.resubscribe_all_of(subscribers);
    }

    fn resubscribe_all_of(&mut self, subscribers: impl IntoIterator<Item = Arrival>) {
        let published = self.published_now();
        for who in subscribers {
            self.bring_up_to_date(who, &published);
        }
    }

    /// A participant is to receive everything of those whom the node has to bring to them.
    fn bring_up_to_date(&mut self, who: Arrival, published: &[Offered]) {
        let mine = self.wanted_by(who, published);
        let ids: Vec<PublicationId> = mine.iter().map(|offered| offered.id).collect();
        let Some(subscriber) = self.roster.get_mut(who).and_then(|p| p.subscriber.as_mut()) else {
            return;
        };
        let (session, mut dropped) = (subscriber.session, subscriber.states());
        dropped.retain(|(publication, _)| !ids.contains(publication));
        if subscriber.want(&ids) {
            self.decoding_ended(dropped);
            let publications = mine.iter().map(|offered| (offered.id, offered.kind())).collect();
            self.media(MediaCommand::Subscribe { session, publications });
        }
        self.pass_preferences_on(who, &mine);
    }

    /// What someone is to receive at the node, in the order in which the media engine is told.
    pub(super) fn wanted_by(&self, who: Arrival, published: &[Offered]) -> Vec<Offered> {
        let others = published.iter().filter(|offered| offered.owner != who);
        let by_node = others.filter(|offered| self.needs_node(who, offered.owner));
        let mut mine: Vec<Offered> = by_node.copied().collect();
        if self.is_watching(who) {
            // A dark picture would keep a place, and nothing tells a player why it is dark.
            mine.retain(|offered| offered.kind() == MediaKind::Audio || !offered.muted);
            self.sort_as_program(&mut mine);
        }
        mine
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
