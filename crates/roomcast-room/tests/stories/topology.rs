//! From links to the node and back: the new path runs before the old one ends.

use std::time::Duration;

use roomcast_protocol::limits::MAX_LINKS;
use roomcast_protocol::link::{LinkState, NoLink};
use roomcast_protocol::{ClientMessage, Path, PublicationId, ServerMessage, Source, Topology};
use roomcast_room::{MediaCommand, PATH_TIME_LIMIT, TOPOLOGY_CALM};

use crate::harness::{Client, World, assert_ok};
use crate::linked::{assert_no_link, offer};

const SOURCES: [Source; 2] = [Source::Camera, Source::Microphone];

/// A host who publishes by links to three viewers, all subscribed in case.
fn four() -> (World, Client, [Client; 3], Vec<PublicationId>) {
    let mut world = World::new();
    let host = world.linked_host("Ann");
    let viewers = ["Bob", "Cleo", "Dan"].map(|name| world.linked_viewer(name));
    let publications = world.announce(host, &SOURCES);
    viewers.iter().for_each(|viewer| world.subscribe(*viewer));
    (world, host, viewers, publications)
}

fn publish(world: &mut World, host: Client) {
    let answer = world.publish(host, &SOURCES);
    assert!(matches!(answer, ServerMessage::Published { .. }), "{answer:?}");
}

#[test]
fn a_room_by_links_has_no_session_at_the_node() {
    let (world, host, viewers, publications) = four();
    assert_eq!(world.media, []);
    assert_eq!(publications.len(), 2);
    assert!(world.states[&viewers[0]].live && !world.needs_to_publish(host));
    assert!(world.links[&host].mesh);
}

#[test]
fn a_room_that_grows_goes_to_the_node_and_each_link_ends_when_its_receiver_has_the_node() {
    let (mut world, host, viewers, publications) = four();
    let links = viewers.map(|viewer| world.link(host, viewer));
    let fifth = world.linked_viewer("Eve");
    world.subscribe(fifth);
    assert!(world.needs_to_publish(host) && !world.links[&host].mesh);
    assert_eq!(viewers.map(|viewer| world.link(host, viewer)), links, "links go on meanwhile");
    assert_eq!(world.why(fifth, host), Some(NoLink::Size), "who comes now gets no link");
    publish(&mut world, host);
    for viewer in viewers.into_iter().chain([fifth]) {
        assert_eq!(world.by_node(viewer), publications);
    }
    world.receives(viewers[0], host, Path::Node);
    assert_eq!(world.link(host, viewers[0]), None);
    assert_eq!(world.why(host, viewers[0]), Some(NoLink::Size));
    assert_eq!(world.link(host, viewers[1]), links[1], "the others keep theirs");
    world.pass(PATH_TIME_LIMIT);
    assert_eq!(world.link(host, viewers[1]), None, "who says nothing is not waited for for ever");
    assert_eq!(world.by_node(viewers[1]), publications);
}

#[test]
fn viewers_who_publish_nothing_to_each_other_part_at_once() {
    let (mut world, _, viewers, _) = four();
    assert!(world.link(viewers[0], viewers[1]).is_some());
    world.linked_viewer("Eve");
    assert_eq!(world.link(viewers[0], viewers[1]), None);
}

#[test]
fn a_room_that_is_small_for_a_while_comes_back_to_links_and_keeps_the_node_until_they_show() {
    let (mut world, host, viewers, publications) = four();
    let fifth = world.linked_viewer("Eve");
    publish(&mut world, host);
    viewers.iter().for_each(|viewer| world.receives(*viewer, host, Path::Node));
    world.say(fifth, ClientMessage::Leave);
    world.pass(TOPOLOGY_CALM - Duration::from_secs(1));
    assert_eq!(world.link(host, viewers[0]), None, "not yet");
    world.pass(Duration::from_secs(1));
    let link = world.link(host, viewers[0]).expect("a link again");
    assert_ok(&world.signal(host, viewers[0], link, offer("new")));
    assert!(world.needs_to_publish(host) && world.by_node(viewers[0]) == publications);
    world.pass(Duration::from_secs(60));
    assert_eq!(world.by_node(viewers[0]), publications, "the node is needed until the link shows");
    for viewer in viewers {
        assert!(world.needs_to_publish(host));
        world.receives(viewer, host, Path::Link);
        assert_eq!(world.by_node(viewer), []);
    }
    assert!(!world.needs_to_publish(host) && world.links[&host].mesh);
}

#[test]
fn a_room_that_grows_again_within_the_calm_stays_at_the_node() {
    let (mut world, host, viewers, _) = four();
    let fifth = world.linked_viewer("Eve");
    world.pass(PATH_TIME_LIMIT);
    world.say(fifth, ClientMessage::Leave);
    world.pass(TOPOLOGY_CALM / 2);
    let sixth = world.linked_viewer("Fay");
    world.pass(TOPOLOGY_CALM * 2);
    assert_eq!(world.link(host, viewers[0]), None);
    world.say(sixth, ClientMessage::Leave);
    world.pass(TOPOLOGY_CALM);
    assert!(world.link(host, viewers[0]).is_some());
}

#[test]
fn a_change_that_is_taken_back_keeps_the_links_and_their_numbers() {
    let (mut world, host, viewers, publications) = four();
    let link = world.link(host, viewers[0]);
    world.set_topology(host, Topology::Sfu);
    publish(&mut world, host);
    assert_eq!(world.by_node(viewers[0]), publications);
    world.set_topology(host, Topology::P2p);
    assert_eq!(world.link(host, viewers[0]), link);
    assert_eq!(world.by_node(viewers[0]), [], "the link has shown all the time");
    world.pass(PATH_TIME_LIMIT * 2);
    assert_eq!(world.link(host, viewers[0]), link, "nobody takes it down later");
}

#[test]
fn one_who_had_switched_when_a_change_is_taken_back_keeps_what_they_see() {
    let (mut world, host, viewers, publications) = four();
    world.set_topology(host, Topology::Sfu);
    publish(&mut world, host);
    world.set_topology(host, Topology::P2p);
    // It was on its way when the change was taken back.
    world.receives(viewers[0], host, Path::Node);
    assert_eq!(world.by_node(viewers[0]), publications);
    world.receives(viewers[0], host, Path::Link);
    assert_eq!(world.by_node(viewers[0]), []);
}

#[test]
fn the_setting_of_a_host_decides_at_once_and_is_kept() {
    let (mut world, host, viewers, _) = four();
    world.store.clear();
    world.set_topology(host, Topology::Sfu);
    world.pass(PATH_TIME_LIMIT);
    assert_eq!(world.why(viewers[0], host), Some(NoLink::Setting));
    assert_eq!(world.states[&viewers[0]].topology, Topology::Sfu);
    assert_eq!(world.store.len(), 1);
    world.set_topology(host, Topology::Auto);
    assert!(world.link(host, viewers[0]).is_some(), "small enough, and nobody has to wait");
}

#[test]
fn a_pair_that_fails_gets_the_node_in_both_directions_and_a_new_link_on_request() {
    let (mut world, host, viewers, publications) = four();
    let [bob, cleo, _] = viewers;
    world.report(host, bob, LinkState::Failed);
    assert!(world.needs_to_publish(host));
    publish(&mut world, host);
    assert_eq!((world.by_node(bob), world.by_node(cleo)), (publications.clone(), vec![]));
    assert_ok(&world.relink(bob, host));
    assert!(world.link(host, bob).is_some());
    assert_eq!(world.by_node(bob), publications, "until the new link shows something");
    world.receives(bob, host, Path::Link);
    assert!(world.by_node(bob).is_empty() && !world.needs_to_publish(host));
}

#[test]
fn a_link_that_fails_again_leaves_no_gap() {
    let (mut world, host, viewers, publications) = four();
    world.report(host, viewers[0], LinkState::Failed);
    publish(&mut world, host);
    for _ in 0..3 {
        assert_ok(&world.relink(viewers[0], host));
        assert_eq!(world.by_node(viewers[0]), publications);
        world.report(viewers[0], host, LinkState::Failed);
        assert_eq!(world.by_node(viewers[0]), publications);
    }
}

#[test]
fn no_link_can_be_asked_for_where_the_room_wants_none() {
    let (mut world, host, viewers, _) = four();
    world.set_topology(host, Topology::Sfu);
    assert_no_link(&world.relink(viewers[0], host));
}

#[test]
fn by_links_a_publisher_has_as_many_as_may_be_and_who_comes_later_gets_the_node() {
    let mut world = World::new();
    let host = world.linked_host("Ann");
    world.set_topology(host, Topology::P2p);
    let publications = world.announce(host, &[Source::Screen]);
    let viewers: Vec<Client> = (0..MAX_LINKS + 2).map(|_| world.linked_viewer("v")).collect();
    viewers.iter().for_each(|viewer| world.subscribe(*viewer));
    let linked = viewers.iter().filter(|viewer| world.link(host, **viewer).is_some()).count();
    assert_eq!(linked, MAX_LINKS);
    let last = *viewers.last().unwrap();
    assert!(world.entry(last, host).is_none() && world.needs_to_publish(host));
    world.publish(host, &[Source::Screen]);
    assert_eq!((world.by_node(last), world.by_node(viewers[0])), (publications.clone(), vec![]));
    assert_eq!(world.links[&viewers[0]].entries.len(), 1, "viewers are not linked to viewers");
    // Someone leaves, and the first who had to wait gets a link; the node until it shows.
    world.say(viewers[3], ClientMessage::Leave);
    let next = viewers[MAX_LINKS];
    assert!(world.link(host, next).is_some());
    assert_eq!(world.by_node(next), publications);
}

#[test]
fn eight_viewers_of_one_host_are_linked_with_the_host_alone() {
    let mut world = World::new();
    let host = world.linked_host("Ann");
    world.set_topology(host, Topology::P2p);
    let viewers: Vec<Client> = (0..8).map(|_| world.linked_viewer("v")).collect();
    assert!(viewers.iter().all(|viewer| world.link(host, *viewer).is_some()));
    assert_eq!(world.why(viewers[0], viewers[1]), Some(NoLink::Size));
    assert!(!world.links[&host].mesh && !world.needs_to_publish(host));
}

#[test]
fn one_who_comes_on_stage_is_linked_with_the_audience() {
    let mut world = World::new();
    let host = world.linked_host("Ann");
    world.set_topology(host, Topology::P2p);
    let viewers: Vec<Client> = (0..6).map(|_| world.linked_viewer("v")).collect();
    let participant = world.id(viewers[2]);
    assert_ok(&world.ask(host, ClientMessage::Stage { participant, on: true }));
    assert!(world.link(viewers[2], viewers[5]).is_some());
    assert!(world.link(viewers[4], viewers[5]).is_none());
}

#[test]
fn who_takes_media_off_the_node_still_publishes_by_links() {
    let (mut world, host, viewers, publications) = four();
    publish(&mut world, host);
    world.media.clear();
    assert_ok(&world.ask(host, ClientMessage::Unpublish));
    assert!(matches!(world.media[..], [MediaCommand::Close { .. }]));
    let state = &world.states[&viewers[0]];
    assert!(state.live && state.stage[0].publications.len() == publications.len());
    assert_eq!(world.announce(host, &[]), []);
    assert!(!world.states[&viewers[0]].live);
}

#[test]
fn a_large_audience_is_told_nothing_about_links_when_one_more_comes() {
    let mut world = World::with(1_000, Vec::new());
    let host = world.linked_host("Ann");
    let first = world.linked_viewer("v");
    for _ in 0..300 {
        world.linked_viewer("v");
    }
    world.pass(Duration::from_secs(60));
    world.forget_what_was_heard();
    let latest = world.linked_viewer("v");
    for client in [host, first] {
        let about_links = |m: &ServerMessage| matches!(m, ServerMessage::Links { .. });
        assert!(!world.heard(client).iter().any(about_links));
    }
    assert_eq!(world.links[&latest].entries, []);
    assert!(world.needs_to_publish(host));
}
