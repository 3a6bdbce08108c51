//! Of one identity and one kind of program there is one participant.

use roomcast_protocol::server::Role;
use roomcast_protocol::{
    Client as Program, ClientMessage, ErrorCode, Identity, ParticipantId, Refusal, ServerMessage,
    Source,
};
use roomcast_room::{Admission, BAR_TIME, MediaCommand, MediaEvent, Settings};

use crate::harness::{Client, Guest, World, assert_refused, goodbye, publish};

fn whip(takeover: bool) -> Admission {
    Admission {
        role: Some(Role::Speaker),
        identity: Some(Identity::parse("camera 1").unwrap()),
        client: Program::Whip,
        takeover,
        invited: true,
        grants: None,
    }
}

fn page(identity: &str) -> Admission {
    Admission { identity: Some(Identity::parse(identity).unwrap()), ..Admission::of_page(false) }
}

/// A publisher whose session is up.
fn publishing(takeover: bool) -> (World, Client) {
    let mut world = World::new();
    let first = world.admit("Desk", whip(takeover));
    world.publish(first, &[Source::Camera]);
    let session = world.last_publish().0;
    world.event(MediaEvent::Connected { session });
    (world, first)
}

#[test]
fn a_publisher_that_comes_again_takes_its_own_place_and_keeps_its_ids() {
    let (mut world, first) = publishing(true);
    let viewer = world.viewer("Bob");
    world.subscribe(viewer);
    let (session, tracks) = world.last_publish();
    world.forget_what_was_heard();
    let second = world.admit("Desk again", whip(true));
    assert_eq!(goodbye(&world.heard(first)), Some(ErrorCode::Replaced));
    assert!(world.closed.contains(&first));
    assert_eq!(world.id(second), world.id(first));
    assert!(world.welcome(second).resumed);
    assert_eq!(world.room().state().stage[0].name, "Desk again");
    assert!(world.media.is_empty(), "what was published stays until it publishes");
    let offer = publish(&[Source::Camera], true);
    assert!(matches!(world.ask(second, offer), ServerMessage::Published { .. }));
    assert_eq!(world.last_publish().1, tracks);
    assert!(world.media.contains(&MediaCommand::Close { session }));
    let subscribed = world.media.iter().any(|c| matches!(c, MediaCommand::Subscribe { .. }));
    assert!(!subscribed, "those who watch notice nothing");
    assert_eq!(world.participants(), 2);
}

#[test]
fn without_leave_to_take_over_a_second_publisher_is_refused_while_the_first_is_up() {
    let (mut world, first) = publishing(true);
    let second = world.admit("Desk", whip(false));
    assert_refused(&world.heard(second)[0], ErrorCode::PublisherExists);
    assert!(world.closed.contains(&second) && world.is_present(first));
    let (session, _) = world.last_publish();
    let refusal = Refusal::new(ErrorCode::MediaTimeout, "silent");
    world.event(MediaEvent::Closed { session, refusal });
    let third = world.admit("Desk", whip(false));
    assert_eq!(world.id(third), world.id(first));
}

#[test]
fn a_publisher_that_never_came_up_gives_way() {
    let mut world = World::new();
    let first = world.admit("Desk", whip(false));
    world.publish(first, &[Source::Camera]);
    let second = world.admit("Desk", whip(false));
    assert!(world.was_welcome(second) && world.closed.contains(&first));
}

#[test]
fn the_newer_program_hears_nothing_of_the_sessions_of_the_older() {
    let (mut world, first) = publishing(true);
    let (session, _) = world.last_publish();
    world.cut(first);
    let refusal = Refusal::new(ErrorCode::MediaTimeout, "silent");
    world.event(MediaEvent::Closed { session, refusal });
    let second = world.admit("Desk", whip(true));
    let heard = world.heard(second);
    assert!(!heard.iter().any(|message| matches!(message, ServerMessage::SessionClosed { .. })));
}

#[test]
fn a_page_and_a_program_of_one_identity_are_two_participants() {
    let mut world = World::new();
    let desk = world.admit("Desk", whip(true));
    let person = world.admit("Ann", page("camera 1"));
    let other = world.admit("Bob", page("camera 2"));
    assert_eq!(world.participants(), 3);
    let again = world.admit("Ann", page("camera 1"));
    assert_eq!(world.id(again), world.id(person));
    assert!(world.is_present(desk) && world.is_present(other));
}

#[test]
fn a_resume_token_is_worth_nothing_to_another_identity() {
    let mut world = World::new();
    let ann = world.admit("Ann", page("ann"));
    let token = world.welcome(ann).resume.clone();
    let admission = page("bob");
    let bob = world.enter("Bob", Guest { admission, links: false }, Some(token.clone()));
    assert_ne!(world.id(bob), world.id(ann));
    assert!(world.is_present(ann));
    let back = world.join("Ann", false, Some(token));
    assert_eq!(world.id(back), world.id(ann), "without a token of its own it still is");
    assert_eq!(world.room().participant(&world.id(back)).unwrap().identity, page("ann").identity);
}

#[test]
fn someone_waits_at_one_place_only() {
    let settings = Settings { waiting_room: true, ..Settings::default() };
    let mut world = World::with_settings(settings);
    let host = world.host("Ann");
    let first = world.admit("Bob", page("bob"));
    let second = world.admit("Bob", page("bob"));
    assert_eq!(goodbye(&world.heard(first)), Some(ErrorCode::Replaced));
    assert_eq!(world.waiting(), 1);
    // With an invitation they come in past their own waiting self, who is then let in as the same.
    let invited = world.admit("Bob", Admission { invited: true, ..page("bob") });
    let id = ParticipantId("p3".into());
    world.say(host, ClientMessage::Admit { participant: id, admitted: true });
    assert_eq!(world.id(second), world.id(invited));
    assert_eq!((world.participants(), world.waiting()), (2, 0));
}

#[test]
fn a_program_that_a_host_sent_away_does_not_come_back_by_itself() {
    let sent_away = |away: fn(ParticipantId) -> ClientMessage| {
        let (mut world, desk) = publishing(true);
        let host = world.host("Ann");
        let message = away(world.id(desk));
        world.ask(host, message);
        world.say(desk, ClientMessage::Leave);
        let again = world.admit("Desk", whip(true));
        assert_refused(&world.heard(again)[0], ErrorCode::Removed);
        world.pass(BAR_TIME);
        let later = world.admit("Desk", whip(true));
        assert!(world.was_welcome(later));
    };
    sent_away(|participant| ClientMessage::Remove { participant });
    sent_away(|participant| ClientMessage::Stage { participant, on: false });
}

#[test]
fn a_person_who_was_removed_may_come_back_by_the_link() {
    let mut world = World::new();
    let host = world.host("Ann");
    let bob = world.admit("Bob", page("bob"));
    let participant = world.id(bob);
    world.ask(host, ClientMessage::Remove { participant });
    let again = world.admit("Bob", page("bob"));
    assert!(world.was_welcome(again));
}
