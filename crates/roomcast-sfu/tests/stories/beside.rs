//! What leaves beside str0m: packets of sessions that estimate nothing.

use std::time::Duration;

use roomcast_sfu::Counters;

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::{Who, World};

const BOTH: [(roomcast_sfu::PublicationId, bool); 2] = [(CAMERA, true), (MICROPHONE, false)];

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
