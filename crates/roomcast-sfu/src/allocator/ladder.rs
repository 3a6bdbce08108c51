//! The steps in which the quality of one picture goes up: layers, and frame rates within them, from
//! the cheapest to the best that its receiver has a use for.
//!
//! Resolution comes before frame rate, but only down to half the frame rate: a layer at half its rate
//! comes after the whole layer below (it costs about twice as much and shows four times the pixels),
//! while a quarter of the frame rate is used of the lowest layer alone, where nothing else is left.
//! Of others, some take every frame rate of a layer before the next layer, quarters too, and some no
//! reduced rate at all from 360 lines on: that leaves 150 kbit/s of 500 to a picture that could have
//! 360, and this does not.

use super::{Asked, Choice, LayerFigures, MAX_TEMPORAL_LAYERS};
use crate::quality::Quality;

/// The steps of one picture, the cheapest first; never empty.
#[derive(Debug)]
pub(super) struct Ladder {
    steps: Vec<Step>,
    /// Where none of the steps flows: what does, though it is better than asked for.
    makeshift: Option<Step>,
    /// The layers by quality, those too that are better than asked for.
    ranks: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub choice: Choice,
    /// Bits per second.
    pub bitrate: u64,
    rank: usize,
    is_flowing: bool,
}

impl Ladder {
    pub(super) fn of(asked: &Asked<'_>) -> Self {
        let layers = ranked(asked.layers);
        let usual = usual_split(asked.layers);
        let (mut steps, mut beyond) = (Vec::with_capacity(layers.len() * 2 + 1), Vec::new());
        let allowed = allowed(asked, &layers);
        for (rank, (layer, figures)) in layers.iter().enumerate() {
            let steps = if rank < allowed { &mut steps } else { &mut beyond };
            add_steps(steps, rank, *layer, &figures.split_as(&usual));
        }
        let makeshift = beyond.into_iter().find(|step: &Step| step.is_flowing);
        if steps.is_empty() {
            steps.push(Step { choice: Choice::whole(0), bitrate: 0, rank: 0, is_flowing: false });
        }
        Self { steps, makeshift, ranks: layers.into_iter().map(|(layer, _)| layer).collect() }
    }

    /// The index of the best step.
    pub(super) fn top(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    pub(super) fn top_bitrate(&self) -> u64 {
        self.steps.last().map_or(0, |step| step.bitrate)
    }

    /// What is planned at a step, whether it flows or not.
    pub(super) fn planned(&self, at: usize) -> Option<Choice> {
        self.steps.get(at).map(|step| step.choice)
    }

    /// What can be sent meanwhile, until the layer of a step flows: the best that flows up to there,
    /// else the least that flows. Where nothing flows it is the lowest, to be sent as soon as it comes.
    pub(super) fn sent(&self, at: usize) -> Option<&Step> {
        let mut up_to_there = self.steps.iter().take(at + 1).rev();
        let best = up_to_there.find(|step| step.is_flowing);
        let least = || self.steps.iter().find(|step| step.is_flowing).or(self.makeshift.as_ref());
        best.or_else(least).or_else(|| self.steps.first())
    }

    /// What a step takes off the estimate: itself, or what is sent meanwhile if that is more.
    pub(super) fn bitrate(&self, at: usize) -> u64 {
        let planned = self.steps.get(at).map_or(0, |step| step.bitrate);
        self.sent(at).map_or(planned, |step| step.bitrate.max(planned))
    }

    /// The step at which a choice stands by now; `None` when its layer is gone.
    pub(super) fn position(&self, choice: Choice) -> Option<usize> {
        let rank = self.ranks.iter().position(|layer| *layer == choice.layer)?;
        let reached = |step: &Step| (step.rank, step.choice.temporal) <= (rank, choice.temporal);
        Some(self.steps.iter().rposition(reached).unwrap_or(0))
    }
}

/// The layers of which something is known, by quality. A measured size says more than a bit rate,
/// which falls with what there is to see.
fn ranked(layers: &[LayerFigures]) -> Vec<(u8, LayerFigures)> {
    let all = || (0..).zip(layers.iter().copied());
    let mut known: Vec<(u8, LayerFigures)> = all().filter(|(_, layer)| layer.whole() > 0).collect();
    if known.is_empty() {
        known = all().filter(|(_, layer)| layer.is_flowing).collect();
    }
    let is_sized = known.iter().all(|(_, layer)| layer.size.is_some());
    known.sort_by_key(|(_, layer)| (layer.pixels().filter(|_| is_sized), layer.whole()));
    known
}

/// How many of the ranked layers are of use.
fn allowed(asked: &Asked<'_>, layers: &[(u8, LayerFigures)]) -> usize {
    let all = layers.len();
    match asked.quality {
        Quality::Paused | Quality::Low => all.min(1),
        Quality::Medium => all.div_ceil(2),
        Quality::High => all,
        Quality::Auto => {
            let is_enough = |(_, layer): &(u8, LayerFigures)| layer.is_enough_for(asked.shown);
            layers.iter().position(is_enough).map_or(all, |at| at + 1)
        }
    }
}

/// How that layer is split of which the most is known: the others are taken to be split alike, for an
/// encoder makes all in the same manner.
fn usual_split(layers: &[LayerFigures]) -> LayerFigures {
    let flowing = layers.iter().filter(|layer| layer.is_flowing && layer.whole() > 0);
    let known = |layer: &LayerFigures| (layer.is_measured, layer.temporal_layers);
    flowing.copied().max_by_key(known).unwrap_or_default()
}

fn add_steps(steps: &mut Vec<Step>, rank: usize, layer: u8, figures: &LayerFigures) {
    let count = figures.temporal();
    let first = if rank == 0 { 0 } else { count.saturating_sub(SLOWEST) };
    for (temporal, bitrate) in (0..).zip(figures.bitrates).take(count).skip(first) {
        let is_whole = usize::from(temporal) + 1 == count;
        let choice = if is_whole { Choice::whole(layer) } else { Choice { layer, temporal } };
        let step = Step { choice, bitrate, rank, is_flowing: figures.is_flowing };
        steps.retain(|worse| !step.makes_needless(worse));
        steps.push(step);
    }
}

impl Step {
    /// Whether this, better one costs no more than a worse one, and can be had if that can.
    fn makes_needless(&self, worse: &Self) -> bool {
        self.bitrate <= worse.bitrate && (self.is_flowing || !worse.is_flowing)
    }
}

impl LayerFigures {
    fn temporal(&self) -> usize {
        usize::from(self.temporal_layers).clamp(1, MAX_TEMPORAL_LAYERS)
    }

    /// The bit rate of the whole layer.
    pub(super) fn whole(&self) -> u64 {
        self.bitrates.get(self.temporal() - 1).copied().unwrap_or(0)
    }

    fn pixels(&self) -> Option<u32> {
        self.size.map(|(width, height)| u32::from(width) * u32::from(height))
    }

    /// Whether it fills the place where it is shown well enough: the picture is scaled to fit in, so
    /// one of the two sides decides.
    fn is_enough_for(&self, shown: Option<(u16, u16)>) -> bool {
        let (Some((width, height)), Some((across, down))) = (self.size, shown) else {
            return false;
        };
        let fills = |has: u16, needs: u16| u32::from(has) * ENOUGH.1 >= u32::from(needs) * ENOUGH.0;
        fills(width, across) || fills(height, down)
    }

    /// The same layer, split over temporal layers as another is, until its own split is known.
    fn split_as(mut self, usual: &Self) -> Self {
        if self.is_measured || usual.temporal() == 1 {
            return self;
        }
        let (whole, usual_whole) = (u128::from(self.whole()), u128::from(usual.whole().max(1)));
        self.temporal_layers = usual.temporal_layers;
        self.bitrates = usual.bitrates.map(|bitrate| {
            let part = whole * u128::from(bitrate) / usual_whole;
            u64::try_from(part.min(whole)).unwrap_or(u64::MAX)
        });
        self
    }
}

/// How many of the highest temporal layers are used of a layer that is not the lowest: each that is
/// left out halves the frame rate, and below half of it a picture of the layer below is better.
const SLOWEST: usize = 2;

/// How much smaller than its place a picture may be before more pixels are seen: 3 to 4.
const ENOUGH: (u32, u32) = (3, 4);
