//! What depends on what was planned before.

use super::*;

/// An allocator of one picture of [`LAYERS`], and its clock.
struct Alone {
    allocator: Allocator,
    now: Instant,
}

impl Alone {
    /// Begins with what an estimate allows.
    fn with(estimate: u64) -> Self {
        let mut room = Self { allocator: Allocator::default(), now: beginning() };
        room.after(0, estimate);
        room
    }

    /// The newest plan after a while, of plans each 100 ms.
    fn after(&mut self, ms: u64, estimate: u64) -> Plan {
        let mut plan = self.plan(estimate);
        for _ in 0..ms / 100 {
            self.now += Duration::from_millis(100);
            plan = self.plan(estimate);
        }
        plan
    }

    fn plan(&mut self, estimate: u64) -> Plan {
        self.allocator.plan(self.now, estimated(Some(estimate)), &[picture(0, &LAYERS)])
    }

    fn choice_after(&mut self, ms: u64, estimate: u64) -> Choice {
        self.after(ms, estimate).allotted[0].choice.unwrap()
    }

    /// After how many ms something else is chosen than now.
    fn changes_after(&mut self, estimate: u64) -> u64 {
        let before = self.choice_after(0, estimate);
        for ms in (0..60_000).step_by(100) {
            if self.choice_after(0, estimate) != before {
                return ms;
            }
            self.now += Duration::from_millis(100);
        }
        panic!("nothing changes");
    }
}

#[test]
fn what_is_sent_stays_while_it_fits() {
    let mut room = Alone::with(700_000);
    assert_eq!(room.choice_after(5_000, 610_000), whole(1));
    assert_eq!(room.choice_after(5_000, 575_000), whole(1), "a little too much");
    assert_eq!(room.choice_after(10_000, 1_500_000), whole(1), "no headroom for the next");
}

#[test]
fn a_rise_happens_when_padding_has_shown_that_it_is_carried() {
    let mut room = Alone::with(700_000);
    let plan = room.after(0, 1_600_000);
    assert_eq!((plan.used, plan.minimum), (600_000, 1_545_000));
    assert_eq!(room.after(900, 1_600_000).used, 600_000);
    let plan = room.after(100, 1_600_000);
    assert_eq!((plan.used, plan.minimum), (1_500_000, 1_500_000));
    // Until the key frame is there and has been digested.
    assert_eq!(room.after(1_900, 1_600_000).minimum, 1_500_000);
    assert_eq!(room.after(100, 1_600_000).minimum, 0);
}

#[test]
fn a_rise_that_padding_does_not_bear_out_does_not_happen() {
    let mut room = Alone::with(700_000);
    for _ in 0..20 {
        assert_eq!(room.after(900, 1_600_000).used, 600_000);
        assert_eq!(room.after(100, 1_400_000).used, 600_000);
    }
}

#[test]
fn where_there_is_plenty_a_rise_needs_no_padding() {
    let mut room = Alone::with(700_000);
    let plan = room.after(0, 5_100_000);
    assert_eq!((plan.used, plan.desired), (2_500_000, 2_500_000));
}

#[test]
fn what_is_far_too_much_goes_down_at_once() {
    let mut room = Alone::with(3_000_000);
    assert_eq!(room.choice_after(100, 425_000), half(1));
}

#[test]
fn a_network_that_goes_on_falling_is_anticipated() {
    let mut room = Alone::with(3_000_000);
    assert_eq!(room.choice_after(100, 1_600_000), half(2));
    // 600 kbit/s would still fit, but not for long.
    assert_eq!(room.choice_after(400, 900_000), half(1));
}

#[test]
fn what_is_a_little_too_much_is_borne_for_a_moment() {
    let mut room = Alone::with(700_000);
    assert_eq!(room.choice_after(1_900, 510_000), whole(1));
    assert_eq!(room.choice_after(100, 510_000), half(1));
}

#[test]
fn a_dip_that_passes_changes_nothing() {
    let mut room = Alone::with(700_000);
    for _ in 0..10 {
        assert_eq!(room.choice_after(1_500, 510_000), whole(1));
        assert_eq!(room.choice_after(500, 650_000), whole(1));
    }
}

#[test]
fn after_a_fall_nothing_goes_up_for_a_while() {
    let mut room = Alone::with(3_000_000);
    assert_eq!(room.choice_after(20_000, 300_000), whole(0));
    // Forbidden for two seconds, of which all have passed; then it is to be shown.
    assert_eq!(room.changes_after(3_000_000), 1_000);
    room.after(20_000, 3_000_000);
    assert_eq!(room.choice_after(0, 300_000), whole(0));
    assert_eq!(room.changes_after(3_000_000), 3_000);
}

#[test]
fn a_rise_that_does_not_last_is_tried_ever_later() {
    let mut room = Alone::with(3_000_000);
    assert_eq!(room.choice_after(0, 300_000), whole(0));
    for wait in [2_000, 5_000, 12_000, 32_000, 32_000] {
        assert_eq!(room.changes_after(700_000), wait + 1_000);
        assert_eq!(room.choice_after(0, 300_000), whole(0));
    }
    // Quiet for long: all is forgotten.
    assert_eq!(room.choice_after(61_000, 300_000), whole(0));
    assert_eq!(room.changes_after(700_000), 1_000);
    assert_eq!(room.choice_after(0, 300_000), whole(0));
    assert_eq!(room.changes_after(700_000), 6_000);
}

#[test]
fn failures_do_not_count_on_a_network_that_carries_far_more() {
    let mut room = Alone::with(700_000);
    for _ in 0..3 {
        room.after(0, 300_000);
        room.changes_after(700_000);
    }
    room.after(3_000, 300_000);
    assert_eq!(room.choice_after(3_000, 800_000), whole(0));
    assert_eq!(room.changes_after(900_000), 1_000);
}

#[test]
fn what_is_sent_by_a_new_session_counts_as_planned() {
    let current = Some(whole(1));
    let asked = Asked { current, ..picture(0, &LAYERS) };
    assert_eq!(choices(&plan_once(600_000, &[asked])), [current]);
    assert_eq!(alone(600_000), half(1));
}

#[test]
fn a_new_picture_begins_at_once_with_the_best_that_fits() {
    let mut allocator = Allocator::default();
    let now = beginning();
    let asked = [picture(0, &LAYERS), picture(1, &LAYERS)];
    allocator.plan(now, estimated(Some(1_300_000)), &asked[..1]);
    let plan = allocator.plan(now, estimated(Some(1_300_000)), &asked);
    assert_eq!(choices(&plan), [Some(whole(1)), Some(whole(1))]);
}

#[test]
fn a_new_spotlight_takes_from_the_one_before() {
    let mut allocator = Allocator::default();
    let now = beginning();
    let asked = |spotlight: usize| {
        [0, 1].map(|slot| Asked { spotlight: slot == spotlight, ..picture(slot, &LAYERS) })
    };
    let mut plan = |ms, spotlight| {
        let now = now + Duration::from_millis(ms);
        choices(&allocator.plan(now, estimated(Some(2_800_000)), &asked(spotlight)))
    };
    assert_eq!(plan(0, 0), [Some(whole(2)), Some(whole(0))]);
    assert_eq!(plan(5_000, 1), [Some(whole(2)), Some(whole(0))], "to be shown first");
    assert_eq!(plan(6_000, 1), [Some(whole(0)), Some(whole(2))]);
}

#[test]
fn the_next_step_is_tested_now_and_then() {
    let mut room = Alone::with(570_000);
    let plan = room.after(0, 570_000);
    assert_eq!((plan.used, plan.minimum, plan.desired), (360_000, 612_000, 2_500_000));
    assert!(plan.is_limited && !plan.is_starved);
    let plan = room.after(2_000, 570_000);
    assert_eq!((plan.minimum, plan.desired), (0, 360_000), "a pause between two tests");
    let plan = room.after(3_000, 570_000);
    assert_eq!((plan.minimum, plan.desired), (612_000, 2_500_000));
}

#[test]
fn a_network_that_is_nearly_full_is_not_filled_up() {
    let plan = Alone::with(500_000).after(0, 500_000);
    assert_eq!((plan.used, plan.minimum, plan.desired), (360_000, 0, 2_500_000));
    // Where there is room, padding goes on to where the estimate can grow.
    let plan = Alone::with(280_000).after(0, 280_000);
    assert_eq!((plan.used, plan.minimum), (150_000, 367_200));
    // The next step is too far away for padding: probes have to find it.
    let plan = Alone::with(1_000_000).after(0, 1_000_000);
    assert_eq!((plan.used, plan.minimum, plan.desired), (600_000, 0, 2_500_000));
}

#[test]
fn who_asks_for_less_does_not_make_the_estimate_forget() {
    let mut allocator = Allocator::default();
    let low = Asked { quality: Quality::Low, ..picture(0, &LAYERS) };
    let plan = allocator.plan(beginning(), estimated(Some(3_000_000)), std::slice::from_ref(&low));
    assert_eq!((plan.used, plan.desired, plan.minimum), (150_000, 1_500_000, 0));
    let paused = Asked { quality: Quality::Paused, ..low };
    let plan = allocator.plan(beginning(), estimated(Some(50_000_000)), &[paused]);
    assert_eq!((plan.used, plan.desired), (0, 2_000_000));
}

#[test]
fn nothing_is_padded_at_the_top() {
    let mut room = Alone::with(3_000_000);
    for _ in 0..10 {
        let plan = room.after(1_000, 3_000_000);
        assert_eq!((plan.minimum, plan.desired, plan.used), (0, 2_500_000, 2_500_000));
        assert!(!plan.is_limited);
    }
}

#[test]
fn what_is_not_asked_for_any_more_is_forgotten() {
    let mut allocator = Allocator::default();
    let now = beginning();
    for first in [0, 1_000, 2_000] {
        let asked: Vec<_> = (first..first + 100).map(|slot| picture(slot, &LAYERS)).collect();
        allocator.plan(now, estimated(Some(3_000_000)), &asked);
    }
    assert_eq!(allocator.memories.len(), 100);
}
