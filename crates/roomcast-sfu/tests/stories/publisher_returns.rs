//! A publisher that leaves and comes back with the same publications: nobody renegotiates.

use std::time::Duration;

use roomcast_sfu::{Event, PublicationId};

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::{Who, World};

const TRACKS: [(PublicationId, bool); 2] = [(CAMERA, true), (MICROPHONE, false)];

fn offers(world: &World, who: Who) -> usize {
    world.events_of(who).iter().filter(|e| matches!(e, Event::Offered { .. })).count()
}

/// A viewer that receives the first publisher, then, after `gone_ms`, the second.
fn returns(seed: u64, shards: (u16, u16, u16), close_first: bool, gone_ms: u64) {
    let mut world = World::new(seed, 3);
    let first = world.publisher(&TRACKS);
    world.land(first, shards.0);
    let viewer = world.subscriber(&TRACKS);
    world.land(viewer, shards.1);
    world.await_connected(&[first, viewer]);
    world.run_ms(1_000);
    if close_first {
        world.close(first);
    } else {
        let address = world.clients[first].outer;
        world.network.dumb.insert(address);
    }
    world.run_ms(gone_ms);
    let second = world.publisher(&TRACKS);
    world.land(second, shards.2);
    world.await_connected(&[second]);
    if !close_first {
        world.close(first);
    }
    world.run_ms(1_000);
    assert_goes_on(&world, viewer, second);
    assert_eq!(
        world.clients[second].sources[0].asked.len(),
        0,
        "its first is a key frame; {world}"
    );
}

fn assert_goes_on(world: &World, viewer: Who, second: Who) {
    assert_eq!(offers(world, viewer), 1, "no new offer; {world}");
    for (publication, is_video) in TRACKS {
        world.assert_gapless(viewer, publication);
        let packets = world.clients[viewer].in_order(publication);
        let from_second: Vec<_> =
            packets.iter().filter(|r| r.stamp.session == world.session(second)).collect();
        assert!(from_second.len() > 40, "{} of {publication}; {world}", from_second.len());
        assert_eq!(from_second[0].stamp.key_frame, is_video, "{world}");
        assert_eq!(from_second[0].stamp.number, 0, "nothing of the new one is lost; {world}");
    }
}

#[test]
fn a_host_that_left_comes_back_on_the_same_shard() {
    returns(90, (0, 0, 0), true, 500);
    returns(91, (0, 1, 0), true, 500);
}

#[test]
fn a_host_that_left_comes_back_on_another_shard() {
    returns(92, (0, 0, 1), true, 500);
    returns(93, (0, 1, 1), true, 2_000);
    returns(94, (0, 1, 2), true, 20_000);
}

#[test]
fn a_host_that_was_cut_off_comes_back_before_the_old_session_is_closed() {
    returns(95, (0, 0, 0), false, 300);
    returns(96, (0, 1, 2), false, 300);
    returns(97, (0, 2, 2), false, 3_000);
}

#[test]
fn two_sessions_that_send_the_same_publication_do_not_take_turns() {
    let mut world = World::new(98, 2);
    let first = world.publisher(&TRACKS);
    world.land(first, 0);
    let viewer = world.subscriber(&TRACKS);
    world.land(viewer, 0);
    world.await_connected(&[first, viewer]);
    world.run_ms(500);
    let second = world.publisher(&TRACKS);
    world.land(second, 1);
    world.await_connected(&[second]);
    world.run_ms(1_000);
    assert_goes_on(&world, viewer, second);
    world.close(first);
    world.assert_flows(viewer, CAMERA);
}

#[test]
fn what_the_former_of_two_publishers_still_sends_does_not_undo_what_is_kept_of_the_newer() {
    let mut world = World::new(101, 1);
    let first = world.publisher(&[(CAMERA, true)]);
    world.await_connected(&[first]);
    world.run_ms(500);
    let second = world.publisher(&[(CAMERA, true)]);
    world.await_connected(&[second]);
    world.run_ms(1_000);
    let late = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[late]);
    world.run_ms(500);
    world.assert_complete(late, CAMERA);
    let packets = world.clients[late].in_order(CAMERA);
    assert!(packets.iter().all(|r| r.stamp.session == world.session(second)), "{world}");
    assert_eq!(packets[0].stamp.number, 0, "from its first packet on; {world}");
    assert_eq!(world.clients[second].sources[0].asked.len(), 0, "{world}");
}

#[test]
fn what_another_shard_had_kept_of_the_former_publisher_does_not_undo_what_is_kept_of_the_newer() {
    let mut world = World::new(102, 2);
    let first = world.publisher(&[(CAMERA, true)]);
    world.land(first, 0);
    let second = world.publisher(&[(MICROPHONE, false)]);
    world.land(second, 1);
    // Those that are opened at the shard where they live get their commands without delay.
    world.client(|config| config);
    let viewer = world.subscriber(&[(MICROPHONE, false)]);
    world.land(viewer, 1);
    world.await_connected(&[first, second, viewer]);
    world.run_ms(500);
    // The wish is on its way to the former publisher's shard, and what is kept there on its way back,
    // when the newer one begins.
    world.mail_delay = Duration::from_secs(1);
    world.subscribe(viewer, &TRACKS);
    world.run_ms(100);
    world.republish(second, &[(CAMERA, true)], &[], false);
    world.run_ms(4_000);
    world.assert_complete(viewer, CAMERA);
    let packets = world.clients[viewer].in_order(CAMERA);
    assert!(packets.iter().all(|r| r.stamp.session == world.session(second)), "{world}");
    let camera = &world.clients[second].sources[1];
    assert_eq!(camera.asked.len(), 0, "{world}");
}

#[test]
fn a_key_frame_is_asked_for_when_a_new_stream_does_not_begin_with_one() {
    for shards in [1, 2] {
        let mut world = World::new(99, shards);
        let first = world.publisher(&[(CAMERA, true)]);
        world.land(first, 0);
        let viewer = world.subscriber(&[(CAMERA, true)]);
        world.land(viewer, shards - 1);
        world.await_connected(&[first, viewer]);
        world.run_ms(6_000);
        // Only this one is there, and waits for a key frame, when the publisher goes.
        world.close(viewer);
        world.clients[first].sources[0].obstinate = true;
        let waiting = world.subscriber(&[(CAMERA, true)]);
        world.land(waiting, shards - 1);
        world.await_connected(&[waiting]);
        world.run_ms(200);
        world.close(first);
        world.run_ms(1_000);
        let second = world.publisher(&[(CAMERA, true)]);
        world.clients[second].sources[0].key_frame_due = false;
        world.await_connected(&[second]);
        world.run_ms(1_500);
        world.assert_complete(waiting, CAMERA);
        assert_eq!(world.clients[second].sources[0].asked.len(), 1, "{world}");
    }
}

#[test]
fn a_late_joiner_sees_nothing_of_a_publisher_that_has_gone() {
    for shards in [1, 2] {
        let mut world = World::new(100, shards);
        let host = world.publisher(&[(CAMERA, true)]);
        world.land(host, 0);
        let viewer = world.subscriber(&[(CAMERA, true)]);
        world.land(viewer, shards - 1);
        world.await_connected(&[host, viewer]);
        world.run_ms(1_000);
        world.close(host);
        world.run_ms(500);
        let late = world.subscriber(&[(CAMERA, true)]);
        world.land(late, shards - 1);
        world.await_connected(&[late]);
        world.run_ms(1_000);
        assert!(world.clients[late].of(CAMERA).is_empty(), "{world}");
    }
}
