//! Chat and names.

use std::time::Duration;

use roomcast_protocol::limits::{CHAT_HISTORY, MAX_CHAT_CHARS};
use roomcast_protocol::server::{ChatMessage, ServerMessage};
use roomcast_protocol::{ClientMessage, ErrorCode};
use roomcast_room::{CHAT_BURST, CHAT_INTERVAL, StoreCommand};

use crate::harness::{Client, World, assert_ok, assert_refused};

fn chat(text: &str) -> ClientMessage {
    ClientMessage::Chat { text: text.into() }
}

fn said(world: &mut World, client: Client) -> Vec<ChatMessage> {
    let heard = world.heard(client).into_iter();
    heard
        .filter_map(|m| match m {
            ServerMessage::Chat { message } => Some(message),
            _ => None,
        })
        .collect()
}

#[test]
fn what_is_said_reaches_everyone_and_the_store() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.pass(Duration::from_secs(5));
    assert_ok(&world.ask(host, chat("  <b>hello</b>\r\n")));
    let at = world.unix_ms();
    let message = ChatMessage {
        number: 1,
        at,
        participant: world.id(host),
        name: "Ann".into(),
        host: true,
        text: "<b>hello</b>".into(),
    };
    assert_eq!(said(&mut world, viewer), std::slice::from_ref(&message));
    assert_eq!(said(&mut world, host), std::slice::from_ref(&message));
    assert_eq!(world.store, [StoreCommand::Chat(message)]);
    assert_ok(&world.ask(viewer, chat("hi")));
    let answer = &said(&mut world, host)[0];
    assert_eq!((answer.number, answer.host), (2, false));
}

#[test]
fn whoever_comes_later_gets_the_last_messages() {
    let mut world = World::new();
    let host = world.host("Ann");
    for n in 0..=CHAT_HISTORY {
        assert_ok(&world.ask(host, chat(&n.to_string())));
        world.pass(CHAT_INTERVAL);
    }
    let viewer = world.viewer("Bob");
    let history = &world.welcome(viewer).chat;
    assert_eq!(history.len(), CHAT_HISTORY);
    assert_eq!((history[0].number, history[0].text.as_str()), (2, "1"));
}

#[test]
fn numbers_go_on_after_a_restart_of_the_node() {
    let mut world = World::new();
    let host = world.host("Ann");
    world.ask(host, chat("before"));
    let viewer = world.viewer("Bob");
    let stored = world.welcome(viewer).chat.clone();
    let mut world = World::with(10, stored);
    let host = world.host("Ann");
    assert_eq!(world.welcome(host).chat.len(), 1);
    world.ask(host, chat("after"));
    assert_eq!(said(&mut world, host)[0].number, 2);
}

#[test]
fn text_that_cannot_be_shown_is_refused_and_reaches_nobody() {
    let mut world = World::new();
    let viewer = world.viewer("Bob");
    world.forget_what_was_heard();
    for bad in ["", "   ", "\u{7}", &"x".repeat(MAX_CHAT_CHARS + 1)] {
        assert_refused(&world.ask(viewer, chat(bad)), ErrorCode::TextInvalid);
    }
    assert_eq!((world.heard(viewer).len(), world.store.len()), (0, 0));
}

#[test]
fn a_flood_is_refused_and_others_are_not() {
    let mut world = World::new();
    let (bob, cleo) = (world.viewer("Bob"), world.viewer("Cleo"));
    for _ in 0..CHAT_BURST {
        assert_ok(&world.ask(bob, chat("!")));
    }
    assert_refused(&world.ask(bob, chat("!")), ErrorCode::RateLimited);
    assert_ok(&world.ask(cleo, chat("?")));
    let bob = world.resume(bob);
    assert_refused(&world.ask(bob, chat("!")), ErrorCode::RateLimited);
    world.pass(CHAT_INTERVAL);
    assert_ok(&world.ask(bob, chat("!")));
}

#[test]
fn a_new_name_is_shown_on_stage_and_in_later_messages_only() {
    let mut world = World::new();
    let (host, viewer) = (world.host("Ann"), world.viewer("Bob"));
    world.ask(host, chat("one"));
    let rename = |name: &str| ClientMessage::Rename { name: name.into() };
    assert_ok(&world.ask(host, rename(" Anna ")));
    assert_eq!(world.state(viewer).stage[0].name, "Anna");
    world.ask(host, chat("two"));
    assert_eq!(said(&mut world, viewer)[0].name, "Anna");
    world.heard(host);
    assert_ok(&world.ask(viewer, rename("Robert")));
    assert_eq!(world.try_state(host), None, "the audience is not listed");
    assert_refused(&world.ask(viewer, rename("a\nb")), ErrorCode::NameInvalid);
}
