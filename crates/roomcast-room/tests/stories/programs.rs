//! Those who are here without a page: a publisher by WHIP, and viewers by WHEP.

use roomcast_protocol::server::Role;
use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{
    Client as Program, ClientMessage, ErrorCode, ParticipantId, Refusal, RoomKind, ServerMessage,
    Source,
};
use roomcast_room::{Admission, BRIEF_GRACE, MediaCommand, MediaEvent, Patience, Settings};

use crate::harness::{Guest, World, assert_ok, assert_refused};

fn program(client: Program) -> Admission {
    Admission { client, ..Admission::default() }
}

#[test]
fn a_whip_publisher_is_on_stage_like_any_other_and_named_as_one() {
    let mut world = World::new();
    let host = world.host("Ann");
    let desk = world.admit("Desk", program(Program::Whip));
    world.publish(desk, &[Source::Camera, Source::Microphone]);
    let stage = world.state(host).stage;
    assert_eq!((stage[1].client, stage[1].role), (Program::Whip, Role::Speaker));
    assert_eq!(stage[1].publications.len(), 2);
    let participant = world.id(desk);
    let mute = ClientMessage::Mute { participant, source: Source::Camera, muted: true };
    assert_ok(&world.ask(host, mute));
    let participant = world.id(desk);
    assert_ok(&world.ask(host, ClientMessage::Remove { participant }));
    assert!(world.closed.contains(&desk));
}

#[test]
fn a_whip_publisher_without_a_place_on_stage_is_refused() {
    let mut world = World::new();
    for _ in 0..16 {
        world.host("Ann");
    }
    let desk = world.admit("Desk", program(Program::Whip));
    assert_refused(&world.heard(desk)[0], ErrorCode::StageFull);
    assert!(world.closed.contains(&desk));
}

#[test]
fn a_whep_viewer_counts_as_audience_and_does_nothing_but_watch() {
    let settings = Settings { kind: RoomKind::Call, ..Settings::default() };
    let mut world = World::with_settings(settings);
    let host = world.host("Ann");
    let player = world.admit("Player", program(Program::Whep));
    assert_eq!(world.welcome(player).role, Role::Viewer);
    assert_eq!(world.welcome(player).audience, 1);
    let key = Admission { role: Some(Role::Host), ..program(Program::Whep) };
    let other = world.admit("Player", key);
    assert_eq!(world.welcome(other).role, Role::Viewer);
    assert!(matches!(world.watch(player, true), ServerMessage::Watching { .. }));
    assert_refused(&world.publish(player, &[Source::Camera]), ErrorCode::Forbidden);
    let chat = ClientMessage::Chat { text: "hello".into() };
    assert_refused(&world.ask(player, chat), ErrorCode::Forbidden);
    let stage = ClientMessage::Stage { participant: world.id(player), on: true };
    assert_refused(&world.ask(host, stage), ErrorCode::Forbidden);
}

#[test]
fn nobody_without_a_page_waits_at_the_door_but_an_invitation_opens_it() {
    let mut world = World::new();
    let host = world.host("Ann");
    let change = SettingsChange { waiting_room: Some(true), ..SettingsChange::default() };
    assert_ok(&world.ask(host, ClientMessage::Settings(change)));
    for client in [Program::Whip, Program::Whep] {
        let refused = world.admit("Desk", program(client));
        let heard = world.heard(refused);
        assert_refused(&heard[0], ErrorCode::Denied);
        let ServerMessage::Error { refusal, .. } = &heard[0] else { unreachable!() };
        assert!(refusal.message.contains("page"), "{}", refusal.message);
        assert!(world.closed.contains(&refused));
        let invited = world.admit("Desk", Admission { invited: true, ..program(client) });
        assert!(world.was_welcome(invited));
    }
    let lock = SettingsChange { locked: Some(true), ..SettingsChange::default() };
    assert_ok(&world.ask(host, ClientMessage::Settings(lock)));
    let late = world.admit("Desk", program(Program::Whep));
    assert_refused(&world.heard(late)[0], ErrorCode::RoomLocked);
    let invited = world.admit("Desk", Admission { invited: true, ..program(Program::Whep) });
    assert!(world.was_welcome(invited));
    assert_eq!(world.waiting(), 0);
}

#[test]
fn they_never_get_links_and_nobody_gets_one_to_them() {
    let mut world = World::new();
    let host = world.linked_host("Ann");
    let admission = program(Program::Whip);
    let desk = world.enter("Desk", Guest { admission, links: true }, None);
    assert!(!world.links.contains_key(&desk));
    let links = &world.links[&host];
    assert!(links.entries.is_empty() && !links.mesh);
    assert!(links.node, "whoever has no link receives at the node");
}

#[test]
fn the_media_engine_has_less_patience_with_them() {
    let mut world = World::new();
    let (host, desk) = (world.host("Ann"), world.admit("Desk", program(Program::Whip)));
    let player = world.admit("Player", program(Program::Whep));
    for (client, expected) in [(host, Patience::Resumable), (desk, Patience::Brief)] {
        world.publish(client, &[Source::Camera]);
        let patience = world.media.iter().rev().find_map(|command| match command {
            MediaCommand::Publish { patience, .. } => Some(*patience),
            _ => None,
        });
        assert_eq!(patience, Some(expected));
    }
    world.watch(player, true);
    assert_eq!(world.last_watch().1, Patience::Brief);
    world.watch(host, true);
    assert_eq!(world.last_watch().1, Patience::Resumable);
}

#[test]
fn one_that_vanishes_is_gone_at_once_and_one_that_lost_its_session_shows_nothing_any_more() {
    let mut world = World::new();
    world.host("Ann");
    let desk = world.admit("Desk", program(Program::Whip));
    world.publish(desk, &[Source::Camera]);
    let (session, _) = world.last_publish();
    let refusal = Refusal::new(ErrorCode::MediaTimeout, "silent");
    world.event(MediaEvent::Closed { session, refusal });
    assert_eq!(world.room().state().stage[1].publications.len(), 1);
    world.pass(BRIEF_GRACE);
    assert!(world.room().state().stage[1].publications.is_empty());
    let id: ParticipantId = world.id(desk);
    world.cut(desk);
    world.pass(BRIEF_GRACE);
    assert_eq!(world.departed, [id]);
}
