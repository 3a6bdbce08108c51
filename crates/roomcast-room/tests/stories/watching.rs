//! Subscriber sessions in which the client offers, as WHEP does it.

use roomcast_protocol::server::{ServerMessage, SessionKind};
use roomcast_protocol::{ClientMessage, ErrorCode, PublicationId, Refusal, Source};
use roomcast_room::{MAX_PENDING_PUBLISHES, MediaCommand, MediaEvent};

use crate::harness::{Client, World, assert_ok, assert_refused, last_offer};

/// The publications of a participant, by source.
fn ids(world: &World, client: Client) -> Vec<(Source, PublicationId)> {
    let record = world.room().participant(&world.id(client)).unwrap();
    record.publications.iter().map(|p| (p.source, p.publication)).collect()
}

fn id(world: &World, client: Client, source: Source) -> PublicationId {
    let found = ids(world, client).into_iter().find(|(named, _)| *named == source);
    found.expect("not published").1
}

#[test]
fn a_watcher_is_answered_also_when_there_is_nothing_to_receive_yet() {
    let mut world = World::new();
    let (host, player) = (world.host("Ann"), world.viewer("Player"));
    assert!(matches!(world.watch(player, true), ServerMessage::Watching { .. }));
    let (session, _) = world.last_watch();
    assert_eq!(world.program(session), []);
    world.publish(host, &[Source::Camera]);
    assert_eq!(world.program(session), [id(&world, host, Source::Camera)]);
    assert_eq!(last_offer(&world.heard(player)), None, "the node offers nothing");
}

#[test]
fn the_program_is_screens_then_hosts_then_others_with_the_sound_of_the_first() {
    use Source::{Camera, Microphone, Screen, ScreenAudio};
    let mut world = World::new();
    let (bob, player) = (world.viewer("Bob"), world.viewer("Player"));
    let ann = world.host("Ann");
    let stage = ClientMessage::Stage { participant: world.id(bob), on: true };
    assert_ok(&world.ask(ann, stage));
    world.publish(bob, &[Camera, Microphone]);
    world.watch(player, true);
    let (session, _) = world.last_watch();
    world.publish(ann, &[Microphone, Camera]);
    let of = |client, source| move |world: &World| id(world, client, source);
    let expect = |world: &World, wanted: &[&dyn Fn(&World) -> PublicationId]| {
        let wanted: Vec<_> = wanted.iter().map(|one| one(world)).collect();
        assert_eq!(world.program(session), wanted);
    };
    let (ann_camera, ann_voice) = (of(ann, Camera), of(ann, Microphone));
    let (bob_camera, bob_voice) = (of(bob, Camera), of(bob, Microphone));
    expect(&world, &[&ann_camera, &bob_camera, &ann_voice, &bob_voice]);
    world.publish(bob, &[Camera, Microphone, Screen, ScreenAudio]);
    let (screen, sound) = (of(bob, Screen), of(bob, ScreenAudio));
    expect(&world, &[&screen, &ann_camera, &bob_camera, &bob_voice, &sound, &ann_voice]);
    world.publish(bob, &[Microphone]);
    expect(&world, &[&ann_camera, &ann_voice, &bob_voice]);
}

#[test]
fn a_picture_that_is_muted_is_no_part_of_the_program() {
    use Source::{Camera, Microphone};
    let mut world = World::new();
    let (host, player) = (world.host("Ann"), world.viewer("Player"));
    world.publish(host, &[Camera, Microphone]);
    world.watch(player, true);
    let (session, _) = world.last_watch();
    let (camera, voice) = (id(&world, host, Camera), id(&world, host, Microphone));
    let participant = world.id(host);
    let mut step = |message, expected: &[PublicationId]| {
        assert_ok(&world.ask(host, message));
        assert_eq!(world.program(session), expected);
    };
    let own = |source, muted| ClientMessage::TrackMuted { source, muted };
    step(own(Microphone, true), &[camera, voice]);
    step(own(Camera, true), &[voice]);
    step(own(Camera, false), &[camera, voice]);
    let by_host = |muted| {
        let participant = participant.clone();
        ClientMessage::Mute { participant, source: Camera, muted }
    };
    step(by_host(true), &[voice]);
    step(by_host(false), &[camera, voice]);
}

#[test]
fn who_becomes_host_comes_first() {
    let mut world = World::new();
    let (bob, ann) = (world.viewer("Bob"), world.host("Ann"));
    let cleo = world.host("Cleo");
    let player = world.viewer("Player");
    for client in [bob, ann] {
        let stage = ClientMessage::Stage { participant: world.id(client), on: true };
        world.say(cleo, stage);
        world.publish(client, &[Source::Camera]);
    }
    world.watch(player, true);
    let (session, _) = world.last_watch();
    let camera = |world: &World, client| id(world, client, Source::Camera);
    assert_eq!(world.program(session)[0], camera(&world, ann));
    let token = world.welcome(bob).resume.clone();
    let bob = world.join("Bob", true, Some(token));
    assert_eq!(world.program(session)[0], camera(&world, bob), "who came first of the hosts");
}

#[test]
fn a_session_is_kept_for_a_restart_and_left_for_a_fresh_one() {
    let mut world = World::new();
    let player = world.viewer("Player");
    world.watch(player, false);
    let (first, _) = world.last_watch();
    world.watch(player, false);
    assert_eq!(world.last_watch().0, first);
    world.watch(player, true);
    assert_ne!(world.last_watch().0, first);
    assert!(world.media.contains(&MediaCommand::Close { session: first }));
}

#[test]
fn subscribe_and_watch_replace_each_other() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    world.subscribe(viewer);
    let (subscribed, _) = world.last_subscribe();
    world.watch(viewer, false);
    assert!(world.media.contains(&MediaCommand::Close { session: subscribed }));
    let (watched, _) = world.last_watch();
    let restart = ClientMessage::Subscribe { restart_ice: true };
    assert_ok(&world.ask(viewer, restart));
    assert!(world.media.contains(&MediaCommand::Close { session: watched }));
    assert!(last_offer(&world.heard(viewer)).is_some());
    let answer = ClientMessage::Answer { offer: 9, sdp: "answer".into() };
    assert_refused(&world.ask(viewer, answer), ErrorCode::OfferStale);
}

#[test]
fn an_offer_that_is_refused_is_an_error_for_the_one_who_made_it() {
    let mut world = World::new();
    let player = world.viewer("Player");
    world.engine.held = true;
    let watch = || ClientMessage::Watch { sdp: "offer".into(), fresh: false };
    let first = world.send_with_id(player, watch());
    let (session, _) = world.last_watch();
    let second = world.send_with_id(player, watch());
    world.event(MediaEvent::Published { session, sdp: "answer".into() });
    assert!(matches!(world.answer_to(player, first), Some(ServerMessage::Watching { .. })));
    let refusal = || Refusal::new(ErrorCode::SdpInvalid, "no");
    world.event(MediaEvent::Refused { session, gone: false, refusal: refusal() });
    assert_refused(&world.answer_to(player, second).unwrap(), ErrorCode::SdpInvalid);
    let third = world.send_with_id(player, watch());
    assert_eq!(world.last_watch().0, session, "the session goes on");
    world.event(MediaEvent::Refused { session, gone: true, refusal: refusal() });
    assert_refused(&world.answer_to(player, third).unwrap(), ErrorCode::SdpInvalid);
    world.say(player, watch());
    assert_ne!(world.last_watch().0, session);
}

#[test]
fn an_offer_of_a_session_that_is_replaced_is_refused_as_stale() {
    let mut world = World::new();
    let player = world.viewer("Player");
    world.engine.held = true;
    let watch = |fresh| ClientMessage::Watch { sdp: "offer".into(), fresh };
    let first = world.send_with_id(player, watch(true));
    world.say(player, watch(true));
    assert_refused(&world.answer_to(player, first).unwrap(), ErrorCode::OfferStale);
    let (session, _) = world.last_watch();
    for _ in 1..MAX_PENDING_PUBLISHES {
        world.say(player, watch(false));
    }
    assert_refused(&world.ask(player, watch(false)), ErrorCode::RateLimited);
    assert_eq!(world.last_watch().0, session);
}

#[test]
fn what_has_changed_before_the_answer_is_told_with_it() {
    let mut world = World::new();
    let (host, player) = (world.host("Ann"), world.viewer("Player"));
    world.engine.held = true;
    world.say(player, ClientMessage::Watch { sdp: "offer".into(), fresh: true });
    let (session, _) = world.last_watch();
    world.engine.held = false;
    world.publish(host, &[Source::Camera]);
    let told = |world: &World| {
        world.media.iter().any(|command| matches!(command, MediaCommand::Subscribe { .. }))
    };
    assert!(!told(&world), "a refused offer must leave no session behind");
    world.event(MediaEvent::Published { session, sdp: "answer".into() });
    assert_eq!(world.program(session), [id(&world, host, Source::Camera)]);
}

#[test]
fn an_answer_is_for_the_connection_that_asked() {
    let mut world = World::new();
    let player = world.viewer("Player");
    world.engine.held = true;
    world.say(player, ClientMessage::Watch { sdp: "offer".into(), fresh: true });
    let (session, _) = world.last_watch();
    let back = world.resume(player);
    world.forget_what_was_heard();
    world.event(MediaEvent::Published { session, sdp: "answer".into() });
    assert!(world.heard(back).is_empty());
}

#[test]
fn a_watcher_hears_that_its_session_is_closed() {
    let mut world = World::new();
    let player = world.viewer("Player");
    world.watch(player, true);
    let (session, _) = world.last_watch();
    let refusal = Refusal::new(ErrorCode::MediaTimeout, "silent");
    world.event(MediaEvent::Closed { session, refusal });
    let closed = world.heard(player).into_iter().any(|message| {
        matches!(message, ServerMessage::SessionClosed { session: SessionKind::Subscriber, .. })
    });
    assert!(closed);
}
