//! Sound for those who lose some of it: packets carry those before them once more.

use std::collections::BTreeSet;

use crate::joining::{CAMERA, MICROPHONE};
use crate::network::Conditions;
use crate::world::{Who, World};

/// A room of one host, and of a viewer who takes redundant sound.
fn room(seed: u64) -> (World, Who, Who) {
    let mut world = World::new(seed, 2);
    let tracks = [(CAMERA, true), (MICROPHONE, false)];
    let host = world.publisher(&tracks);
    world.land(host, 0);
    let viewer = world.subscriber_with(&tracks, |config| config.enable_opus(true, true));
    world.land(viewer, 1);
    world.await_connected(&[host, viewer]);
    world.run_ms(2_000);
    (world, host, viewer)
}

fn sent(world: &World, host: Who) -> u64 {
    let mut sources = world.clients[host].sources.iter();
    sources.find(|s| s.publication == MICROPHONE).expect("a microphone").sent
}

/// The share of these packets of the microphone that a viewer cannot play.
fn missing(world: &World, viewer: Who, numbers: std::ops::Range<u64>) -> f64 {
    let packets = world.clients[viewer].of(MICROPHONE);
    let stamps = packets.iter().flat_map(|p| p.earlier.iter().chain([&p.stamp]));
    let there: BTreeSet<_> = stamps.map(|s| s.number).filter(|n| numbers.contains(n)).collect();
    let expected = numbers.end - numbers.start;
    assert!(expected > 500, "{expected} packets; {world}");
    1.0 - there.len() as f64 / expected as f64
}

/// How many earlier packets came with each of the last so many milliseconds.
fn with_each(world: &World, viewer: Who, ms: u64) -> Vec<usize> {
    let since = world.now - std::time::Duration::from_millis(ms);
    let packets = world.clients[viewer].of(MICROPHONE);
    packets.iter().filter(|p| p.at > since).map(|p| p.earlier.len()).collect()
}

/// Sequence numbers and timestamps follow those of the publisher, with no gap and no repeat.
#[track_caller]
fn assert_in_step(world: &World, viewer: Who) {
    let packets = world.clients[viewer].in_order(MICROPHONE);
    let first = packets[0];
    for packet in &packets {
        let ahead = packet.stamp.number - first.stamp.number;
        assert_eq!(packet.seq - first.seq, ahead, "{packet:?}; {world}");
        assert_eq!(u64::from(packet.time.wrapping_sub(first.time)), ahead * 960, "{world}");
        for (distance, earlier) in (1..).zip(packet.earlier.iter().rev()) {
            assert_eq!(earlier.number + distance, packet.stamp.number, "{packet:?}; {world}");
        }
    }
}

#[test]
fn at_5_percent_loss_almost_no_sound_is_missing() {
    let seeds = 600_u32..604;
    let all = f64::from(seeds.end - seeds.start);
    let mut missing_of_all = 0.0;
    for seed in seeds {
        let (mut world, host, viewer) = room(seed.into());
        world.network.down = Conditions { loss: 0.05, ..Conditions::GOOD };
        world.run_ms(5_000);
        let from = sent(&world, host);
        world.run_ms(20_000);
        let until = sent(&world, host) - 5;
        let missing = missing(&world, viewer, from..until);
        // Two in a row are lost once in four hundred times.
        assert!(missing < 0.01, "{missing} is missing; {world}");
        missing_of_all += missing / all;
        assert_in_step(&world, viewer);
    }
    assert!(missing_of_all < 0.005, "{missing_of_all} is missing of all");
}

#[test]
fn at_10_percent_loss_two_packets_go_with_each() {
    for seed in 610..613 {
        let (mut world, host, viewer) = room(seed);
        world.network.down = Conditions { loss: 0.1, ..Conditions::GOOD };
        // A few reports of the receiver, which come every five seconds.
        world.run_ms(25_000);
        let from = sent(&world, host);
        world.run_ms(20_000);
        assert!(with_each(&world, viewer, 20_000).iter().all(|n| *n == 2), "{world}");
        let until = sent(&world, host) - 5;
        let missing = missing(&world, viewer, from..until);
        assert!(missing < 0.005, "{missing} is missing; {world}");
        assert_in_step(&world, viewer);
    }
}

#[test]
fn redundancy_ends_when_the_loss_has_ended_and_nothing_is_missing_in_between() {
    let (mut world, _host, viewer) = room(620);
    for _ in 0..2 {
        world.network.down = Conditions { loss: 0.05, ..Conditions::GOOD };
        world.run_ms(6_000);
        assert!(with_each(&world, viewer, 1_000).contains(&1), "{world}");
        world.network.down = Conditions::GOOD;
        world.run_ms(20_000);
        let with_each = with_each(&world, viewer, 1_000);
        assert!(with_each.len() >= 49 && with_each.iter().all(|n| *n == 0), "{world}");
    }
    assert_in_step(&world, viewer);
}

#[test]
fn whoever_loses_nothing_or_does_not_know_of_redundancy_gets_the_plain_sound() {
    let (mut world, _host, lossy) = room(630);
    let tracks = [(CAMERA, true), (MICROPHONE, false)];
    let well = world.subscriber_with(&tracks, |config| config.enable_opus(true, true));
    world.await_connected(&[well]);
    world.network.only = Some(world.clients[lossy].outer);
    world.network.down = Conditions { loss: 0.05, ..Conditions::GOOD };
    world.run_ms(10_000);
    assert!(with_each(&world, lossy, 1_000).contains(&1), "{world}");
    assert!(with_each(&world, well, 10_000).iter().all(|n| *n == 0), "{world}");
    world.assert_complete(well, MICROPHONE);
    let old = world.subscriber(&tracks);
    world.await_connected(&[old]);
    world.network.only = Some(world.clients[old].outer);
    world.run_ms(10_000);
    assert!(with_each(&world, old, 10_000).iter().all(|n| *n == 0), "{world}");
    world.assert_flows(old, MICROPHONE);
    assert_in_step(&world, old);
}

#[test]
fn what_was_said_before_a_mute_does_not_come_with_what_is_said_after() {
    let (mut world, host, viewer) = room(640);
    world.network.down = Conditions { loss: 0.1, ..Conditions::GOOD };
    world.run_ms(10_000);
    world.mute(host, MICROPHONE, true);
    world.run_ms(500);
    let at_mute = sent(&world, host);
    world.mute(host, MICROPHONE, false);
    world.run_ms(2_000);
    let packets = world.clients[viewer].of(MICROPHONE);
    let after = packets.iter().filter(|p| p.stamp.number >= at_mute);
    assert!(after.clone().count() > 50, "{world}");
    for packet in after {
        assert!(packet.earlier.iter().all(|e| e.number >= at_mute - 1), "{packet:?}; {world}");
    }
}
