//! What leaves beside str0m: packets of sessions that estimate nothing, or whose estimates rest.

use std::time::Duration;

use roomcast_sfu::Counters;

use crate::joining::{CAMERA, MICROPHONE};
use crate::layers::{newest, room};
use crate::world::{Who, World};

const BOTH: [(roomcast_sfu::PublicationId, bool); 2] = [(CAMERA, true), (MICROPHONE, false)];

/// What left beside str0m, and what left at all.
fn counted(world: &World) -> (u64, u64) {
    (world.total(|c| c.beside), world.total(|c| c.forwarded))
}

fn share_since(world: &World, before: (u64, u64)) -> f64 {
    let after = counted(world);
    (after.0 - before.0) as f64 / (after.1 - before.1) as f64
}

fn share_beside(world: &World) -> f64 {
    let total = |of: fn(&Counters) -> u64| world.total(of) as f64;
    total(|counters| counters.beside) / total(|counters| counters.forwarded)
}

/// A viewer of a host who sends one layer of everything.
fn plain_room(seed: u64) -> (World, Who) {
    let mut world = World::new(seed, 2);
    let host = world.publisher(&BOTH);
    world.await_connected(&[host]);
    world.run_ms(500);
    let viewer = world.subscriber(&BOTH);
    world.await_connected(&[viewer]);
    (world, viewer)
}

#[test]
fn who_has_no_choice_is_served_beside_str0m_but_for_a_packet_a_second() {
    let (mut world, viewer) = plain_room(770);
    world.run_ms(5_000);
    world.assert_flows(viewer, CAMERA);
    world.assert_flows(viewer, MICROPHONE);
    let share = share_beside(&world);
    assert!((0.95..1.0).contains(&share), "{share}; {world}");
}

#[test]
fn sender_reports_go_on_telling_the_time_of_each_stream() {
    let (mut world, viewer) = plain_room(771);
    world.run_ms(6_000);
    for (publication, clock_rate) in [(CAMERA, 90_000.0), (MICROPHONE, 48_000.0)] {
        let packets = world.clients[viewer].in_order(publication);
        let last = packets.last().unwrap();
        let report = last.report.unwrap();
        let behind = last.time.wrapping_sub(report.rtp_time.numer() as u32).cast_signed();
        let behind = Duration::from_secs_f64(f64::from(behind).max(0.0) / clock_rate);
        assert!(behind < Duration::from_millis(1_500), "{behind:?}; {world}");
    }
}

#[test]
fn who_moves_to_another_address_is_sent_to_there_by_the_short_way_again() {
    let (mut world, viewer) = plain_room(774);
    world.run_ms(1_000);
    world.rebind(viewer, 0);
    world.run_ms(1_000);
    let counted = |world: &World| (world.total(|c| c.beside), world.total(|c| c.forwarded));
    let before = counted(&world);
    world.run_ms(2_000);
    let after = counted(&world);
    world.assert_flows(viewer, CAMERA);
    world.assert_flows(viewer, MICROPHONE);
    assert_eq!(world.sent_twice, 0, "{world}");
    let (beside, forwarded) = (after.0 - before.0, after.1 - before.1);
    assert!(forwarded > 300 && beside * 10 > forwarded * 9, "{beside} of {forwarded}; {world}");
}

#[test]
fn who_chooses_among_layers_is_served_by_str0m_whose_estimates_need_every_packet() {
    let mut world = World::new(772, 1);
    let host = world.publisher_in_layers(CAMERA);
    world.await_connected(&[host]);
    world.run_ms(500);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[viewer]);
    world.run_ms(2_000);
    world.assert_flows(viewer, CAMERA);
    assert_eq!(share_beside(&world), 0.0, "{world}");
}

/// A viewer of a host in layers, whose network carries the best one easily.
fn restful_room(seed: u64) -> (World, Who) {
    let (mut world, _, [viewer]) = room(seed, [Some(10_000_000)]);
    world.run_ms(15_000);
    (world, viewer)
}

#[test]
fn while_everything_arrives_the_estimator_sees_a_packet_now_and_then() {
    let (mut world, viewer) = restful_room(775);
    let before = counted(&world);
    world.run_ms(5_000);
    world.assert_flows(viewer, CAMERA);
    assert_eq!(newest(&world, viewer).layer, 2, "{world}");
    let share = share_since(&world, before);
    assert!((0.7..1.0).contains(&share), "{share}; {world}");
}

#[test]
fn what_is_lost_while_estimates_rest_is_sent_again_as_it_was() {
    let (mut world, viewer) = restful_room(776);
    let good = world.network.down;
    for _ in 0..5 {
        world.network.down.loss = 1.0;
        world.run_ms(8);
        world.network.down = good;
        world.run_ms(6_000);
    }
    assert!(world.repeated > 0, "{world}");
    world.assert_continuous(viewer, CAMERA);
}

#[test]
fn a_network_that_falls_wakes_the_estimates_and_they_rest_again_when_it_is_back() {
    for seed in 777..780 {
        let (mut world, viewer) = restful_room(seed);
        let fell = world.now;
        world.narrow(viewer, 1_000_000);
        world.run_ms(1_000);
        let before = counted(&world);
        world.run_ms(10_000);
        assert_eq!(share_since(&world, before), 0.0, "{world}");
        assert_eq!(newest(&world, viewer).layer, 1, "{world}");
        let back = world.now;
        world.narrow(viewer, 10_000_000);
        world.run_ms(25_000);
        let before = counted(&world);
        world.run_ms(3_000);
        assert_eq!(newest(&world, viewer).layer, 2, "{world}");
        assert!(share_since(&world, before) > 0.7, "{world}");
        let gaps = [(fell, back), (back, world.now)].map(|w| world.longest_gap(viewer, CAMERA, w));
        assert!(gaps[0] <= Duration::from_millis(550), "{gaps:?}; {world}");
        assert!(gaps[1] <= Duration::from_millis(200), "{gaps:?}; {world}");
    }
}
