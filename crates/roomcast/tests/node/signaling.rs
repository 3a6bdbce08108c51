//! Bad input over the WebSocket: each gets its code, and nobody else notices.

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Client, enter, get_with, join, node, open, opening};

/// That a room goes on: the host says something and hears it.
async fn goes_on(host: &mut Client) {
    host.say(json!({"type": "ping", "id": 77})).await;
    assert_eq!(host.hear_type("pong").await["re"], 77);
}

#[tokio::test]
async fn messages_that_cannot_be_read_are_refused_and_the_connection_stays_open() {
    let (node, _data) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    for (text, code) in [
        ("", "malformed"),
        ("{", "malformed"),
        ("[]", "malformed"),
        ("\u{0}", "malformed"),
        (r#"{"type":"chat","id":3,"text":5}"#, "malformed"),
        (r#"{"type":"dance","id":3}"#, "unknown-message"),
    ] {
        host.say_text(text).await;
        assert_eq!(host.hear_error().await, code, "{text:?}");
    }
    let deep = "[".repeat(60_000);
    host.say_text(&deep).await;
    assert_eq!(host.hear_error().await, "malformed");
    goes_on(&mut host).await;
    node.shutdown().await;
}

#[tokio::test]
async fn messages_that_are_too_large_close_their_connection_alone() {
    let (node, _data) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    for bytes in [160 * 1024 + 1, 300 * 1024] {
        let mut client = enter(&node, "room").await;
        let text = "x".repeat(bytes);
        client.say(json!({"type": "chat", "id": 2, "text": text})).await;
        assert_eq!(client.hear_error().await, "too-large");
        assert_eq!(client.hear().await, None);
    }
    // Beyond any reason: the node does not read it, so all that is sure is the end.
    let mut client = enter(&node, "room").await;
    let _ = client.socket.send(Message::text("x".repeat(8 * 1024 * 1024))).await;
    while client.hear().await.is_some() {}
    goes_on(&mut host).await;
    node.shutdown().await;
}

#[tokio::test]
async fn binary_frames_and_broken_text_say_goodbye() {
    let (node, _data) = node().await;
    let mut client = Client::connect(&node).await;
    client.socket.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(client.hear_goodbye().await, "malformed");

    let mut client = Client::connect(&node).await;
    let broken = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    client.socket.send(Message::Frame(broken)).await.unwrap();
    assert_eq!(client.hear_goodbye().await, "malformed");
    node.shutdown().await;
}

#[tokio::test]
async fn nothing_but_join_is_heard_before_joining() {
    let (node, _data) = node().await;
    let mut client = Client::connect(&node).await;
    for message in [json!({"type": "ping", "id": 4}), json!({"type": "chat", "text": "x"})] {
        assert_eq!(client.refused(message).await, "not-joined");
    }
    client.say(opening("room")).await;
    client.hear_type("welcome").await;
    assert_eq!(client.refused(join("room", "Again")).await, "already-joined");
    node.shutdown().await;
}

#[tokio::test]
async fn a_join_with_a_fault_names_it() {
    let (node, _data) = node().await;
    let mut client = Client::connect(&node).await;
    let mut old = opening("room");
    old["version"] = 99.into();
    assert_eq!(client.refused(old).await, "version-unsupported");
    for room in ["", "   ", "a\u{0}b", "a\nb", "..", &"x".repeat(65)] {
        assert_eq!(client.refused(opening(room)).await, "name-invalid", "{room:?}");
    }
    for name in ["", "a\u{7}b", "a\u{202E}b", &"x".repeat(65)] {
        let mut message = opening("room");
        message["name"] = name.into();
        assert_eq!(client.refused(message).await, "name-invalid", "{name:?}");
    }
    let mut untyped = opening("room");
    untyped["name"] = Value::from(7);
    assert_eq!(client.refused(untyped).await, "malformed");
    let mut marked_up = opening("<script>alert(1)</script>");
    marked_up["name"] = "<img src=x onerror=alert(1)>".into();
    client.say(marked_up).await;
    let welcome = client.hear_type("welcome").await;
    assert_eq!(welcome["name"], "<img src=x onerror=alert(1)>");
    node.shutdown().await;
}

#[tokio::test]
async fn a_viewer_may_not_do_what_hosts_do() {
    let (node, _data) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    let mut viewer = enter(&node, "room").await;
    for message in [
        json!({"type": "end", "id": 2}),
        json!({"type": "chat-open", "id": 2, "open": false}),
        json!({"type": "audience", "id": 2}),
        json!({"type": "remove", "id": 2, "participant": "x"}),
        json!({"type": "publish", "id": 2, "sdp": "v=0", "tracks": []}),
    ] {
        assert_eq!(viewer.refused(message).await, "forbidden");
    }
    goes_on(&mut host).await;
    node.shutdown().await;
}

#[tokio::test]
async fn who_sends_too_much_is_slowed_and_then_closed() {
    let (node, _data) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    let mut client = Client::connect(&node).await;
    for _ in 0..2_000 {
        if client.socket.send(Message::text(r#"{"type":"ping"}"#)).await.is_err() {
            break;
        }
    }
    let mut codes = Vec::new();
    while let Some(message) = client.hear().await {
        codes.push((message["type"].clone(), message["code"].clone()));
    }
    assert!(codes.contains(&("error".into(), "rate-limited".into())));
    assert_eq!(codes.last(), Some(&("goodbye".into(), "rate-limited".into())));
    goes_on(&mut host).await;
    node.shutdown().await;
}

#[tokio::test]
async fn a_page_of_another_site_may_not_connect() {
    let (node, _data) = node().await;
    let upgrade = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let evil = format!("{upgrade}origin: http://evil.example\r\n");
    let response = get_with(node.address(), "/ws", &evil).await;
    assert_eq!((response.status, response.code().as_str()), (403, "forbidden"));
    let null = format!("{upgrade}origin: null\r\n");
    assert_eq!(get_with(node.address(), "/ws", &null).await.status, 403);
    node.shutdown().await;
}
