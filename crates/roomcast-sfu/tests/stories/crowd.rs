//! A room that spreads over shards.

use std::time::{Duration, Instant};

use crate::camera::Camera;
use crate::joining::{CAMERA, MICROPHONE};
use crate::layers::asked;
use crate::world::{Who, World};

#[test]
fn a_room_spreads_over_four_shards_and_everyone_receives_everything_once() {
    let mut world = World::new(10, 4);
    let tracks = [(CAMERA, true), (MICROPHONE, false)];
    let host = world.publisher(&tracks);
    let viewers: Vec<_> = (0..40).map(|_| world.subscriber(&tracks)).collect();
    world.await_connected(&[host]);
    world.await_connected(&viewers);
    world.run_ms(1_500);
    for viewer in viewers {
        world.assert_complete(viewer, CAMERA);
        world.assert_complete(viewer, MICROPHONE);
        let last = world.clients[viewer].of(CAMERA).last().unwrap().stamp.number;
        assert!(last + 8 > world.clients[host].sources[0].sent);
    }
    assert!(world.shards_with_sessions().iter().all(|sessions| *sessions >= 4), "{world}");
}

#[test]
fn viewers_that_come_and_go_leave_the_others_alone() {
    let mut world = World::new(11, 4);
    let tracks = [(CAMERA, true), (MICROPHONE, false)];
    let host = world.publisher(&tracks);
    let steady = world.subscriber(&tracks);
    world.await_connected(&[host, steady]);
    for round in 0..12 {
        let guest = world.subscriber(&tracks);
        world.run_ms(400);
        assert!(world.clients[guest].connected, "round {round}; {world}");
        world.close(guest);
        world.run_ms(100);
        assert!(world.clients[guest].closed, "it is told that it is over; {world}");
    }
    world.assert_complete(steady, CAMERA);
    world.close(steady);
    world.close(host);
    world.run_ms(1_000);
    world.assert_empty();
}

/// Viewers that come within two seconds.
const CROWD: u64 = 200;

#[test]
fn a_crowd_costs_the_publisher_two_key_frames_a_second() {
    for seed in 570..573 {
        let mut world = World::new(seed, 2);
        let host = world.client(|config| config);
        let mut camera = Camera::new(CAMERA, world.now);
        // As many packets for 200 as there would be for 67, and the top still beyond a first guess.
        camera.layers.iter_mut().for_each(|layer| layer.bitrate /= 3);
        world.clients[host].cameras.push(camera);
        world.republish(host, &[], &[], false);
        world.await_connected(&[host]);
        world.run_ms(6_000);
        let began = world.now;
        let crowd: Vec<_> = (0..CROWD)
            .map(|_| {
                world.run_ms(2_000 / CROWD);
                world.subscriber(&[(CAMERA, true)])
            })
            .collect();
        world.await_connected(&crowd);
        world.run_ms(800);
        let sees = |viewer: &Who| !world.decoded(*viewer, CAMERA).is_empty();
        assert!(crowd.iter().all(sees), "{world}");
        let asked: Vec<_> = asked(&world, host).into_iter().filter(|at| *at >= began).collect();
        assert!(most_within_a_second(&asked) <= 2, "{asked:?}; {world}");
        for layer in &world.clients[host].cameras[0].layers {
            assert!(most_within_a_second(&layer.asked) <= 2, "{}; {world}", layer.rid);
        }
    }
}

/// How many of these moments, which are in order, fell into one second at most.
pub(crate) fn most_within_a_second(moments: &[Instant]) -> usize {
    let within = |from: &Instant| {
        let until = *from + Duration::from_secs(1);
        moments.iter().filter(|at| *at >= from && **at < until).count()
    };
    moments.iter().map(within).max().unwrap_or(0)
}
