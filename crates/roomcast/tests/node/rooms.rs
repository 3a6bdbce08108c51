//! Opening, entering, host keys, and what a restart keeps.

use roomcast::Node;
use serde_json::{Value, json};

use crate::support::{
    Client, config, enter, eventually, join, metric, node, node_with, open, opening,
};

fn with_key(mut message: Value, key: &str) -> Value {
    message["hostKey"] = key.into();
    message
}

#[tokio::test]
async fn a_room_is_opened_by_its_host_and_entered_by_viewers() {
    let (node, _data) = node().await;
    let mut early = Client::connect(&node).await;
    assert_eq!(early.refused(join("Größe 直播", "Early")).await, "room-unknown");
    let (mut host, _key) = open(&node, "Größe 直播").await;
    // A refused join leaves the connection open for another.
    early.say(join("Größe 直播", "Early")).await;
    let welcome = early.hear_type("welcome").await;
    assert_eq!(welcome["role"], "viewer");
    assert_eq!(welcome["re"], 1);
    assert!(welcome["hostKey"].is_null());
    assert!(welcome["server"].as_str().unwrap().starts_with("roomcast/"));

    early.say(json!({"type": "chat", "id": 2, "text": "<b>hello</b>"})).await;
    let chat = host.hear_type("chat").await;
    assert_eq!(chat["message"]["text"], "<b>hello</b>");
    node.shutdown().await;
}

#[tokio::test]
async fn only_the_host_key_makes_a_host_of_a_room_that_exists() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let mut other = Client::connect(&node).await;
    assert_eq!(other.refused(opening("room")).await, "room-exists");
    assert_eq!(other.refused(with_key(opening("room"), "forged")).await, "room-exists");
    assert_eq!(other.refused(with_key(join("room", "O"), "forged")).await, "host-key-invalid");
    assert_eq!(other.refused(with_key(join("room", "O"), "")).await, "host-key-invalid");
    let long = "x".repeat(1_000);
    assert_eq!(other.refused(with_key(join("room", "O"), &long)).await, "malformed");
    other.say(with_key(join("room", "Other"), &key)).await;
    let welcome = other.hear_type("welcome").await;
    assert_eq!(welcome["role"], "host");
    assert!(welcome["hostKey"].is_null(), "handed out once");
    node.shutdown().await;
}

#[tokio::test]
async fn who_guesses_host_keys_is_not_listened_to_and_others_are() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let mut guesser = Client::connect(&node).await;
    for _ in 0..20 {
        assert_eq!(guesser.refused(with_key(join("room", "G"), "guess")).await, "host-key-invalid");
    }
    assert_eq!(guesser.refused(with_key(join("room", "G"), "guess")).await, "rate-limited");
    let stream = crate::support::connect_from("127.0.0.2", node.address()).await.unwrap();
    let mut host = Client::over(stream, &node).await.unwrap();
    host.say(with_key(join("room", "Host"), &key)).await;
    assert_eq!(host.hear_type("welcome").await["role"], "host");
    node.shutdown().await;
}

#[tokio::test]
async fn a_restart_keeps_the_host_key_and_the_chat() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(config(folder.path())).await.unwrap();
    let (mut host, key) = open(&node, "room").await;
    host.say(json!({"type": "chat", "id": 2, "text": "before"})).await;
    host.hear_type("chat").await;
    node.shutdown().await;
    assert_eq!(host.hear_goodbye().await, "shutting-down");

    let node = Node::start(config(folder.path())).await.unwrap();
    let mut host = Client::connect(&node).await;
    assert_eq!(host.refused(opening("room")).await, "room-exists");
    host.say(with_key(opening("room"), &key)).await;
    let welcome = host.hear_type("welcome").await;
    assert_eq!(welcome["role"], "host");
    assert_eq!(welcome["chat"][0]["text"], "before");
    let mut viewer = Client::connect(&node).await;
    viewer.say(join("room", "Viewer")).await;
    assert_eq!(viewer.hear_type("welcome").await["chat"][0]["name"], "Host");
    node.shutdown().await;
}

#[tokio::test]
async fn a_room_that_was_ended_is_free_for_another_opener() {
    let (node, _data) = node().await;
    let (mut host, key) = open(&node, "room").await;
    let mut viewer = enter(&node, "room").await;
    host.say(json!({"type": "end", "id": 2})).await;
    assert_eq!(host.hear_goodbye().await, "room-ended");
    assert_eq!(viewer.hear_goodbye().await, "room-ended");
    let address = node.address();
    eventually("the room is put away", async || {
        metric(address, "roomcast_rooms").await == Some(0.0)
    })
    .await;
    let (_host, other_key) = open(&node, "room").await;
    assert_ne!(key, other_key);
    node.shutdown().await;
}

#[tokio::test]
async fn a_full_room_refuses_one_more_and_goes_on() {
    let (node, _data) = node_with(|config| config.max_participants = 2).await;
    let (mut host, _key) = open(&node, "room").await;
    let mut viewer = enter(&node, "room").await;
    let mut third = Client::connect(&node).await;
    assert_eq!(third.refused(join("room", "Third")).await, "room-full");
    viewer.say(json!({"type": "chat", "id": 2, "text": "still here"})).await;
    assert_eq!(host.hear_type("chat").await["message"]["text"], "still here");
    node.shutdown().await;
}

#[tokio::test]
async fn a_full_node_refuses_one_more_room() {
    let (node, _data) = node_with(|config| config.max_rooms = 1).await;
    let (_host, _key) = open(&node, "one").await;
    let mut other = Client::connect(&node).await;
    assert_eq!(other.refused(opening("two")).await, "node-full");
    other.say(join("one", "Viewer")).await;
    other.hear_type("welcome").await;
    node.shutdown().await;
}

#[tokio::test]
async fn twenty_viewers_enter_at_once() {
    let (node, _data) = node().await;
    let (_host, _key) = open(&node, "room").await;
    let viewers = (0..20).map(|_| enter(&node, "room"));
    let viewers = futures_util::future::join_all(viewers).await;
    assert_eq!(viewers.len(), 20);
    assert_eq!(metric(node.address(), "roomcast_participants").await, Some(21.0));
    node.shutdown().await;
}

#[tokio::test]
async fn a_lost_connection_resumes_as_the_same_participant() {
    let (node, _data) = node().await;
    let mut viewer = {
        let (_host, _key) = open(&node, "room").await;
        Client::connect(&node).await
    };
    viewer.say(join("room", "Viewer")).await;
    let first = viewer.hear_type("welcome").await;
    drop(viewer);
    let mut viewer = Client::connect(&node).await;
    let mut again = join("room", "Viewer");
    again["resume"] = first["resume"].clone();
    viewer.say(again).await;
    let second = viewer.hear_type("welcome").await;
    assert_eq!(second["resumed"], true);
    assert_eq!(second["participant"], first["participant"]);
    node.shutdown().await;
}
