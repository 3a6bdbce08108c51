//! From a packet to the subscribers: of this shard, and by their shards to those of others.

use std::sync::Arc;
use std::time::Instant;

use str0m::rtp::RtpPacket;

use super::Shard;
use crate::codec::Format;
use crate::diagnosis::Finding;
use crate::event::Event;
use crate::ids::PublicationId;
use crate::key_frames::Urgency;
use crate::message::Message;
use crate::packet::MediaPacket;
use crate::publication::{Layer, SlotKey};
use crate::session::{CATCH_UP_INTERVAL, Fault, Progress, Stage};
use crate::transmit::Transmits;

impl Shard {
    /// A packet of a publisher session of this shard.
    pub(super) fn incoming(&mut self, key: usize, packet: RtpPacket) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        let id = session.id;
        let Some((publisher, rtc)) = session.publisher() else { return };
        let Some(incoming) = publisher.incoming(id, rtc, packet) else { return };
        if let Some(Finding { trouble, over }) = incoming.finding {
            let publication = incoming.publication;
            self.emit(Event::PublicationTrouble { session: id, publication, trouble, over });
        }
        if incoming.muted {
            self.counters.muted += 1;
            return;
        }
        let codec = incoming.format.codec;
        if self.ingest(incoming.publication, incoming.format, incoming.packet) {
            let publication = incoming.publication;
            self.emit(Event::PublicationStarted { session: id, publication, codec });
        }
    }

    /// Takes a packet into its publication. Returns whether its format is new there.
    pub(super) fn ingest(
        &mut self,
        id: PublicationId,
        format: Format,
        packet: MediaPacket,
    ) -> bool {
        let Some(key) = self.publication_keys.get(&id).copied() else { return false };
        let Some(publication) = self.publications.get_mut(key) else { return false };
        let (now, layer) = (packet.arrival, packet.layer);
        let Some(taken) = publication.take(format, packet) else { return false };
        if taken.first_of_batch {
            self.touched.push((key, layer));
        }
        let is_usable = publication.layer(layer).is_some_and(|layer| layer.run.is_usable());
        if taken.epoch_changed && !is_usable && publication.origin.is_some() {
            self.ask_publisher(id, layer, Urgency::Urgent);
        }
        if taken.format_changed {
            self.begin_subscriptions(now, id);
        } else if taken.layers_changed {
            self.plan_all_later(key);
        }
        taken.format_changed
    }

    /// Takes in what another shard had kept.
    pub(super) fn take_kept(
        &mut self,
        now: Instant,
        id: PublicationId,
        (format, packets): (Format, &[MediaPacket]),
        sink: &mut impl Transmits,
    ) {
        let Some(key) = self.publication_keys.get(&id).copied() else { return };
        let Some(publication) = self.publications.get_mut(key) else { return };
        if publication.take_kept(format, packets) {
            self.begin_subscriptions(now, id);
            return;
        }
        // Those who waited for a key frame of this layer find one here.
        let Some(layer) = packets.first().map(|packet| packet.layer) else { return };
        self.forward_to_takers(now, (key, layer), &[], sink);
        self.plan_all_later(key);
    }

    /// Forwards what came in since the last flush.
    pub(super) fn forward_fresh(&mut self, now: Instant, sink: &mut impl Transmits) {
        for (key, index) in std::mem::take(&mut self.touched) {
            let Some(publication) = self.publications.get_mut(key) else { continue };
            if publication.held_until(index).is_some_and(|until| now < until) {
                self.touched.push((key, index));
                continue;
            }
            let Some(layer) = publication.layer_mut(index) else { continue };
            let packets = layer.drain_fresh();
            self.relay(key, &packets);
            self.forward_to_takers(now, (key, index), &packets, sink);
            let publication = self.publications.get_mut(key);
            if let Some(layer) = publication.and_then(|p| p.layer_mut(index)) {
                layer.reuse(packets);
            }
        }
    }

    /// Sends packets of a layer to everyone who takes it.
    fn forward_to_takers(
        &mut self,
        now: Instant,
        (key, layer): (usize, u8),
        packets: &[MediaPacket],
        sink: &mut impl Transmits,
    ) {
        // By index: a session that fails on the way takes its slot out of the list.
        let mut index = 0;
        while let Some(at) = self.taker(key, layer, index) {
            self.forward(now, (key, layer), at, packets, sink);
            index += usize::from(self.taker(key, layer, index) == Some(at));
        }
    }

    fn taker(&self, key: usize, layer: u8, index: usize) -> Option<SlotKey> {
        self.publications.get(key)?.layer(layer)?.takers.get(index).copied()
    }

    /// Sends packets to the other shards that have subscribers.
    fn relay(&mut self, key: usize, packets: &[MediaPacket]) {
        let Some(publication) = self.publications.get(key) else { return };
        let Some(format) = publication.format.filter(|_| !publication.remotes.is_empty()) else {
            return;
        };
        let (id, remotes) = (publication.id, publication.remotes.clone());
        let packets: Arc<[_]> = packets.into();
        for shard in remotes {
            let packets = Arc::clone(&packets);
            self.tell(shard, Message::Media { publication: id, format, packets, replayed: false });
        }
    }

    /// Sends one subscriber what has just come in.
    fn forward(
        &mut self,
        now: Instant,
        (key, layer): (usize, u8),
        at: SlotKey,
        packets: &[MediaPacket],
        sink: &mut impl Transmits,
    ) {
        let Some(publication) = self.publications.get_mut(key) else { return };
        let id = publication.id;
        let Some(Layer { run, recent, .. }) = publication.layer_mut(layer) else { return };
        let Some(session) = self.sessions.get_mut(at.session) else { return };
        let mut progress = Progress::default();
        let mut stage = Stage::Idle;
        let outcome = session.guarded(|session| {
            let outlet = session.outlet(at.slot, sink, &mut self.scratch);
            let Some((slot, mut outlet)) = outlet else { return Ok(()) };
            let which = (slot.kind, layer);
            let protection = slot.subscription.protection();
            let protected = protection.map(|(level, pt)| recent.protect(packets, level, *pt));
            let packets = protected.as_deref().unwrap_or(packets);
            progress = slot.subscription.forward(&mut outlet, which, (packets, run), now)?;
            stage = slot.subscription.stage;
            Ok(())
        });
        self.sent(now, at, progress, &outcome);
        if let Some(left) = progress.left {
            self.arrived(id, at, left);
        }
        if progress.is_stuck {
            self.got_stuck(now, at.session);
        }
        if progress.needs_key_frame {
            self.want_key_frame(id, layer, Urgency::Urgent);
        } else if progress.waits || matches!(stage, Stage::CatchingUp { .. }) {
            self.begin_catching_up(now, at);
        }
    }

    /// Sends everyone who catches up the next part of the kept run.
    pub(super) fn catch_up(&mut self, now: Instant, sink: &mut impl Transmits) {
        for at in std::mem::take(&mut self.catching_up) {
            if self.catch_up_one(now, at, sink) {
                self.catching_up.push(at);
            }
        }
        self.catch_up_at = (!self.catching_up.is_empty()).then(|| now + CATCH_UP_INTERVAL);
    }

    /// Returns whether there is more to be sent.
    fn catch_up_one(&mut self, now: Instant, at: SlotKey, sink: &mut impl Transmits) -> bool {
        let Some(session) = self.sessions.get_mut(at.session) else { return false };
        let found = session.slot(at.slot);
        let Some((id, layer)) =
            found.and_then(|(slot, _)| Some((slot.publication?, slot.subscription.layer)))
        else {
            return false;
        };
        let key = self.publication_keys.get(&id);
        let Some(publication) = key.and_then(|key| self.publications.get(*key)) else {
            return false;
        };
        if publication.holds(layer) {
            // What is held is in the run already; it must not be sent by both.
            return true;
        }
        let Some(run) = publication.layer(layer).map(|layer| &layer.run) else { return false };
        let mut progress = Progress::default();
        let outcome = session.guarded(|session| {
            let outlet = session.outlet(at.slot, sink, &mut self.scratch);
            let Some((slot, mut outlet)) = outlet else { return Ok(()) };
            progress = slot.subscription.catch_up(&mut outlet, run, now)?;
            Ok(())
        });
        self.sent(now, at, progress, &outcome);
        if progress.needs_key_frame {
            self.want_key_frame(id, layer, Urgency::Urgent);
        }
        if progress.is_stuck {
            self.got_stuck(now, at.session);
        }
        progress.waits
    }

    /// Accounts for what was written to a session.
    fn sent(&mut self, now: Instant, at: SlotKey, progress: Progress, outcome: &Result<(), Fault>) {
        self.counters.forwarded += progress.sent;
        self.counters.beside += progress.beside;
        if let Some(session) = self.sessions.get_mut(at.session) {
            session.timeout = progress.timeout.unwrap_or(session.timeout);
            let created = session.created;
            if progress.sent > 0
                && let Some((subscriber, _)) = session.subscriber()
                && !std::mem::replace(&mut subscriber.served, true)
            {
                self.counters.first_packet.record(now.saturating_duration_since(created));
            }
        }
        self.driven(at.session, outcome);
    }

    /// Begins, or begins anew, the subscriptions of a publication.
    fn begin_subscriptions(&mut self, now: Instant, id: PublicationId) {
        let subscribers = self.publication_mut(id).map(|p| p.subscribers.clone());
        for at in subscribers.unwrap_or_default() {
            self.begin_subscription(now, at);
        }
    }

    /// Begins to serve a slot that has been negotiated: with what, the plan of its session says.
    pub(super) fn begin_subscription(&mut self, _now: Instant, at: SlotKey) {
        let Some(session) = self.sessions.get_mut(at.session) else { return };
        let (session_id, has_short_way) = (session.id, session.protection.is_some());
        let Some((subscriber, rtc)) = session.subscriber() else { return };
        let resends = !has_short_way || subscriber.estimates;
        let Some(slot) = subscriber.slots.get_mut(at.slot) else { return };
        let Some(id) = slot.publication else { return };
        let key = self.publication_keys.get(&id).copied();
        let Some(publication) = key.and_then(|key| self.publications.get_mut(key)) else { return };
        publication.leave(|slot| *slot == at);
        publication.subscribers.push(at);
        let Some(format) = publication.format else { return };
        let str0m = (rtc, resends);
        let decodable = slot.subscription.negotiate(str0m, slot.mid, &format, slot.kind);
        self.catching_up.retain(|slot| *slot != at);
        self.plan_later(at.session);
        self.emit(Event::Subscription {
            session: session_id,
            publication: id,
            decodable,
            codec: format.codec,
        });
    }

    /// A slot is sent another layer from now on.
    fn arrived(&mut self, id: PublicationId, at: SlotKey, left: u8) {
        if let Some(publication) = self.publication_mut(id) {
            publication.leave_layer(left, at);
        }
        self.plan_later(at.session);
    }

    pub(super) fn begin_catching_up(&mut self, now: Instant, at: SlotKey) {
        if !self.catching_up.contains(&at) {
            self.catching_up.push(at);
        }
        self.catch_up_at.get_or_insert(now);
    }
}
