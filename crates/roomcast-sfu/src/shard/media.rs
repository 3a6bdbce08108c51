//! From a packet to the subscribers: of this shard, and by their shards to those of others.

use std::sync::Arc;
use std::time::Instant;

use str0m::rtp::RtpPacket;

use super::Shard;
use crate::codec::Format;
use crate::diagnosis::Finding;
use crate::event::Event;
use crate::ids::PublicationId;
use crate::message::Message;
use crate::packet::MediaPacket;
use crate::publication::{Publication, SlotKey};
use crate::session::{Begun, CATCH_UP_INTERVAL, Fault, Progress, Stage};
use crate::traffic::Counted;
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
        let now = packet.arrival;
        let Some(taken) = publication.take(format, packet) else { return false };
        if taken.first_of_batch {
            self.touched.push(key);
        }
        let lacks_beginning = taken.epoch_changed && !publication.run.is_usable();
        if lacks_beginning && publication.origin.is_some() {
            self.ask_publisher(id);
        }
        if taken.format_changed {
            self.begin_subscriptions(now, id, |_| true);
        }
        taken.format_changed
    }

    /// Takes in what another shard had kept.
    pub(super) fn take_kept(
        &mut self,
        now: Instant,
        id: PublicationId,
        format: Format,
        packets: &[MediaPacket],
    ) {
        let Some(publication) = self.publication_mut(id) else { return };
        let format_changed = publication.take_kept(format, packets);
        let waits = |stage| matches!(stage, Stage::Idle | Stage::NeedsKeyFrame);
        self.begin_subscriptions(now, id, |stage| format_changed || waits(stage));
    }

    /// Forwards what came in since the last flush.
    pub(super) fn forward_fresh(&mut self, now: Instant, sink: &mut impl Transmits) {
        for key in std::mem::take(&mut self.touched) {
            let Some(publication) = self.publications.get_mut(key) else { continue };
            if publication.held_until().is_some_and(|until| now < until) {
                self.touched.push(key);
                continue;
            }
            let packets = publication.drain_fresh();
            self.relay(key, &packets);
            // By index: a session that fails on the way takes its slot out of the list.
            let mut index = 0;
            while let Some(slot) = self.publications.get(key).and_then(|p| p.subscribers.get(index))
            {
                let slot = *slot;
                self.forward(now, key, slot, &packets, sink);
                let is_same = |p: &Publication| p.subscribers.get(index) == Some(&slot);
                index += usize::from(self.publications.get(key).is_some_and(is_same));
            }
            if let Some(publication) = self.publications.get_mut(key) {
                publication.reuse(packets);
            }
        }
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
        publication: usize,
        at: SlotKey,
        packets: &[MediaPacket],
        sink: &mut impl Transmits,
    ) {
        let Some(publication) = self.publications.get(publication) else { return };
        let (id, run) = (publication.id, &publication.run);
        let Some(session) = self.sessions.get_mut(at.session) else { return };
        let mut progress = Progress::default();
        let mut stage = Stage::Idle;
        let mut traffic = session.traffic;
        let outcome = session.guarded(|session| {
            let Some((slot, rtc)) = session.slot(at.slot) else { return Ok(()) };
            let mut counted = Counted { sink, traffic: &mut traffic };
            let out = (&mut counted, &mut self.scratch);
            progress = slot.subscription.forward(rtc, slot.kind, (packets, run), now, out)?;
            stage = slot.subscription.stage;
            Ok(())
        });
        session.traffic = traffic;
        self.sent(now, at, progress, &outcome);
        if progress.needs_key_frame {
            self.want_key_frame(id);
        } else if matches!(stage, Stage::CatchingUp { .. }) {
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
        let id = session.slot(at.slot).and_then(|(slot, _)| slot.publication);
        let key = id.and_then(|id| self.publication_keys.get(&id));
        let Some(publication) = key.and_then(|key| self.publications.get(*key)) else {
            return false;
        };
        if publication.holds() {
            // What is held is in the run already; it must not be sent by both.
            return true;
        }
        let run = &publication.run;
        let mut progress = Progress::default();
        let mut goes_on = false;
        let mut traffic = session.traffic;
        let outcome = session.guarded(|session| {
            let Some((slot, rtc)) = session.slot(at.slot) else { return Ok(()) };
            let mut counted = Counted { sink, traffic: &mut traffic };
            let out = (&mut counted, &mut self.scratch);
            progress = slot.subscription.catch_up(rtc, run, now, out)?;
            goes_on = matches!(slot.subscription.stage, Stage::CatchingUp { .. });
            Ok(())
        });
        session.traffic = traffic;
        self.sent(now, at, progress, &outcome);
        if progress.needs_key_frame
            && let Some(id) = id
        {
            self.want_key_frame(id);
        }
        goes_on
    }

    /// Accounts for what was written to a session.
    fn sent(&mut self, now: Instant, at: SlotKey, progress: Progress, outcome: &Result<(), Fault>) {
        self.counters.forwarded += progress.sent;
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

    /// Begins, or begins anew, the subscriptions of a publication that are in a stage of these.
    fn begin_subscriptions(
        &mut self,
        now: Instant,
        id: PublicationId,
        which: impl Fn(Stage) -> bool,
    ) {
        let subscribers = self.publication_mut(id).map(|p| p.subscribers.clone());
        for at in subscribers.unwrap_or_default() {
            let slot = self.sessions.get_mut(at.session).and_then(|s| s.slot(at.slot));
            if slot.is_some_and(|(slot, _)| which(slot.subscription.stage)) {
                self.begin_subscription(now, at);
            }
        }
    }

    /// Begins to serve a slot that has been negotiated.
    pub(super) fn begin_subscription(&mut self, now: Instant, at: SlotKey) {
        let Some(session) = self.sessions.get_mut(at.session) else { return };
        let session_id = session.id;
        let Some((subscriber, rtc)) = session.subscriber() else { return };
        let Some(slot) = subscriber.slots.get_mut(at.slot) else { return };
        let Some(id) = slot.publication else { return };
        let key = self.publication_keys.get(&id).copied();
        let Some(publication) = key.and_then(|key| self.publications.get_mut(key)) else { return };
        if !publication.subscribers.contains(&at) {
            publication.subscribers.push(at);
        }
        let Some(format) = publication.format else { return };
        let begun =
            slot.subscription.begin(rtc, slot.mid, &format, slot.kind, &publication.run, now);
        match begun {
            Begun::NeedsKeyFrame => self.want_key_frame(id),
            Begun::CatchingUp => self.begin_catching_up(now, at),
            Begun::Live | Begun::Undecodable => {}
        }
        self.emit(Event::Subscription {
            session: session_id,
            publication: id,
            decodable: begun != Begun::Undecodable,
            codec: format.codec,
        });
    }

    fn begin_catching_up(&mut self, now: Instant, at: SlotKey) {
        if !self.catching_up.contains(&at) {
            self.catching_up.push(at);
        }
        self.catch_up_at.get_or_insert(now);
    }
}
