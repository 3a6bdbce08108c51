//! Key frame requests: merged, limited, repeated until one comes.

use std::time::Duration;

use crate::joining::CAMERA;
use crate::world::{Who, World};

/// A host whose run is too old to be of use, and a viewer that is live.
fn old_room(world: &mut World) -> (Who, Who) {
    let host = world.publisher(&[(CAMERA, true)]);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(6_000);
    assert!(world.clients[host].sources[0].asked.is_empty());
    (host, viewer)
}

#[test]
fn requests_within_half_a_second_are_one() {
    let mut world = World::new(80, 2);
    let (host, _) = old_room(&mut world);
    world.clients[host].sources[0].obstinate = true;
    let viewers: Vec<_> = (0..6)
        .map(|_| {
            world.run_ms(50);
            world.subscriber(&[(CAMERA, true)])
        })
        .collect();
    world.await_connected(&viewers);
    world.run_ms(3_000);
    let asked = &world.clients[host].sources[0].asked;
    for pair in asked.windows(2) {
        let pause = pair[1] - pair[0];
        assert!(pause >= Duration::from_millis(499), "{pause:?}; {world}");
    }
    assert!((5..=8).contains(&asked.len()), "{}; {world}", asked.len());
}

#[test]
fn a_request_that_is_lost_is_made_again_until_a_key_frame_comes() {
    let mut world = World::new(81, 2);
    let (host, _) = old_room(&mut world);
    let address = world.clients[host].outer;
    world.network.deaf.insert(address);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[viewer]);
    world.run_ms(800);
    assert!(world.clients[viewer].of(CAMERA).is_empty());
    world.network.deaf.remove(&address);
    world.run_ms(700);
    world.assert_complete(viewer, CAMERA);
    let asked = world.clients[host].sources[0].asked.len();
    assert_eq!(asked, 1, "the ones before were lost; {world}");
    world.run_ms(2_000);
    assert_eq!(world.clients[host].sources[0].asked.len(), 1, "it came; {world}");
}

#[test]
fn a_publisher_that_was_away_for_long_is_asked_when_it_is_back() {
    let mut world = World::new(82, 2);
    let (host, _) = old_room(&mut world);
    let address = world.clients[host].outer;
    world.network.deaf.insert(address);
    world.network.dumb.insert(address);
    world.run_ms(500);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    // Longer than a publisher is asked at the usual pace.
    world.run_ms(14_000);
    assert!(world.clients[viewer].connected && world.clients[viewer].of(CAMERA).is_empty());
    world.network.deaf.remove(&address);
    world.network.dumb.remove(&address);
    world.run_ms(6_000);
    world.assert_gapless(viewer, CAMERA);
}

#[test]
fn a_publisher_that_does_not_answer_for_long_is_still_asked() {
    let mut world = World::new(85, 2);
    let (host, _) = old_room(&mut world);
    world.clients[host].sources[0].obstinate = true;
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.run_ms(14_000);
    assert!(world.clients[viewer].connected && world.clients[viewer].of(CAMERA).is_empty());
    world.clients[host].sources[0].obstinate = false;
    world.run_ms(6_000);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn a_viewers_own_request_reaches_the_publisher() {
    let mut world = World::new(83, 3);
    let host = world.publisher(&[(CAMERA, true)]);
    world.land(host, 0);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.land(viewer, 2);
    world.await_connected(&[host, viewer]);
    world.run_ms(1_000);
    let mid = world.clients[viewer].of(CAMERA)[0].mid;
    world.ask_key_frame(viewer, mid);
    world.run_ms(300);
    assert_eq!(world.clients[host].sources[0].asked.len(), 1, "{world}");
    let key_frames = world.clients[viewer].of(CAMERA).iter().filter(|r| r.stamp.key_frame).count();
    assert_eq!(key_frames, 24, "two key frames of twelve packets; {world}");
}

#[test]
fn a_publisher_is_not_asked_when_nobody_waits_any_more() {
    let mut world = World::new(84, 1);
    let (host, viewer) = old_room(&mut world);
    world.clients[host].sources[0].obstinate = true;
    let guest = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[guest]);
    world.run_ms(700);
    world.close(guest);
    world.close(viewer);
    world.run_ms(600);
    let asked = world.clients[host].sources[0].asked.len();
    assert!(asked >= 2, "{world}");
    world.run_ms(5_000);
    assert_eq!(world.clients[host].sources[0].asked.len(), asked, "{world}");
}
