//! Paths that change: ICE restarts, and NATs that change their mind.

use roomcast_sfu::{Event, PublicationId};
use str0m::ice::StunMessage;

use crate::joining::{CAMERA, MICROPHONE};
use crate::network::Datagram;
use crate::strangers::is_check;
use crate::world::{Who, World};

fn room(seed: u64) -> (World, Who, Who) {
    let mut world = World::new(seed, 3);
    let host = world.publisher(&[(CAMERA, true)]);
    world.land(host, 0);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.land(viewer, 1);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    (world, host, viewer)
}

/// The network is away for a while, and the client comes back by another address.
fn move_to(world: &mut World, who: Who, shard: u16) {
    world.rebind(who, shard);
    world.run_ms(100);
}

fn offers(world: &World, who: Who) -> Vec<u32> {
    let number = |e: &&Event| match e {
        Event::Offered { offer, .. } => Some(*offer),
        _ => None,
    };
    world.events_of(who).iter().filter_map(number).collect()
}

#[test]
fn a_subscriber_session_restarts_ice_by_an_offer_of_the_node() {
    for shard in [0, 1, 2] {
        let (mut world, _, viewer) = room(130);
        move_to(&mut world, viewer, shard);
        world.restart_ice(viewer);
        world.run_ms(1_000);
        assert_eq!(offers(&world, viewer), [1, 2]);
        world.assert_flows(viewer, CAMERA);
        assert_eq!(world.shards_with_sessions(), [1, 1, 0], "it stays where it is; {world}");
    }
}

#[test]
fn a_publisher_session_restarts_ice_by_an_offer_of_the_browser() {
    for shard in [0, 1, 2] {
        let (mut world, host, viewer) = room(131);
        move_to(&mut world, host, shard);
        world.republish(host, &[], &[], true);
        world.run_ms(1_000);
        world.assert_flows(viewer, CAMERA);
        world.assert_gapless(viewer, CAMERA);
        assert_eq!(world.shards_with_sessions(), [1, 1, 0], "it stays where it is; {world}");
    }
}

#[test]
fn after_many_restarts_nothing_is_left_behind() {
    let (mut world, host, viewer) = room(132);
    for round in 0..12 {
        world.rebind(host, round % 3);
        world.rebind(viewer, (round + 1) % 3);
        world.republish(host, &[], &[], true);
        world.restart_ice(viewer);
        world.run_ms(600);
        world.assert_flows(viewer, CAMERA);
    }
    world.close(host);
    world.close(viewer);
    world.run_ms(500);
    world.assert_empty();
}

#[test]
fn a_restart_while_an_offer_is_open_repeats_it_and_follows_its_answer() {
    let (mut world, _, viewer) = room(133);
    world.clients[viewer].answers = false;
    world.subscribe(viewer, &[(CAMERA, true), (MICROPHONE, false)]);
    world.run_ms(50);
    world.restart_ice(viewer);
    world.run_ms(50);
    assert_eq!(offers(&world, viewer), [1, 2, 2], "{world}");
    world.clients[viewer].answers = true;
    world.answer_open_offer(viewer);
    world.run_ms(1_000);
    assert_eq!(offers(&world, viewer), [1, 2, 2, 3], "{world}");
    world.assert_flows(viewer, CAMERA);
}

#[test]
fn a_nat_that_changes_the_address_does_not_end_a_session() {
    for shard in [0, 1, 2] {
        let (mut world, host, viewer) = room(134);
        world.rebind(viewer, shard);
        world.run_ms(SWITCH_MS);
        world.assert_flows(viewer, CAMERA);
        world.rebind(host, shard);
        world.run_ms(SWITCH_MS);
        world.assert_flows(viewer, CAMERA);
        assert_eq!(world.shards_with_sessions(), [1, 1, 0], "{world}");
    }
}

#[test]
fn an_address_that_passes_to_another_session_follows_it() {
    let (mut world, host, viewer) = room(135);
    let other = world.subscriber(&[(CAMERA, true)]);
    world.land(other, 2);
    world.await_connected(&[other]);
    // The NAT gives the viewer's address to someone else, and the viewer another one.
    let former = world.clients[viewer].outer;
    world.rebind(viewer, 0);
    world.clients[other].outer = former;
    world.run_ms(SWITCH_MS);
    for who in [viewer, other] {
        world.assert_flows(who, CAMERA);
    }
    world.close(viewer);
    world.run_ms(200);
    world.assert_flows(other, CAMERA);
    world.close(other);
    world.close(host);
    world.run_ms(200);
    world.assert_empty();
}

#[test]
fn an_address_that_was_taken_comes_back_with_the_next_check() {
    for shard in [0, 2] {
        let (mut world, host, viewer) = room(143);
        world.rebind(host, shard);
        world.run_ms(SWITCH_MS);
        world.network.recorded = Some(Vec::new());
        let other = world.publisher(&[(MICROPHONE, false)]);
        world.land(other, shard);
        world.await_connected(&[other]);
        let recorded = world.network.recorded.take().unwrap();
        let of_other = |d: &&Datagram| d.source == world.clients[other].outer;
        let check = recorded.iter().filter(of_other).find(is_check).unwrap().clone();
        // Someone who has seen a valid check of another session says that it came from the host's address.
        world.inject(shard, world.clients[host].outer, &check.contents);
        let before = world.clients[viewer].of(CAMERA).len();
        world.run_ms(100);
        assert_eq!(world.clients[viewer].of(CAMERA).len(), before, "it was taken; {world}");
        world.run_ms(SWITCH_MS);
        world.assert_flows(viewer, CAMERA);
    }
}

#[test]
fn only_the_last_few_restarts_of_a_session_are_remembered() {
    let (mut world, host, viewer) = room(144);
    world.network.recorded = Some(Vec::new());
    for _ in 0..KEPT_RESTARTS + 2 {
        world.republish(host, &[], &[], true);
        world.run_ms(600);
    }
    let recorded = world.network.recorded.take().unwrap();
    let mut checks: Vec<&Datagram> = Vec::new();
    for check in recorded.iter().filter(|d| d.source == world.clients[host].outer).filter(is_check)
    {
        if checks.last().is_none_or(|last| ufrag(last) != ufrag(check)) {
            checks.push(check);
        }
    }
    assert!(checks.len() > KEPT_RESTARTS, "{} restarts were checked; {world}", checks.len());
    // Whoever is unknown by ufrag is counted as such, on the session's shard and on others.
    for shard in 0..3 {
        let forgotten = |check: &Datagram, world: &mut World| {
            let before = world.total(|c| c.unknown_session);
            world.inject(shard, world.clients[host].outer, &check.contents);
            world.run_ms(10);
            world.total(|c| c.unknown_session) > before
        };
        assert!(forgotten(checks[0], &mut world), "the first ufrag is kept; {world}");
        assert!(!forgotten(checks[checks.len() - 1], &mut world), "the last is not; {world}");
    }
    world.assert_flows(viewer, CAMERA);
}

/// The node's half of the user name of a check (RFC 8445 §7.2.2).
fn ufrag(check: &Datagram) -> Option<String> {
    let message = StunMessage::parse(&check.contents).ok()?;
    let (ufrag, _) = message.username()?.split_once(':')?;
    Some(ufrag.to_owned())
}

/// Restarts of a session that the node remembers, at most.
const KEPT_RESTARTS: usize = 4;

#[test]
fn a_session_is_reached_wherever_the_first_checks_land() {
    // A host with two addresses tries both at once.
    for seed in 136..142 {
        let mut world = World::new(seed, 4);
        world.network.up.jitter = std::time::Duration::from_millis(30);
        let tracks: [(PublicationId, bool); 1] = [(CAMERA, true)];
        let host = world.publisher(&tracks);
        for shard in [0, 1, 2, 3] {
            // Its NAT changes its mind while the first checks are on their way.
            world.rebind(host, shard);
            world.run_ms(25);
        }
        let viewer = world.subscriber(&tracks);
        world.run_ms(SWITCH_MS);
        world.await_connected(&[host, viewer]);
        world.assert_flows(viewer, CAMERA);
        world.close(host);
        world.close(viewer);
        world.run_ms(300);
        world.assert_empty();
    }
}

/// A path that was in use is only given up when it has been silent for so long.
const SWITCH_MS: u64 = 8_000;
