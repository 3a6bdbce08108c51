//! Calls, raised hands, and who is brought on stage.

use roomcast_protocol::limits::{MAX_HANDS, MAX_STAGE};
use roomcast_protocol::server::Role;
use roomcast_protocol::{ClientMessage, ErrorCode, ParticipantId, RoomKind, ServerMessage, Source};
use roomcast_room::{MediaCommand, Settings};

use crate::harness::{Client, World, assert_ok, assert_refused};

fn call() -> World {
    World::with_settings(Settings { kind: RoomKind::Call, ..Settings::default() })
}

fn stage(world: &mut World, by: Client, who: Client, on: bool) -> ServerMessage {
    let participant = world.id(who);
    world.ask(by, ClientMessage::Stage { participant, on })
}

fn raise(world: &mut World, who: Client) -> ServerMessage {
    world.ask(who, ClientMessage::Hand { raised: true, participant: None })
}

/// The names in the newest list of hands that a client heard.
fn hands(world: &mut World, host: Client) -> Option<Vec<String>> {
    let mut lists = world.heard(host).into_iter().filter_map(|message| match message {
        ServerMessage::Hands { hands } => Some(hands.into_iter().map(|hand| hand.name).collect()),
        _ => None,
    });
    lists.next_back()
}

fn roles(heard: &[ServerMessage]) -> Vec<Role> {
    let role = |message: &ServerMessage| match message {
        ServerMessage::Role { role } => Some(*role),
        _ => None,
    };
    heard.iter().filter_map(role).collect()
}

#[test]
fn in_a_call_everyone_comes_on_stage_until_it_is_full() {
    let mut world = call();
    let host = world.linked_host("Ann");
    let guests: Vec<Client> = (0..MAX_STAGE).map(|_| world.linked_viewer("guest")).collect();
    assert_eq!(world.welcome(guests[0]).role, Role::Speaker);
    assert_eq!(world.welcome(guests[0]).room.kind, RoomKind::Call);
    let last = guests[MAX_STAGE - 1];
    assert_eq!(world.welcome(last).role, Role::Viewer, "no place is left");
    assert_eq!(world.states[&host].stage.len(), MAX_STAGE);
}

#[test]
fn a_host_brings_a_viewer_on_stage_who_may_then_publish() {
    let mut world = World::new();
    let (host, viewer) = (world.linked_host("Ann"), world.linked_viewer("Bob"));
    assert_refused(&world.publish(viewer, &[Source::Camera]), ErrorCode::Forbidden);
    let announce = ClientMessage::Announce { tracks: Vec::new() };
    assert_refused(&world.ask(viewer, announce), ErrorCode::Forbidden);
    assert_ok(&stage(&mut world, host, viewer, true));
    assert_eq!(roles(&world.heard(viewer)), [Role::Speaker]);
    assert_eq!(world.announce(viewer, &[Source::Camera]).len(), 1);
    assert_ok(&stage(&mut world, host, viewer, true));
    assert_eq!(roles(&world.heard(viewer)), [], "they are there already");
}

#[test]
fn whoever_is_taken_off_the_stage_publishes_nothing_any_more() {
    let mut world = World::new();
    let (host, viewer) = (world.linked_host("Ann"), world.linked_viewer("Bob"));
    stage(&mut world, host, viewer, true);
    world.announce(viewer, &[Source::Camera]);
    world.publish(viewer, &[Source::Camera]);
    world.forget_what_was_heard();
    assert_ok(&stage(&mut world, host, viewer, false));
    assert!(matches!(world.media[..], [MediaCommand::Close { .. }]), "{:?}", world.media);
    assert_eq!(roles(&world.heard(viewer)), [Role::Viewer]);
    assert_eq!(world.states[&host].stage.len(), 1);
    assert_refused(&world.publish(viewer, &[Source::Camera]), ErrorCode::Forbidden);
    // Back again: nothing of before is left.
    stage(&mut world, host, viewer, true);
    assert!(!world.states[&host].live);
}

#[test]
fn a_speaker_may_leave_the_stage_but_nobody_else_decides_for_others() {
    let mut world = call();
    let host = world.linked_host("Ann");
    let (bob, cleo) = (world.linked_viewer("Bob"), world.linked_viewer("Cleo"));
    assert_refused(&stage(&mut world, bob, cleo, false), ErrorCode::Forbidden);
    assert_ok(&stage(&mut world, bob, bob, false));
    assert_refused(&stage(&mut world, bob, bob, true), ErrorCode::Forbidden);
    assert_refused(&stage(&mut world, host, host, false), ErrorCode::Forbidden);
    let stranger = ClientMessage::Stage { participant: ParticipantId("x".into()), on: true };
    assert_refused(&world.ask(host, stranger), ErrorCode::ParticipantUnknown);
}

#[test]
fn a_full_stage_takes_nobody_more() {
    let mut world = World::new();
    let host = world.host("Ann");
    for _ in 1..MAX_STAGE {
        let viewer = world.viewer("v");
        assert_ok(&stage(&mut world, host, viewer, true));
    }
    let viewer = world.viewer("one too many");
    assert_refused(&stage(&mut world, host, viewer, true), ErrorCode::StageFull);
}

#[test]
fn hosts_see_raised_hands_in_their_order_and_nobody_else_does() {
    let mut world = World::new();
    let (host, bob, cleo) = (world.host("Ann"), world.viewer("Bob"), world.viewer("Cleo"));
    assert_ok(&raise(&mut world, cleo));
    assert_ok(&raise(&mut world, bob));
    assert_ok(&raise(&mut world, cleo));
    assert_eq!(hands(&mut world, host).unwrap(), ["Cleo", "Bob"]);
    assert_eq!(hands(&mut world, bob), None);
    world.say(cleo, ClientMessage::Rename { name: "Cleopatra".into() });
    assert_eq!(hands(&mut world, host).unwrap(), ["Cleopatra", "Bob"]);
    let second = world.host("Second");
    assert_eq!(hands(&mut world, second).unwrap(), ["Cleopatra", "Bob"]);
}

#[test]
fn a_hand_goes_down_by_its_owner_a_host_the_stage_or_leaving() {
    let mut world = World::new();
    let host = world.host("Ann");
    let viewers = ["Bob", "Cleo", "Dan", "Eve"].map(|name| world.viewer(name));
    viewers.iter().for_each(|viewer| assert_ok(&raise(&mut world, *viewer)));
    let lower = |participant| ClientMessage::Hand { raised: false, participant };
    assert_ok(&world.ask(viewers[0], lower(None)));
    let dan = world.id(viewers[2]);
    assert_refused(&world.ask(viewers[1], lower(Some(dan.clone()))), ErrorCode::Forbidden);
    assert_ok(&world.ask(host, lower(Some(dan.clone()))));
    assert!(world.heard(viewers[2]).contains(&ServerMessage::HandLowered));
    assert_eq!(hands(&mut world, host).unwrap(), ["Cleo", "Eve"]);
    stage(&mut world, host, viewers[1], true);
    world.say(viewers[3], ClientMessage::Leave);
    assert_eq!(hands(&mut world, host).unwrap(), [""; 0]);
    let force = ClientMessage::Hand { raised: true, participant: Some(dan) };
    assert_refused(&world.ask(host, force), ErrorCode::Forbidden);
    assert_refused(&raise(&mut world, host), ErrorCode::Forbidden);
}

#[test]
fn hands_are_bounded() {
    let mut world = World::new();
    world.host("Ann");
    for _ in 0..MAX_HANDS {
        let viewer = world.viewer("v");
        assert_ok(&raise(&mut world, viewer));
    }
    let viewer = world.viewer("one too many");
    assert_refused(&raise(&mut world, viewer), ErrorCode::HandsFull);
}
