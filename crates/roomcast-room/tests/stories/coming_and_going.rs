//! Joining, presence, lost connections, full rooms.

use std::time::Duration;

use roomcast_protocol::limits::MAX_STAGE;
use roomcast_protocol::server::Role;
use roomcast_protocol::{ClientMessage, ErrorCode, ServerMessage, Source};
use roomcast_room::{Input, RESUME_GRACE};

use crate::harness::{World, assert_ok, assert_refused, goodbye};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_newcomer_is_told_who_they_are_and_what_is_there() {
    let mut world = World::new();
    let host = world.host("Ann");
    let viewer = world.viewer("Bob");
    let welcome = world.welcome(viewer);
    assert_eq!(
        (welcome.role, welcome.name.as_str(), welcome.resumed),
        (Role::Viewer, "Bob", false)
    );
    assert_eq!((welcome.version, welcome.resume_seconds, welcome.audience), (1, 30, 1));
    assert_eq!(welcome.room.stage[0].participant, world.id(host));
    assert!(!welcome.room.live && welcome.ice_servers.is_empty());
    assert_eq!(world.welcome(host).role, Role::Host);
    assert_eq!(world.welcome(host).origins, ["https://live.example.org"]);
    assert!(welcome.origins.is_empty(), "the node's addresses are a host's business");
}

#[test]
fn a_host_who_comes_is_listed_for_everyone_and_a_viewer_is_only_counted() {
    let mut world = World::new();
    let viewer = world.viewer("Bob");
    world.pass(SECOND);
    world.heard(viewer);
    let host = world.host("Ann");
    assert_eq!(world.state(viewer).stage.len(), 1);
    world.heard(host);
    world.viewer("Cleo");
    world.pass(SECOND);
    assert_eq!(world.heard(host), [ServerMessage::AudienceCount { count: 2 }]);
}

#[test]
fn a_thousand_viewers_within_a_second_cost_two_counts_and_no_list() {
    let mut world = World::with(2_000, Vec::new());
    let host = world.host("Ann");
    world.forget_what_was_heard();
    for n in 0..1_000 {
        let viewer = world.viewer("viewer");
        let direct = world.heard(viewer).len();
        assert!(direct <= 2, "viewer {n} heard {direct} messages");
        world.pass(Duration::from_micros(999));
    }
    world.pass(2 * SECOND);
    let heard = world.heard(host);
    assert!(heard.len() <= 2, "{} messages", heard.len());
    assert!(heard.iter().all(|m| matches!(m, ServerMessage::AudienceCount { .. })));
    assert_eq!(heard.last(), Some(&ServerMessage::AudienceCount { count: 1_000 }));
}

#[test]
fn a_count_that_came_back_to_what_it_was_is_not_told() {
    let mut world = World::new();
    let host = world.host("Ann");
    world.viewer("Bob");
    world.heard(host);
    let brief = world.viewer("Cleo");
    world.cut(brief);
    world.pass(5 * SECOND);
    assert_eq!(world.heard(host), []);
}

#[test]
fn whoever_is_back_within_the_grace_period_is_the_same_participant() {
    let mut world = World::new();
    let viewer = world.viewer("Bob");
    let host = world.host("Ann");
    world.publish(host, &[Source::Camera]);
    world.forget_what_was_heard();
    world.cut(host);
    assert!(!world.state(viewer).stage[0].connected);
    world.pass(RESUME_GRACE - SECOND);
    let back = world.resume(host);
    let welcome = world.welcome(back);
    assert!(welcome.resumed);
    assert_eq!((welcome.name.as_str(), welcome.role), ("Ann", Role::Host));
    assert_eq!(welcome.participant, world.id(host));
    assert!(welcome.room.live);
    let member = &world.state(viewer).stage[0];
    assert!(member.connected && member.publications.len() == 1);
    assert_eq!(world.media, [], "the sessions go on");
    world.pass(2 * RESUME_GRACE);
    assert_eq!(world.participants(), 2);
}

#[test]
fn whoever_stays_away_has_left_with_all_they_published() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    world.subscribe(viewer);
    world.forget_what_was_heard();
    world.cut(host);
    world.pass(RESUME_GRACE - SECOND);
    assert_eq!(world.participants(), 2);
    world.pass(SECOND);
    assert_eq!(world.participants(), 1);
    let state = world.state(viewer);
    assert!(state.stage.is_empty() && !state.live && state.live_since.is_none());
    assert_eq!(world.last_subscribe().1, []);
    let back = world.resume(host);
    assert!(!world.welcome(back).resumed, "a token of someone who left makes a new participant");
    assert_eq!(world.welcome(back).role, Role::Viewer);
}

#[test]
fn a_resume_that_comes_too_late_is_too_late_even_if_the_room_overslept() {
    let mut world = World::new();
    let viewer = world.viewer("Bob");
    world.cut(viewer);
    world.oversleep(RESUME_GRACE);
    let back = world.resume(viewer);
    assert!(!world.welcome(back).resumed);
    assert_eq!(world.participants(), 1);
}

#[test]
fn an_older_connection_of_the_same_participant_is_closed() {
    let mut world = World::new();
    let first = world.viewer("Bob");
    let second = world.resume(first);
    assert_eq!(goodbye(&world.heard(first)), Some(ErrorCode::Replaced));
    assert!(world.closed.contains(&first));
    assert_eq!(world.id(first), world.id(second));
    assert_eq!(world.participants(), 1);
    world.say(first, ClientMessage::Chat { text: "still here?".into() });
    world.input(Input::Disconnected { connection: first });
    assert_ok(&world.ask(second, ClientMessage::Chat { text: "yes".into() }));
    world.pass(2 * RESUME_GRACE);
    assert_eq!(world.participants(), 1);
}

#[test]
fn a_resume_token_is_good_for_one_resume() {
    let mut world = World::new();
    let first = world.viewer("Bob");
    world.cut(first);
    let second = world.resume(first);
    assert_ne!(world.welcome(first).resume, world.welcome(second).resume);
    let stranger = world.resume(first);
    assert!(!world.welcome(stranger).resumed);
    assert!(!world.closed.contains(&second));
}

#[test]
fn a_valid_host_key_makes_a_viewer_who_resumes_a_host() {
    let mut world = World::new();
    let viewer = world.viewer("Bob");
    let token = world.welcome(viewer).resume.clone();
    let host = world.join("Bob", true, Some(token));
    let welcome = world.welcome(host);
    assert!(welcome.resumed && welcome.role == Role::Host);
    assert_eq!((welcome.audience, welcome.room.stage.len()), (0, 1));
}

#[test]
fn whoever_leaves_is_gone_at_once() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.heard(viewer);
    world.say(host, ClientMessage::Leave);
    assert_eq!(goodbye(&world.heard(host)), Some(ErrorCode::Left));
    assert!(world.closed.contains(&host));
    assert!(world.state(viewer).stage.is_empty());
    assert_eq!(world.participants(), 1);
    assert!(!world.ended, "an empty stage does not end a room");
}

#[test]
fn a_full_room_refuses_viewers_and_still_lets_a_host_in() {
    let mut world = World::with(2, Vec::new());
    let (bob, _) = (world.viewer("Bob"), world.viewer("Cleo"));
    world.cut(bob);
    let third = world.viewer("Dan");
    assert_refused(&world.heard(third)[0], ErrorCode::RoomFull);
    assert!(world.closed.contains(&third));
    let host = world.host("Ann");
    assert_eq!(world.welcome(host).role, Role::Host);
    let back = world.resume(bob);
    assert!(world.welcome(back).resumed, "the place of one in grace is kept");
}

#[test]
fn a_full_stage_refuses_hosts_and_leaves_a_viewer_who_resumes_as_they_were() {
    let mut world = World::with(1, Vec::new());
    let viewer = world.viewer("Bob");
    for _ in 0..MAX_STAGE {
        world.host("host");
    }
    let one_more = world.host("host");
    assert_refused(&world.heard(one_more)[0], ErrorCode::StageFull);
    let token = world.welcome(viewer).resume.clone();
    let promoted = world.join("Bob", true, Some(token));
    assert_refused(&world.heard(promoted)[0], ErrorCode::StageFull);
    assert!(!world.closed.contains(&viewer));
    assert_eq!(world.participants(), MAX_STAGE + 1);
}

#[test]
fn a_connection_joins_once() {
    let mut world = World::new();
    let viewer = world.viewer("Bob");
    let again = ClientMessage::Join {
        version: 1,
        room: "garden".into(),
        name: "Bob".into(),
        open: false,
        host_key: None,
        resume: None,
        links: false,
        token: None,
        kind: None,
    };
    assert_refused(&world.ask(viewer, again), ErrorCode::AlreadyJoined);
    assert!(matches!(world.ask(viewer, ClientMessage::Ping), ServerMessage::Pong { .. }));
}
