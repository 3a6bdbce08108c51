//! The host mutes a publication: nothing of it is forwarded, and afterwards it goes on as if nothing
//! had been.

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::World;

#[test]
fn nothing_is_forwarded_while_a_publication_is_muted() {
    for shards in [1, 2] {
        let mut world = World::new(110, shards);
        let tracks = [(CAMERA, true), (MICROPHONE, false)];
        let host = world.publisher(&tracks);
        world.land(host, 0);
        let viewer = world.subscriber(&tracks);
        world.land(viewer, shards - 1);
        world.await_connected(&[host, viewer]);
        world.run_ms(1_000);
        world.mute(host, CAMERA, true);
        world.mute(host, MICROPHONE, true);
        world.run_ms(100);
        let before = world.clients[viewer].received.len();
        world.run_ms(2_000);
        assert_eq!(world.clients[viewer].received.len(), before, "{world}");
        world.mute(host, CAMERA, false);
        world.mute(host, MICROPHONE, false);
        world.run_ms(1_000);
        assert!(world.clients[viewer].received.len() > before + 150, "{world}");
        world.assert_gapless(viewer, CAMERA);
        world.assert_gapless(viewer, MICROPHONE);
        let packets = world.clients[viewer].in_order(CAMERA);
        let resumed = packets.windows(2).find(|p| p[0].stamp.number + 1 != p[1].stamp.number);
        assert!(resumed.unwrap()[1].stamp.key_frame, "it goes on with a key frame; {world}");
        assert_eq!(world.clients[host].sources[0].asked.len(), 1, "{world}");
    }
}

#[test]
fn who_comes_while_a_publication_is_muted_sees_nothing_of_before() {
    for shards in [1, 2] {
        let mut world = World::new(111, shards);
        let host = world.publisher(&[(CAMERA, true)]);
        world.land(host, 0);
        let early = world.subscriber(&[(CAMERA, true)]);
        world.land(early, shards - 1);
        world.await_connected(&[host, early]);
        world.run_ms(1_000);
        world.mute(host, CAMERA, true);
        world.run_ms(200);
        let late = world.subscriber(&[(CAMERA, true)]);
        world.land(late, shards - 1);
        world.await_connected(&[late]);
        world.run_ms(1_000);
        assert!(world.clients[late].of(CAMERA).is_empty(), "{world}");
        world.mute(host, CAMERA, false);
        world.run_ms(500);
        world.assert_complete(late, CAMERA);
    }
}

#[test]
fn nobody_is_asked_for_a_key_frame_that_would_not_be_forwarded() {
    let mut world = World::new(113, 1);
    let host = world.publisher(&[(CAMERA, true)]);
    world.await_connected(&[host]);
    // Older than any kept run: whoever comes now needs a key frame.
    world.run_ms(6_000);
    world.mute(host, CAMERA, true);
    world.run_ms(100);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[viewer]);
    world.run_ms(3_000);
    assert!(world.clients[host].sources[0].asked.is_empty(), "{world}");
    world.mute(host, CAMERA, false);
    world.run_ms(1_000);
    assert_eq!(world.clients[host].sources[0].asked.len(), 1, "{world}");
    world.assert_gapless(viewer, CAMERA);
}

#[test]
fn a_mute_survives_a_renegotiation() {
    let mut world = World::new(112, 1);
    let host = world.publisher(&[(CAMERA, true)]);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    world.mute(host, CAMERA, true);
    world.republish(host, &[(MICROPHONE, false)], &[], false);
    world.run_ms(100);
    let before = world.clients[viewer].received.len();
    world.run_ms(500);
    assert_eq!(world.clients[viewer].received.len(), before, "{world}");
}
