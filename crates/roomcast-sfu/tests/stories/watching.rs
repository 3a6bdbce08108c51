//! Players that offer: sections that stay, and publications that come and go in them.

use roomcast_sfu::{Command, Event, Patience, PublicationId, RefusedReason};

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::{Who, World};

const SCREEN: PublicationId = PublicationId(3);
const BOTH: [(PublicationId, bool); 2] = [(CAMERA, true), (MICROPHONE, false)];
const ALL: [(PublicationId, bool); 3] = [(SCREEN, true), (CAMERA, true), (MICROPHONE, false)];

fn offers(world: &World, who: Who) -> usize {
    world.events_of(who).iter().filter(|e| matches!(e, Event::Offered { .. })).count()
}

/// What the newest packets in each section are of.
fn shown(world: &World, who: Who) -> Vec<PublicationId> {
    let received = &world.clients[who].received;
    let mut sections: Vec<_> = received.iter().map(|r| r.mid.to_string()).collect();
    sections.sort();
    sections.dedup();
    let newest = |mid: &String| received.iter().rfind(|r| r.mid.to_string() == *mid);
    sections.iter().filter_map(newest).map(|r| r.stamp.publication).collect()
}

#[test]
fn a_player_receives_what_is_published() {
    for shards in [1, 3] {
        let mut world = World::new(300, shards);
        let host = world.publisher(&BOTH);
        world.await_connected(&[host]);
        world.run_ms(500);
        let player = world.watcher((1, 1), &BOTH);
        world.await_connected(&[player]);
        world.run_ms(2_000);
        world.assert_complete(player, CAMERA);
        world.assert_complete(player, MICROPHONE);
        assert!(world.clients[player].of(CAMERA)[0].stamp.key_frame, "{world}");
        assert!(world.clients[player].of(CAMERA).len() > 200, "{world}");
        assert_eq!(offers(&world, player), 0, "{world}");
        world.close(player);
        world.close(host);
        world.run_ms(200);
        world.assert_empty();
    }
}

#[test]
fn a_player_that_comes_before_anything_is_published_waits() {
    for shards in [1, 3] {
        let mut world = World::new(301, shards);
        let player = world.watcher((1, 1), &[]);
        world.await_connected(&[player]);
        world.run_ms(20_000);
        let host = world.publisher(&BOTH);
        world.subscribe(player, &BOTH);
        world.await_connected(&[host]);
        world.run_ms(1_000);
        world.assert_complete(player, CAMERA);
        world.assert_complete(player, MICROPHONE);
        assert_eq!(world.clients[player].of(CAMERA)[0].stamp.number, 0, "{world}");
    }
}

#[test]
fn another_publication_follows_in_the_same_section_without_an_offer() {
    for shards in [1, 2] {
        let mut world = World::new(302, shards);
        let host = world.publisher(&BOTH);
        let other = world.publisher(&[(SCREEN, true)]);
        let player = world.watcher((1, 1), &BOTH);
        world.await_connected(&[host, other, player]);
        world.run_ms(1_000);
        world.subscribe(player, &ALL);
        world.run_ms(1_000);
        let (camera, screen) =
            (world.clients[player].in_order(CAMERA), world.clients[player].in_order(SCREEN));
        assert_eq!(camera[0].mid, screen[0].mid, "{world}");
        assert_eq!(camera.last().unwrap().seq + 1, screen[0].seq, "no gap; {world}");
        assert!(screen[0].stamp.key_frame, "{world}");
        assert!(
            screen[0].time.wrapping_sub(camera.last().unwrap().time).cast_signed() > 0,
            "{world}"
        );
        world.assert_gapless(player, SCREEN);
        world.subscribe(player, &BOTH);
        world.run_ms(1_000);
        world.assert_flows(player, CAMERA);
        world.assert_complete(player, MICROPHONE);
        let mut all: Vec<_> =
            world.clients[player].received.iter().map(|r| (r.mid, r.seq)).collect();
        all.sort_by_key(|(mid, seq)| (mid.to_string(), *seq));
        let follows = |w: &[(_, u64)]| w[0].0 != w[1].0 || w[0].1 + 1 == w[1].1;
        assert!(all.windows(2).all(follows), "{world}");
        assert_eq!(offers(&world, player), 0, "{world}");
    }
}

#[test]
fn what_is_most_wanted_is_in_the_first_section() {
    let mut world = World::new(303, 2);
    let host = world.publisher(&ALL);
    let player = world.watcher((2, 1), &BOTH);
    world.await_connected(&[host, player]);
    world.run_ms(1_000);
    assert_eq!(shown(&world, player).len(), 2, "{world}");
    world.subscribe(player, &ALL);
    world.run_ms(1_000);
    assert_eq!(shown(&world, player).len(), 3, "{world}");
    let first = world.clients[player].of(SCREEN)[0].mid;
    let newest = |publication| world.clients[player].of(publication).last().unwrap().mid;
    assert_eq!((newest(SCREEN), newest(CAMERA) == first), (first, false), "{world}");
    for publication in [SCREEN, CAMERA] {
        world.assert_flows(player, publication);
    }
    world.subscribe(player, &[(CAMERA, true)]);
    world.run_ms(1_000);
    assert_eq!(world.clients[player].of(CAMERA).last().unwrap().mid, first, "{world}");
    world.assert_flows(player, CAMERA);
}

#[test]
fn only_what_there_are_sections_for_is_sent() {
    let mut world = World::new(304, 2);
    let host = world.publisher(&ALL);
    let player = world.watcher((1, 0), &ALL);
    world.await_connected(&[host, player]);
    world.run_ms(1_000);
    assert_eq!(shown(&world, player), [SCREEN], "{world}");
    assert_eq!(world.total(|c| c.subscriptions), 1, "{world}");
}

#[test]
fn a_player_restarts_ice_by_another_offer() {
    for shards in [1, 3] {
        let mut world = World::new(305, shards);
        let host = world.publisher(&BOTH);
        let player = world.watcher((1, 1), &BOTH);
        world.await_connected(&[host, player]);
        world.run_ms(500);
        let address = world.clients[player].outer;
        world.network.dumb.insert(address);
        world.network.deaf.insert(address);
        world.run_ms(8_000);
        world.network.dumb.remove(&address);
        world.network.deaf.remove(&address);
        world.rebind(player, 0);
        world.watch(player, (0, 0), &BOTH);
        world.run_ms(2_000);
        world.assert_flows(player, CAMERA);
        world.assert_flows(player, MICROPHONE);
        world.run_ms(20_000);
        let closed = world.events_of(player).iter().any(|e| matches!(e, Event::Closed { .. }));
        assert!(!closed, "{world}");
    }
}

#[test]
fn an_offer_to_receive_nothing_is_unusable() {
    let mut world = World::new(306, 1);
    let who = world.client(|config| config);
    let offer = world.clients[who].offer_to_receive(1, 1);
    let session = world.session(who);
    for offer in [offer.replace("recvonly", "sendonly"), offer.replace("recvonly", "inactive")] {
        let publications = Vec::new();
        let patience = Patience::Brief;
        world.command(Command::Watch { session, offer, publications, patience });
        let reason = RefusedReason::Unusable;
        let refused = Event::Refused { session, offer: None, reason, gone: true };
        assert_eq!(world.events_of(who).last(), Some(&&refused), "{world}");
    }
    world.assert_empty();
}

#[test]
fn who_publishes_or_is_offered_to_does_not_watch() {
    let mut world = World::new(307, 2);
    let host = world.publisher(&BOTH);
    let viewer = world.subscriber(&BOTH);
    world.await_connected(&[host, viewer]);
    let stranger = world.client(|config| config);
    let offer = world.clients[stranger].offer_to_receive(1, 1);
    for who in [host, viewer] {
        let (session, offer) = (world.session(who), offer.clone());
        let (publications, patience) = (Vec::new(), Patience::Brief);
        world.command(Command::Watch { session, offer, publications, patience });
        world.run_ms(10);
        let reason = RefusedReason::UnknownSession;
        let refused = Event::Refused { session, offer: None, reason, gone: false };
        assert!(world.events_of(who).contains(&&refused), "{world}");
    }
    world.assert_flows(viewer, CAMERA);
}
