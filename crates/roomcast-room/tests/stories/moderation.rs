//! What hosts may do, and others may not.

use std::time::Duration;

use roomcast_protocol::limits::MAX_AUDIENCE_PAGE;
use roomcast_protocol::server::ServerMessage;
use roomcast_protocol::{ClientMessage, ErrorCode, ParticipantId, Source};
use roomcast_room::{MediaCommand, RESUME_GRACE, StoreCommand};

use crate::harness::{Client, World, assert_ok, assert_refused, goodbye, publish};

fn nobody() -> ParticipantId {
    ParticipantId("nobody".into())
}

fn mute(participant: ParticipantId, muted: bool) -> ClientMessage {
    ClientMessage::Mute { participant, source: Source::Camera, muted }
}

fn every_host_message(about: &ParticipantId) -> Vec<ClientMessage> {
    vec![
        mute(about.clone(), true),
        ClientMessage::Silence { participant: about.clone(), silenced: true },
        ClientMessage::Remove { participant: about.clone() },
        ClientMessage::ChatOpen { open: false },
        ClientMessage::Audience { after: None },
        ClientMessage::End,
    ]
}

#[test]
fn viewers_may_do_nothing_of_what_hosts_may() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    world.forget_what_was_heard();
    for about in [world.id(host), world.id(viewer), nobody()] {
        for message in every_host_message(&about) {
            assert_refused(&world.ask(viewer, message), ErrorCode::Forbidden);
        }
    }
    assert_eq!(world.heard(host), []);
    assert_eq!((world.media.len(), world.store.len()), (0, 0));
}

#[test]
fn messages_about_unknown_participants_are_refused() {
    let mut world = World::new();
    let host = world.host("Ann");
    let asks_about_someone = [
        mute(nobody(), true),
        ClientMessage::Silence { participant: nobody(), silenced: true },
        ClientMessage::Remove { participant: nobody() },
        ClientMessage::Audience { after: Some(nobody()) },
    ];
    for message in asks_about_someone {
        assert_refused(&world.ask(host, message), ErrorCode::ParticipantUnknown);
    }
}

fn muted_by_host(world: &mut World, client: Client) -> bool {
    world.state(client).stage[0].publications[0].muted_by_host
}

#[test]
fn what_a_host_muted_stays_muted_until_a_host_unmutes_it() {
    let mut world = World::new();
    let (ann, moderator) = (world.host("Ann"), world.host("Mia"));
    let id = world.id(ann);
    assert_refused(&world.ask(moderator, mute(id.clone(), true)), ErrorCode::PublicationUnknown);
    world.publish(ann, &[Source::Camera]);
    let (session, tracks) = world.last_publish();
    let publication = tracks[0].1;
    assert_ok(&world.ask(moderator, mute(id.clone(), true)));
    assert_eq!(world.media.last(), Some(&MediaCommand::Mute { session, publication, muted: true }));
    assert!(muted_by_host(&mut world, moderator));

    let own = ClientMessage::TrackMuted { source: Source::Camera, muted: true };
    assert_ok(&world.ask(ann, own));
    let own = ClientMessage::TrackMuted { source: Source::Camera, muted: false };
    assert_ok(&world.ask(ann, own));
    assert!(muted_by_host(&mut world, moderator), "its owner cannot change that");

    assert_ok(&world.ask(ann, ClientMessage::Unpublish));
    world.ask(ann, publish(&[Source::Camera], true));
    let (session, _) = world.last_publish();
    assert!(world.media.contains(&MediaCommand::Mute { session, publication, muted: true }));
    assert!(muted_by_host(&mut world, moderator), "not by publishing anew either");

    assert_ok(&world.ask(moderator, mute(id, false)));
    let unmute = MediaCommand::Mute { session, publication, muted: false };
    assert_eq!(world.media.last(), Some(&unmute));
    assert!(!muted_by_host(&mut world, moderator));
}

#[test]
fn the_silenced_are_heard_again_when_a_host_allows_it() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    let silence = |participant, silenced| ClientMessage::Silence { participant, silenced };
    let chat = ClientMessage::Chat { text: "hello".into() };
    assert_ok(&world.ask(host, silence(world.id(viewer), true)));
    assert_refused(&world.ask(viewer, chat.clone()), ErrorCode::Silenced);
    world.cut(viewer);
    let viewer = world.resume(viewer);
    assert_refused(&world.ask(viewer, chat.clone()), ErrorCode::Silenced);
    assert_ok(&world.ask(host, silence(world.id(viewer), false)));
    assert_ok(&world.ask(viewer, chat));
}

#[test]
fn whoever_is_removed_is_gone_and_cannot_resume() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.publish(host, &[Source::Camera]);
    world.subscribe(viewer);
    let (session, _) = world.last_subscribe();
    let remove = ClientMessage::Remove { participant: world.id(viewer) };
    assert_ok(&world.ask(host, remove.clone()));
    assert_eq!(goodbye(&world.heard(viewer)), Some(ErrorCode::Removed));
    assert!(world.closed.contains(&viewer));
    assert_eq!(world.media.last(), Some(&MediaCommand::Close { session }));
    assert_refused(&world.ask(host, remove), ErrorCode::ParticipantUnknown);
    let back = world.resume(viewer);
    assert!(!world.welcome(back).resumed);
}

#[test]
fn a_participant_in_grace_can_be_removed() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.cut(viewer);
    assert_ok(&world.ask(host, ClientMessage::Remove { participant: world.id(viewer) }));
    assert_eq!(world.participants(), 1);
    world.pass(2 * RESUME_GRACE);
}

#[test]
fn hosts_cannot_remove_themselves() {
    let mut world = World::new();
    let host = world.host("Ann");
    let remove = ClientMessage::Remove { participant: world.id(host) };
    assert_refused(&world.ask(host, remove), ErrorCode::Forbidden);
    assert_eq!(world.participants(), 1);
}

#[test]
fn a_closed_chat_is_open_to_hosts_and_stays_closed_in_the_store() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    let chat = ClientMessage::Chat { text: "hello".into() };
    assert_ok(&world.ask(host, ClientMessage::ChatOpen { open: false }));
    assert!(!world.state(viewer).chat_open);
    assert_eq!(world.store, [StoreCommand::ChatOpen(false)]);
    assert_ok(&world.ask(host, ClientMessage::ChatOpen { open: false }));
    assert_eq!(world.store.len(), 1, "it was closed already");
    assert_refused(&world.ask(viewer, chat.clone()), ErrorCode::ChatClosed);
    assert_ok(&world.ask(host, chat.clone()));
    assert_ok(&world.ask(host, ClientMessage::ChatOpen { open: true }));
    assert_ok(&world.ask(viewer, chat));
}

#[test]
fn the_audience_is_listed_in_pages_in_the_order_of_arrival() {
    let mut world = World::with(1_000, Vec::new());
    let host = world.host("Ann");
    let viewers: Vec<_> = (0..MAX_AUDIENCE_PAGE + 1).map(|_| world.viewer("viewer")).collect();
    let page = world.ask(host, ClientMessage::Audience { after: None });
    let ServerMessage::AudiencePage { participants, more, .. } = page else { panic!("{page:?}") };
    assert_eq!((participants.len(), more), (MAX_AUDIENCE_PAGE, true));
    assert_eq!(participants[0].participant, world.id(viewers[0]));
    let after = Some(participants[MAX_AUDIENCE_PAGE - 1].participant.clone());
    let page = world.ask(host, ClientMessage::Audience { after });
    let ServerMessage::AudiencePage { participants, more, .. } = page else { panic!("{page:?}") };
    assert_eq!((participants.len(), more), (1, false));
    assert_eq!(participants[0].participant, world.id(viewers[MAX_AUDIENCE_PAGE]));
}

#[test]
fn the_audience_list_and_count_leave_out_those_who_are_away() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.pass(Duration::from_secs(1));
    world.heard(host);
    world.cut(viewer);
    let page = world.ask(host, ClientMessage::Audience { after: None });
    assert!(
        matches!(page, ServerMessage::AudiencePage { participants, .. } if participants.is_empty())
    );
    assert_eq!(world.heard(host), [ServerMessage::AudienceCount { count: 0 }]);
}
