//! What flows in one layer.

use std::time::{Duration, Instant};

use crate::allocator::{LayerFigures, MAX_TEMPORAL_LAYERS};
use crate::packet::MediaPacket;
use crate::quality::OfferedLayer;

/// What comes in of one layer: how much in each temporal layer, and how large its pictures are.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// When the first packet came, and the newest, while it flows.
    began: Option<Instant>,
    last: Option<Instant>,
    /// Since when bytes are counted.
    since: Option<Instant>,
    bytes: [u64; MAX_TEMPORAL_LAYERS],
    /// Bits per second of each temporal layer by itself; `None` before the first window is full.
    rates: Option<[u64; MAX_TEMPORAL_LAYERS]>,
    temporal_layers: u8,
    size: Option<(u16, u16)>,
}

impl Flow {
    /// Counts a packet. Returns whether something is new that matters to those who choose layers: that
    /// it flows at all, how large it is, how many temporal layers there are, or its bit rate for the
    /// first time.
    pub(crate) fn came(&mut self, packet: &MediaPacket) -> bool {
        let now = packet.arrival;
        let temporal = usize::from(packet.frame.temporal).min(MAX_TEMPORAL_LAYERS - 1);
        let began = self.last.replace(now).is_none();
        self.began.get_or_insert(now);
        let since = *self.since.get_or_insert(now);
        if let Some(bytes) = self.bytes.get_mut(temporal) {
            *bytes += packet.payload.len() as u64;
        }
        let counted = now.saturating_duration_since(since);
        let is_first = counted >= WINDOW && self.take_rates(now, counted);
        let temporal_layers = u8::try_from(temporal + 1).unwrap_or(1);
        let has_more = temporal_layers > self.temporal_layers;
        self.temporal_layers = self.temporal_layers.max(temporal_layers);
        let is_resized =
            packet.frame.size.is_some_and(|size| self.size.replace(size) != Some(size));
        began || has_more || is_resized || is_first
    }

    /// Whether it flows, in the light of what came of the publication at all.
    pub(crate) fn has_ceased(&self, newest: Instant) -> bool {
        self.last.is_some_and(|last| newest.saturating_duration_since(last) > CEASED)
    }

    /// It does not flow any more.
    pub(crate) fn cease(&mut self) {
        *self = Self { size: self.size, ..Self::default() };
    }

    pub(crate) fn has_temporal_layers(&self) -> bool {
        self.temporal_layers > 1
    }

    pub(crate) fn is_flowing(&self) -> bool {
        self.last.is_some()
    }

    /// Width and height of its pictures, if any said so.
    pub(crate) fn size(&self) -> Option<(u16, u16)> {
        self.size
    }

    /// Bits per second of all temporal layers together, as measured.
    pub(crate) fn bitrate(&self) -> u64 {
        self.rates.map_or(0, |rates| rates.iter().sum())
    }

    /// What those who choose have to know. What the publisher announced holds until a layer has flowed
    /// for a while: an encoder begins with a key frame, and then with little, and takes seconds until it
    /// makes what it is allowed.
    pub(crate) fn figures(&self, offered: Option<&OfferedLayer>) -> LayerFigures {
        let announced = offered.map_or(0, |offered| offered.bitrate);
        let measured = self.rates.filter(|_| announced == 0 || self.is_settled());
        LayerFigures {
            bitrates: measured.map_or_else(|| self.usual(announced), cumulative),
            temporal_layers: self.temporal_layers.max(1),
            size: self.size.or_else(|| offered.and_then(|offered| offered.size)),
            is_flowing: self.is_flowing(),
            is_measured: measured.is_some(),
        }
    }

    fn is_settled(&self) -> bool {
        let ends = self.began.zip(self.last);
        ends.is_some_and(|(began, last)| last.saturating_duration_since(began) >= SETTLING)
    }

    /// How browsers split a bit rate over temporal layers.
    fn usual(&self, bitrate: u64) -> [u64; MAX_TEMPORAL_LAYERS] {
        let percent = match self.temporal_layers {
            0 | 1 => [100, 100, 100],
            2 => [60, 100, 100],
            _ => [40, 60, 100],
        };
        percent.map(|percent| bitrate.saturating_mul(percent) / 100)
    }

    /// Returns whether these are the first.
    fn take_rates(&mut self, now: Instant, counted: Duration) -> bool {
        let counted_us = counted.as_micros().max(1);
        let rate = |bytes: u64| {
            let rate = u128::from(bytes) * 8 * 1_000_000 / counted_us;
            u64::try_from(rate).unwrap_or(u64::MAX)
        };
        let newest = self.bytes.map(rate);
        let is_first = self.rates.is_none();
        let before = self.rates.unwrap_or(newest);
        let mut rates = newest;
        for (rate, before) in rates.iter_mut().zip(before) {
            *rate = rate.midpoint(before);
        }
        self.rates = Some(rates);
        self.since = Some(now);
        self.bytes = [0; MAX_TEMPORAL_LAYERS];
        is_first
    }
}

fn cumulative(rates: [u64; MAX_TEMPORAL_LAYERS]) -> [u64; MAX_TEMPORAL_LAYERS] {
    let mut sum = 0;
    rates.map(|rate| {
        sum += rate;
        sum
    })
}

/// Over how long bytes are counted: a key frame, which is several times a frame, must not look like a
/// rate.
const WINDOW: Duration = Duration::from_secs(1);

/// A layer of which nothing came for so long while others went on is not sent any more: several
/// frames of the slowest screen.
const CEASED: Duration = Duration::from_millis(700);

/// After so long a browser's encoder makes what it is allowed, if there is as much to see.
const SETTLING: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::packet;

    const OFFERED: OfferedLayer = OfferedLayer { rid: String::new(), bitrate: 600_000, size: None };

    /// So many seconds of packets of 1,000 bytes, ten a second, in turn of two temporal layers.
    fn flow(seconds: u32) -> Flow {
        let mut flow = Flow::default();
        for number in 0..=seconds * 10 {
            let mut packet = packet(number.into(), number * 9_000, false);
            packet.frame.temporal = u8::from(number % 2 == 1);
            flow.came(&packet);
        }
        flow
    }

    #[test]
    fn what_was_announced_holds_until_a_layer_has_flowed_for_a_while() {
        let young = flow(4).figures(Some(&OFFERED));
        assert_eq!((young.bitrates, young.is_measured), ([360_000, 600_000, 600_000], false));
        let settled = flow(5).figures(Some(&OFFERED));
        assert!(settled.is_measured && (70_000..90_000).contains(&settled.bitrates[1]));
    }

    #[test]
    fn where_nothing_was_announced_the_first_second_counts() {
        assert_eq!(flow(0).figures(None).bitrates, [0; 3]);
        assert!(flow(1).figures(None).is_measured);
    }

    #[test]
    fn a_layer_that_begins_again_is_young_again() {
        let mut flow = flow(6);
        flow.cease();
        let figures = flow.figures(Some(&OFFERED));
        assert!(!figures.is_flowing && !figures.is_measured);
        assert_eq!(figures.bitrates, [600_000; 3]);
    }
}
