//! Ends: by command, by the browser, by silence, and what they leave behind: nothing.

use roomcast_sfu::{ClosedReason, Command, Event, Patience, RefusedReason, SessionId};

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::{Who, World};

fn closed(world: &World, who: Who) -> Option<ClosedReason> {
    world.events_of(who).iter().find_map(|e| match e {
        Event::Closed { reason, .. } => Some(*reason),
        _ => None,
    })
}

const TRACKS: [(roomcast_sfu::PublicationId, bool); 2] = [(CAMERA, true), (MICROPHONE, false)];

#[test]
fn a_session_that_is_closed_tells_its_browser_and_nobody_else() {
    for shards in [1, 3] {
        let mut world = World::new(150, shards);
        let host = world.publisher(&TRACKS);
        let viewers: Vec<_> = (0..5).map(|_| world.subscriber(&TRACKS)).collect();
        world.await_connected(&[host]);
        world.await_connected(&viewers);
        world.run_ms(500);
        for who in viewers.into_iter().chain([host]) {
            world.close(who);
            world.run_ms(100);
            assert!(world.clients[who].closed, "{world}");
            assert_eq!(closed(&world, who), None, "the control plane knows it already; {world}");
        }
        world.assert_empty();
    }
}

#[test]
fn a_page_that_is_closed_ends_its_session() {
    for shards in [1, 3] {
        let mut world = World::new(151, shards);
        let host = world.publisher(&TRACKS);
        let viewer = world.subscriber(&TRACKS);
        world.await_connected(&[host, viewer]);
        world.run_ms(500);
        for who in [host, viewer] {
            world.clients[who].close();
            world.run_ms(200);
            assert_eq!(closed(&world, who), Some(ClosedReason::ByPeer), "{world}");
        }
        world.assert_empty();
    }
}

#[test]
fn a_session_that_never_connects_closes_by_itself() {
    let mut world = World::new(152, 2);
    let host = world.publisher(&TRACKS);
    let viewer = world.subscriber(&TRACKS);
    for who in [host, viewer] {
        let address = world.clients[who].outer;
        world.network.dumb.insert(address);
    }
    world.run_ms(20_000);
    assert_eq!((closed(&world, host), closed(&world, viewer)), (None, None), "{world}");
    world.run_ms(11_000);
    for who in [host, viewer] {
        assert_eq!(closed(&world, who), Some(ClosedReason::Timeout), "{world}");
    }
    world.assert_empty();
}

#[test]
fn a_browser_that_vanishes_is_given_up_after_a_while() {
    for shards in [1, 3] {
        let mut world = World::new(153, shards);
        let host = world.publisher(&TRACKS);
        let viewer = world.subscriber(&TRACKS);
        world.await_connected(&[host, viewer]);
        world.run_ms(500);
        for who in [host, viewer] {
            let address = world.clients[who].outer;
            world.network.dumb.insert(address);
            world.network.deaf.insert(address);
        }
        world.run_ms(25_000);
        assert_eq!(closed(&world, host), None, "it may still come back; {world}");
        world.run_ms(50_000);
        for who in [host, viewer] {
            assert_eq!(closed(&world, who), Some(ClosedReason::Timeout), "{world}");
        }
        world.assert_empty();
    }
}

#[test]
fn a_browser_that_was_away_for_a_while_goes_on() {
    let mut world = World::new(154, 2);
    let host = world.publisher(&TRACKS);
    let viewer = world.subscriber(&TRACKS);
    world.await_connected(&[host, viewer]);
    world.run_ms(500);
    let address = world.clients[viewer].outer;
    world.network.dumb.insert(address);
    world.network.deaf.insert(address);
    world.run_ms(20_000);
    world.network.dumb.remove(&address);
    world.network.deaf.remove(&address);
    world.restart_ice(viewer);
    world.run_ms(40_000);
    assert_eq!(closed(&world, viewer), None, "{world}");
    world.assert_flows(viewer, CAMERA);
}

#[test]
fn a_full_shard_refuses_and_takes_again_when_there_is_room() {
    let mut world = World::with_limit(155, 2, 3);
    let clients: Vec<_> = (0..6).map(|_| world.subscriber(&TRACKS)).collect();
    world.await_connected(&clients);
    let publisher = world.publisher(&TRACKS);
    let subscriber = world.subscriber(&TRACKS);
    world.run_ms(100);
    for who in [publisher, subscriber] {
        let session = world.session(who);
        let reason = RefusedReason::Full;
        let full = Event::Refused { session, offer: None, reason, gone: true };
        assert_eq!(world.events_of(who), [&full], "{world}");
    }
    for who in &clients {
        world.close(*who);
    }
    world.run_ms(100);
    world.assert_empty();
    let late: Vec<_> = (0..6).map(|_| world.subscriber(&TRACKS)).collect();
    world.await_connected(&late);
}

#[test]
fn an_offer_that_is_refused_leaves_the_session_as_it_was() {
    let mut world = World::new(158, 2);
    let host = world.publisher(&TRACKS);
    let viewer = world.subscriber(&TRACKS);
    world.await_connected(&[host, viewer]);
    world.run_ms(300);
    let session = world.session(host);
    world.command(Command::Publish {
        session,
        offer: "v=0".into(),
        tracks: Vec::new(),
        patience: Patience::Resumable,
    });
    world.run_ms(100);
    let reason = RefusedReason::Invalid;
    let refused = Event::Refused { session, offer: None, reason, gone: false };
    assert_eq!(world.events_of(host).last(), Some(&&refused), "{world}");
    let before = world.clients[viewer].received.len();
    world.run_ms(1_000);
    assert!(world.clients[viewer].received.len() > before + 50, "{world}");
}

#[test]
fn commands_to_a_session_that_is_not_there_are_refused() {
    let mut world = World::new(156, 2);
    let viewer = world.subscriber(&TRACKS);
    world.await_connected(&[viewer]);
    for session in [SessionId(1), SessionId(2), SessionId(u64::MAX)] {
        let before = world.events.len();
        world.command(Command::Answer { session, offer: 1, answer: "v=0".into() });
        world.command(Command::RestartIce { session });
        world.command(Command::Mute { session, publication: CAMERA, muted: true });
        world.command(Command::Close { session });
        let told: Vec<_> = world.events[before..].iter().map(|(_, e)| e.clone()).collect();
        let reason = RefusedReason::UnknownSession;
        let refused = |offer| Event::Refused { session, offer, reason, gone: true };
        assert_eq!(told, [refused(Some(1)), refused(None)], "{world}");
    }
    // A session that has gone from another shard than it was opened at.
    world.close(viewer);
    world.run_ms(100);
    world.restart_ice(viewer);
    world.run_ms(100);
    assert!(matches!(world.events_of(viewer).last(), Some(Event::Refused { .. })), "{world}");
    world.assert_empty();
}

#[test]
fn a_session_of_one_kind_does_not_do_the_others_work() {
    let mut world = World::new(157, 1);
    let host = world.publisher(&TRACKS);
    let viewer = world.subscriber(&TRACKS);
    world.await_connected(&[host, viewer]);
    world.subscribe(host, &TRACKS);
    world.restart_ice(host);
    let session = world.session(viewer);
    world.command(Command::Publish {
        session,
        offer: "v=0".into(),
        tracks: Vec::new(),
        patience: Patience::Resumable,
    });
    for (who, count) in [(host, 2), (viewer, 1)] {
        let events = world.events_of(who);
        let is_refusal =
            |e: &&&Event| matches!(e, Event::Refused { reason: RefusedReason::UnknownSession, .. });
        assert_eq!(events.iter().filter(is_refusal).count(), count, "{world}");
    }
    world.assert_flows(viewer, CAMERA);
}

#[test]
fn timers_do_not_pile_up() {
    let mut world = World::new(158, 1);
    let host = world.publisher(&TRACKS);
    let viewers: Vec<_> = (0..9).map(|_| world.subscriber(&TRACKS)).collect();
    world.await_connected(&viewers);
    world.await_connected(&[host]);
    world.run_ms(3_000);
    let early = world.shards[0].scheduled();
    world.run_ms(12_000);
    let late = world.shards[0].scheduled();
    assert!(late < early * 2 && late < 10 * 150, "{early}, then {late}; {world}");
}

#[test]
fn a_timer_that_was_put_forward_leaves_nothing_behind_when_its_old_time_comes() {
    let mut world = World::new(159, 1);
    let host = world.publisher(&TRACKS);
    let viewers: Vec<_> = (0..9).map(|_| world.subscriber(&TRACKS)).collect();
    world.await_connected(&viewers);
    world.await_connected(&[host]);
    for _ in 0..4 {
        viewers.iter().for_each(|viewer| world.restart_ice(*viewer));
        world.run_ms(1_000);
    }
    for source in &mut world.clients[host].sources {
        source.stopped = true;
    }
    // One entry is void for as long as its old time has not come; at some moment none is.
    let least = (0..20).map(|_| {
        world.run_ms(1_000);
        world.shards[0].scheduled()
    });
    assert_eq!(least.min(), Some(10), "one for each session; {world}");
}
