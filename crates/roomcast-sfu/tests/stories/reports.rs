//! How sessions fare, as operators are told.

use std::cell::RefCell;
use std::time::Duration;

use roomcast_sfu::{Codec, Event, Path, PublicationId, SessionKind, SessionReport, SessionState};

use crate::joining::{CAMERA, MICROPHONE};
use crate::network::Conditions;
use crate::world::{Who, World};

const TRACKS: [(PublicationId, bool); 2] = [(CAMERA, true), (MICROPHONE, false)];

/// The report of one client's session, and the addresses whose paths were asked for.
fn report(world: &World, who: Who) -> (SessionReport, Vec<std::net::SocketAddr>) {
    let asked = RefCell::new(Vec::new());
    let path_of = |remote| {
        asked.borrow_mut().push(remote);
        Path::Relayed { tcp: true }
    };
    let session = world.session(who);
    let of_shard =
        |shard: &roomcast_sfu::Shard| shard.report(world.now, |s| s == session, &path_of);
    let mut reports: Vec<_> = world.shards.iter().flat_map(of_shard).collect();
    assert_eq!(reports.len(), 1, "{world}");
    (reports.remove(0), asked.into_inner())
}

#[test]
fn a_session_tells_what_came_and_what_went() {
    let mut world = World::new(380, 2);
    let host = world.publisher(&TRACKS);
    let viewer = world.subscriber(&TRACKS);
    let (early, asked) = report(&world, viewer);
    assert_eq!((early.state, early.path, asked.len()), (SessionState::New, None, 0), "{world}");
    world.await_connected(&[host, viewer]);
    world.run_ms(12_000);

    let (came, asked) = report(&world, host);
    assert_eq!((came.kind, came.state), (SessionKind::Publisher, SessionState::Up), "{world}");
    assert_eq!(
        (came.path, asked),
        (Some(Path::Relayed { tcp: true }), vec![world.clients[host].outer])
    );
    assert!(came.packets_in > 1_900 && came.bytes_in > 800_000, "{came:?}; {world}");
    assert_eq!((came.lost_in, came.lost_out), (0, 0), "{world}");
    let camera = came.tracks.iter().find(|t| t.publication == CAMERA).unwrap();
    assert_eq!((camera.codec, camera.lost), (Some(Codec::Vp8), 0), "{world}");
    let jitter = camera.jitter.unwrap();
    assert!(jitter < Duration::from_millis(20), "{jitter:?}; {world}");
    assert!(camera.packets > 1_300 && camera.bytes > camera.packets * 500, "{camera:?}; {world}");

    let (went, _) = report(&world, viewer);
    assert_eq!((went.kind, went.state), (SessionKind::Subscriber, SessionState::Up), "{world}");
    assert!(went.packets_out > 1_900 && went.bytes_out > 800_000, "{went:?}; {world}");
    let round_trip = went.round_trip.unwrap();
    assert!((15..60).contains(&round_trip.as_millis()), "{round_trip:?}; {world}");
    let seen = went.tracks.iter().find(|t| t.publication == CAMERA).unwrap();
    assert!(seen.packets > 1_300 && seen.key_frames == camera.key_frames, "{seen:?}; {world}");
    assert_eq!(went.lost_out, 0, "{world}");
}

#[test]
fn loss_and_wishes_are_counted_where_they_belong() {
    let mut world = World::new(381, 2);
    let host = world.publisher(&TRACKS);
    let viewer = world.subscriber(&TRACKS);
    world.await_connected(&[host, viewer]);
    world.network.up = Conditions::lossy(0.05);
    world.network.down = Conditions::lossy(0.05);
    world.run_ms(15_000);
    let mid = world.clients[viewer].of(CAMERA)[0].mid;
    world.ask_key_frame(viewer, mid);
    world.run_ms(1_000);
    let (came, went) = (report(&world, host).0, report(&world, viewer).0);
    assert!((30..300).contains(&came.lost_in) && came.lost_out == 0, "{came:?}; {world}");
    assert!(came.nacks > 5 && came.key_frames_asked > 0, "{came:?}; {world}");
    assert!(went.lost_in == 0 && went.lost_out > 10, "{went:?}; {world}");
    assert!(went.nacks > 5 && went.key_frames_wanted > 0, "{went:?}; {world}");
}

#[test]
fn a_session_without_a_sign_of_its_peer_is_lost() {
    let mut world = World::new(382, 2);
    let host = world.publisher(&TRACKS);
    let viewer = world.subscriber(&TRACKS);
    let player = world.watcher((1, 1), &TRACKS);
    world.await_connected(&[host, viewer, player]);
    world.run_ms(1_000);
    for who in [viewer, player] {
        let address = world.clients[who].outer;
        world.network.dumb.insert(address);
    }
    world.run_ms(8_000);
    assert_eq!(report(&world, player).0.state, SessionState::Lost, "{world}");
    world.run_ms(12_000);
    assert_eq!(report(&world, viewer).0.state, SessionState::Lost, "{world}");
    assert_eq!(report(&world, host).0.state, SessionState::Up, "{world}");
}

#[test]
fn who_has_no_choice_estimates_nothing_until_layers_come() {
    const PLAIN: PublicationId = PublicationId(9);
    let mut world = World::new(760, 1);
    let plain = world.publisher(&[(PLAIN, true)]);
    world.await_connected(&[plain]);
    world.run_ms(500);
    let viewer = world.subscriber(&[(PLAIN, true)]);
    world.await_connected(&[viewer]);
    world.run_ms(3_000);
    world.assert_flows(viewer, PLAIN);
    assert_eq!(report(&world, viewer).0.available, None, "{world}");
    let layered = world.publisher_in_layers(CAMERA);
    world.await_connected(&[layered]);
    world.subscribe(viewer, &[(PLAIN, true), (CAMERA, true)]);
    world.run_ms(3_000);
    let outgrown = |event: &&Event| matches!(event, Event::Outgrown { .. });
    let events = world.events_of(viewer);
    assert_eq!(events.iter().filter(|event| outgrown(event)).count(), 1, "once; {world}");
    world.assert_flows(viewer, CAMERA);
    let next = world.subscriber(&[(PLAIN, true), (CAMERA, true)]);
    world.await_connected(&[next]);
    world.run_ms(3_000);
    assert!(report(&world, next).0.available.is_some(), "{world}");
}
