//! Publishers in layers that do not do as they should. Nobody else is disturbed, viewers go on.

use std::time::Duration;

use roomcast_sfu::PublicationId;
use str0m::media::Rid;

use crate::joining::CAMERA;
use crate::layers::{layers, newest, room, since};
use crate::world::{Who, World};

/// The viewer goes on seeing pictures, without a longer pause than so many ms.
#[track_caller]
fn assert_goes_on(world: &mut World, viewer: Who, ms: u64) {
    let from = world.now;
    world.run_ms(6_000);
    let gap = world.longest_gap(viewer, CAMERA, (from, world.now));
    let shown = layers(&since(world, viewer, from));
    assert!(gap <= Duration::from_millis(ms), "{gap:?}; {shown:?}; {world}");
}

fn settled(seed: u64) -> (World, Who, Who) {
    let (mut world, host, [viewer]) = room(seed, [None]);
    world.run_ms(8_000);
    assert_eq!(newest(&world, viewer).layer, 2, "{world}");
    (world, host, viewer)
}

#[test]
fn where_a_layer_stops_without_a_word_another_is_sent() {
    for seed in 700..703 {
        let (mut world, host, viewer) = settled(seed);
        let camera = &mut world.clients[host].cameras[0];
        camera.obeys = false;
        (camera.layer("f").is_on, camera.layer("h").is_on) = (false, true);
        assert_goes_on(&mut world, viewer, 2_000);
        assert_ne!(newest(&world, viewer).layer, 2, "{world}");
        // And comes back.
        world.clients[host].cameras[0].layer("f").key_frame_due = true;
        world.clients[host].cameras[0].layer("f").is_on = true;
        assert_goes_on(&mut world, viewer, 500);
        assert_eq!(newest(&world, viewer).layer, 2, "{world}");
        world.assert_continuous(viewer, CAMERA);
    }
}

#[test]
fn where_all_layers_stop_the_viewer_goes_on_when_one_comes_back() {
    let (mut world, host, viewer) = settled(705);
    let camera = &mut world.clients[host].cameras[0];
    camera.obeys = false;
    camera.layers.iter_mut().for_each(|layer| layer.is_on = false);
    world.run_ms(4_000);
    let layer = world.clients[host].cameras[0].layer("h");
    (layer.is_on, layer.key_frame_due) = (true, true);
    world.run_ms(2_000);
    assert_goes_on(&mut world, viewer, 300);
    world.assert_continuous(viewer, CAMERA);
}

#[test]
fn a_layer_that_begins_its_numbers_anew_goes_on() {
    for seed in 710..713 {
        let (mut world, host, viewer) = settled(seed);
        for rid in ["f", "q"] {
            let layer = world.clients[host].cameras[0].layer(rid);
            (layer.seq, layer.time) = (layer.seq + 20_000, fastrand::u32(..));
            layer.key_frame_due = true;
        }
        world.run_ms(2_000);
        assert_goes_on(&mut world, viewer, 500);
        assert_eq!(world.sent_twice, 0, "{world}");
    }
}

#[test]
fn a_layer_that_changes_its_ssrc_goes_on() {
    for (seed, begins_with_key_frame) in [(720, true), (721, true), (721, false), (722, false)] {
        let (mut world, host, viewer) = settled(seed);
        world.run_ms(fastrand::u64(0..133));
        change_ssrc(&mut world, host, "f", begins_with_key_frame);
        // Asked of the new stream at once, a key frame takes 170 ms: there and back, and until the next
        // picture of the lowest temporal layer.
        assert_goes_on(&mut world, viewer, 300);
        assert_eq!(newest(&world, viewer).layer, 2, "{world}");
        assert_eq!(world.sent_twice, 0, "{world}");
    }
}

/// A layer goes on in another stream, as after an encoder was made anew.
fn change_ssrc(world: &mut World, host: Who, rid: &'static str, begins_with_key_frame: bool) {
    let client = &mut world.clients[host];
    let mid = client.cameras[0].mid;
    let name = Some(Rid::from(rid));
    let mut direct = client.rtc.direct_api();
    let before = direct.stream_tx_by_mid(mid, name).expect("the layer").ssrc();
    let (ssrc, rtx) = (direct.new_ssrc(), direct.new_ssrc());
    // Not by `reset_stream_tx`: after that str0m does not hear what is asked of the new one.
    direct.remove_stream_tx(before);
    direct.declare_stream_tx(ssrc, Some(rtx), mid, name);
    let layer = client.cameras[0].layer(rid);
    (layer.seq, layer.time, layer.key_frame_due) = (7, 7, begins_with_key_frame);
    client.advance(world.now);
}

#[test]
fn a_fourth_layer_is_left_out() {
    let mut world = World::new(730, 2);
    let host = world.client(|config| config);
    let mut camera = crate::camera::Camera::new(CAMERA, world.now);
    let fourth = crate::camera::Layer::new("x", 5_000_000, (1920, 1080));
    camera.layers.push(fourth);
    world.clients[host].cameras.push(camera);
    world.republish(host, &[], &[], false);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(4_000);
    assert_goes_on(&mut world, viewer, 300);
    assert!(newest(&world, viewer).layer < 3, "{world}");
    world.assert_continuous(viewer, CAMERA);
}

#[test]
fn layers_that_are_not_described_are_forwarded() {
    let mut world = World::new(740, 2);
    let host = world.client(|config| config);
    let mut camera = crate::camera::Camera::new(CAMERA, world.now);
    (camera.announces, camera.obeys) = (false, false);
    world.clients[host].cameras.push(camera);
    world.republish(host, &[], &[], false);
    let [viewer, slow] = [None, Some(300_000)].map(|rate| {
        let viewer = world.subscriber(&[(CAMERA, true)]);
        if let Some(rate) = rate {
            world.narrow(viewer, rate);
        }
        viewer
    });
    world.await_connected(&[host, viewer, slow]);
    world.run_ms(12_000);
    assert_eq!((newest(&world, viewer).layer, newest(&world, slow).layer), (2, 0), "{world}");
    assert_goes_on(&mut world, viewer, 300);
    world.assert_continuous(viewer, CAMERA);
}

#[test]
fn an_unruly_publisher_leaves_others_alone() {
    const OTHER: PublicationId = PublicationId(9);
    let (mut world, host, [viewer]) = room(750, [None]);
    let calm = world.publisher(&[(OTHER, true)]);
    world.subscribe(viewer, &[(CAMERA, true), (OTHER, true)]);
    world.await_connected(&[calm]);
    world.run_ms(3_000);
    for _ in 0..200 {
        let camera = &mut world.clients[host].cameras[0];
        camera.obeys = false;
        let layer = fastrand::usize(..3);
        let layer = &mut camera.layers[layer];
        match fastrand::u8(0..4) {
            0 => layer.is_on = !layer.is_on,
            1 => layer.seq += fastrand::u64(1..3_000),
            2 => layer.time = fastrand::u32(..),
            _ => layer.key_frame_due = true,
        }
        world.run_ms(30);
    }
    world.run_ms(1_000);
    world.assert_complete(viewer, OTHER);
    world.assert_flows(viewer, OTHER);
    world.close(host);
    world.close(calm);
    world.close(viewer);
    world.run_ms(500);
    world.assert_empty();
}
