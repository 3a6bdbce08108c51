//! A publication as one shard sees it: the packets that come in, here or from another shard, and the
//! subscriptions of this shard that get them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::codec::Format;
use crate::ids::{PublicationId, ShardId};
use crate::key_frames::KeyFrameRequests;
use crate::media::MediaKind;
use crate::packet::{Epoch, MediaPacket};
use crate::run::{Change, Run};

/// One track that is published, or that is waited for.
#[derive(Debug)]
pub(crate) struct Publication {
    pub id: PublicationId,
    /// The publisher session, when it is of this shard: its key.
    pub origin: Option<usize>,
    /// Nothing of it is forwarded. Only known where the publication comes in.
    pub muted: bool,
    pub format: Option<Format>,
    epoch: Option<Epoch>,
    pub run: Run,
    pub key_frames: KeyFrameRequests,
    pub subscribers: Vec<SlotKey>,
    /// Sessions of this shard that want it, whether they have been negotiated or not.
    pub wanted_by: u32,
    /// Other shards that have subscribers. Only known where the publication comes in.
    pub remotes: Vec<ShardId>,
    /// Packets that came in since the last flush.
    fresh: Vec<MediaPacket>,
}

/// A slot of a subscriber session of this shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotKey {
    pub session: usize,
    pub slot: usize,
}

/// What a packet meant for the publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// It is in another codec than those before, or the first.
    pub format_changed: bool,
    /// It begins a new stream.
    pub epoch_changed: bool,
    /// It is the first of this batch.
    pub first_of_batch: bool,
}

impl Publication {
    pub(crate) fn new(id: PublicationId) -> Self {
        Self {
            id,
            origin: None,
            muted: false,
            format: None,
            epoch: None,
            run: Run::default(),
            key_frames: KeyFrameRequests::default(),
            subscribers: Vec::new(),
            wanted_by: 0,
            remotes: Vec::new(),
            fresh: Vec::new(),
        }
    }

    /// Takes a packet in; `None` when it is of an epoch that is over.
    pub(crate) fn take(&mut self, format: Format, packet: MediaPacket) -> Option<Taken> {
        if self.epoch.is_some_and(|epoch| packet.epoch < epoch) {
            return None;
        }
        let epoch_changed = self.epoch.replace(packet.epoch) != Some(packet.epoch);
        let format_changed = self.format.replace(format) != Some(format);
        if self.run.push(&packet) == Change::Began {
            self.key_frames.satisfied();
        }
        let first_of_batch = self.fresh.is_empty();
        self.fresh.push(packet);
        Some(Taken { format_changed, epoch_changed, first_of_batch })
    }

    /// Takes in packets that another shard had kept: for those who catch up, not for those who are
    /// live. Returns whether the format is new.
    pub(crate) fn take_kept(&mut self, format: Format, packets: &[MediaPacket]) -> bool {
        let is_current = |p: &&MediaPacket| self.epoch.is_none_or(|epoch| p.epoch >= epoch);
        let packets: Vec<_> = packets.iter().filter(is_current).collect();
        let Some(last) = packets.last() else { return false };
        self.epoch = Some(last.epoch);
        for packet in packets {
            self.run.push(packet);
        }
        self.format.replace(format) != Some(format)
    }

    /// Until when the packets since the last flush may wait for the rest of their frame: what goes to
    /// one destination in one call is what forwarding costs. `None` when they go now.
    pub(crate) fn held_until(&self) -> Option<Instant> {
        let (first, last) = (self.fresh.first()?, self.fresh.last()?);
        let is_picture = self.format.is_some_and(|f| f.kind() == MediaKind::Video);
        let is_worth_it = is_picture && !last.marker && self.subscribers.len() >= HOLD_FROM;
        is_worth_it.then(|| first.arrival + HOLD)
    }

    /// Whether packets wait for the rest of their frame.
    pub(crate) fn holds(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// Whether to ask the publisher for a key frame now. Forgets the wish when nobody is there any
    /// more to whom it would go, or nobody from whom it could come.
    pub(crate) fn asks_for_key_frame(&mut self, now: Instant) -> bool {
        let has_audience = !self.subscribers.is_empty() || !self.remotes.is_empty();
        if self.origin.is_none() || self.muted || !has_audience {
            self.key_frames.satisfied();
        }
        self.key_frames.ask(now)
    }

    /// The packets since the last flush.
    pub(crate) fn drain_fresh(&mut self) -> Vec<MediaPacket> {
        std::mem::take(&mut self.fresh)
    }

    /// Gives the buffer of [`Publication::drain_fresh`] back.
    pub(crate) fn reuse(&mut self, mut buffer: Vec<MediaPacket>) {
        buffer.clear();
        if self.fresh.is_empty() {
            self.fresh = buffer;
        }
    }

    /// The kept run, for another shard.
    pub(crate) fn kept(&self) -> Option<(Format, Arc<[MediaPacket]>)> {
        let packets: Arc<[_]> = self.run.packets().cloned().collect();
        self.format.filter(|_| !packets.is_empty()).map(|format| (format, packets))
    }

    /// Whether nothing of this shard has to do with it any more.
    pub(crate) fn is_unused(&self) -> bool {
        self.origin.is_none() && self.wanted_by == 0
    }
}

/// The longest that a packet waits (DESIGN §9).
const HOLD: Duration = Duration::from_millis(1);

/// Below this many subscribers the thread has nothing better to do than to send at once.
const HOLD_FROM: usize = 8;
