//! Feedback that no browser would give. It moves at most the session that it comes from.

use std::time::Duration;

use str0m::bwe::Bitrate;

use crate::joining::CAMERA;
use crate::layers::{newest, room};
use crate::world::{Who, World};

/// A room in which one viewer is about to lie, and another has to stay as it is.
fn settled(seed: u64) -> (World, Who, Who, Who) {
    let (mut world, host, [liar, other]) = room(seed, [None, None]);
    world.run_ms(9_000);
    (world, host, liar, other)
}

#[track_caller]
fn assert_undisturbed(world: &World, other: Who) {
    let gap = world.longest_gap(other, CAMERA, (world.clients[other].received[0].at, world.now));
    assert!(gap < Duration::from_millis(700), "{gap:?}; {world}");
    assert_eq!(newest(world, other).layer, 2, "{world}");
    world.assert_continuous(other, CAMERA);
}

#[test]
fn a_claim_of_nothing_or_of_everything_moves_nobody_else() {
    let (mut world, _, liar, other) = settled(800);
    let mid = world.clients[liar].of(CAMERA)[0].mid;
    for claim in [0, 1, u64::MAX / 2, 1 << 50, 30_000, 0] {
        for _ in 0..20 {
            let mut direct = world.clients[liar].rtc.direct_api();
            let stream = direct.stream_rx_by_mid(mid, None).expect("what it receives");
            stream.request_remb(Bitrate::from(claim));
            let now = world.now;
            world.clients[liar].advance(now);
            world.run_ms(50);
        }
    }
    world.run_ms(3_000);
    assert_undisturbed(&world, other);
    assert!(newest(&world, liar).at > world.now - Duration::from_millis(500), "{world}");
}

#[test]
fn a_flood_of_requests_costs_the_publisher_two_key_frames_a_second() {
    let (mut world, host, liar, other) = settled(810);
    let mid = world.clients[liar].of(CAMERA)[0].mid;
    let before = crate::layers::asked(&world, host).len();
    for _ in 0..300 {
        for _ in 0..5 {
            world.ask_key_frame(liar, mid);
        }
        world.run_ms(10);
    }
    let asked = crate::layers::asked(&world, host).len() - before;
    assert!(asked <= 8, "{asked} in three seconds; {world}");
    world.run_ms(2_000);
    assert_undisturbed(&world, other);
}

#[test]
fn feedback_of_no_known_kind_is_passed_over() {
    let (mut world, _, liar, other) = settled(820);
    for round in 0..400u32 {
        let now = world.now;
        let client = &mut world.clients[liar];
        let size = fastrand::usize(0..200) * 4;
        let contents: Vec<u8> = (0..size).map(|_| fastrand::u8(..)).collect();
        client.rtc.direct_api().send_app_specific_feedback(round.into(), 7.into(), contents);
        client.advance(now);
        world.run_ms(5);
    }
    world.run_ms(2_000);
    assert_undisturbed(&world, other);
    world.assert_flows(liar, CAMERA);
}
