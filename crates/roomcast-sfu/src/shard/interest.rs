//! Who has to do with a publication: the session by which it comes in, the sessions that want it, and
//! the other shards that have such sessions. Forgets the publication when nobody has.

use std::sync::Arc;
use std::time::Instant;

use super::Shard;
use crate::directory::keeper;
use crate::ids::{PublicationId, ShardId};
use crate::key_frames::Urgency;
use crate::message::Message;
use crate::publication::{Publication, SlotKey};
use crate::quality::OfferedLayer;

impl Shard {
    /// A session of this shard wants the publication.
    pub(super) fn begin_wanting(&mut self, id: PublicationId) {
        let key = self.publication_or_new(id);
        let Some(publication) = self.publications.get_mut(key) else { return };
        publication.wanted_by += 1;
        if publication.wanted_by == 1 {
            let shard = self.config.id;
            self.tell_keeper_of(id, Message::Interest { publication: id, shard, on: true });
        }
    }

    /// The session does not want it any more.
    pub(super) fn end_wanting(&mut self, id: PublicationId, session: usize) {
        let Some(publication) = self.publication_mut(id) else { return };
        publication.leave(|slot| slot.session == session);
        publication.wanted_by = publication.wanted_by.saturating_sub(1);
        if publication.wanted_by == 0 {
            let shard = self.config.id;
            self.tell_keeper_of(id, Message::Interest { publication: id, shard, on: false });
        }
        self.demand_changed(id);
        self.drop_if_unused(id);
    }

    /// A slot carries another publication now.
    pub(super) fn leave_slot(&mut self, id: PublicationId, left: SlotKey) {
        if let Some(publication) = self.publication_mut(id) {
            publication.leave(|slot| *slot == left);
        }
        self.demand_changed(id);
    }

    /// The publication comes in by a session of this shard.
    pub(super) fn begin_origin(&mut self, now: Instant, id: PublicationId, session: usize) {
        let key = self.publication_or_new(id);
        let half = self.sessions.get_mut(session).and_then(|s| s.publisher());
        let muted = half.is_some_and(|(publisher, _)| publisher.mutes(id));
        if let Some(publication) = self.publications.get_mut(key) {
            publication.origin = Some(session);
            publication.muted = muted;
        }
        self.take_offered(id, session);
        self.begin_demand(now, id);
        self.tell_keeper_of(id, Message::Published { publication: id });
    }

    /// Takes in what the publisher says of its layers.
    pub(super) fn take_offered(&mut self, id: PublicationId, session: usize) {
        let half = self.sessions.get_mut(session).and_then(|s| s.publisher());
        let Some(offered) = half.map(|(publisher, _)| publisher.offered(id)) else { return };
        let Some(publication) = self.publication_mut(id) else { return };
        if publication.offered == offered {
            return;
        }
        publication.offered = Arc::clone(&offered);
        for shard in publication.remotes.clone() {
            let offered = Arc::clone(&offered);
            self.tell(shard, Message::LayersOffered { publication: id, offered });
        }
        self.layers_offered(id, offered);
    }

    /// What the publisher says of its layers has changed.
    pub(super) fn layers_offered(&mut self, id: PublicationId, offered: Arc<[OfferedLayer]>) {
        let Some(key) = self.publication_keys.get(&id).copied() else { return };
        if let Some(publication) = self.publications.get_mut(key) {
            publication.offered = offered;
        }
        self.plan_all_later(key);
    }

    /// It does not any more.
    pub(super) fn end_origin(&mut self, id: PublicationId, session: usize) {
        let Some(publication) = self.publication_mut(id) else { return };
        if publication.origin != Some(session) {
            return;
        }
        publication.origin = None;
        publication.layers.iter_mut().for_each(|layer| layer.flow.cease());
        self.silence(id);
        if let Some(publication) = self.publication_mut(id) {
            publication.remotes.clear();
        }
        self.tell_keeper_of(id, Message::Unpublished { publication: id });
        self.drop_if_unused(id);
    }

    /// Forgets what was kept of a publication, here and where it is sent to: it has been muted or has
    /// gone, and who comes now must not see what was before.
    pub(super) fn silence(&mut self, id: PublicationId) {
        let Some(publication) = self.publication_mut(id) else { return };
        publication.forget_runs();
        for shard in publication.remotes.clone() {
            self.tell(shard, Message::Silenced { publication: id });
        }
    }

    /// The session stops or resumes the publication.
    pub(super) fn mute_origin(&mut self, id: PublicationId, session: usize, muted: bool) {
        let publication = self.publication_mut(id).filter(|p| p.origin == Some(session));
        let Some(publication) = publication else { return };
        publication.muted = muted;
        if muted {
            self.silence(id);
            return;
        }
        let layers = u8::try_from(publication.layers.len()).unwrap_or(0).max(1);
        (0..layers).for_each(|layer| self.want_key_frame(id, layer, Urgency::Urgent));
    }

    /// Begins or stops to send the publication to another shard.
    pub(super) fn serve_shard(&mut self, id: PublicationId, shard: ShardId, on: bool) {
        if shard == self.config.id {
            return;
        }
        let Some(publication) = self.publication_mut(id) else { return };
        publication.remotes.retain(|remote| *remote != shard);
        if !on {
            return;
        }
        publication.remotes.push(shard);
        let (kept, offered) = (publication.kept(), Arc::clone(&publication.offered));
        self.tell(shard, Message::LayersOffered { publication: id, offered });
        for (format, packets) in kept {
            self.tell(shard, Message::Media { publication: id, format, packets, replayed: true });
        }
    }

    pub(super) fn has_origin(&self, id: PublicationId) -> bool {
        let key = self.publication_keys.get(&id);
        key.and_then(|key| self.publications.get(*key)).is_some_and(|p| p.origin.is_some())
    }

    pub(super) fn is_keeper_of(&self, id: PublicationId) -> bool {
        keeper(id, self.config.shards) == self.config.id
    }

    pub(super) fn publication_mut(&mut self, id: PublicationId) -> Option<&mut Publication> {
        self.publications.get_mut(*self.publication_keys.get(&id)?)
    }

    fn publication_or_new(&mut self, id: PublicationId) -> usize {
        let publications = &mut self.publications;
        *self
            .publication_keys
            .entry(id)
            .or_insert_with(|| publications.insert(Publication::new(id)))
    }

    fn drop_if_unused(&mut self, id: PublicationId) {
        if let Some(key) = self.publication_keys.get(&id).copied()
            && self.publications.get(key).is_some_and(Publication::is_unused)
        {
            self.publications.remove(key);
            self.publication_keys.remove(&id);
            self.touched.retain(|(touched, _)| *touched != key);
            self.demanding.retain(|demanding| *demanding != id);
            self.demanded.retain(|demanded| *demanded != id);
        }
    }
}
