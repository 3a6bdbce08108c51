//! The end of a room, and of a node.

use roomcast_protocol::{ClientMessage, ErrorCode, Source};
use roomcast_room::{Input, MediaCommand, StoreCommand};

use crate::harness::{Client, World, assert_refused, goodbye};

fn full_house() -> (World, [Client; 3]) {
    let mut world = World::new();
    let (host, viewer, away) = (world.host("Ann"), world.viewer("Bob"), world.viewer("Cleo"));
    world.publish(host, &[Source::Camera]);
    world.subscribe(viewer);
    world.subscribe(away);
    world.cut(away);
    world.forget_what_was_heard();
    (world, [host, viewer, away])
}

fn assert_all_over(world: &mut World, clients: [Client; 3], code: ErrorCode) {
    assert!(world.ended);
    assert_eq!(world.participants(), 0);
    for client in &clients[..2] {
        assert_eq!(goodbye(&world.heard(*client)), Some(code));
        assert!(world.closed.contains(client));
    }
    assert_eq!(world.media.len(), 3);
    assert!(world.media.iter().all(|command| matches!(command, MediaCommand::Close { .. })));
    let late = world.viewer("Dan");
    assert_refused(&world.heard(late)[0], code);
    assert!(world.closed.contains(&late));
}

#[test]
fn a_host_ends_the_room_for_everyone_and_it_is_forgotten() {
    let (mut world, clients) = full_house();
    let id = world.send_with_id(clients[0], ClientMessage::End);
    assert!(world.answer_to(clients[0], id).is_some());
    assert_eq!(world.store, [StoreCommand::Remove]);
    assert_all_over(&mut world, clients, ErrorCode::RoomEnded);
}

#[test]
fn a_node_that_goes_down_tells_everyone_and_forgets_nothing() {
    let (mut world, clients) = full_house();
    world.input(Input::Shutdown);
    assert_eq!(world.store, []);
    assert_all_over(&mut world, clients, ErrorCode::ShuttingDown);
    world.input(Input::Shutdown);
}
