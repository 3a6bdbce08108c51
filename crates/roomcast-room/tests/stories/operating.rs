//! What operators do by the HTTP API, and what they read.

use roomcast_protocol::server::Role;
use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{ClientMessage, ErrorCode, ParticipantId, Source};
use roomcast_room::{Input, Settings, StoreCommand};

use crate::harness::{World, goodbye};

#[test]
fn an_operator_does_what_a_host_does_without_being_there() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    let (ann, bob) = (world.id(host), world.id(viewer));
    let done = |world: &mut World, message| assert_eq!(world.operate(message), Ok(()));
    let of_bob = || bob.clone();
    done(&mut world, ClientMessage::Stage { participant: of_bob(), on: true });
    done(&mut world, ClientMessage::Silence { participant: of_bob(), silenced: true });
    done(&mut world, ClientMessage::ChatOpen { open: false });
    let mute = ClientMessage::Mute { participant: ann, source: Source::Camera, muted: true };
    done(&mut world, mute);
    let record = world.room().participant(&bob).unwrap();
    assert_eq!((record.role, record.silenced), (Role::Speaker, true));
    let state = world.state(host);
    assert!(!state.chat_open && state.stage[0].publications[0].muted_by_host);
    done(&mut world, ClientMessage::Remove { participant: of_bob() });
    assert_eq!(goodbye(&world.heard(viewer)), Some(ErrorCode::Removed));
    let change = SettingsChange { locked: Some(true), ..SettingsChange::default() };
    done(&mut world, ClientMessage::Settings(change));
    let settings = Settings { locked: true, ..Settings::default() };
    assert!(world.store.contains(&StoreCommand::Settings(settings)));
}

#[test]
fn an_operator_lets_someone_in_who_waits() {
    let settings = Settings { waiting_room: true, ..Settings::default() };
    let mut world = World::with_settings(settings);
    let guest = world.viewer("Bob");
    let participant = ParticipantId("p1".into());
    assert_eq!(world.operate(ClientMessage::Admit { participant, admitted: true }), Ok(()));
    assert!(world.was_welcome(guest));
}

#[test]
fn an_operator_does_nothing_that_takes_a_participant() {
    let mut world = World::new();
    world.host("Ann");
    for message in [
        ClientMessage::Chat { text: "hello".into() },
        ClientMessage::Audience { after: None },
        ClientMessage::Rename { name: "Bob".into() },
        ClientMessage::Leave,
        ClientMessage::Ping,
    ] {
        assert_eq!(world.operate(message).unwrap_err().code, ErrorCode::Forbidden);
    }
    let nobody = ParticipantId("nobody".into());
    let refusal = world.operate(ClientMessage::Remove { participant: nobody }).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::ParticipantUnknown);
}

#[test]
fn an_operator_ends_a_room_and_is_told_that_it_is_over_afterwards() {
    let mut world = World::new();
    let host = world.host("Ann");
    assert_eq!(world.operate(ClientMessage::End), Ok(()));
    assert_eq!(goodbye(&world.heard(host)), Some(ErrorCode::RoomEnded));
    assert!(world.ended);
    let refusal = world.operate(ClientMessage::ChatOpen { open: true }).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::RoomEnded);
}

#[test]
fn a_node_that_goes_down_still_answers() {
    let mut world = World::new();
    world.input(Input::Shutdown);
    let refusal = world.operate(ClientMessage::End).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::ShuttingDown);
}

#[test]
fn participants_are_read_a_page_at_a_time_in_the_order_of_arrival() {
    let mut world = World::new();
    let everyone: Vec<_> = ["Ann", "Bob", "Cleo", "Dan"].map(|name| world.viewer(name)).into();
    world.cut(everyone[1]);
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = world.room().participants(after.as_ref(), 3);
        let Some(last) = page.last() else { break };
        after = Some(last.participant.clone());
        names.extend(page.iter().map(|record| (record.name.clone(), record.connected)));
    }
    let expected = [("Ann", true), ("Bob", false), ("Cleo", true), ("Dan", true)];
    assert_eq!(names, expected.map(|(name, connected)| (name.to_owned(), connected)));
    let nobody = ParticipantId("nobody".into());
    assert_eq!(world.room().participants(Some(&nobody), 3), []);
    assert_eq!(world.room().participant(&nobody), None);
}

#[test]
fn a_participant_is_read_with_what_they_publish_and_their_sessions() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    world.subscribe(viewer);
    world.say(viewer, ClientMessage::Hand { raised: true, participant: None });
    let ann = world.room().participant(&world.id(host)).unwrap();
    assert_eq!(ann.publications.len(), 1);
    assert_eq!(ann.sessions.publisher, Some(world.last_publish().0));
    let bob = world.room().participant(&world.id(viewer)).unwrap();
    assert!(bob.hand && bob.grants.chat && !bob.grants.moderate);
    assert_eq!(bob.sessions.subscriber, Some(world.last_subscribe().0));
}
