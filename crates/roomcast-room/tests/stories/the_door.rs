//! The waiting room, the lock, and the settings of hosts.

use roomcast_protocol::limits::MAX_WAITING;
use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{ClientMessage, ErrorCode, ParticipantId, ServerMessage, Topology};
use roomcast_room::{Input, Settings, StoreCommand};

use crate::harness::{Client, World, assert_ok, assert_refused, goodbye};

fn with_waiting_room() -> World {
    World::with_settings(Settings { waiting_room: true, ..Settings::default() })
}

/// The ids and names in the newest list that a host heard.
fn list(world: &mut World, host: Client) -> Option<Vec<(ParticipantId, String)>> {
    let mut lists = world.heard(host).into_iter().filter_map(|message| match message {
        ServerMessage::WaitingList { participants } => {
            Some(participants.into_iter().map(|p| (p.participant, p.name)).collect())
        }
        _ => None,
    });
    lists.next_back()
}

fn admit(world: &mut World, host: Client, id: &ParticipantId, admitted: bool) -> ServerMessage {
    world.ask(host, ClientMessage::Admit { participant: id.clone(), admitted })
}

fn waits(heard: &[ServerMessage]) -> bool {
    matches!(heard, [ServerMessage::Waiting { re: Some(_) }])
}

#[test]
fn a_newcomer_waits_until_a_host_lets_them_in() {
    let mut world = with_waiting_room();
    let host = world.host("Ann");
    let guest = world.linked_viewer("Bob");
    assert!(waits(&world.heard(guest)));
    assert_eq!((world.waiting(), world.participants()), (1, 1));
    let waiting = list(&mut world, host).unwrap();
    assert_eq!(waiting[0].1, "Bob");
    assert_ok(&admit(&mut world, host, &waiting[0].0, true));
    let heard = world.heard(guest);
    assert!(matches!(&heard[0], ServerMessage::Welcome(w) if w.re.is_none() && !w.resumed));
    assert!(world.links.contains_key(&guest), "the client can hold links, as it said");
    assert_eq!(list(&mut world, host).unwrap(), []);
}

#[test]
fn a_host_turns_someone_away() {
    let mut world = with_waiting_room();
    let host = world.host("Ann");
    let guest = world.viewer("Bob");
    let id = list(&mut world, host).unwrap()[0].0.clone();
    assert_ok(&admit(&mut world, host, &id, false));
    assert_eq!(goodbye(&world.heard(guest)), Some(ErrorCode::Denied));
    assert!(world.closed.contains(&guest));
    assert_refused(&admit(&mut world, host, &id, true), ErrorCode::ParticipantUnknown);
}

#[test]
fn hosts_and_those_who_come_back_do_not_wait() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    let waiting_room = SettingsChange { waiting_room: Some(true), ..SettingsChange::default() };
    world.set(host, waiting_room);
    world.cut(viewer);
    let back = world.resume(viewer);
    assert!(world.was_welcome(back));
    let second = world.host("Second");
    assert!(world.was_welcome(second));
}

#[test]
fn one_who_waits_can_ping_and_leave_and_nothing_else() {
    let mut world = with_waiting_room();
    let host = world.host("Ann");
    let guest = world.viewer("Bob");
    assert!(matches!(world.ask(guest, ClientMessage::Ping), ServerMessage::Pong { .. }));
    let chat = ClientMessage::Chat { text: "hello".into() };
    assert_refused(&world.ask(guest, chat), ErrorCode::NotJoined);
    assert_refused(&world.ask(guest, ClientMessage::End), ErrorCode::NotJoined);
    world.say(host, ClientMessage::Chat { text: "a secret".into() });
    world.heard(guest);
    world.say(guest, ClientMessage::Leave);
    assert_eq!(goodbye(&world.heard(guest)), Some(ErrorCode::Left));
    assert_eq!(world.waiting(), 0);
}

#[test]
fn one_whose_connection_is_lost_while_waiting_is_not_listed_any_more() {
    let mut world = with_waiting_room();
    let host = world.host("Ann");
    let guest = world.viewer("Bob");
    world.heard(host);
    world.cut(guest);
    assert_eq!(list(&mut world, host).unwrap(), []);
}

#[test]
fn nothing_of_the_room_is_heard_while_waiting() {
    let mut world = with_waiting_room();
    let host = world.host("Ann");
    let guest = world.viewer("Bob");
    world.heard(guest);
    world.say(host, ClientMessage::Chat { text: "a secret".into() });
    world.say(host, ClientMessage::Rename { name: "Anna".into() });
    assert_eq!(world.heard(guest), []);
}

#[test]
fn a_door_that_is_opened_lets_everyone_in_who_has_a_place() {
    let mut world = with_waiting_room();
    let host = world.host("Ann");
    let guests: Vec<Client> = (0..3).map(|_| world.viewer("guest")).collect();
    world.set(host, SettingsChange { waiting_room: Some(false), ..SettingsChange::default() });
    assert!(guests.iter().all(|guest| world.was_welcome(*guest)));
    assert_eq!((world.waiting(), world.participants()), (0, 4));
}

#[test]
fn those_who_wait_are_bounded() {
    let mut world = with_waiting_room();
    world.host("Ann");
    for _ in 0..MAX_WAITING {
        world.viewer("guest");
    }
    let late = world.viewer("late");
    assert_refused(world.heard(late).last().unwrap(), ErrorCode::WaitingFull);
    assert!(world.closed.contains(&late));
}

#[test]
fn those_who_wait_are_told_when_the_room_ends_or_the_node_goes_down() {
    for (end, code) in [(true, ErrorCode::RoomEnded), (false, ErrorCode::ShuttingDown)] {
        let mut world = with_waiting_room();
        let host = world.host("Ann");
        let guest = world.viewer("Bob");
        if end {
            world.say(host, ClientMessage::End);
        } else {
            world.input(Input::Shutdown);
        }
        assert_eq!(goodbye(&world.heard(guest)), Some(code));
        assert!(world.closed.contains(&guest) && world.waiting() == 0);
    }
}

#[test]
fn a_locked_room_refuses_newcomers_and_nobody_else() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.set(host, SettingsChange { locked: Some(true), ..SettingsChange::default() });
    assert!(world.state(viewer).locked);
    let late = world.viewer("late");
    assert_refused(world.heard(late).last().unwrap(), ErrorCode::RoomLocked);
    world.cut(viewer);
    let back = world.resume(viewer);
    assert!(world.was_welcome(back));
    let second = world.host("Second");
    assert!(world.was_welcome(second));
}

#[test]
fn settings_change_only_what_is_named_and_are_kept_once() {
    let mut world = World::new();
    let host = world.host("Ann");
    let change = SettingsChange {
        topology: Some(Topology::P2p),
        relay_only: Some(true),
        ..SettingsChange::default()
    };
    world.set(host, change);
    world.set(host, change);
    world.set(host, SettingsChange { locked: Some(true), ..SettingsChange::default() });
    let state = world.state(host);
    assert_eq!((state.topology, state.relay_only, state.locked), (Topology::P2p, true, true));
    let first = Settings { topology: Some(Topology::P2p), relay_only: true, ..Settings::default() };
    let kept = [first, Settings { locked: true, ..first }].map(StoreCommand::Settings);
    assert_eq!(world.store, kept);
}

#[test]
fn only_hosts_change_settings_and_open_the_door() {
    let mut world = World::new();
    world.host("Ann");
    let viewer = world.viewer("Bob");
    let change = ClientMessage::Settings(SettingsChange::default());
    assert_refused(&world.ask(viewer, change), ErrorCode::Forbidden);
    let id = ParticipantId("x".into());
    assert_refused(&admit(&mut world, viewer, &id, true), ErrorCode::Forbidden);
}
