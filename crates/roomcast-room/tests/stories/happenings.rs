//! What is told to those outside: each thing once, and in order.

use roomcast_protocol::{ClientMessage, Source};
use roomcast_room::{Happening, Input, LeaveCause, RESUME_GRACE};

use crate::harness::World;

/// What happened since the last time, in short.
fn told(world: &mut World) -> Vec<String> {
    let short = |happening| match happening {
        Happening::RoomOpened => "opened".to_owned(),
        Happening::RoomEnded => "ended".to_owned(),
        Happening::ParticipantJoined(who) => format!("{} joined", who.name),
        Happening::ParticipantLeft(who, cause) => format!("{} left: {}", who.name, cause.as_str()),
        Happening::PublicationStarted(one) => format!("{:?} started", one.source),
        Happening::PublicationStopped(one) => format!("{:?} stopped", one.source),
    };
    std::mem::take(&mut world.happened).into_iter().map(short).collect()
}

#[test]
fn coming_publishing_and_going_are_told_in_their_order() {
    let mut world = World::new();
    let host = world.host("Ann");
    let viewer = world.viewer("Bob");
    assert_eq!(told(&mut world), ["opened", "Ann joined", "Bob joined"]);
    world.publish(host, &[Source::Camera, Source::Microphone]);
    assert_eq!(told(&mut world), ["Camera started", "Microphone started"]);
    world.publish(host, &[Source::Microphone, Source::Screen]);
    assert_eq!(told(&mut world), ["Camera stopped", "Screen started"]);
    world.say(viewer, ClientMessage::Leave);
    assert_eq!(told(&mut world), ["Bob left: left"]);
    world.say(host, ClientMessage::End);
    let last = ["Microphone stopped", "Screen stopped", "Ann left: room-ended", "ended"];
    assert_eq!(told(&mut world), last);
}

#[test]
fn a_lost_connection_is_none_of_it_until_it_is_given_up() {
    let mut world = World::new();
    let host = world.host("Ann");
    world.publish(host, &[Source::Camera]);
    told(&mut world);
    world.cut(host);
    let host = world.resume(host);
    let host = world.resume(host);
    assert!(told(&mut world).is_empty());
    world.cut(host);
    world.pass(RESUME_GRACE);
    assert_eq!(told(&mut world), ["Camera stopped", "Ann left: lost"]);
}

#[test]
fn who_is_removed_or_taken_off_the_stage_is_told_so() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    let participant = world.id(viewer);
    let stage = |on| ClientMessage::Stage { participant: participant.clone(), on };
    world.say(host, stage(true));
    world.publish(viewer, &[Source::Camera]);
    told(&mut world);
    world.say(host, stage(false));
    assert_eq!(told(&mut world), ["Camera stopped"]);
    world.say(host, ClientMessage::Remove { participant });
    assert_eq!(told(&mut world), ["Bob left: removed"]);
}

#[test]
fn when_the_node_goes_down_everyone_leaves_and_the_room_is_not_ended() {
    let mut world = World::new();
    let host = world.host("Ann");
    world.publish(host, &[Source::Camera]);
    told(&mut world);
    world.input(Input::Shutdown);
    assert_eq!(told(&mut world), ["Camera stopped", "Ann left: shutting-down"]);
    let causes = [LeaveCause::Left, LeaveCause::Lost, LeaveCause::Removed, LeaveCause::RoomEnded];
    assert!(causes.iter().all(|cause| !cause.as_str().is_empty()));
}

#[test]
fn a_room_that_is_taken_from_the_store_is_not_opened_again() {
    let mut world = World::taken_up();
    world.host("Ann");
    assert_eq!(told(&mut world), ["Ann joined"]);
}

#[test]
fn who_waits_has_not_joined() {
    let settings = roomcast_room::Settings { waiting_room: true, ..Default::default() };
    let mut world = World::with_settings(settings);
    let guest = world.viewer("Bob");
    world.say(guest, ClientMessage::Leave);
    assert_eq!(told(&mut world), ["opened"]);
}
