//! Session descriptions that are broken, huge, empty or of no use.

use roomcast_sfu::{
    Command, Event, MediaKind, Patience, PublishedTrack, RefusedReason, SessionId,
    WantedPublication,
};

use crate::joining::{CAMERA, MICROPHONE};
use crate::world::{Who, World};

fn room(seed: u64) -> (World, Who, Who) {
    let mut world = World::new(seed, 2);
    let host = world.publisher(&[(CAMERA, true)]);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.run_ms(300);
    (world, host, viewer)
}

/// An offer as a browser makes it.
fn honest_offer(world: &mut World) -> (String, Vec<PublishedTrack>) {
    let who = world.client(|config| config);
    let now = world.now;
    world.clients[who].offer(now, &[(CAMERA, true), (MICROPHONE, false)], &[], false)
}

fn publish(world: &mut World, session: u64, offer: String, tracks: &[PublishedTrack]) -> Event {
    let session = SessionId(session);
    let before = world.events.len();
    world.command(Command::Publish {
        session,
        offer,
        tracks: tracks.to_vec(),
        patience: Patience::Resumable,
    });
    // The session may live on another shard.
    world.run_ms(1);
    world.events[before..].iter().map(|(_, e)| e.clone()).next_back().expect("an event")
}

fn is_refused(event: &Event) -> bool {
    matches!(event, Event::Refused { offer: None, .. })
}

#[test]
fn broken_and_huge_offers_are_refused_and_leave_nothing() {
    let (mut world, host, viewer) = room(240);
    let (offer, tracks) = honest_offer(&mut world);
    let line = "a=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\n";
    let cases = [
        String::new(),
        "\0".into(),
        "v=0".into(),
        "v=0\r\n".into(),
        "{\"type\":\"offer\"}".into(),
        offer.replace("a=fingerprint", "a=nothing"),
        offer.replace("a=ice-ufrag", "a=nothing"),
        offer.replace("a=ice-pwd", "a=nothing"),
        offer.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        offer.split_once("m=").unwrap().0.to_owned(),
        "v=0\r\n".repeat(200_000),
        format!("{offer}{}", line.repeat(30_000)),
        "m=".repeat(500_000),
        "a".repeat(1_000_000),
    ];
    for (index, case) in cases.into_iter().enumerate() {
        let event = publish(&mut world, 5_000 + index as u64, case, &tracks);
        assert!(is_refused(&event), "case {index}: {event:?}; {world}");
    }
    world.assert_flows(viewer, CAMERA);
    world.close(host);
    world.close(viewer);
    world.run_ms(500);
    world.assert_empty();
}

#[test]
fn an_offer_without_anything_to_receive_is_unusable() {
    let (mut world, ..) = room(241);
    let (offer, tracks) = honest_offer(&mut world);
    let named = |mid: &str| {
        vec![PublishedTrack { mid: mid.into(), publication: CAMERA, layers: Vec::new() }]
    };
    let foreign = offer.replace("VP8/", "XX8/").replace("opus/", "sopu/").replace("H264/", "H999/");
    let foreign = foreign.replace("VP9/", "XX9/").replace("AV1/", "XX1/");
    let cases = [
        (offer.clone(), Vec::new()),
        (offer.clone(), named("nosuch")),
        (offer.clone(), named("")),
        (offer.clone(), named(&"x".repeat(10_000))),
        (offer.replace("a=sendonly", "a=recvonly"), tracks.clone()),
        (offer.replace("a=sendonly", "a=inactive"), tracks.clone()),
        (foreign, tracks),
    ];
    for (index, (offer, tracks)) in cases.into_iter().enumerate() {
        let event = publish(&mut world, 6_000 + index as u64, offer, &tracks);
        let reason = RefusedReason::Unusable;
        let session = SessionId(6_000 + index as u64);
        let refused = Event::Refused { session, offer: None, reason, gone: true };
        assert_eq!(event, refused, "case {index}; {world}");
    }
}

#[test]
fn mutated_offers_never_take_a_shard_down() {
    let (mut world, _, viewer) = room(242);
    let (offer, tracks) = honest_offer(&mut world);
    for round in 0..1_500u64 {
        let mut bytes = offer.clone().into_bytes();
        for _ in 0..fastrand::usize(1..6) {
            let index = fastrand::usize(..bytes.len());
            match fastrand::u8(0..4) {
                0 => bytes[index] = fastrand::u8(b' '..b'~'),
                1 => drop(bytes.drain(index..(index + fastrand::usize(0..80)).min(bytes.len()))),
                2 => bytes.truncate(index.max(40)),
                _ => {
                    let end = (index + 60).min(bytes.len());
                    let piece = bytes[index..end].to_vec();
                    bytes.extend(piece);
                }
            }
        }
        let offer = String::from_utf8_lossy(&bytes).into_owned();
        let session = SessionId(10_000 + round);
        world.command(Command::Publish {
            session,
            offer,
            tracks: tracks.clone(),
            patience: Patience::Resumable,
        });
        world.command(Command::Close { session });
    }
    world.assert_flows(viewer, CAMERA);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn mutated_offers_of_players_never_take_a_shard_down() {
    let (mut world, _, viewer) = room(245);
    let who = world.client(|config| config);
    let offer = world.clients[who].offer_to_receive(2, 2);
    for round in 0..500u64 {
        let mut bytes = offer.clone().into_bytes();
        for _ in 0..fastrand::usize(1..6) {
            let index = fastrand::usize(..bytes.len());
            if fastrand::bool() {
                bytes[index] = fastrand::u8(b' '..b'~');
            } else {
                drop(bytes.drain(index..(index + fastrand::usize(0..80)).min(bytes.len())));
            }
        }
        let offer = String::from_utf8_lossy(&bytes).into_owned();
        let session = SessionId(20_000 + round);
        let publication = WantedPublication { publication: CAMERA, kind: MediaKind::Video };
        let (publications, patience) = (vec![publication], Patience::Brief);
        world.command(Command::Watch { session, offer, publications, patience });
        world.command(Command::Close { session });
    }
    world.assert_flows(viewer, CAMERA);
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn a_broken_further_offer_leaves_the_session_as_it_was() {
    let (mut world, host, viewer) = room(243);
    let session = world.session(host);
    for offer in ["", "v=0\r\n", "nonsense"] {
        let tracks = world.clients[host].published_tracks();
        let event = publish(&mut world, session.0, offer.into(), &tracks);
        assert!(is_refused(&event), "{event:?}; {world}");
        world.assert_flows(viewer, CAMERA);
    }
    world.assert_complete(viewer, CAMERA);
}

#[test]
fn mutated_answers_end_at_most_their_own_session() {
    let (mut world, _, viewer) = room(244);
    for round in 0..300 {
        let victim = world.client(|config| config);
        world.clients[victim].answers = false;
        world.subscribe(victim, &[(CAMERA, true), (MICROPHONE, false)]);
        let session = world.session(victim);
        let (offer, description, tracks) = world.open_offers.remove(&session).unwrap();
        let answer = world.clients[victim].answer(&description, tracks);
        let mut bytes = answer.into_bytes();
        for _ in 0..1 + round % 4 {
            let index = fastrand::usize(..bytes.len());
            bytes[index] = fastrand::u8(b' '..b'~');
        }
        if round % 5 == 0 {
            bytes.truncate(fastrand::usize(..bytes.len()));
        }
        let answer = String::from_utf8_lossy(&bytes).into_owned();
        world.command(Command::Answer { session, offer, answer });
        world.close(victim);
        world.clients.pop();
    }
    world.assert_flows(viewer, CAMERA);
    world.assert_complete(viewer, CAMERA);
}
