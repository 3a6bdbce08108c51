//! Data for those to whom there is no link, and reports of trouble.

use roomcast_protocol::limits::{MAX_DIRECT_BYTES, MAX_LINKS};
use roomcast_protocol::link::Stream;
use roomcast_protocol::{
    ClientMessage, ErrorCode, ParticipantId, ServerMessage, TroubleCause, TroublePlace,
};

use crate::harness::{Client, World, assert_ok, assert_refused};

fn direct(world: &mut World, from: Client, to: &[ParticipantId], stream: Stream) -> ServerMessage {
    let data = "data".to_owned();
    world.ask(from, ClientMessage::Direct { to: to.to_vec(), stream, data })
}

#[test]
fn data_reaches_those_who_are_named_and_nobody_else() {
    let mut world = World::new();
    let [ann, bob, cleo, dan] = ["Ann", "Bob", "Cleo", "Dan"].map(|name| world.viewer(name));
    let to = [world.id(bob), world.id(cleo), world.id(bob)];
    world.forget_what_was_heard();
    assert_ok(&direct(&mut world, ann, &to, Stream::File));
    let from = world.id(ann);
    let data = ServerMessage::Direct { from, stream: Stream::File, data: "data".into() };
    assert_eq!(world.heard(bob), std::slice::from_ref(&data), "once, though named twice");
    assert_eq!((world.heard(cleo), world.heard(dan)), (vec![data], vec![]));
}

#[test]
fn all_receivers_get_it_or_none() {
    let mut world = World::new();
    let (ann, bob) = (world.viewer("Ann"), world.viewer("Bob"));
    let stranger = ParticipantId("stranger".into());
    let to = [world.id(bob), stranger];
    world.forget_what_was_heard();
    let answer = direct(&mut world, ann, &to, Stream::Chat);
    assert_refused(&answer, ErrorCode::ParticipantUnknown);
    assert!(
        matches!(answer, ServerMessage::Error { refusal, .. } if refusal.message.contains("stranger"))
    );
    assert_eq!(world.heard(bob), []);
}

#[test]
fn too_much_or_to_too_many_is_refused() {
    let mut world = World::new();
    let (ann, bob) = (world.viewer("Ann"), world.viewer("Bob"));
    let to = vec![world.id(bob); MAX_LINKS + 1];
    assert_refused(&direct(&mut world, ann, &to, Stream::File), ErrorCode::Malformed);
    assert_refused(&direct(&mut world, ann, &[], Stream::File), ErrorCode::Malformed);
    let data = "x".repeat(MAX_DIRECT_BYTES + 1);
    let long = ClientMessage::Direct { to: vec![world.id(bob)], stream: Stream::File, data };
    assert_refused(&world.ask(ann, long), ErrorCode::TooLarge);
}

#[test]
fn who_may_not_chat_may_not_do_so_directly() {
    let mut world = World::new();
    let (host, bob) = (world.host("Ann"), world.viewer("Bob"));
    let (to, participant) = ([world.id(host)], world.id(bob));
    world.ask(host, ClientMessage::Silence { participant, silenced: true });
    assert_refused(&direct(&mut world, bob, &to, Stream::Chat), ErrorCode::Silenced);
    assert_ok(&direct(&mut world, bob, &to, Stream::File));
    world.ask(host, ClientMessage::ChatOpen { open: false });
    let cleo = world.viewer("Cleo");
    assert_refused(&direct(&mut world, cleo, &to, Stream::Chat), ErrorCode::ChatClosed);
    let to = [world.id(cleo)];
    assert_ok(&direct(&mut world, host, &to, Stream::Chat));
}

#[test]
fn trouble_is_told_to_the_operator_and_a_flood_of_it_is_bounded() {
    let mut world = World::new();
    let bob = world.viewer("Bob");
    let trouble = |participant| ClientMessage::MediaTrouble {
        place: TroublePlace::Link,
        participant,
        cause: TroubleCause::NoUdp,
    };
    assert_ok(&world.ask(bob, trouble(None)));
    assert_eq!(world.troubles, [(world.id(bob), TroubleCause::NoUdp)]);
    let stranger = trouble(Some(ParticipantId("x".into())));
    assert_refused(&world.ask(bob, stranger), ErrorCode::ParticipantUnknown);
    for _ in 0..100 {
        world.ask(bob, trouble(None));
    }
    assert!(world.troubles.len() < 10, "{}", world.troubles.len());
}
