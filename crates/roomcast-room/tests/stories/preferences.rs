//! How good someone wants the pictures to be that come from the node.

use roomcast_protocol::limits::MAX_PREFERENCES;
use roomcast_protocol::{
    ClientMessage, ErrorCode, Grants, Preference, PublicationId, Quality, ServerMessage, Source,
};
use roomcast_room::{Admission, MediaCommand, MediaEvent, RESUME_GRACE, SessionId};

use crate::harness::{Client, World, assert_ok, assert_refused};

fn wish(publication: PublicationId, quality: Quality) -> Preference {
    Preference { publication, quality, width: 640, height: 360, spotlight: false }
}

fn prefer(pictures: &[Preference]) -> ClientMessage {
    ClientMessage::Prefer { pictures: pictures.to_vec() }
}

struct Scene {
    world: World,
    host: Client,
    viewer: Client,
    camera: PublicationId,
    voice: PublicationId,
}

/// A host with camera and microphone, and a viewer who receives them.
fn scene() -> Scene {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera, Source::Microphone]);
    let [camera, voice] = [0, 1].map(|nth| world.last_publish().1[nth].1);
    world.subscribe(viewer);
    world.forget_what_was_heard();
    Scene { world, host, viewer, camera, voice }
}

/// What the media engine was told about a subscriber session, each time.
fn told(world: &World, session: SessionId) -> Vec<Vec<Preference>> {
    let commands = world.media.iter().filter_map(|command| match command {
        MediaCommand::Prefer { session: of, preferences } if *of == session => {
            Some(preferences.clone())
        }
        _ => None,
    });
    commands.collect()
}

fn session_of(world: &World, client: Client) -> SessionId {
    let record = world.room().participant(&world.id(client)).unwrap();
    record.sessions.subscriber.expect("no session")
}

#[test]
fn the_media_engine_is_told_of_pictures_that_are_received_and_of_each_change_once() {
    let Scene { mut world, viewer, camera, voice, .. } = scene();
    let session = session_of(&world, viewer);
    let (low, nowhere) = (wish(camera, Quality::Low), wish(PublicationId(4), Quality::Low));
    let list = [low, wish(voice, Quality::Paused), nowhere];
    assert_ok(&world.ask(viewer, prefer(&list)));
    assert_ok(&world.ask(viewer, prefer(&list)));
    assert_eq!(told(&world, session), [vec![low]], "sounds and strangers are passed over");
    assert_ok(&world.ask(viewer, prefer(&[])));
    assert_eq!(told(&world, session), [vec![low], vec![]]);
}

#[test]
fn a_list_that_cannot_be_is_refused_and_the_one_before_goes_on() {
    let Scene { mut world, viewer, camera, .. } = scene();
    let session = session_of(&world, viewer);
    world.say(viewer, prefer(&[wish(camera, Quality::Paused)]));
    let twice = [wish(camera, Quality::Low), wish(camera, Quality::High)];
    assert_refused(&world.ask(viewer, prefer(&twice)), ErrorCode::Malformed);
    let too_many = vec![wish(camera, Quality::Low); MAX_PREFERENCES + 1];
    assert_refused(&world.ask(viewer, prefer(&too_many)), ErrorCode::Malformed);
    assert_eq!(world.engine.preferred(session), [wish(camera, Quality::Paused)]);
}

#[test]
fn who_may_not_watch_has_nothing_to_prefer() {
    let Scene { mut world, camera, .. } = scene();
    let grants = Grants { subscribe: false, ..Grants::default() };
    let admission = Admission { grants: Some(grants), ..Admission::of_page(false) };
    let deaf = world.admit("Dan", admission);
    let answer = world.ask(deaf, prefer(&[wish(camera, Quality::Low)]));
    assert_refused(&answer, ErrorCode::Forbidden);
}

#[test]
fn a_fresh_session_is_told_again_behind_what_it_receives() {
    let Scene { mut world, viewer, camera, .. } = scene();
    world.say(viewer, prefer(&[wish(camera, Quality::Medium)]));
    world.forget_what_was_heard();
    world.subscribe(viewer);
    let session = session_of(&world, viewer);
    let kinds = world.media.iter().filter_map(|command| match command {
        MediaCommand::Subscribe { session: of, .. } if *of == session => Some("subscribe"),
        MediaCommand::Prefer { session: of, .. } if *of == session => Some("prefer"),
        _ => None,
    });
    assert_eq!(kinds.collect::<Vec<_>>(), ["subscribe", "prefer"]);
    assert_eq!(world.engine.preferred(session), [wish(camera, Quality::Medium)]);
    world.watch(viewer, true);
    let (session, _) = world.last_watch();
    assert_eq!(world.engine.preferred(session), [wish(camera, Quality::Medium)]);
}

#[test]
fn what_was_said_before_there_was_a_session_holds_when_there_is_one() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    let camera = world.last_publish().1[0].1;
    assert_ok(&world.ask(viewer, prefer(&[wish(camera, Quality::Low)])));
    assert!(!world.media.iter().any(|command| matches!(command, MediaCommand::Prefer { .. })));
    world.subscribe(viewer);
    let session = session_of(&world, viewer);
    assert_eq!(told(&world, session), [vec![wish(camera, Quality::Low)]]);
}

#[test]
fn a_watcher_is_preferred_for_once_the_offer_is_answered() {
    let Scene { mut world, host, viewer, camera, .. } = scene();
    world.engine.held = true;
    world.send_with_id(viewer, ClientMessage::Watch { sdp: "offer".into(), fresh: true });
    let (session, _) = world.last_watch();
    world.engine.held = false;
    world.publish(host, &[Source::Camera, Source::Screen]);
    let screen = world.last_publish().1[1].1;
    let list = [wish(camera, Quality::Low), wish(screen, Quality::Paused)];
    assert_ok(&world.ask(viewer, prefer(&list)));
    assert_eq!(told(&world, session), Vec::<Vec<Preference>>::new());
    world.event(MediaEvent::Published { session, sdp: "answer".into() });
    assert_eq!(told(&world, session), [list]);
}

#[test]
fn a_publication_that_stops_and_comes_back_is_preferred_as_before() {
    let Scene { mut world, host, viewer, camera, .. } = scene();
    let session = session_of(&world, viewer);
    world.say(viewer, prefer(&[wish(camera, Quality::Paused)]));
    world.publish(host, &[Source::Microphone]);
    assert_eq!(world.engine.preferred(session), []);
    world.publish(host, &[Source::Camera, Source::Microphone]);
    assert_eq!(world.engine.preferred(session), [wish(camera, Quality::Paused)]);
}

#[test]
fn what_comes_by_a_link_is_not_told_to_the_media_engine() {
    let mut world = World::new();
    let (host, viewer) = (world.linked_host("Ann"), world.linked_viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    let camera = world.last_publish().1[0].1;
    world.subscribe(viewer);
    assert_ok(&world.ask(viewer, prefer(&[wish(camera, Quality::Low)])));
    assert!(!world.media.iter().any(|command| matches!(command, MediaCommand::Prefer { .. })));
}

#[test]
fn one_who_resumes_keeps_the_preferences_and_one_who_comes_anew_has_none() {
    let Scene { mut world, viewer, camera, .. } = scene();
    world.say(viewer, prefer(&[wish(camera, Quality::Low)]));
    world.cut(viewer);
    let viewer = world.resume(viewer);
    let session = session_of(&world, viewer);
    assert_eq!(world.engine.preferred(session), [wish(camera, Quality::Low)]);
    world.subscribe(viewer);
    let session = session_of(&world, viewer);
    assert_eq!(world.engine.preferred(session), [wish(camera, Quality::Low)]);
    world.cut(viewer);
    world.pass(RESUME_GRACE);
    let viewer = world.resume(viewer);
    world.subscribe(viewer);
    let session = session_of(&world, viewer);
    assert_eq!(world.engine.preferred(session), []);
    assert!(!world.heard(viewer).iter().any(|m| matches!(m, ServerMessage::Error { .. })));
}
