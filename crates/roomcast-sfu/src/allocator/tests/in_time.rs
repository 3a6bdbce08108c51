//! What depends on what was planned before.

use super::*;

/// An allocator of one picture of [`LAYERS`], and its clock.
struct Alone {
    allocator: Allocator,
    now: Instant,
}

impl Alone {
    fn new() -> Self {
        Self { allocator: Allocator::default(), now: beginning() }
    }

    /// The plan after a while.
    fn after(&mut self, ms: u64, estimate: u64) -> Plan {
        self.now += Duration::from_millis(ms);
        self.allocator.plan(self.now, Some(estimate), &[picture(0, &LAYERS)])
    }

    fn choice_after(&mut self, ms: u64, estimate: u64) -> Choice {
        self.after(ms, estimate).allotted[0].choice.unwrap()
    }
}

#[test]
fn what_is_sent_stays_while_it_fits_and_goes_up_with_headroom() {
    let mut room = Alone::new();
    assert_eq!(room.choice_after(0, 700_000), whole(1));
    assert_eq!(room.choice_after(100, 610_000), whole(1));
    assert_eq!(room.choice_after(100, 575_000), whole(1), "a little too much");
    assert_eq!(room.choice_after(10_000, 1_600_000), whole(1));
    assert_eq!(room.choice_after(100, 1_650_000), half(2));
}

#[test]
fn what_is_far_too_much_goes_down_at_once() {
    let mut room = Alone::new();
    assert_eq!(room.choice_after(0, 3_000_000), whole(2));
    assert_eq!(room.choice_after(100, 425_000), half(1));
}

#[test]
fn what_is_a_little_too_much_is_borne_for_a_moment() {
    let mut room = Alone::new();
    assert_eq!(room.choice_after(0, 700_000), whole(1));
    assert_eq!(room.choice_after(100, 510_000), whole(1));
    assert_eq!(room.choice_after(900, 510_000), whole(1));
    assert_eq!(room.choice_after(100, 510_000), half(1));
}

#[test]
fn a_dip_that_passes_changes_nothing() {
    let mut room = Alone::new();
    assert_eq!(room.choice_after(0, 700_000), whole(1));
    for _ in 0..10 {
        assert_eq!(room.choice_after(1_000, 510_000), whole(1));
        assert_eq!(room.choice_after(900, 650_000), whole(1));
    }
}

#[test]
fn after_a_fall_nothing_goes_up_for_a_while() {
    let mut room = Alone::new();
    room.after(0, 3_000_000);
    assert_eq!(room.choice_after(20_000, 300_000), whole(0));
    assert_eq!(room.choice_after(1_900, 3_000_000), whole(0));
    assert_eq!(room.choice_after(100, 3_000_000), whole(2));
}

#[test]
fn a_rise_that_does_not_last_is_tried_ever_later() {
    let mut room = Alone::new();
    room.after(0, 3_000_000);
    room.after(20_000, 300_000);
    for wait in [2_000, 8_000, 32_000, 32_000] {
        assert_eq!(room.choice_after(wait - 100, 700_000), whole(0), "{wait}");
        assert_eq!(room.choice_after(100, 700_000), whole(1), "{wait}");
        assert_eq!(room.choice_after(3_000, 300_000), whole(0), "{wait}");
    }
    // Quiet for long: all is forgotten.
    room.after(61_000, 300_000);
    assert_eq!(room.choice_after(100, 700_000), whole(1));
    room.after(3_000, 300_000);
    room.after(8_000, 300_000);
    assert_eq!(room.choice_after(0, 700_000), whole(1));
}

#[test]
fn failures_do_not_count_on_a_network_that_carries_far_more() {
    let mut room = Alone::new();
    room.after(0, 700_000);
    for _ in 0..3 {
        room.after(3_000, 300_000);
        room.after(33_000, 700_000);
    }
    room.after(3_000, 300_000);
    assert_eq!(room.choice_after(3_000, 800_000), whole(0));
    assert_eq!(room.choice_after(100, 900_000), whole(1));
}

#[test]
fn what_is_sent_by_a_new_session_counts_as_planned() {
    let current = Some(whole(1));
    let asked = Asked { current, ..picture(0, &LAYERS) };
    assert_eq!(choices(&plan_once(600_000, &[asked])), [current]);
    assert_eq!(alone(600_000), half(1));
}

#[test]
fn a_new_spotlight_takes_from_the_one_before_at_once() {
    let mut allocator = Allocator::default();
    let now = beginning();
    let asked = |spotlight: usize| {
        [0, 1].map(|slot| Asked { spotlight: slot == spotlight, ..picture(slot, &LAYERS) })
    };
    let plan = allocator.plan(now, Some(3_000_000), &asked(0));
    assert_eq!(choices(&plan), [Some(whole(2)), Some(whole(0))]);
    let plan = allocator.plan(now + Duration::from_secs(5), Some(3_000_000), &asked(1));
    assert_eq!(choices(&plan), [Some(half(1)), Some(whole(2))]);
}

#[test]
fn padding_is_asked_for_while_the_next_step_is_near() {
    let mut room = Alone::new();
    let plan = room.after(0, 600_000);
    assert_eq!((plan.used, plan.minimum, plan.desired), (360_000, 660_000, 2_500_000));
    assert!(plan.is_limited && !plan.is_starved);
    let plan = room.after(2_000, 600_000);
    assert_eq!((plan.minimum, plan.desired), (0, 360_000), "a pause between two tests");
    let plan = room.after(3_000, 600_000);
    assert_eq!((plan.minimum, plan.desired), (660_000, 2_500_000));
    let plan = room.after(100, 1_000_000);
    assert_eq!((plan.used, plan.minimum), (600_000, 0), "the next step is far away");
}

#[test]
fn nothing_is_padded_at_the_top() {
    let mut room = Alone::new();
    let plan = room.after(0, 3_000_000);
    assert_eq!((plan.minimum, plan.desired, plan.used), (0, 2_500_000, 2_500_000));
    assert!(!plan.is_limited);
    for _ in 0..10 {
        assert_eq!(room.after(1_000, 3_000_000).desired, 2_500_000);
    }
}

#[test]
fn what_is_not_asked_for_any_more_is_forgotten() {
    let mut allocator = Allocator::default();
    let now = beginning();
    for first in [0, 1_000, 2_000] {
        let asked: Vec<_> = (first..first + 100).map(|slot| picture(slot, &LAYERS)).collect();
        allocator.plan(now, Some(3_000_000), &asked);
    }
    assert_eq!(allocator.memories.len(), 100);
}
