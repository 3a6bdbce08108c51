//! Which layers are taken: from the subscribers of each shard to the publisher.

use std::time::Instant;

use super::Shard;
use crate::event::Event;
use crate::ids::{PublicationId, ShardId};
use crate::layers::LayerSet;
use crate::message::Message;

impl Shard {
    /// A slot takes other layers than before, or none any more: looked at with the next flush.
    pub(super) fn demand_changed(&mut self, id: PublicationId) {
        if !self.demanding.contains(&id) {
            self.demanding.push(id);
        }
    }

    /// Tells publishers what has changed.
    pub(super) fn tell_demand(&mut self, now: Instant) {
        for id in std::mem::take(&mut self.demanding) {
            self.count_all(now, id);
        }
        for id in std::mem::take(&mut self.demanded) {
            let Some(publication) = self.publication_mut(id) else { continue };
            let lowest = publication.lowest();
            let is_due = publication.demand.deadline().is_some_and(|at| at <= now);
            let news = if is_due { publication.demand.news(now, lowest) } else { None };
            let (origin, goes_on) = (publication.origin, publication.demand.deadline().is_some());
            if goes_on && origin.is_some() {
                self.demanded.push(id);
            }
            if let (Some(origin), Some(layers)) = (origin, news) {
                self.tell_publisher(origin, id, layers);
            }
        }
    }

    /// When to look again at what lingers.
    pub(super) fn demand_deadline(&self) -> Option<Instant> {
        let of = |id| self.publications.get(*self.publication_keys.get(id)?)?.demand.deadline();
        self.demanded.iter().filter_map(of).min()
    }

    /// What is taken at another shard.
    pub(super) fn layers_taken(
        &mut self,
        now: Instant,
        publication: PublicationId,
        shard: ShardId,
        layers: LayerSet,
    ) {
        if self.has_origin(publication) {
            if let Some(publication) = self.publication_mut(publication) {
                publication.demand.elsewhere(now, shard, layers);
            }
            self.look_at_demand(publication);
        } else if self.is_keeper_of(publication)
            && let Some(origin) = self.directory.origin(publication)
            && origin != self.config.id
        {
            self.tell(origin, Message::LayersTaken { publication, shard, layers });
        }
    }

    /// The publication comes in here from now on.
    pub(super) fn begin_demand(&mut self, now: Instant, id: PublicationId) {
        if let Some(publication) = self.publication_mut(id) {
            publication.demand.begin(now);
            let here = publication.demanded;
            publication.demand.here(now, here);
        }
        self.look_at_demand(id);
    }

    fn look_at_demand(&mut self, id: PublicationId) {
        if !self.demanded.contains(&id) {
            self.demanded.push(id);
        }
    }

    /// What the subscribers of this shard take, all together.
    fn count_all(&mut self, now: Instant, id: PublicationId) {
        let Some(key) = self.publication_keys.get(&id).copied() else { return };
        let Some(publication) = self.publications.get(key) else { return };
        let mut layers = LayerSet::default();
        for at in &publication.subscribers {
            let slot = self.sessions.get_mut(at.session).and_then(|s| s.slot(at.slot));
            let taken = slot.map(|(slot, _)| slot.subscription.demanded).unwrap_or_default();
            layers = layers.with(taken);
        }
        let Some(publication) = self.publications.get_mut(key) else { return };
        if std::mem::replace(&mut publication.demanded, layers) == layers {
            return;
        }
        if publication.origin.is_some() {
            publication.demand.here(now, layers);
            self.look_at_demand(id);
        } else {
            let shard = self.config.id;
            self.tell_keeper_of(id, Message::LayersTaken { publication: id, shard, layers });
        }
    }

    fn tell_publisher(&mut self, origin: usize, id: PublicationId, layers: LayerSet) {
        let Some(session) = self.sessions.get_mut(origin) else { return };
        let session_id = session.id;
        let Some((publisher, _)) = session.publisher() else { return };
        if publisher.has_layers(id) {
            let layers = publisher.rids(id, layers);
            self.emit(Event::LayersWanted { session: session_id, publication: id, layers });
        }
    }
}
