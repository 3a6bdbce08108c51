//! Those who come later: they get the kept run at once, and no key frame is asked for.

use crate::joining::CAMERA;
use crate::network::Conditions;
use crate::world::{Who, World};

/// A host that has been live for `ms`, then a viewer; returns when the viewer has been there for a
/// second.
fn late_viewer(world: &mut World, ms: u64) -> (Who, Who) {
    let host = world.publisher(&[(CAMERA, true)]);
    world.land(host, 0);
    world.await_connected(&[host]);
    world.run_ms(ms);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.land(viewer, (world.shards.len() - 1) as u16);
    world.await_connected(&[viewer]);
    world.run_ms(1_000);
    (host, viewer)
}

#[test]
fn a_late_joiner_gets_the_kept_run_at_once_and_goes_on_live() {
    for shards in [1, 2] {
        let mut world = World::new(50, shards);
        let (host, viewer) = late_viewer(&mut world, 2_000);
        world.assert_complete(viewer, CAMERA);
        let received = world.clients[viewer].of(CAMERA);
        assert!(received[0].stamp.key_frame && received[0].stamp.number == 0, "{world}");
        // Two seconds of packets within a fraction of that.
        let run = received.iter().filter(|r| r.at < received[0].at + MS * 100).count();
        assert!(run > 200, "{run} packets at once; {world}");
        assert!(world.clients[host].sources[0].asked.is_empty(), "{world}");
        assert_eq!(world.total(|c| c.key_frames_asked), 0);
    }
}

#[test]
fn timestamps_of_the_kept_run_are_drawn_together_and_end_where_live_begins() {
    let mut world = World::new(51, 1);
    let (_, viewer) = late_viewer(&mut world, 2_000);
    let received = world.clients[viewer].in_order(CAMERA);
    let (first, last) = (received[0], received[received.len() - 1]);
    let frames = last.stamp.frame - first.stamp.frame;
    let spread = last.time.wrapping_sub(first.time);
    // About 60 frames of the run within a tenth of a second, then live at 3,000 ticks a frame.
    let live = received.iter().filter(|r| r.at > first.at + MS * 100);
    let live: Vec<_> = live.collect();
    let live_frames = live[live.len() - 1].stamp.frame - live[0].stamp.frame;
    let live_spread = live[live.len() - 1].time.wrapping_sub(live[0].time);
    assert_eq!(u64::from(live_spread), live_frames * 3_000, "live keeps its own pace; {world}");
    let drawn_together = u64::from(spread - live_spread);
    assert!(drawn_together < 12 * 3_000, "{drawn_together} ticks for {frames} frames; {world}");
    // Never later than live: what is shown of the run is due before the first live frame.
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn a_joiner_without_a_usable_run_asks_for_one_key_frame() {
    for shards in [1, 3] {
        let mut world = World::new(52, shards);
        let (host, viewer) = late_viewer(&mut world, 6_000);
        assert_eq!(world.clients[host].sources[0].asked.len(), 1, "{world}");
        world.assert_complete(viewer, CAMERA);
        assert!(world.clients[viewer].of(CAMERA)[0].stamp.key_frame, "{world}");
        // The next one finds the run that this key frame began.
        let second = world.subscriber(&[(CAMERA, true)]);
        world.await_connected(&[second]);
        world.run_ms(500);
        world.assert_complete(second, CAMERA);
        assert_eq!(world.clients[host].sources[0].asked.len(), 1, "{world}");
    }
}

#[test]
fn packets_that_the_publisher_sends_again_reach_those_who_are_catching_up() {
    for seed in 60..72 {
        let mut world = World::new(seed, 2);
        let host = world.publisher(&[(CAMERA, true)]);
        world.land(host, 0);
        world.await_connected(&[host]);
        world.run_ms(100);
        world.network.only = Some(world.clients[host].outer);
        world.network.up = Conditions { jitter: MS * 60, ..Conditions::lossy(0.08) };
        // Long enough that some viewers come while something is missing, short enough for the run.
        world.run_ms(1_500);
        let viewers: Vec<_> = (0..6)
            .map(|_| {
                world.run_ms(67);
                world.subscriber(&[(CAMERA, true)])
            })
            .collect();
        world.await_connected(&viewers);
        world.run_ms(700);
        world.clients[host].sources[0].stopped = true;
        world.network.up = Conditions::GOOD;
        world.run_ms(800);
        for viewer in viewers {
            world.assert_complete(viewer, CAMERA);
        }
    }
}

#[test]
fn a_key_frame_whose_first_packet_comes_late_still_begins_a_run() {
    let mut world = World::new(75, 1);
    let (host, viewer) = late_viewer(&mut world, 6_000);
    // The first packet of the next key frame is lost and sent again after the frames behind it.
    world.network.up.jitter = MS * 150;
    world.clients[host].sources[0].key_frame_due = true;
    world.run_ms(1_000);
    let late = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[late]);
    world.network.up = Conditions::GOOD;
    world.run_ms(1_000);
    world.assert_complete(late, CAMERA);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn in_a_crowd_whose_packets_are_held_for_their_frame_nobody_gets_one_twice() {
    for seed in 76..80 {
        let mut world = World::new(seed, 1);
        let host = world.publisher(&[(CAMERA, true)]);
        world.await_connected(&[host]);
        // Packets of a frame arrive apart, so some of them wait for the others.
        world.network.only = Some(world.clients[host].outer);
        world.network.up.jitter = MS * 3;
        let viewers: Vec<_> = (0..16)
            .map(|_| {
                world.run_ms(71);
                world.subscriber(&[(CAMERA, true)])
            })
            .collect();
        world.await_connected(&viewers);
        world.run_ms(500);
        world.clients[host].sources[0].stopped = true;
        world.run_ms(300);
        for viewer in viewers {
            world.assert_complete(viewer, CAMERA);
        }
    }
}

const MS: std::time::Duration = std::time::Duration::from_millis(1);
