//! What a token grants is a ceiling: no role lifts it, and all who look at it look at the same place.

use roomcast_protocol::client::AnnouncedTrack;
use roomcast_protocol::server::Role;
use roomcast_protocol::{
    ClientMessage, ErrorCode, Grants, ParticipantId, RoomKind, ServerMessage, Source,
};
use roomcast_room::{Admission, Settings};

use crate::harness::{Client, Guest, World, assert_ok, assert_refused};

fn with(grants: Grants) -> Admission {
    Admission { grants: Some(grants), ..Admission::of_page(false) }
}

fn host_with(grants: Grants) -> Admission {
    Admission { grants: Some(grants), ..Admission::of_page(true) }
}

fn camera_only() -> Grants {
    Grants { publish: [Source::Camera].into(), ..Grants::of_role(Role::Speaker) }
}

fn stage(world: &mut World, host: Client, participant: ParticipantId) -> ServerMessage {
    world.ask(host, ClientMessage::Stage { participant, on: true })
}

#[test]
fn only_the_sources_that_are_granted_can_be_published() {
    let mut world = World::new();
    let speaker = Admission { role: Some(Role::Speaker), ..with(camera_only()) };
    let speaker = world.admit("Bob", speaker);
    assert_refused(&world.publish(speaker, &[Source::Screen]), ErrorCode::Forbidden);
    let both = [Source::Camera, Source::Microphone];
    assert_refused(&world.publish(speaker, &both), ErrorCode::Forbidden);
    let track = AnnouncedTrack { source: Source::Screen, muted: false };
    let announce = ClientMessage::Announce { tracks: vec![track] };
    assert_refused(&world.ask(speaker, announce), ErrorCode::Forbidden);
    let answer = world.publish(speaker, &[Source::Camera]);
    assert!(matches!(answer, ServerMessage::Published { .. }));
}

#[test]
fn who_may_only_watch_neither_chats_nor_raises_a_hand_nor_comes_on_stage() {
    let mut world = World::new();
    let host = world.host("Ann");
    let viewer = world.admit("Bob", with(Grants { subscribe: true, ..Grants::default() }));
    world.subscribe(viewer);
    for message in [
        ClientMessage::Chat { text: "hello".into() },
        ClientMessage::Hand { raised: true, participant: None },
    ] {
        assert_refused(&world.ask(viewer, message), ErrorCode::Forbidden);
    }
    let id = world.id(viewer);
    assert_refused(&stage(&mut world, host, id.clone()), ErrorCode::Forbidden);
    assert_eq!(world.room().participant(&id).unwrap().role, Role::Viewer);
}

#[test]
fn who_may_not_watch_gets_no_session_and_no_link() {
    let mut world = World::new();
    world.linked_host("Ann");
    let admission = with(Grants { chat: true, ..Grants::default() });
    let guest = world.enter("Bob", Guest { admission, links: true }, None);
    let subscribe = ClientMessage::Subscribe { restart_ice: false };
    assert_refused(&world.ask(guest, subscribe), ErrorCode::Forbidden);
    assert_refused(&world.watch(guest, true), ErrorCode::Forbidden);
    assert!(!world.links.contains_key(&guest));
    assert_ok(&world.ask(guest, ClientMessage::Chat { text: "hello".into() }));
}

#[test]
fn others_drop_what_comes_by_a_link_from_one_who_may_not_chat() {
    let mut world = World::new();
    let host = world.linked_host("Ann");
    let admission = with(Grants { subscribe: true, ..Grants::default() });
    world.enter("Bob", Guest { admission, links: true }, None);
    assert!(world.links[&host].entries[0].silenced);
}

#[test]
fn a_host_without_the_right_to_moderate_changes_nothing_and_hears_no_lists() {
    let mut world = World::new();
    let host = world.host("Ann");
    let grants = Grants { moderate: false, ..Grants::of_role(Role::Host) };
    let guest = world.admit("Bob", host_with(grants));
    let viewer = world.viewer("Cleo");
    world.forget_what_was_heard();
    assert_ok(&world.ask(viewer, ClientMessage::Hand { raised: true, participant: None }));
    let hands = |heard: Vec<ServerMessage>| {
        heard.iter().any(|message| matches!(message, ServerMessage::Hands { .. }))
    };
    assert!(hands(world.heard(host)) && !hands(world.heard(guest)));
    let remove = ClientMessage::Remove { participant: world.id(viewer) };
    for message in [remove, ClientMessage::End, ClientMessage::ChatOpen { open: false }] {
        assert_refused(&world.ask(guest, message), ErrorCode::Forbidden);
    }
    assert_ok(&world.ask(host, ClientMessage::ChatOpen { open: false }));
    let chat = ClientMessage::Chat { text: "hello".into() };
    assert_refused(&world.ask(guest, chat), ErrorCode::ChatClosed);
}

#[test]
fn the_host_key_lifts_no_ceiling() {
    let mut world = World::new();
    let guest = world.admit("Bob", with(camera_only()));
    let token = world.welcome(guest).resume.clone();
    world.cut(guest);
    let back = world.join("Bob", true, Some(token));
    assert_eq!(world.welcome(back).role, Role::Host);
    assert_refused(&world.publish(back, &[Source::Screen]), ErrorCode::Forbidden);
    assert_refused(&world.ask(back, ClientMessage::End), ErrorCode::Forbidden);
}

#[test]
fn who_comes_back_with_less_loses_what_they_may_not_have_any_more() {
    let mut world = World::new();
    let host = world.host("Ann");
    let speaker = Admission { role: Some(Role::Speaker), ..with(camera_only()) };
    let speaker = world.admit("Bob", speaker);
    world.publish(speaker, &[Source::Camera]);
    world.subscribe(speaker);
    world.publish(host, &[Source::Camera]);
    let token = world.welcome(speaker).resume.clone();
    let less = with(Grants { chat: true, ..Grants::default() });
    let back = world.enter("Bob", Guest { admission: less, links: false }, Some(token));
    assert!(world.welcome(back).resumed);
    let record = world.room().participant(&world.id(back)).unwrap();
    assert!(record.publications.is_empty());
    assert_eq!((record.sessions.publisher, record.sessions.subscriber), (None, None));
    assert_refused(&world.publish(back, &[Source::Camera]), ErrorCode::Forbidden);
}

#[test]
fn in_a_call_those_who_may_publish_nothing_are_viewers() {
    let settings = Settings { kind: RoomKind::Call, ..Settings::default() };
    let mut world = World::with_settings(settings);
    let speaker = world.viewer("Ann");
    let viewer = world.admit("Bob", with(Grants { subscribe: true, ..Grants::default() }));
    assert_eq!(world.welcome(speaker).role, Role::Speaker);
    assert_eq!(world.welcome(viewer).role, Role::Viewer);
}
