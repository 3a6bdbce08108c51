//! Pictures in layers: who gets which, on which network.

use std::time::{Duration, Instant};

use roomcast_sfu::{Event, Preference, Quality};

use crate::joining::CAMERA;
use crate::pictures::Seen;
use crate::world::{Who, World};

const Q: u8 = 0;
const H: u8 = 1;
const F: u8 = 2;

/// A publisher in layers and viewers with these ceilings in bits per second.
pub(crate) fn room<const N: usize>(seed: u64, rates: [Option<u64>; N]) -> (World, Who, [Who; N]) {
    let mut world = World::new(seed, 2);
    let host = world.publisher_in_layers(CAMERA);
    let viewers = rates.map(|rate| {
        let viewer = world.subscriber(&[(CAMERA, true)]);
        if let Some(rate) = rate {
            world.narrow(viewer, rate);
        }
        viewer
    });
    world.await_connected(&[host]);
    world.await_connected(&viewers);
    (world, host, viewers)
}

/// The layers that could be decoded one after the other, each with the seconds since the first.
pub(crate) fn layers(decoded: &[Seen]) -> Vec<(f32, u8)> {
    let mut layers: Vec<(f32, u8)> = Vec::new();
    for one in decoded {
        if layers.last().is_none_or(|(_, layer)| *layer != one.layer) {
            layers.push(((one.at - decoded[0].at).as_secs_f32(), one.layer));
        }
    }
    layers
}

/// What was decoded of a viewer's pictures since a moment.
pub(crate) fn since(world: &World, viewer: Who, from: Instant) -> Vec<Seen> {
    world.decoded(viewer, CAMERA).into_iter().filter(|one| one.at >= from).collect()
}

pub(crate) fn newest(world: &World, viewer: Who) -> Seen {
    *world.decoded(viewer, CAMERA).last().expect("a picture")
}

pub(crate) fn prefer(world: &mut World, viewer: Who, quality: Quality) {
    let preference = Preference { publication: CAMERA, quality, size: None, spotlight: false };
    world.prefer(viewer, vec![preference]);
}

/// Key frames that the publisher was asked for, of all layers.
pub(crate) fn asked(world: &World, host: Who) -> Vec<Instant> {
    let mut asked: Vec<_> = world.clients[host].cameras[0]
        .layers
        .iter()
        .flat_map(|layer| layer.asked.clone())
        .collect();
    asked.sort_unstable();
    // One request may be for several layers.
    asked.dedup_by(|later, earlier| *later < *earlier + Duration::from_millis(5));
    asked
}

#[track_caller]
fn assert_settles(seed: u64, rate: u64, layer: u8, share: f64) {
    let (mut world, _, [viewer]) = room(seed, [Some(rate)]);
    world.run_ms(10_000);
    let settled = world.now;
    world.run_ms(20_000);
    let pictures = since(&world, viewer, settled);
    let shown = layers(&world.decoded(viewer, CAMERA));
    let gap = world.longest_gap(viewer, CAMERA, (settled, world.now));
    assert!(gap <= Duration::from_millis(300), "{gap:?}; {shown:?}; {world}");
    assert!(layers(&pictures).len() <= 3, "{shown:?}; {world}");
    let bits: usize = pictures.iter().map(|one| one.size * 8).sum();
    let used = bits as f64 / 20.0 / rate as f64;
    assert!(used >= share, "{used}; {shown:?}; {world}");
    assert_eq!(newest(&world, viewer).layer, layer, "{shown:?}; {world}");
}

#[test]
fn below_1_mbit_s_the_middle_layer_comes_whole() {
    for seed in 510..512 {
        // The next step would be 1.5 Mbit/s.
        assert_settles(seed, 1_000_000, H, 0.58);
    }
}

#[test]
fn below_3_mbit_s_the_top_comes() {
    for seed in 520..523 {
        assert_settles(seed, 3_000_000, F, 0.70);
    }
}

#[test]
fn one_slow_viewer_of_ten_leaves_the_others_as_they_were() {
    let (mut world, host, viewers) = room(540, [None; 10]);
    world.run_ms(9_000);
    assert!(viewers.iter().all(|viewer| newest(&world, *viewer).layer == F), "{world}");
    let (fell, before) = (world.now, asked(&world, host).len());
    world.narrow(viewers[0], 300_000);
    world.run_ms(8_000);
    assert_eq!(newest(&world, viewers[0]).layer, Q, "{world}");
    let packets = |viewer: Who| {
        let packets = world.clients[viewer].in_order(CAMERA).into_iter().filter(|p| p.at > fell);
        packets.map(|p| (p.at, p.stamp, p.picture.map(|picture| picture.layer))).collect::<Vec<_>>()
    };
    for viewer in &viewers[1..] {
        let packets = packets(*viewer);
        assert!(packets.iter().all(|(_, _, layer)| *layer == Some(F)), "{world}");
        let numbers: Vec<_> = packets.iter().map(|(_, stamp, _)| stamp.number).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{world}");
        world.assert_continuous(*viewer, CAMERA);
    }
    let of_the_top = &world.clients[host].cameras[0].layers[usize::from(F)].asked;
    assert!(of_the_top.iter().all(|at| *at < fell), "{world}");
    assert!(asked(&world, host).len() <= before + 2, "{world}");
}

#[test]
fn numbers_go_on_through_all_changes_of_layer() {
    for seed in 550..553 {
        let (mut world, _, [viewer]) = room(seed, [None]);
        for quality in [Quality::Low, Quality::High, Quality::Medium, Quality::Low, Quality::Auto] {
            world.run_ms(3_000 + fastrand::u64(0..500));
            prefer(&mut world, viewer, quality);
        }
        world.run_ms(4_000);
        let shown = layers(&world.decoded(viewer, CAMERA));
        assert!(shown.len() >= 5, "{shown:?}; {world}");
        world.assert_continuous(viewer, CAMERA);
        assert_eq!(
            world.seen(viewer, CAMERA).len(),
            world.decoded(viewer, CAMERA).len(),
            "{world}"
        );
    }
}

#[test]
fn a_late_viewer_sees_a_kept_picture_at_once_and_climbs() {
    let (mut world, host, _) = room(560, [None]);
    world.run_ms(8_000);
    let before = asked(&world, host).len();
    let late = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[late]);
    let connected = world.now;
    world.run_ms(300);
    let first = world.decoded(late, CAMERA).first().map(|one| one.at - connected);
    assert!(first.is_some_and(|after| after < Duration::from_millis(300)), "{first:?}; {world}");
    world.run_ms(10_000);
    assert_eq!(
        newest(&world, late).layer,
        F,
        "{:?}; {world}",
        layers(&world.decoded(late, CAMERA))
    );
    assert!(asked(&world, host).len() <= before + 3, "{world}");
}

/// The layers that the publisher was told last.
fn told(world: &World, host: Who) -> Vec<String> {
    let events = world.events_of(host).into_iter().rev();
    let told = events.filter_map(|event| match event {
        Event::LayersWanted { layers, .. } => Some(layers.clone()),
        _ => None,
    });
    told.take(1).next().unwrap_or_default()
}

#[test]
fn a_publisher_is_told_which_layers_are_taken() {
    let (mut world, host, [viewer]) = room(580, [None]);
    world.run_ms(15_000);
    assert_eq!(told(&world, host), ["q", "f"], "{world}");
    prefer(&mut world, viewer, Quality::Medium);
    world.run_ms(8_000);
    assert_eq!(told(&world, host), ["q", "h"], "{world}");
    prefer(&mut world, viewer, Quality::Low);
    world.run_ms(8_000);
    assert_eq!(told(&world, host), ["q"], "{world}");
    prefer(&mut world, viewer, Quality::High);
    // It climbs, perhaps by the middle layer, which stays on for a while.
    world.run_ms(15_000);
    assert_eq!(told(&world, host), ["q", "f"], "{world}");
    assert_eq!(newest(&world, viewer).layer, F, "{world}");
    world.close(viewer);
    world.run_ms(8_000);
    assert_eq!(told(&world, host), ["q"], "{world}");
    world.assert_continuous(viewer, CAMERA);
}

#[test]
fn a_paused_picture_costs_nothing_and_comes_back_at_once() {
    let (mut world, _, [viewer]) = room(590, [None]);
    world.run_ms(5_000);
    prefer(&mut world, viewer, Quality::Paused);
    world.run_ms(200);
    let (paused, count) = (world.now, world.clients[viewer].received.len());
    world.run_ms(6_000);
    assert_eq!(world.clients[viewer].received.len(), count, "{world}");
    prefer(&mut world, viewer, Quality::Auto);
    let resumed = world.now;
    world.run_ms(500);
    let first = since(&world, viewer, paused).first().map(|one| one.at - resumed);
    assert!(first.is_some_and(|after| after < Duration::from_millis(250)), "{first:?}; {world}");
    world.run_ms(5_000);
    world.assert_continuous(viewer, CAMERA);
}

#[test]
fn absurd_preferences_do_no_harm() {
    let (mut world, _, [viewer, other]) = room(600, [None, None]);
    let picture = |publication, quality, size| Preference {
        publication: roomcast_sfu::PublicationId(publication),
        quality,
        size,
        spotlight: publication % 2 == 0,
    };
    let many = (0..10_000).map(|id| picture(id + 1_000, Quality::High, Some((1, 1)))).collect();
    let twice =
        vec![picture(CAMERA.0, Quality::Paused, None), picture(CAMERA.0, Quality::Low, None)];
    let sizes = [(0, 0), (u16::MAX, u16::MAX), (0, u16::MAX), (u16::MAX, 0)];
    let sizes = sizes.map(|size| vec![picture(CAMERA.0, Quality::Auto, Some(size))]);
    for preferences in [many, twice, Vec::new()].into_iter().chain(sizes) {
        world.prefer(viewer, preferences);
        world.run_ms(500);
    }
    world.prefer(viewer, Vec::new());
    world.run_ms(6_000);
    assert_eq!(newest(&world, viewer).layer, F, "{world}");
    world.assert_continuous(viewer, CAMERA);
    world.assert_continuous(other, CAMERA);
}
#[test]
fn below_500_kbit_s_the_middle_layer_comes_at_half_its_frame_rate() {
    for seed in 500..503 {
        // Payloads alone; with headers it is 80 %.
        assert_settles(seed, 500_000, H, 0.64);
    }
}

#[test]
fn a_network_that_falls_and_comes_back_is_followed() {
    for seed in 530..532 {
        let (mut world, _, [viewer]) = room(seed, [Some(3_000_000)]);
        world.run_ms(20_000);
        assert_eq!(newest(&world, viewer).layer, F, "{world}");
        let fell = world.now;
        world.narrow(viewer, 500_000);
        world.run_ms(15_000);
        let back = world.now;
        world.narrow(viewer, 3_000_000);
        world.run_ms(15_000);
        let shown = layers(&world.decoded(viewer, CAMERA));
        let gaps = [(fell, back), (back, world.now)].map(|w| world.longest_gap(viewer, CAMERA, w));
        assert!(gaps[0] <= Duration::from_millis(550), "{gaps:?}; {shown:?}; {world}");
        assert!(gaps[1] <= Duration::from_millis(200), "{gaps:?}; {shown:?}; {world}");
        assert_eq!(newest(&world, viewer).layer, F, "{shown:?}; {world}");
    }
}
