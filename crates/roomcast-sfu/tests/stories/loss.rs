//! Networks that lose, reorder and repeat.

use std::time::Duration;

use crate::joining::{CAMERA, MICROPHONE};
use crate::network::Conditions;
use crate::world::World;

/// Who sends to the viewer: a session that joins before the picture is known estimates, and str0m sends
/// all; one that finds a picture without layers does not, and is served beside str0m.
const IS_KNOWN: [bool; 2] = [false, true];

/// Loss on both ways: packets of the picture are missing on each hop, and asked for again on each.
fn lossy_room(seed: u64, loss: f64, is_known: bool) -> (World, usize, usize) {
    let mut world = World::new(seed, 2);
    let tracks = [(CAMERA, true), (MICROPHONE, false)];
    let host = world.publisher(&tracks);
    world.land(host, 0);
    if is_known {
        world.await_connected(&[host]);
        world.run_ms(500);
    }
    let viewer = world.subscriber(&tracks);
    world.land(viewer, 1);
    world.await_connected(&[host, viewer]);
    world.network.up = Conditions::lossy(loss);
    world.network.down = Conditions::lossy(loss);
    world.run_ms(8_000);
    // Let what is still missing arrive.
    for source in &mut world.clients[host].sources {
        source.stopped = true;
    }
    world.network.up = Conditions::GOOD;
    world.network.down = Conditions::GOOD;
    world.run_ms(1_000);
    (world, host, viewer)
}

/// The share of the live picture that did not arrive. The kept run is left out: an `Rtc` asks for the
/// last hundred packets only, and the run is longer (browsers ask for the last thousand).
fn missing(world: &World, host: usize, viewer: usize) -> f64 {
    let packets = world.clients[viewer].in_order(CAMERA);
    let settled = packets[0].at + Duration::from_millis(500);
    let run = packets.iter().filter(|p| p.at <= settled).map(|p| p.stamp.number).max();
    let live = packets.iter().filter(|p| Some(p.stamp.number) > run).count();
    let expected = world.clients[host].sources[0].sent - run.unwrap_or(0) - 1;
    assert!(expected > 600, "{expected} packets; {world}");
    1.0 - live as f64 / expected as f64
}

#[test]
fn at_5_percent_loss_and_reordering_the_whole_picture_arrives() {
    for (seed, is_known) in (20..25).flat_map(|seed| IS_KNOWN.map(|is_known| (seed, is_known))) {
        let (world, host, viewer) = lossy_room(seed, 0.05, is_known);
        let missing = missing(&world, host, viewer);
        assert!(missing < 0.0025, "{missing} is missing; {world}");
        assert_eq!(world.sent_twice, 0, "{world}");
        assert_nothing_came_twice(&world, viewer);
    }
}

#[test]
fn at_10_percent_loss_almost_the_whole_picture_arrives() {
    for (seed, is_known) in (30..35).flat_map(|seed| IS_KNOWN.map(|is_known| (seed, is_known))) {
        let (world, host, viewer) = lossy_room(seed, 0.10, is_known);
        let missing = missing(&world, host, viewer);
        assert!(missing < 0.005, "{missing} is missing; {world}");
        assert_nothing_came_twice(&world, viewer);
    }
}

#[test]
fn repeated_datagrams_are_forwarded_once() {
    for is_known in IS_KNOWN {
        let mut world = World::new(40, 2);
        world.network.up.duplicates = 0.3;
        let (_, viewer) = camera_room(&mut world, is_known);
        world.run_ms(2_000);
        world.assert_complete(viewer, CAMERA);
    }
}

#[test]
fn sequence_numbers_roll_over_without_a_gap() {
    for is_known in IS_KNOWN {
        let mut world = World::new(41, 1);
        let (host, viewer) = camera_room(&mut world, is_known);
        // 200 packets a frame: the 16 bits are over after 11 s.
        world.clients[host].sources[0].packets_per_frame = 200;
        world.run_ms(13_000);
        world.assert_rolls_over(viewer, CAMERA);
    }
}

/// A host with a picture, and a viewer of it.
fn camera_room(world: &mut World, is_known: bool) -> (usize, usize) {
    let host = world.publisher(&[(CAMERA, true)]);
    if is_known {
        world.await_connected(&[host]);
        world.run_ms(500);
    }
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    (host, viewer)
}

fn assert_nothing_came_twice(world: &World, viewer: usize) {
    for publication in [CAMERA, MICROPHONE] {
        for pair in world.clients[viewer].in_order(publication).windows(2) {
            assert!(pair[0].seq < pair[1].seq, "{:?}; {world}", pair[1]);
            assert!(pair[0].stamp.number < pair[1].stamp.number, "{:?}; {world}", pair[1]);
        }
    }
}
