//! How the bandwidth of one subscriber session is split over what it receives: sound first, then the
//! spotlight, then the rest by its size on the page.
//!
//! It refuses to know where estimates come from, or when a switch happens: it says what is to be sent.

mod ladder;
mod patience;
mod share;
mod split;
mod strain;
mod trial;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::media::MediaKind;
use crate::quality::Quality;

use patience::Memory;
use split::{Budget, Picture, next_step, split};
use strain::{Strain, tolerated};
use trial::{Trial, proof, remembered};

/// The allocator of one session. It remembers what it planned, so that quality does not swing.
#[derive(Debug, Default)]
pub(crate) struct Allocator {
    /// By slot: as many as there are pictures that are not paused.
    memories: BTreeMap<usize, Memory>,
    strain: Strain,
    trial: Trial,
}

/// What there is to split.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Available {
    /// Bits per second; `None`: not known, nothing limits.
    pub estimate: Option<u64>,
    /// What is sent arrives, whole and in time: nothing has to go down, whatever the estimate.
    pub is_enough: bool,
}

/// One subscription, as it asks for bandwidth.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    /// The slot of the session that it is in: by this it is known from one plan to the next.
    pub slot: usize,
    pub kind: MediaKind,
    pub quality: Quality,
    /// Width and height at which it is shown, if known.
    pub shown: Option<(u16, u16)>,
    pub spotlight: bool,
    /// The layers of the publication, by index, in no order of quality.
    pub layers: &'a [LayerFigures],
    /// What is sent now; `None`: nothing.
    pub current: Option<Choice>,
}

/// What is known of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LayerFigures {
    /// Bits per second up to each temporal layer, cumulative: those that came lately, or what the
    /// publisher announced for all while it does not flow. Entries from `temporal_layers` on repeat
    /// the last.
    pub bitrates: [u64; MAX_TEMPORAL_LAYERS],
    /// How many temporal layers were seen: 1 or more.
    pub temporal_layers: u8,
    pub size: Option<(u16, u16)>,
    /// Whether packets of it come in.
    pub is_flowing: bool,
    /// Whether the bit rates are those that came in.
    pub is_measured: bool,
}

/// What of a publication is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The index of the layer.
    pub layer: u8,
    /// The highest temporal layer; `u8::MAX`: all that come.
    pub temporal: u8,
}

/// How the bandwidth is split.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Plan {
    /// One for each that asked, in their order.
    pub allotted: Vec<Allotted>,
    /// What is to be sent at least, with padding if need be, to find out whether the next step up
    /// would fit; bits per second.
    pub minimum: u64,
    /// What would be sent if the network carried everything; bits per second. While the network
    /// limits it goes between that and what is sent: estimators probe when it grows.
    pub desired: u64,
    /// What is sent by this plan; bits per second.
    pub used: u64,
    /// Whether something is of a lower layer than asked for, because of the network.
    pub is_limited: bool,
    /// Whether not even the lowest of everything fits.
    pub is_starved: bool,
}

/// What one subscription gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allotted {
    /// As in [`Asked::slot`].
    pub slot: usize,
    /// What is to be sent now: of a layer that flows, or where none does the lowest, to be sent as
    /// soon as it comes. `None`: nothing.
    pub choice: Option<Choice>,
    /// The layer that it would take if that flowed: the publisher is asked for it.
    pub wanted: Option<u8>,
}

impl Choice {
    /// A layer with all its temporal layers, as many as it may get.
    pub(crate) fn whole(layer: u8) -> Self {
        Self { layer, temporal: u8::MAX }
    }
}

impl Allocator {
    /// Splits what there is. To be called when the estimate falls, when what is asked changes, and
    /// every second or more often.
    pub(crate) fn plan(
        &mut self,
        now: Instant,
        Available { estimate, is_enough }: Available,
        asked: &[Asked<'_>],
    ) -> Plan {
        let estimate = estimate.unwrap_or(u64::MAX);
        if !asked.iter().any(Asked::has_alternatives) {
            *self = Self::default();
            let plan = plan_without_alternatives(estimate, asked);
            return Plan { desired: plan.desired.max(remembered(estimate)), ..plan };
        }
        let sound = asked.iter().filter(|asked| asked.kind == MediaKind::Audio);
        let sound = sound.map(Asked::only_bitrate).fold(0, u64::saturating_add);
        let mut pictures = self.pictures(now, estimate, asked);
        let kept = pictures.iter().map(|picture| picture.ladder.bitrate(picture.kept));
        let kept = kept.fold(sound, u64::saturating_add);
        let budget = self.strain.budget(now, estimate, (kept, is_enough));
        let mut sum = split(&mut pictures, sound, budget);
        let rise = self.unproven_rise(now, estimate, &pictures, sum);
        if rise.is_some() {
            pictures.iter_mut().for_each(Picture::hold);
            sum = split(&mut pictures, sound, budget);
        }
        self.remember(now, &pictures, budget);
        let mut plan = describe(estimate, asked, &pictures);
        self.trial.reach((now, estimate), &mut plan, sum, next_step(&pictures, sum));
        if let Some(rise) = rise {
            (plan.minimum, plan.desired) = (proof(rise), plan.desired.max(rise));
        }
        plan.desired = plan.desired.max(remembered(estimate));
        plan
    }

    /// The sum of a rise that has to be proven first.
    fn unproven_rise(
        &mut self,
        now: Instant,
        estimate: u64,
        all: &[Picture],
        sum: u64,
    ) -> Option<u64> {
        if all.iter().any(|picture| !picture.is_new && picture.at > picture.kept) {
            return self.trial.is_unproven(now, estimate, sum).then_some(sum);
        }
        self.trial.nothing_to_prove();
        None
    }

    /// The pictures that are not paused, where they were.
    fn pictures(&self, now: Instant, estimate: u64, asked: &[Asked<'_>]) -> Vec<Picture> {
        let is_shown = |(_, asked): &(usize, &Asked<'_>)| asked.is_picture();
        let shown = asked.iter().enumerate().filter(is_shown);
        let pictures = shown.map(|(index, asked)| {
            let mut picture = Picture::new(index, asked);
            let memory = self.memories.get(&asked.slot);
            picture.is_new = memory.is_none();
            let before = memory.map(|memory| memory.planned).or(asked.current);
            picture.kept = before.and_then(|it| picture.ladder.position(it)).unwrap_or(0);
            picture.may_rise = memory.is_none_or(|memory| memory.may_rise(now, estimate));
            picture
        });
        pictures.collect()
    }

    fn remember(&mut self, now: Instant, pictures: &[Picture], budget: Budget) {
        self.memories.retain(|slot, _| pictures.iter().any(|picture| picture.slot == *slot));
        for picture in pictures {
            let Some(planned) = picture.ladder.planned(picture.at) else { continue };
            let memory = self.memories.entry(picture.slot).or_insert_with(|| Memory::new(planned));
            memory.planned = planned;
            if picture.at < picture.kept {
                memory.fall(now, budget.kept);
                self.strain.fell(now);
            } else if picture.at > picture.kept && !picture.is_new {
                memory.rise(now);
                self.trial.rose(now);
            }
        }
    }
}

impl Asked<'_> {
    fn is_picture(&self) -> bool {
        self.kind == MediaKind::Video && self.quality != Quality::Paused
    }

    /// Whether there is anything to choose from.
    pub(crate) fn has_alternatives(&self) -> bool {
        let has_several = |layer: &LayerFigures| layer.temporal_layers > 1;
        self.is_picture() && (self.layers.len() > 1 || self.layers.iter().any(has_several))
    }

    fn only_bitrate(&self) -> u64 {
        self.layers.first().map_or(0, LayerFigures::whole)
    }
}

/// What was decided of each picture, and what it comes to.
fn describe(estimate: u64, asked: &[Asked<'_>], pictures: &[Picture]) -> Plan {
    let mut plan = plan_without_pictures(asked);
    let lowest = pictures.iter().map(|picture| picture.ladder.bitrate(0));
    let lowest = lowest.fold(plan.used, u64::saturating_add);
    plan.is_starved = lowest > tolerated(estimate);
    plan.is_limited = pictures.iter().any(|picture| !picture.is_at_top());
    for picture in pictures {
        let sent = picture.ladder.sent(picture.at);
        plan.used = plan.used.saturating_add(sent.map_or(0, |step| step.bitrate));
        plan.desired = plan.desired.saturating_add(picture.ladder.top_bitrate());
        if let Some(allotted) = plan.allotted.get_mut(picture.index) {
            allotted.choice = sent.map(|step| step.choice);
            allotted.wanted = picture.ladder.planned(picture.at).map(|choice| choice.layer);
        }
    }
    plan
}

/// Everything as it is: most rooms have one layer of everything.
fn plan_without_alternatives(estimate: u64, asked: &[Asked<'_>]) -> Plan {
    let mut plan = plan_without_pictures(asked);
    for (allotted, asked) in plan.allotted.iter_mut().zip(asked).filter(|(_, a)| a.is_picture()) {
        allotted.choice = Some(Choice::whole(0));
        allotted.wanted = Some(0);
        plan.used = plan.used.saturating_add(asked.only_bitrate());
    }
    plan.desired = plan.used;
    plan.is_starved = plan.used > tolerated(estimate);
    plan
}

/// Sound is always sent; pictures are not yet.
fn plan_without_pictures(asked: &[Asked<'_>]) -> Plan {
    let mut plan = Plan::default();
    for asked in asked {
        let is_sound = asked.kind == MediaKind::Audio;
        let choice = is_sound.then_some(Choice { layer: 0, temporal: 0 });
        plan.used = plan.used.saturating_add(if is_sound { asked.only_bitrate() } else { 0 });
        plan.allotted.push(Allotted { slot: asked.slot, choice, wanted: choice.map(|c| c.layer) });
    }
    plan.desired = plan.used;
    plan
}

/// Temporal layers that browsers make.
pub(crate) const MAX_TEMPORAL_LAYERS: usize = 3;

#[cfg(test)]
mod tests;

#[cfg(test)]
use fastrand::Rng;

/// When tests begin.
#[cfg(test)]
fn beginning() -> Instant {
    Instant::now()
}
