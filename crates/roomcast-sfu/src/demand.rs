//! Which layers of a publication anyone takes, so that its publisher need not send the others.

use std::time::{Duration, Instant};

use crate::ids::ShardId;
use crate::layers::{LayerSet, MAX_LAYERS};

/// The demand for one publication, where it comes in.
#[derive(Debug, Default)]
pub(crate) struct Demand {
    /// What subscribers of this shard take.
    here: LayerSet,
    /// The same for other shards.
    elsewhere: Vec<(ShardId, LayerSet)>,
    /// Until when each layer is wanted at least.
    until: [Option<Instant>; MAX_LAYERS],
    /// What the publisher was told; `None`: nothing yet, it sends all.
    told: Option<LayerSet>,
    /// When to look again.
    next: Option<Instant>,
}

impl Demand {
    /// What subscribers of this shard take now.
    pub(crate) fn here(&mut self, now: Instant, layers: LayerSet) {
        self.here = layers;
        self.next = Some(now);
    }

    /// What those of another shard take.
    pub(crate) fn elsewhere(&mut self, now: Instant, shard: ShardId, layers: LayerSet) {
        self.elsewhere.retain(|(known, _)| *known != shard);
        if !layers.is_empty() {
            self.elsewhere.push((shard, layers));
        }
        self.next = Some(now);
    }

    /// When [`Demand::news`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.next
    }

    /// What the publisher is to be told, if that has changed. The lowest layer is wanted always:
    /// whoever comes next or falls down finds it flowing.
    pub(crate) fn news(&mut self, now: Instant, lowest: u8) -> Option<LayerSet> {
        let taken = self.elsewhere.iter().fold(self.here, |all, (_, layers)| all.with(*layers));
        let taken = taken.with(LayerSet::of(lowest));
        for (layer, until) in (0..).zip(&mut self.until) {
            if taken.contains(layer) {
                *until = Some(now + LINGER);
            }
        }
        let lingers = |until: &Option<Instant>| until.is_some_and(|until| until > now);
        let indices = (0..).zip(&self.until).filter(|(_, u)| lingers(u)).map(|(layer, _)| layer);
        let wanted = LayerSet::from_indices(indices);
        let lingering = (0..).zip(&self.until).filter(|(layer, _)| !taken.contains(*layer));
        self.next = lingering.filter_map(|(_, until)| until.filter(|until| *until > now)).min();
        (self.told.replace(wanted) != Some(wanted)).then_some(wanted)
    }

    /// The publisher began anew: it sends all until it is told.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.told = None;
        self.until = [Some(now + LINGER); MAX_LAYERS];
        self.next = Some(now);
    }
}

/// How long a layer that nobody takes any more is still sent: who left may come back, and to begin it
/// anew costs a key frame.
const LINGER: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: u8 = 2;

    #[test]
    fn a_layer_that_nobody_takes_is_not_wanted_after_a_while() {
        let start = Instant::now();
        let mut demand = Demand::default();
        demand.begin(start);
        demand.here(start, LayerSet::of(TOP));
        let all = LayerSet::from_indices([0, 1, 2]);
        assert_eq!(demand.news(start, 0), Some(all), "what nobody takes lingers");
        let later = demand.deadline().expect("the middle layer lingers");
        assert_eq!(later, start + LINGER);
        assert_eq!(demand.news(later, 0), Some(LayerSet::from_indices([0, TOP])));
        assert_eq!(demand.deadline(), None, "nothing is to be looked at while nothing changes");
    }

    #[test]
    fn what_another_shard_takes_is_wanted_at_once() {
        let start = Instant::now();
        let mut demand = Demand::default();
        assert_eq!(demand.news(start, 0), Some(LayerSet::of(0)));
        demand.elsewhere(start, ShardId(3), LayerSet::of(TOP));
        assert_eq!(demand.news(start, 0), Some(LayerSet::from_indices([0, TOP])));
        demand.elsewhere(start, ShardId(3), LayerSet::default());
        assert_eq!(demand.news(start, 0), None, "it lingers");
        assert_eq!(demand.news(start + LINGER, 0), Some(LayerSet::of(0)));
    }
}
