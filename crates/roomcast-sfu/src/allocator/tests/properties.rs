//! What holds for any layers, estimates and wishes.

use proptest::prelude::*;

use super::*;
use crate::allocator::share::share;
use crate::allocator::strain::{MOMENT, MOMENTARY_TOLERANCE, TOLERANCE};

type Pictures = Vec<(Vec<LayerFigures>, Quality, Option<(u16, u16)>, bool)>;

fn any_layer() -> impl Strategy<Value = LayerFigures> {
    let size = prop::option::of((90u16..1920, 90u16..1080));
    (30_000u64..3_000_000, 1u8..=3, size, any::<bool>()).prop_map(|(whole, count, size, flows)| {
        let bitrates = match count {
            1 => [whole; 3],
            2 => [whole * 6 / 10, whole, whole],
            _ => [whole * 4 / 10, whole * 6 / 10, whole],
        };
        LayerFigures {
            bitrates,
            temporal_layers: count,
            size,
            is_flowing: flows,
            is_measured: flows,
        }
    })
}

/// Layers of which each is far dearer than the one before, as encoders make them.
fn apart() -> impl Strategy<Value = Vec<LayerFigures>> {
    (30_000u64..200_000, prop::collection::vec(2.5f64..5.0, 1..=2)).prop_map(|(lowest, factors)| {
        let mut whole = lowest as f64;
        let mut layers = vec![lowest];
        for factor in factors {
            whole *= factor;
            layers.push(whole as u64);
        }
        let split = |whole: u64| [whole * 4 / 10, whole * 6 / 10, whole];
        let of = |whole| LayerFigures { bitrates: split(whole), size: None, ..LAYERS[0] };
        layers.into_iter().map(of).collect()
    })
}

fn any_quality() -> impl Strategy<Value = Quality> {
    use Quality::{Auto, High, Low, Medium, Paused};
    prop::sample::select(vec![Auto, Auto, Low, Medium, High, Paused])
}

fn any_pictures() -> impl Strategy<Value = Pictures> {
    let layers = prop::collection::vec(any_layer(), 1..=3);
    let shown = prop::option::of((0u16..2000, 0u16..1200));
    prop::collection::vec((layers, any_quality(), shown, any::<bool>()), 1..6)
}

fn asked(pictures: &Pictures) -> Vec<Asked<'_>> {
    let with_slots = pictures.iter().enumerate();
    let mut asked: Vec<_> = with_slots
        .map(|(slot, (layers, quality, shown, spotlight))| Asked {
            quality: *quality,
            shown: *shown,
            spotlight: *spotlight,
            ..picture(slot, layers)
        })
        .collect();
    asked.push(sound(pictures.len()));
    asked
}

/// Whether no picture gets more than it must.
fn is_lowest(plan: &Plan, asked: &[Asked<'_>]) -> bool {
    let lowest = plan_once(0, asked);
    plan.used <= lowest.used
}

proptest! {
    #[test]
    fn the_sum_fits_unless_only_the_lowest_are_on(
        pictures in any_pictures(),
        steps in prop::collection::vec((0u64..8_000_000, 0u64..5_000), 1..30),
    ) {
        let asked = asked(&pictures);
        let (mut allocator, mut now) = (Allocator::default(), beginning());
        let mut over_since = None;
        for (estimate, ms) in steps {
            now += Duration::from_millis(ms);
            let plan = allocator.plan(now, estimated(Some(estimate)), &asked);
            let is_over = plan.used > share(estimate, TOLERANCE) && !is_lowest(&plan, &asked);
            over_since = is_over.then_some(over_since.unwrap_or(now));
            prop_assert!(!is_over || plan.used <= share(estimate, MOMENTARY_TOLERANCE));
            prop_assert!(over_since.is_none_or(|since| now - since < MOMENT));
        }
    }

    #[test]
    fn what_is_chosen_flows_and_what_is_paused_gets_nothing(
        pictures in any_pictures(),
        estimate in prop::option::of(0u64..8_000_000),
    ) {
        let asked = asked(&pictures);
        let plan = Allocator::default().plan(beginning(), estimated(estimate), &asked);
        prop_assert_eq!(plan.allotted.len(), asked.len());
        for (allotted, asked) in plan.allotted.iter().zip(&asked) {
            prop_assert_eq!(allotted.slot, asked.slot);
            prop_assert_eq!(allotted.choice.is_some(), asked.quality != Quality::Paused);
            prop_assert_eq!(allotted.wanted.is_some(), asked.quality != Quality::Paused);
            let chosen = allotted.choice.map(|choice| asked.layers[usize::from(choice.layer)]);
            let has_flowing = asked.layers.iter().any(|layer| layer.is_flowing);
            prop_assert!(!has_flowing || chosen.is_none_or(|layer| layer.is_flowing));
        }
    }

    #[test]
    fn no_other_picture_is_raised_while_a_spotlight_could_be(
        layers in apart(),
        others in 1usize..5,
        estimate in 0u64..8_000_000,
    ) {
        let spotlight = Asked { spotlight: true, ..picture(0, &layers) };
        let low = |slot| Asked { quality: Quality::Low, ..picture(slot, &layers) };
        let auto = |slot| picture(slot, &layers);
        let all: Vec<_> =
            std::iter::once(spotlight.clone()).chain((1..=others).map(auto)).collect();
        let modest: Vec<_> = std::iter::once(spotlight).chain((1..=others).map(low)).collect();
        let (greedy, modest) = (plan_once(estimate, &all), plan_once(estimate, &modest));
        prop_assert_eq!(greedy.allotted[0], modest.allotted[0]);
    }

    #[test]
    fn of_pictures_alike_the_larger_is_no_worse(
        layers in apart(),
        shown in (1u16..2000, 1u16..1200),
        estimate in 0u64..8_000_000,
    ) {
        let high = |slot, shown| Asked { quality: Quality::High, shown, ..picture(slot, &layers) };
        let small = (shown.0 / 2, shown.1 / 2);
        let asked = [high(0, Some(small)), high(1, Some(shown))];
        let plan = plan_once(estimate, &asked);
        let bitrate = |at: usize| {
            let choice = plan.allotted[at].choice.unwrap();
            let figures = layers[usize::from(choice.layer)];
            figures.bitrates[usize::from(choice.temporal).min(2)]
        };
        prop_assert!(bitrate(1) >= bitrate(0));
    }

    #[test]
    fn a_better_network_never_gets_a_lone_picture_less(
        layers in prop::collection::vec(any_layer(), 1..=3),
        lower in 0u64..8_000_000,
        more in 0u64..8_000_000,
    ) {
        let asked = [picture(0, &layers)];
        let bitrate = |estimate| Allocator::default().plan(beginning(), estimated(Some(estimate)), &asked).used;
        prop_assert!(bitrate(lower) <= bitrate(lower + more) || bitrate(lower) <= bitrate(0));
    }
}
