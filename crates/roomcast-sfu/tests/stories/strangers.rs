//! Datagrams of those who have no business here, and of those who forge and repeat.

use std::net::{Ipv4Addr, SocketAddr};

use crate::joining::CAMERA;
use crate::network::Datagram;
use crate::world::{NODE, Who, World};

/// Host and viewer that are live, on different shards, with all that they sent.
fn recorded_room(seed: u64) -> (World, Who, Who, Vec<Datagram>) {
    let mut world = World::new(seed, 2);
    world.network.recorded = Some(Vec::new());
    let host = world.publisher(&[(CAMERA, true)]);
    world.land(host, 0);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.land(viewer, 1);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    let recorded = world.network.recorded.take().unwrap();
    (world, host, viewer, recorded)
}

fn stranger(number: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::new(203, 0, 113, 9), number))
}

fn is_rtp(datagram: &&Datagram) -> bool {
    matches!(datagram.contents[..], [128..=191, second, ..] if !(64..=95).contains(&(second & 0x7F)))
}

pub(crate) fn is_check(datagram: &&Datagram) -> bool {
    matches!(datagram.contents[..], [0, 1, ..])
}

/// A browser's check, made out to a session that does not exist.
fn misdirected(recorded: &[Datagram], number: u32) -> Vec<u8> {
    let check = recorded.iter().find(is_check).expect("a check");
    let mut bytes = check.contents.clone();
    // USERNAME (RFC 8489 §14.3) begins with the ufrag of the node.
    let name = bytes.windows(2).position(|w| w == [0, 6]).expect("a username") + 4;
    bytes[name..name + 8].copy_from_slice(format!("{number:08}").as_bytes());
    bytes
}

#[test]
fn random_bytes_disturb_nobody() {
    let (mut world, host, viewer, _) = recorded_room(200);
    let addresses = [stranger(1), world.clients[host].outer, world.clients[viewer].outer];
    for round in 0..6_000 {
        let length = fastrand::usize(0..1_600);
        let mut bytes: Vec<u8> = (0..length).map(|_| fastrand::u8(..)).collect();
        if let Some(first) = bytes.first_mut() {
            // One of each class of datagrams in turn.
            *first = [0, 1, 3, 20, 22, 63, 64, 127, 128, 144, 191, 255][round % 12];
        }
        world.inject(round as u16 % 2, addresses[round % 3], &bytes);
    }
    world.run_ms(200);
    world.assert_flows(viewer, CAMERA);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn truncated_checks_disturb_nobody() {
    let (mut world, host, viewer, recorded) = recorded_room(201);
    let address = world.clients[host].outer;
    for datagram in recorded.iter().filter(is_check).take(20) {
        for length in 0..datagram.contents.len() {
            for shard in [0, 1] {
                world.inject(shard, address, &datagram.contents[..length]);
                world.inject(shard, stranger(2), &datagram.contents[..length]);
            }
        }
    }
    world.run_ms(200);
    world.assert_flows(viewer, CAMERA);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn a_flood_of_checks_for_nobody_is_limited_and_a_viewer_still_gets_in() {
    let (mut world, _, viewer, recorded) = recorded_room(202);
    for round in 0..40_000u32 {
        let bytes = misdirected(&recorded, round);
        world.inject(0, stranger(round as u16), &bytes);
    }
    assert!(world.total(|c| c.rate_limited) > 25_000, "{world}");
    assert!(world.total(|c| c.unknown_session) < 15_000, "{world}");
    let late = world.subscriber(&[(CAMERA, true)]);
    world.land(late, 0);
    world.await_connected(&[late]);
    world.run_ms(500);
    world.assert_complete(late, CAMERA);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn a_check_with_a_wrong_password_moves_nothing() {
    let mut world = World::new(203, 3);
    world.network.recorded = Some(Vec::new());
    let host = world.publisher(&[(CAMERA, true)]);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.run_ms(1);
    let recorded = world.network.recorded.take().unwrap();
    assert!(recorded.iter().any(|d| is_check(&d)), "{world}");
    // Before the true ones arrive, forged ones come from elsewhere and land elsewhere.
    for datagram in recorded.iter().filter(is_check) {
        for shard in 0..3 {
            let mut forged = datagram.contents.clone();
            let last = forged.len() - 9;
            forged[last] ^= 1;
            world.inject(shard, stranger(3), &forged);
        }
    }
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    world.assert_complete(viewer, CAMERA);
    assert!(world.total(|c| c.refused) > 0, "{world}");
    for shard in 0..3 {
        let before = world.media_datagrams;
        world.inject(shard, stranger(3), &[128; 100]);
        assert_eq!(world.media_datagrams, before, "nothing goes to a stranger; {world}");
    }
}

#[test]
fn replayed_packets_are_forwarded_once_whoever_sends_them() {
    let (mut world, host, viewer, recorded) = recorded_room(204);
    let address = world.clients[host].outer;
    let of_host = |d: &&Datagram| d.source == address;
    for datagram in recorded.iter().filter(of_host).filter(is_rtp) {
        world.inject(0, address, &datagram.contents);
        world.inject(1, address, &datagram.contents);
        world.inject(0, stranger(4), &datagram.contents);
    }
    world.run_ms(100);
    world.assert_complete(viewer, CAMERA);
    world.assert_flows(viewer, CAMERA);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn forged_packets_are_not_forwarded() {
    let (mut world, host, viewer, recorded) = recorded_room(205);
    let address = world.clients[host].outer;
    let own = recorded.iter().filter(|d| d.source == address).filter(is_rtp);
    for (round, datagram) in own.enumerate() {
        let mut forged = datagram.contents.clone();
        // A later number, so that it is no replay; its authentication tag cannot fit.
        forged[2] = forged[2].wrapping_add(1 + (round % 3) as u8);
        let source = [address, stranger(5)][round % 2];
        world.inject(0, source, &forged);
    }
    world.run_ms(300);
    world.assert_flows(viewer, CAMERA);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn mutated_datagrams_of_a_whole_session_disturb_nobody_else() {
    for seed in 210..214 {
        let (mut world, host, viewer, recorded) = recorded_room(seed);
        let victim = world.subscriber(&[(CAMERA, true)]);
        world.land(victim, 0);
        world.await_connected(&[victim]);
        let addresses = [world.clients[victim].outer, stranger(6)];
        for round in 0..4_000 {
            let mut bytes = recorded[fastrand::usize(..recorded.len())].contents.clone();
            mutate(&mut bytes);
            let source = addresses[round % 2];
            world.inject(fastrand::u16(0..2), source, &bytes);
            if round % 500 == 0 {
                world.run_ms(20);
            }
        }
        world.run_ms(100);
        world.assert_flows(viewer, CAMERA);
        world.assert_complete(viewer, CAMERA);
        for who in [host, viewer, victim] {
            world.close(who);
        }
        world.run_ms(500);
        world.assert_empty();
    }
}

#[test]
fn mutated_datagrams_during_a_handshake_disturb_nobody_else() {
    for seed in 220..224 {
        let (mut world, _, viewer, _) = recorded_room(seed);
        for _ in 0..6 {
            world.network.recorded = Some(Vec::new());
            let victim = world.subscriber(&[(CAMERA, true)]);
            for _ in 0..30 {
                world.run_ms(5);
                let recorded = world.network.recorded.clone().unwrap_or_default();
                let address = world.clients[victim].outer;
                for datagram in recorded.iter().filter(|d| d.source == address) {
                    let mut bytes = datagram.contents.clone();
                    mutate(&mut bytes);
                    world.inject(fastrand::u16(0..2), address, &bytes);
                }
            }
        }
        world.network.recorded = None;
        world.assert_flows(viewer, CAMERA);
        world.assert_complete(viewer, CAMERA);
    }
}

fn mutate(bytes: &mut Vec<u8>) {
    for _ in 0..fastrand::usize(1..4) {
        let Some(index) = bytes.len().checked_sub(1).map(|last| fastrand::usize(..=last)) else {
            return;
        };
        match fastrand::u8(0..5) {
            0 => bytes[index] ^= 1 << fastrand::u8(0..8),
            1 => bytes[index] = fastrand::u8(..),
            2 => bytes.truncate(index),
            3 => bytes.insert(index, fastrand::u8(..)),
            _ => {
                let tail = bytes.split_off(index);
                bytes.extend(tail.iter().rev());
            }
        }
    }
}

#[test]
fn what_a_stranger_sends_is_not_answered() {
    let (mut world, _, _, recorded) = recorded_room(230);
    world.network.down.latency = std::time::Duration::from_secs(3_600);
    for bytes in [misdirected(&recorded, 1), vec![22; 80], vec![128; 80], vec![0; 20], Vec::new()] {
        world.inject(0, stranger(7), &bytes);
    }
    assert!(!world.network.is_under_way_to(stranger(7)), "{NODE} answered; {world}");
}
