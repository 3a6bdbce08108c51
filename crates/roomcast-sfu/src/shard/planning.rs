//! From what a network carries to what is sent: each subscriber session has a plan, made anew when
//! something has changed that it was made of.

use std::time::Instant;

use super::Shard;
use crate::allocator::{Allotted, Asked, Choice, LayerFigures};
use crate::command::WantedPublication;
use crate::event::Event;
use crate::ids::PublicationId;
use crate::key_frames::Urgency;
use crate::layers::LayerSet;
use crate::media::MediaKind;
use crate::publication::{Publication, SlotKey};
use crate::quality::Preference;
use crate::run::Run;
use crate::session::{Begun, News, Slot, Subscriber};

impl Shard {
    /// Has the plan of a session made anew, with the next flush.
    pub(super) fn plan_later(&mut self, key: usize) {
        if let Some(session) = self.sessions.get_mut(key)
            && !std::mem::replace(&mut session.is_plan_due, true)
        {
            self.planning.push((session.id, key));
        }
    }

    /// The same for everyone who receives a publication.
    pub(super) fn plan_all_later(&mut self, publication: usize) {
        let subscribers = self.publications.get(publication).map(|p| p.subscribers.clone());
        for slot in subscribers.unwrap_or_default() {
            self.plan_later(slot.session);
        }
    }

    /// What str0m found out of how packets to a subscriber fare.
    pub(super) fn take_figures(&mut self, now: Instant, key: usize, news: &News) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        let (id, sent) = (session.id, session.traffic.bytes_out);
        let Some((subscriber, _)) = session.subscriber() else { return };
        let bandwidth = &mut subscriber.bandwidth;
        let reception = news.loss().and_then(|share| bandwidth.lost(now, share));
        let is_other = matches!(news, News::Peer(peer) if bandwidth.found(now, peer, sent));
        subscriber.protect(now, news);
        if is_other {
            self.plan_later(key);
        }
        if let Some(reception) = reception {
            self.emit(Event::Reception { session: id, reception });
        }
    }

    /// Packets to a subscriber wait for too long.
    pub(super) fn got_stuck(&mut self, now: Instant, key: usize) {
        let half = self.sessions.get_mut(key).and_then(|session| session.subscriber());
        if half.is_some_and(|(subscriber, _)| subscriber.bandwidth.got_stuck(now)) {
            self.plan_later(key);
        }
    }

    /// Makes the plans that are due.
    pub(super) fn make_plans(&mut self, now: Instant) {
        for (id, key) in std::mem::take(&mut self.planning) {
            if let Some(session) = self.sessions.get_mut(key).filter(|s| s.id == id) {
                session.is_plan_due = false;
                self.make_plan(now, key);
            }
        }
    }

    fn make_plan(&mut self, now: Instant, key: usize) {
        let Self { sessions, publications, publication_keys, .. } = self;
        let find = |id| publications.get(*publication_keys.get(&id)?);
        let Some(session) = sessions.get_mut(key).filter(|s| s.connected) else { return };
        let Some((subscriber, rtc)) = session.subscriber() else { return };
        let figures = figures(subscriber, find);
        let asked: Vec<_> =
            figures.iter().map(|(slot, figures)| ask(subscriber, *slot, figures)).collect();
        let has_choice = asked.iter().any(Asked::has_alternatives);
        let outgrows = has_choice && subscriber.outgrows();
        let plan = subscriber.bandwidth.plan(now, &asked);
        subscriber.bandwidth.reach(now, rtc, &plan);
        subscriber.send_at_once(rtc);
        for allotted in &plan.allotted {
            self.allot(now, SlotKey { session: key, slot: allotted.slot }, *allotted);
        }
        self.schedule(key, now);
        if outgrows {
            let session = self.sessions.get(key).map(|session| session.id);
            session.into_iter().for_each(|session| self.emit(Event::Outgrown { session }));
        }
    }

    /// Whether a session that is to receive these has to find out what its network carries: unless
    /// all pictures are known to come in one layer, whatever that is found to be.
    pub(super) fn has_to_estimate(&self, wanted: &[WantedPublication]) -> bool {
        let mut pictures = wanted.iter().filter(|w| w.kind == MediaKind::Video).peekable();
        let has_choice = |w: &WantedPublication| {
            let key = self.publication_keys.get(&w.publication);
            let publication = key.and_then(|key| self.publications.get(*key));
            publication.is_none_or(|p| p.format.is_none() || p.has_alternatives())
        };
        pictures.peek().is_none() || pictures.any(has_choice)
    }

    /// Sends a slot what it was allotted.
    fn allot(&mut self, now: Instant, at: SlotKey, allotted: Allotted) {
        let Some(session) = self.sessions.get_mut(at.session) else { return };
        let Some((slot, _)) = session.slot(at.slot) else { return };
        let Some(id) = slot.publication else { return };
        match (slot.subscription.choice(), allotted.choice) {
            (None, None) => {}
            (Some(_), None) => {
                slot.subscription.pause();
                self.leave_layers(id, at);
            }
            (None, Some(choice)) => self.start(now, id, at, choice),
            (Some(before), Some(choice)) if before != choice => {
                self.change(now, id, at, (before, choice));
            }
            (Some(_), Some(_)) => {}
        }
        self.count_demand(id, at, allotted);
    }

    /// Begins to send a slot a layer, or the best one below whose kept run can be sent at once.
    fn start(&mut self, now: Instant, id: PublicationId, at: SlotKey, choice: Choice) {
        let Some(key) = self.publication_keys.get(&id).copied() else { return };
        let Some(publication) = self.publications.get_mut(key) else { return };
        let Some(session) = self.sessions.get_mut(at.session) else { return };
        let Some((subscriber, _)) = session.subscriber() else { return };
        // An encoder of one layer may give a key frame every few seconds, and none when asked.
        let limit = subscriber.bandwidth.limit(now).filter(|_| publication.has_layers());
        let Some(slot) = subscriber.slots.get_mut(at.slot) else { return };
        let best = best_start(publication, choice.layer, limit);
        let choice = Choice { layer: best.unwrap_or(choice.layer), ..choice };
        let Some(layer) = publication.layer_or_new(choice.layer) else { return };
        layer.takers.push(at);
        let run = (&layer.run, best.is_some());
        match slot.subscription.start(choice, slot.kind, run, now) {
            Begun::NeedsKeyFrame => self.want_key_frame(id, choice.layer, Urgency::Urgent),
            Begun::CatchingUp => self.begin_catching_up(now, at),
            Begun::Live => {}
        }
    }

    /// Changes what a slot is sent: at once where that is possible, else with a key frame.
    fn change(
        &mut self,
        now: Instant,
        id: PublicationId,
        at: SlotKey,
        (before, choice): (Choice, Choice),
    ) {
        let Some(key) = self.publication_keys.get(&id).copied() else { return };
        let Some(publication) = self.publications.get_mut(key) else { return };
        let Some(session) = self.sessions.get_mut(at.session) else { return };
        let Some((subscriber, rtc)) = session.subscriber() else { return };
        let limit = subscriber.bandwidth.limit(now);
        let Some(slot) = subscriber.slots.get_mut(at.slot) else { return };
        let subscription = &mut slot.subscription;
        if choice.layer == subscription.layer {
            if let Some(next) = subscription.next.take() {
                publication.leave_layer(next.layer, at);
            }
            subscription.limit(choice.temporal);
            return;
        }
        if before.layer == choice.layer {
            let falls = subscription.next.is_some_and(|next| next.falls);
            subscription.change_to(choice, falls, now);
            return;
        }
        let falls = publication.bitrate(choice.layer) < publication.bitrate(subscription.layer);
        let is_lost = !publication.is_flowing(subscription.layer);
        let is_ready = publication.layer(choice.layer).is_some_and(|l| is_short(&l.run, limit));
        let is_too_much = falls && limit.is_some_and(|l| publication.least(subscription.layer) > l);
        if is_lost || is_too_much || (falls && is_ready) {
            subscription.pause();
            if falls {
                subscription.forget_resends(rtc);
            }
            self.leave_layers(id, at);
            self.start(now, id, at, choice);
            return;
        }
        if let Some(next) = subscription.next {
            publication.leave_layer(next.layer, at);
        }
        if falls {
            subscription.limit(0);
        }
        subscription.change_to(choice, falls, now);
        if let Some(layer) = publication.layer_or_new(choice.layer) {
            layer.takers.push(at);
        }
        let urgency = if falls { Urgency::Urgent } else { Urgency::Patient };
        self.want_key_frame(id, choice.layer, urgency);
    }

    /// Takes a slot out of the layers of its publication, which it goes on to subscribe.
    fn leave_layers(&mut self, id: PublicationId, at: SlotKey) {
        self.catching_up.retain(|slot| *slot != at);
        if let Some(publication) = self.publication_mut(id) {
            for layer in &mut publication.layers {
                layer.takers.retain(|slot| *slot != at);
            }
        }
    }

    /// Notes which layers a slot takes or would take.
    fn count_demand(&mut self, id: PublicationId, at: SlotKey, allotted: Allotted) {
        let slot = self.sessions.get_mut(at.session).and_then(|s| s.slot(at.slot));
        let Some((slot, _)) = slot else { return };
        let subscription = &mut slot.subscription;
        let now = subscription.choice().map(|_| subscription.layer);
        let next = subscription.next.map(|next| next.layer);
        let chosen = allotted.choice.map(|choice| choice.layer);
        let layers = [now, next, chosen, allotted.wanted].into_iter().flatten();
        let layers = LayerSet::from_indices(layers);
        if std::mem::replace(&mut subscription.demanded, layers) != layers {
            self.demand_changed(id);
        }
    }
}

/// What is known of the publications in the slots that are open.
fn figures<'a>(
    subscriber: &Subscriber,
    find: impl Fn(PublicationId) -> Option<&'a Publication>,
) -> Vec<(usize, Vec<LayerFigures>)> {
    let open = (0..).zip(&subscriber.slots).filter(|(_, slot)| slot.subscription.is_open());
    let of = |(index, slot): (usize, &Slot)| {
        let mut figures = find(slot.publication?)?.figures();
        // Each packet of sound has so many others with it.
        let copies = 1 + u64::from(slot.subscription.redundancy);
        for bitrate in figures.iter_mut().flat_map(|layer| &mut layer.bitrates) {
            *bitrate *= copies;
        }
        Some((index, figures))
    };
    open.filter_map(of).collect()
}

fn ask<'a>(subscriber: &Subscriber, slot: usize, layers: &'a [LayerFigures]) -> Asked<'a> {
    let found = subscriber.slots.get(slot);
    let publication = found.and_then(|s| s.publication);
    let preference = subscriber.preferences.iter().find(|p| Some(p.publication) == publication);
    let of = |say: fn(&Preference) -> bool| preference.is_some_and(say);
    Asked {
        slot,
        kind: found.map(|s| s.kind).unwrap_or(MediaKind::Video),
        quality: preference.map(|p| p.quality).unwrap_or_default(),
        shown: preference.and_then(|p| p.size),
        spotlight: of(|p| p.spotlight),
        layers,
        current: found.and_then(|s| s.subscription.choice()),
    }
}

/// The layer with which to begin: that one or the best below it that has a run which is short enough
/// for the network. `None`: the next key frame is to be waited for.
fn best_start(publication: &Publication, layer: u8, limit: Option<u64>) -> Option<u8> {
    let bound = publication.bitrate(layer);
    let layers = (0..).zip(&publication.layers);
    let ready = layers.filter(|(index, l)| {
        let is_below = *index == layer || publication.bitrate(*index) < bound;
        is_below && is_short(&l.run, limit)
    });
    ready.map(|(index, _)| index).max_by_key(|index| publication.bitrate(*index))
}

/// Whether there is a run that can be sent within [`REPLAY_MS`].
fn is_short(run: &Run, limit: Option<u64>) -> bool {
    let bits = run.bytes() as u64 * 8;
    run.is_usable() && limit.is_none_or(|limit| bits <= limit / 1_000 * REPLAY_MS)
}

/// The longest that a kept run may occupy a receiver's network: a key frame asked for instead takes
/// about as long to come, and nobody waits for a picture longer than for a blink.
const REPLAY_MS: u64 = 400;
