//! Links: who is to hold them, and what two say to each other about theirs.

use std::time::Duration;

use roomcast_protocol::limits::MAX_CANDIDATE_BYTES;
use roomcast_protocol::link::{LinkSignal, LinkState, NoLink};
use roomcast_protocol::{ClientMessage, ErrorCode, ParticipantId, Path, ServerMessage};
use roomcast_room::RESUME_GRACE;

use crate::harness::{Client, World, assert_ok, assert_refused};
use crate::linked::{assert_no_link, candidate, offer, signals};

fn two() -> (World, Client, Client, u32) {
    let mut world = World::new();
    let (ann, bob) = (world.linked_host("Ann"), world.linked_viewer("Bob"));
    let link = world.link(ann, bob).expect("a link between two who can hold one");
    world.forget_what_was_heard();
    (world, ann, bob, link)
}

#[test]
fn two_who_can_are_linked_and_the_later_one_gives_way() {
    let (world, ann, bob, _) = two();
    let entry = world.entry(bob, ann).unwrap();
    assert!(entry.polite && !world.entry(ann, bob).unwrap().polite);
    assert_eq!((entry.name.as_str(), entry.path, entry.why), ("Ann", Path::Link, None));
    assert!(world.links[&ann].mesh && !world.links[&ann].node, "nobody needs the node");
}

#[test]
fn clients_that_say_nothing_of_links_hear_nothing_of_them_and_use_the_node() {
    let mut world = World::new();
    let (ann, bob) = (world.linked_host("Ann"), world.linked_viewer("Bob"));
    let old = world.viewer("Old");
    assert!(!world.links.contains_key(&old));
    assert!(world.link(ann, bob).is_some());
    assert!(!world.links[&ann].mesh && world.needs_to_publish(ann));
    assert!(!world.needs_to_publish(bob), "a viewer publishes nothing");
    world.say(old, ClientMessage::Leave);
    assert!(world.links[&ann].mesh && !world.needs_to_publish(ann));
}

#[test]
fn what_one_says_reaches_the_other_in_its_order_even_candidates_before_descriptions() {
    let (mut world, ann, bob, link) = two();
    let end = LinkSignal { candidate: Some(None), ..LinkSignal::default() };
    let said = [candidate("1"), candidate("1"), offer("late"), candidate("2"), end];
    for signal in &said {
        assert_ok(&world.signal(ann, bob, link, signal.clone()));
    }
    let heard = world.heard(bob);
    let from = world.id(ann);
    assert!(heard.iter().all(
        |m| matches!(m, ServerMessage::Link { from: who, link: n, .. } if *who == from && *n == link)
    ));
    assert_eq!(signals(heard), said);
    assert_eq!(world.heard(ann), []);
}

#[test]
fn both_may_offer_at_once_and_each_hears_the_other() {
    let (mut world, ann, bob, link) = two();
    assert_ok(&world.signal(ann, bob, link, offer("of Ann")));
    assert_ok(&world.signal(bob, ann, link, offer("of Bob")));
    assert_eq!(signals(world.heard(ann)), [offer("of Bob")]);
    assert_eq!(signals(world.heard(bob)), [offer("of Ann")]);
}

#[test]
fn what_is_no_signal_is_refused() {
    let (mut world, ann, bob, link) = two();
    let both = LinkSignal { candidate: Some(None), ..offer("x") };
    let long = candidate(&"x".repeat(MAX_CANDIDATE_BYTES + 1));
    for bad in [LinkSignal::default(), both, long] {
        assert_refused(&world.signal(ann, bob, link, bad), ErrorCode::Malformed);
    }
    assert_eq!(world.heard(bob), []);
}

#[test]
fn links_to_strangers_to_oneself_and_of_other_numbers_are_unknown() {
    let (mut world, ann, bob, link) = two();
    assert_no_link(&world.signal(ann, bob, link + 1, offer("x")));
    assert_no_link(&world.signal(ann, ann, link, offer("x")));
    let to = ParticipantId("someone of another room".into());
    let message = ClientMessage::Link { to: to.clone(), link, signal: offer("x") };
    assert_no_link(&world.ask(ann, message));
    assert_no_link(&world.ask(ann, ClientMessage::Relink { participant: to }));
    let old = world.viewer("Old");
    assert_no_link(&world.signal(ann, old, link, offer("x")));
    assert_no_link(&world.signal(old, ann, link, offer("x")));
}

#[test]
fn a_link_to_someone_who_left_is_unknown_and_not_listed() {
    let (mut world, ann, bob, link) = two();
    world.say(bob, ClientMessage::Leave);
    assert_eq!(world.departed, [world.id(bob)]);
    assert_no_link(&world.signal(ann, bob, link, offer("x")));
    assert_eq!(world.links[&ann].entries, []);
}

#[test]
fn one_who_is_away_keeps_their_links_and_hears_later_what_was_said() {
    let (mut world, ann, bob, link) = two();
    world.cut(bob);
    assert_eq!(world.heard(ann), [], "a lost connection changes no link");
    let said: Vec<_> = (0..64).map(|n| candidate(&n.to_string())).collect();
    for signal in &said {
        assert_ok(&world.signal(ann, bob, link, signal.clone()));
    }
    assert_refused(&world.signal(ann, bob, link, offer("one too many")), ErrorCode::RateLimited);
    let back = world.linked_resume(bob);
    assert_eq!(world.link(ann, back), Some(link));
    let heard = world.heard(back);
    let list = heard.iter().position(|m| matches!(m, ServerMessage::Links { .. })).unwrap();
    let first = heard.iter().position(|m| matches!(m, ServerMessage::Link { .. })).unwrap();
    assert!(list < first, "the list comes before what is said about what is in it");
    assert_eq!(signals(heard), said);
}

#[test]
fn what_was_said_to_one_who_does_not_come_back_is_dropped_with_them() {
    let (mut world, ann, bob, link) = two();
    world.cut(bob);
    assert_ok(&world.signal(ann, bob, link, offer("x")));
    world.pass(RESUME_GRACE);
    assert_eq!(world.links[&ann].entries, []);
    let newcomer = world.linked_resume(bob);
    assert_ne!(world.id(newcomer), world.id(bob));
    assert_eq!(signals(world.heard(newcomer)), []);
}

#[test]
fn a_reloaded_page_asks_for_a_new_link_and_the_old_number_is_void() {
    let (mut world, ann, bob, link) = two();
    world.cut(bob);
    assert_ok(&world.signal(ann, bob, link, candidate("for the page before")));
    let back = world.linked_resume(bob);
    assert_ok(&world.relink(back, ann));
    let newer = world.link(ann, back).unwrap();
    assert_ne!(newer, link);
    assert_no_link(&world.signal(ann, back, link, offer("old")));
    assert_ok(&world.signal(ann, back, newer, offer("new")));
    assert!(!world.links[&ann].node, "a reload is no reason to use the node");
}

#[test]
fn what_waits_for_one_who_is_away_is_dropped_when_the_link_is_made_anew() {
    let (mut world, ann, bob, link) = two();
    world.cut(bob);
    assert_ok(&world.signal(ann, bob, link, candidate("of the old link")));
    assert_ok(&world.relink(ann, bob));
    let newer = world.entry(ann, bob).unwrap().link;
    assert_ok(&world.signal(ann, bob, newer, offer("of the new link")));
    let back = world.linked_resume(bob);
    assert_eq!(signals(world.heard(back)), [offer("of the new link")]);
}

#[test]
fn a_failed_link_takes_the_pair_to_the_node_and_no_other() {
    let mut world = World::new();
    let (ann, bob) = (world.linked_host("Ann"), world.linked_viewer("Bob"));
    let cleo = world.linked_viewer("Cleo");
    let link = world.link(ann, bob).unwrap();
    world.report(bob, ann, LinkState::Connected);
    assert!(!world.needs_to_publish(ann));
    world.report(bob, ann, LinkState::Failed);
    for (one, other) in [(ann, bob), (bob, ann)] {
        assert_eq!(world.why(one, other), Some(NoLink::Failed));
    }
    assert!(world.needs_to_publish(ann) && world.links[&ann].mesh);
    assert!(world.link(ann, cleo).is_some() && world.link(bob, cleo).is_some());
    assert_no_link(&world.signal(ann, bob, link, offer("x")));
    world.pass(Duration::from_secs(600));
    assert_eq!(world.why(ann, bob), Some(NoLink::Failed), "it is not tried again by itself");
}

#[test]
fn a_late_report_about_an_older_link_changes_nothing() {
    let (mut world, ann, bob, link) = two();
    assert_ok(&world.relink(ann, bob));
    let participant = world.id(ann);
    let state = LinkState::Failed;
    let late = ClientMessage::LinkState { participant, link, state, cause: None };
    assert_no_link(&world.ask(bob, late));
    assert!(world.link(ann, bob).is_some());
}

#[test]
fn one_who_comes_back_with_a_client_without_links_uses_the_node() {
    let (mut world, ann, bob, _) = two();
    world.cut(bob);
    let back = world.resume(bob);
    assert!(!world.links.contains_key(&back));
    assert_eq!(world.links[&ann].entries, []);
    assert!(world.needs_to_publish(ann));
}

#[test]
fn names_and_silence_are_told_with_the_links() {
    let (mut world, ann, bob, _) = two();
    world.ask(bob, ClientMessage::Rename { name: "Bobby".into() });
    let participant = world.id(bob);
    assert_ok(&world.ask(ann, ClientMessage::Silence { participant, silenced: true }));
    let entry = world.entry(ann, bob).unwrap();
    assert!(entry.silenced);
    assert_eq!(entry.name, "Bobby");
}
