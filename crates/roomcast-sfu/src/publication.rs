//! A publication as one shard sees it: the layers that come in, here or from another shard, and the
//! subscriptions of this shard that get them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::allocator::LayerFigures;
use crate::codec::Format;
use crate::demand::Demand;
use crate::flow::Flow;
use crate::ids::{PublicationId, ShardId};
use crate::key_frames::KeyFrameRequests;
use crate::layers::{LayerSet, MAX_LAYERS};
use crate::media::MediaKind;
use crate::packet::{Epoch, MediaPacket, even_out};
use crate::quality::OfferedLayer;
use crate::red::Recent;
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
    /// What the publisher says of its layers.
    pub offered: Arc<[OfferedLayer]>,
    pub layers: Vec<Layer>,
    pub key_frames: KeyFrameRequests,
    /// Everyone who is to receive it, whatever they are sent now.
    pub subscribers: Vec<SlotKey>,
    /// Sessions of this shard that want it, whether they have been negotiated or not.
    pub wanted_by: u32,
    /// Other shards that have subscribers. Only known where the publication comes in.
    pub remotes: Vec<ShardId>,
    /// Which layers are taken. Only kept where the publication comes in.
    pub demand: Demand,
    /// What this shard has told of its own demand.
    pub demanded: LayerSet,
    /// When layers that have ceased are looked for next.
    ceased_at: Option<Instant>,
}

/// One layer: one encoding, or the only one.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    epoch: Option<Epoch>,
    pub run: Run,
    pub flow: Flow,
    /// Those to whom its packets go, or who wait for its next key frame.
    pub takers: Vec<SlotKey>,
    /// Packets that came in since the last flush.
    fresh: Vec<MediaPacket>,
    /// The last packets of sound, for those who lose some.
    pub recent: Recent,
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
    /// It is the first of this batch in its layer.
    pub first_of_batch: bool,
    /// Layers began or ceased to flow, or more is known of one.
    pub layers_changed: bool,
}

impl Publication {
    pub(crate) fn new(id: PublicationId) -> Self {
        Self {
            id,
            origin: None,
            muted: false,
            format: None,
            offered: Arc::default(),
            layers: Vec::new(),
            key_frames: KeyFrameRequests::default(),
            subscribers: Vec::new(),
            wanted_by: 0,
            remotes: Vec::new(),
            demand: Demand::default(),
            demanded: LayerSet::default(),
            ceased_at: None,
        }
    }

    /// Takes a packet in; `None` when it is of an epoch that is over, or of one layer too many.
    pub(crate) fn take(&mut self, format: Format, packet: MediaPacket) -> Option<Taken> {
        let (index, now) = (packet.layer, packet.arrival);
        let layer = self.layer_or_new(index)?;
        if layer.epoch.is_some_and(|epoch| packet.epoch < epoch) {
            return None;
        }
        let epoch_changed = layer.epoch.replace(packet.epoch) != Some(packet.epoch);
        let mut layers_changed = layer.flow.came(&packet);
        let has_begun = layer.run.push(&packet) == Change::Began;
        let first_of_batch = layer.fresh.is_empty();
        if format.kind() == MediaKind::Audio {
            layer.recent.push(&packet);
        }
        layer.fresh.push(packet);
        if has_begun {
            self.key_frames.satisfied(index);
        }
        layers_changed |= self.cease_layers(now);
        let format_changed = self.format.replace(format) != Some(format);
        Some(Taken { format_changed, epoch_changed, first_of_batch, layers_changed })
    }

    /// Takes in packets of one layer that another shard had kept: for those who catch up, not for
    /// those who are live. Returns whether the format is new.
    pub(crate) fn take_kept(&mut self, format: Format, packets: &[MediaPacket]) -> bool {
        let Some(last) = packets.last() else { return false };
        let Some(layer) = self.layer_or_new(last.layer) else { return false };
        let current = layer.epoch;
        let is_current =
            |p: &&MediaPacket| p.layer == last.layer && current.is_none_or(|e| p.epoch >= e);
        for packet in packets.iter().filter(is_current) {
            layer.epoch = Some(packet.epoch);
            layer.run.push(packet);
            layer.flow.came(packet);
        }
        self.format.replace(format) != Some(format)
    }

    /// Forgets what is kept: it must not be seen any more.
    pub(crate) fn forget_runs(&mut self) {
        self.layers.iter_mut().for_each(|layer| layer.run.clear());
    }

    /// Until when the packets of a layer since the last flush may wait for the rest of their frame:
    /// what goes to one destination in one call is what forwarding costs. `None` when they go now.
    pub(crate) fn held_until(&self, layer: u8) -> Option<Instant> {
        let layer = self.layer(layer)?;
        let (first, last) = (layer.fresh.first()?, layer.fresh.last()?);
        let is_picture = self.format.is_some_and(|f| f.kind() == MediaKind::Video);
        let is_worth_it = is_picture && !last.marker && layer.takers.len() >= HOLD_FROM;
        is_worth_it.then(|| first.arrival + HOLD)
    }

    /// Whether packets of a layer wait for the rest of their frame.
    pub(crate) fn holds(&self, layer: u8) -> bool {
        self.layer(layer).is_some_and(|layer| !layer.fresh.is_empty())
    }

    /// The layers of which to ask the publisher for key frames now. Forgets the wish when nobody is
    /// there any more to whom they would go, or nobody from whom they could come.
    pub(crate) fn asks_for_key_frames(&mut self, now: Instant) -> Option<LayerSet> {
        let has_audience = !self.subscribers.is_empty() || !self.remotes.is_empty();
        if self.origin.is_none() || self.muted || !has_audience {
            self.key_frames.forget();
        }
        self.key_frames.ask(now)
    }

    pub(crate) fn layer(&self, index: u8) -> Option<&Layer> {
        self.layers.get(usize::from(index))
    }

    pub(crate) fn layer_mut(&mut self, index: u8) -> Option<&mut Layer> {
        self.layers.get_mut(usize::from(index))
    }

    /// A layer, whether anything of it has come or not; `None` beyond [`MAX_LAYERS`].
    pub(crate) fn layer_or_new(&mut self, index: u8) -> Option<&mut Layer> {
        let index = usize::from(index);
        if index < MAX_LAYERS && self.layers.len() <= index {
            self.layers.resize_with(index + 1, Layer::default);
        }
        self.layers.get_mut(index)
    }

    /// What those who choose have to know of each layer.
    pub(crate) fn figures(&self) -> Vec<LayerFigures> {
        let count = self.layers.len().max(self.offered.len()).min(MAX_LAYERS);
        let none = Flow::default();
        let of = |index| {
            let flow = self.layers.get(index).map_or(&none, |layer: &Layer| &layer.flow);
            flow.figures(self.offered.get(index))
        };
        (0..count).map(of).collect()
    }

    /// The layer of the lowest bit rate.
    pub(crate) fn lowest(&self) -> u8 {
        let figures = (0_u8..).zip(self.figures());
        let lowest = figures.min_by_key(|(_, figures)| figures.bitrates.last().copied());
        lowest.map_or(0, |(index, _)| index)
    }

    /// Whether it comes in several layers.
    pub(crate) fn has_layers(&self) -> bool {
        self.layers.len() > 1 || self.offered.len() > 1
    }

    /// Whether there is anything to choose: layers, or temporal layers.
    pub(crate) fn has_alternatives(&self) -> bool {
        let has_temporal = |layer: &Layer| layer.flow.has_temporal_layers();
        self.has_layers() || self.layers.iter().any(has_temporal)
    }

    /// Bits per second of a layer: measured, or as announced.
    pub(crate) fn bitrate(&self, layer: u8) -> u64 {
        let figures = self.figures().get(usize::from(layer)).copied().unwrap_or_default();
        figures.bitrates.last().copied().unwrap_or_default()
    }

    /// The same for its lowest temporal layer alone.
    pub(crate) fn least(&self, layer: u8) -> u64 {
        let figures = self.figures().get(usize::from(layer)).copied().unwrap_or_default();
        figures.bitrates.first().copied().unwrap_or_default()
    }

    pub(crate) fn is_flowing(&self, layer: u8) -> bool {
        self.layer(layer).is_some_and(|layer| layer.flow.is_flowing())
    }

    /// Takes a slot out of one layer.
    pub(crate) fn leave_layer(&mut self, layer: u8, left: SlotKey) {
        if let Some(layer) = self.layer_mut(layer) {
            layer.takers.retain(|slot| *slot != left);
        }
    }

    /// Takes a slot out of everything.
    pub(crate) fn leave(&mut self, is_left: impl Fn(&SlotKey) -> bool) {
        self.subscribers.retain(|slot| !is_left(slot));
        for layer in &mut self.layers {
            layer.takers.retain(|slot| !is_left(slot));
        }
    }

    /// The kept runs, for another shard.
    pub(crate) fn kept(&self) -> Vec<(Format, Arc<[MediaPacket]>)> {
        let runs = self.layers.iter().map(|layer| layer.run.packets().cloned().collect());
        let runs = runs.filter(|packets: &Arc<[_]>| !packets.is_empty());
        self.format.map(|format| runs.map(|run| (format, run)).collect()).unwrap_or_default()
    }

    /// Whether nothing of this shard has to do with it any more.
    pub(crate) fn is_unused(&self) -> bool {
        self.origin.is_none() && self.wanted_by == 0
    }

    /// Finds layers that are not sent any more, though nobody said so. Returns whether there are any.
    fn cease_layers(&mut self, now: Instant) -> bool {
        if self.layers.len() < 2 || self.ceased_at.is_some_and(|at| now < at) {
            return false;
        }
        self.ceased_at = Some(now + CEASED_INTERVAL);
        let mut any = false;
        for (index, layer) in (0..).zip(&mut self.layers) {
            if layer.flow.has_ceased(now) {
                layer.flow.cease();
                layer.run.clear();
                self.key_frames.satisfied(index);
                any = true;
            }
        }
        any
    }
}

impl Layer {
    /// The packets since the last flush.
    pub(crate) fn drain_fresh(&mut self) -> Vec<MediaPacket> {
        let mut fresh = std::mem::take(&mut self.fresh);
        even_out(&mut fresh);
        fresh
    }

    /// Gives the buffer of [`Layer::drain_fresh`] back.
    pub(crate) fn reuse(&mut self, mut buffer: Vec<MediaPacket>) {
        buffer.clear();
        if self.fresh.is_empty() {
            self.fresh = buffer;
        }
    }
}

/// The longest that a packet waits (DESIGN §9).
const HOLD: Duration = Duration::from_millis(1);

/// Below this many subscribers the thread has nothing better to do than to send at once.
const HOLD_FROM: usize = 8;

/// How often layers that have ceased are looked for.
const CEASED_INTERVAL: Duration = Duration::from_millis(250);
