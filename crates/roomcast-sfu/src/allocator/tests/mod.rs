//! Rules of the allocator, one by one.

mod in_time;
mod properties;
mod simulation;

use std::time::Duration;

use super::*;

/// Three layers as a browser makes them, split over temporal layers as VP8 is (40, 20 and 40 %).
pub(super) const LAYERS: [LayerFigures; 3] = [
    layer([60_000, 90_000, 150_000], (320, 180)),
    layer([240_000, 360_000, 600_000], (640, 360)),
    layer([1_000_000, 1_500_000, 2_500_000], (1280, 720)),
];
const SOUND: [LayerFigures; 1] = [LayerFigures {
    bitrates: [32_000; 3],
    temporal_layers: 1,
    size: None,
    is_flowing: true,
    is_measured: true,
}];

const fn layer(bitrates: [u64; 3], size: (u16, u16)) -> LayerFigures {
    LayerFigures {
        bitrates,
        temporal_layers: 3,
        size: Some(size),
        is_flowing: true,
        is_measured: true,
    }
}

pub(super) fn picture(slot: usize, layers: &[LayerFigures]) -> Asked<'_> {
    Asked {
        slot,
        kind: MediaKind::Video,
        quality: Quality::Auto,
        shown: None,
        spotlight: false,
        layers,
        current: None,
    }
}

pub(super) fn sound(slot: usize) -> Asked<'static> {
    Asked { kind: MediaKind::Audio, ..picture(slot, &SOUND) }
}

/// What is estimated, where nothing is known of what arrives.
pub(super) fn estimated(estimate: Option<u64>) -> Available {
    Available { estimate, is_enough: false }
}

fn plan_once(estimate: u64, asked: &[Asked<'_>]) -> Plan {
    Allocator::default().plan(beginning(), estimated(Some(estimate)), asked)
}

/// What is planned of a lone picture of [`LAYERS`].
fn alone(estimate: u64) -> Choice {
    plan_once(estimate, &[picture(0, &LAYERS)]).allotted[0].choice.unwrap()
}

fn whole(layer: u8) -> Choice {
    Choice::whole(layer)
}

fn half(layer: u8) -> Choice {
    Choice { layer, temporal: 1 }
}

fn choices(plan: &Plan) -> Vec<Option<Choice>> {
    plan.allotted.iter().map(|allotted| allotted.choice).collect()
}

#[test]
fn a_picture_goes_up_by_layer_and_by_half_of_the_frame_rate() {
    assert_eq!(alone(0), Choice { layer: 0, temporal: 0 });
    assert_eq!(alone(100_000), half(0));
    assert_eq!(alone(200_000), whole(0));
    assert_eq!(alone(365_000), whole(0), "no headroom for the next");
    assert_eq!(alone(400_000), half(1));
    assert_eq!(alone(1_000_000), whole(1), "never a quarter of the frame rate of a better layer");
    assert_eq!(alone(2_000_000), half(2));
    assert_eq!(alone(3_000_000), whole(2));
}

#[test]
fn without_an_estimate_nothing_limits() {
    let asked = [sound(0), picture(1, &LAYERS), picture(2, &LAYERS)];
    let plan = Allocator::default().plan(beginning(), estimated(None), &asked);
    let sound = Some(Choice { layer: 0, temporal: 0 });
    assert_eq!(choices(&plan), [sound, Some(whole(2)), Some(whole(2))]);
    assert_eq!((plan.used, plan.desired, plan.minimum), (5_032_000, 5_032_000, 0));
    assert!(!plan.is_limited && !plan.is_starved);
}

#[test]
fn sound_comes_first_and_is_never_dropped() {
    let asked = [picture(0, &LAYERS), sound(1)];
    assert_eq!(plan_once(370_000, &asked[..1]).allotted[0].choice, Some(half(1)));
    let plan = plan_once(370_000, &asked);
    assert_eq!(choices(&plan), [Some(whole(0)), Some(Choice { layer: 0, temporal: 0 })]);
    assert_eq!(plan.used, 182_000);
    assert_eq!(choices(&plan_once(0, &asked))[1], Some(Choice { layer: 0, temporal: 0 }));
}

#[test]
fn every_picture_gets_its_lowest_before_any_gets_more() {
    let asked: Vec<_> = (0..8).map(|slot| picture(slot, &LAYERS)).collect();
    let plan = plan_once(300_000, &asked);
    assert!(plan.allotted.iter().all(|a| a.choice == Some(Choice { layer: 0, temporal: 0 })));
    assert!(plan.is_starved && plan.is_limited);
    assert!(!plan_once(500_000, &asked).is_starved);
}

#[test]
fn the_spotlight_is_raised_before_larger_pictures() {
    let large = Asked { shown: Some((1280, 720)), ..picture(0, &LAYERS) };
    let spotlight = Asked { spotlight: true, shown: Some((640, 360)), ..picture(1, &LAYERS) };
    let plan = plan_once(760_000, &[large, spotlight]);
    assert_eq!(choices(&plan), [Some(half(0)), Some(whole(1))]);
}

#[test]
fn the_larger_picture_is_raised_first() {
    let small = Asked { shown: Some((400, 300)), ..picture(0, &LAYERS) };
    let large = Asked { shown: Some((1200, 700)), ..picture(1, &LAYERS) };
    let plan = plan_once(600_000, &[small, large]);
    assert_eq!(choices(&plan), [Some(whole(0)), Some(half(1))]);
}

#[test]
fn a_picture_is_no_better_than_its_place_makes_use_of() {
    let cases = [
        ((0, 0), 0),
        ((240, 135), 0),
        ((426, 240), 0),
        ((427, 241), 1),
        ((853, 480), 1),
        ((854, 481), 2),
        ((3840, 2160), 2),
        // It is fitted in, so that one side decides.
        ((1920, 240), 0),
        ((u16::MAX, u16::MAX), 2),
    ];
    for (shown, layer) in cases {
        let asked = Asked { shown: Some(shown), ..picture(0, &LAYERS) };
        let plan = plan_once(10_000_000, std::slice::from_ref(&asked));
        assert_eq!(choices(&plan), [Some(whole(layer))], "{shown:?}");
        assert!(!plan.is_limited);
    }
}

#[test]
fn a_quality_that_is_asked_for_overrules_the_size() {
    let shown = Some((200, 100));
    for (quality, layer) in [(Quality::Low, 0), (Quality::Medium, 1), (Quality::High, 2)] {
        let asked = Asked { quality, shown, ..picture(0, &LAYERS) };
        assert_eq!(choices(&plan_once(10_000_000, &[asked])), [Some(whole(layer))]);
    }
    let two = Asked { quality: Quality::Medium, ..picture(0, &LAYERS[1..]) };
    assert_eq!(choices(&plan_once(10_000_000, &[two])), [Some(whole(0))]);
}

#[test]
fn what_is_paused_gets_nothing_and_takes_nothing() {
    let paused = Asked { quality: Quality::Paused, ..picture(0, &LAYERS) };
    let plan = plan_once(700_000, &[paused.clone(), picture(1, &LAYERS)]);
    assert_eq!(choices(&plan), [None, Some(whole(1))]);
    assert_eq!(plan.allotted[0].wanted, None);
    assert_eq!(plan_once(0, &[paused]).used, 0);
}

#[test]
fn the_order_of_layers_is_found_by_their_figures() {
    let shuffled = [LAYERS[2], LAYERS[0], LAYERS[1]];
    let plan = plan_once(700_000, &[picture(0, &shuffled)]);
    assert_eq!(choices(&plan), [Some(whole(2))]);
    let unsized_layers = shuffled.map(|layer| LayerFigures { size: None, ..layer });
    let plan = plan_once(700_000, &[picture(0, &unsized_layers)]);
    assert_eq!(choices(&plan), [Some(whole(2))]);
}

#[test]
fn a_layer_that_does_not_flow_is_wanted_and_the_best_below_it_sent() {
    // As announced: without a word of temporal layers.
    let announced = |layer: LayerFigures| LayerFigures {
        bitrates: [layer.whole(); 3],
        temporal_layers: 1,
        is_flowing: false,
        is_measured: false,
        ..layer
    };
    let layers = [LAYERS[0], announced(LAYERS[1]), announced(LAYERS[2])];
    for (estimate, wanted) in [(200_000, 0), (500_000, 1), (700_000, 1), (3_000_000, 2)] {
        let plan = plan_once(estimate, &[picture(0, &layers)]);
        assert_eq!(choices(&plan), [Some(whole(0))], "{estimate}");
        assert_eq!(plan.allotted[0].wanted, Some(wanted), "{estimate}");
        assert_eq!(plan.used, 150_000);
    }
}

#[test]
fn a_layer_that_has_just_begun_needs_no_more_than_was_supposed() {
    let begun = LayerFigures {
        bitrates: [LAYERS[1].whole(); 3],
        temporal_layers: 1,
        is_measured: false,
        ..LAYERS[1]
    };
    let plan = plan_once(450_000, &[picture(0, &[LAYERS[0], begun])]);
    assert_eq!(choices(&plan), [Some(half(1))]);
}

#[test]
fn where_only_a_better_layer_flows_it_is_sent_until_the_lower_comes() {
    let stopped = |layer: LayerFigures| LayerFigures { is_flowing: false, ..layer };
    let layers = [stopped(LAYERS[0]), stopped(LAYERS[1]), LAYERS[2]];
    let plan = plan_once(500_000, &[picture(0, &layers)]);
    assert_eq!(choices(&plan), [Some(Choice { layer: 2, temporal: 1 })]);
    assert_eq!(plan.allotted[0].wanted, Some(0));
}

#[test]
fn a_better_layer_than_asked_for_is_sent_where_it_is_all_that_flows() {
    let stopped = LayerFigures { is_flowing: false, ..LAYERS[0] };
    let layers = [stopped, LAYERS[1], LAYERS[2]];
    let asked = Asked { quality: Quality::Low, ..picture(0, &layers) };
    let plan = plan_once(3_000_000, &[asked]);
    assert_eq!(choices(&plan), [Some(half(1))]);
    assert_eq!(plan.allotted[0].wanted, Some(0));
}

#[test]
fn where_nothing_flows_the_lowest_waits() {
    let stopped = LAYERS.map(|layer| LayerFigures { is_flowing: false, ..layer });
    let plan = plan_once(3_000_000, &[picture(0, &stopped)]);
    assert_eq!(plan.allotted[0].choice.map(|choice| choice.layer), Some(0));
    assert_eq!(plan.allotted[0].wanted, Some(2));
    let nothing_known = [LayerFigures::default(); 3];
    let plan = plan_once(3_000_000, &[picture(0, &nothing_known)]);
    assert_eq!(choices(&plan), [Some(whole(0))]);
}

#[test]
fn without_alternatives_everything_is_sent() {
    let single = [LayerFigures { temporal_layers: 1, bitrates: [2_000_000; 3], ..LAYERS[2] }];
    let mut allocator = Allocator::default();
    let asked = [sound(0), picture(1, &single), picture(2, &[])];
    let plan = allocator.plan(beginning(), estimated(Some(500_000)), &asked);
    let sound = Some(Choice { layer: 0, temporal: 0 });
    assert_eq!(choices(&plan), [sound, Some(whole(0)), Some(whole(0))]);
    assert_eq!((plan.used, plan.desired, plan.minimum), (2_032_000, 2_032_000, 0));
    assert!(plan.is_starved && !plan.is_limited);
    assert!(allocator.memories.is_empty());
}

#[test]
fn a_step_that_costs_no_more_than_a_worse_one_replaces_it() {
    // A still picture: the best layer needs hardly anything.
    let still = LayerFigures { bitrates: [20_000, 30_000, 40_000], ..LAYERS[2] };
    let plan = plan_once(60_000, &[picture(0, &[LAYERS[0], LAYERS[1], still])]);
    assert_eq!(choices(&plan), [Some(whole(2))]);
}

#[test]
fn what_arrives_stays_whatever_is_estimated_and_nothing_rises_by_it() {
    for (is_enough, kept) in [(true, whole(1)), (false, whole(0))] {
        let (mut allocator, start) = (Allocator::default(), beginning());
        let asked = [picture(0, &LAYERS)];
        allocator.plan(start, estimated(Some(700_000)), &asked);
        let available = Available { estimate: Some(200_000), is_enough };
        for second in 1..20 {
            let plan = allocator.plan(start + Duration::from_secs(second), available, &asked);
            assert_eq!(choices(&plan), [Some(kept)], "{is_enough} {second}");
        }
    }
}

#[test]
fn absurd_figures_do_no_harm() {
    let huge = LayerFigures { bitrates: [u64::MAX; 3], temporal_layers: u8::MAX, ..LAYERS[2] };
    let none = LayerFigures { bitrates: [0; 3], temporal_layers: 0, ..LAYERS[1] };
    let layers = [huge, none, huge, LAYERS[0]];
    for estimate in [None, Some(0), Some(1), Some(u64::MAX)] {
        let mut allocator = Allocator::default();
        let asked: Vec<_> = (0..4).map(|slot| picture(slot, &layers)).collect();
        let plan = allocator.plan(beginning(), estimated(estimate), &asked);
        assert_eq!(plan.allotted.len(), 4);
    }
}
