//! Rooms by the API.

use serde_json::{Value, json};

use super::{admin, body, node, refusal, refused};
use crate::support::{self, Client, config, enter, join, open};

#[tokio::test]
async fn a_room_is_made_once_and_its_host_key_is_shown_once() {
    let (node, _data, caller) = node().await;
    let wish = json!({"name": "Größe 1/2", "locked": true, "chatOpen": false});
    let response = caller.post("/rooms", wish.clone()).await;
    let made = body(&response, 201);
    assert_eq!(response.header("location"), Some("/api/v1/rooms/Gr%C3%B6%C3%9Fe%201%2F2"));
    assert_eq!((&made["locked"], &made["chatOpen"]), (&json!(true), &json!(false)));
    let key = made["hostKey"].as_str().expect("a host key");

    let again = body(&caller.post("/rooms", wish).await, 200);
    assert_eq!(again["name"], "Größe 1/2");
    assert_eq!(again["hostKey"], Value::Null);
    let other = caller.post("/rooms", json!({"name": "Größe 1/2", "kind": "call"})).await;
    assert_eq!(refusal(&other), refused(409, "room-exists"));

    let mut host = Client::connect(&node).await;
    let mut wish = join("Größe 1/2", "Host");
    wish["hostKey"] = key.into();
    host.say(wish).await;
    assert_eq!(host.hear_type("welcome").await["role"], "host");
    let found = body(&caller.get("/rooms/Gr%C3%B6%C3%9Fe%201%2F2").await, 200);
    assert_eq!((&found["inUse"], &found["stage"][0]["name"]), (&json!(true), &json!("Host")));
    assert_eq!(found["struggling"], json!({"participants": [], "count": 0}));
    node.shutdown().await;
}

#[tokio::test]
async fn rooms_are_listed_in_pages() {
    let (node, _data, caller) = node().await;
    for name in ["b", "c", "a", "e", "d"] {
        body(&caller.post("/rooms", json!({"name": name})).await, 201);
    }
    let (mut names, mut path) = (Vec::new(), "/rooms?limit=2".to_owned());
    loop {
        let page = body(&caller.get(&path).await, 200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/rooms?limit=2&after={next}");
    }
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    node.shutdown().await;
}

#[tokio::test]
async fn settings_are_changed_and_those_in_the_room_hear_it() {
    let (node, _data, caller) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    let change = json!({"waitingRoom": true, "topology": "sfu", "chatOpen": false});
    let room = body(&caller.json("PATCH", "/rooms/room", change).await, 200);
    assert_eq!(room["waitingRoom"], true);
    assert_eq!((&room["topology"], &room["chatOpen"]), (&json!("sfu"), &json!(false)));
    assert_eq!(room["locked"], false, "what is not named stays");
    host.hear_type("room").await;
    assert_eq!(body(&caller.json("PATCH", "/rooms/room", json!({})).await, 200), room);
    node.shutdown().await;
}

#[tokio::test]
async fn a_room_is_ended_for_everyone() {
    let (node, _data, caller) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    let mut viewer = enter(&node, "room").await;
    assert_eq!(caller.delete("/rooms/room").await.status, 204);
    assert_eq!(host.hear_goodbye().await, "room-ended");
    assert_eq!(viewer.hear_goodbye().await, "room-ended");
    for response in [caller.get("/rooms/room").await, caller.delete("/rooms/room").await] {
        assert_eq!(refusal(&response), refused(404, "room-unknown"));
    }
    node.shutdown().await;
}

#[tokio::test]
async fn a_room_that_is_only_kept_is_listed_changed_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let node = roomcast::Node::start(config(folder.path())).await.unwrap();
    let caller = admin(&node);
    let (_host, key) = open(&node, "room").await;
    node.shutdown().await;

    let node = roomcast::Node::start(config(folder.path())).await.unwrap();
    let caller = super::Caller { address: node.address(), ..caller };
    let listed = body(&caller.get("/rooms").await, 200);
    assert_eq!(listed["items"][0]["inUse"], false);
    assert_eq!(body(&caller.get("/rooms/room/participants").await, 200)["items"], json!([]));
    assert_eq!(body(&caller.get("/rooms/room/sessions").await, 200)["items"], json!([]));
    assert_eq!(body(&caller.get("/rooms/room").await, 200)["inUse"], false);

    let host = caller.with(&key);
    let room = body(&host.json("PATCH", "/rooms/room", json!({"locked": true})).await, 200);
    assert_eq!(room["locked"], true);
    let mut viewer = Client::connect(&node).await;
    assert_eq!(viewer.refused(join("room", "Viewer")).await, "room-locked");
    assert_eq!(caller.delete("/rooms/room").await.status, 204);
    assert_eq!(body(&caller.get("/rooms").await, 200)["items"], json!([]));
    node.shutdown().await;
}

#[tokio::test]
async fn a_host_key_reaches_its_own_room_alone() {
    let (node, _data, caller) = node().await;
    let (_host, key) = open(&node, "mine").await;
    let (_other, _) = open(&node, "other").await;
    let host = caller.with(&key);
    body(&host.get("/rooms/mine").await, 200);
    assert_eq!(refusal(&host.get("/rooms/other").await), refused(403, "host-key-invalid"));
    assert_eq!(refusal(&host.delete("/rooms/other").await), refused(403, "host-key-invalid"));
    for path in ["/rooms", "/server", "/api-keys"] {
        assert_eq!(refusal(&host.get(path).await), refused(401, "token-invalid"), "{path}");
    }
    let nobody = caller.nobody();
    for path in ["/rooms/mine", "/rooms", "/rooms/none"] {
        assert_eq!(refusal(&nobody.get(path).await), refused(401, "token-missing"), "{path}");
    }
    node.shutdown().await;
}

#[tokio::test]
async fn rooms_that_cannot_be_are_refused() {
    let (node, _data) = support::node_with(|config| config.max_rooms = 1).await;
    let caller = admin(&node);
    for (wish, code) in [
        (json!({"name": ""}), "name-invalid"),
        (json!({"name": "a\u{0}b"}), "name-invalid"),
        (json!({"name": "x".repeat(65)}), "name-invalid"),
        (json!({"name": "a", "kind": "party"}), "malformed"),
        (json!({"name": "a", "colour": "red"}), "malformed"),
        (json!({}), "malformed"),
    ] {
        assert_eq!(
            refusal(&caller.post("/rooms", wish.clone()).await),
            refused(400, code),
            "{wish}"
        );
    }
    body(&caller.post("/rooms", json!({"name": "one"})).await, 201);
    let full = caller.post("/rooms", json!({"name": "two"})).await;
    assert_eq!(refusal(&full), refused(503, "node-full"));
    for path in ["/rooms?limit=0", "/rooms?limit=201", "/rooms?limit=x", "/rooms?after=%00"] {
        assert_eq!(caller.get(path).await.status, 400, "{path}");
    }
    node.shutdown().await;
}
