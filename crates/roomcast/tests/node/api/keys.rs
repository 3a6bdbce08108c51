//! Stream keys, API keys and tokens by the API.

use serde_json::json;

use super::{body, node, refusal, refused};
use crate::support::{Client, join, open};

#[tokio::test]
async fn stream_keys_are_made_listed_renewed_and_removed() {
    let (node, _data, caller) = node().await;
    let (_host, host_key) = open(&node, "room").await;
    let host = caller.with(&host_key);
    let path = "/rooms/room/stream-keys";
    let made = body(&host.post(path, json!({"name": "OBS", "takeover": false})).await, 201);
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(key.starts_with("rcs_"));
    assert_eq!((&made["name"], &made["takeover"]), (&json!("OBS"), &json!(false)));

    let listed = body(&host.get(path).await, 200);
    assert_eq!(listed["items"][0]["id"], id);
    assert_eq!(listed["items"][0]["key"], json!(null), "shown once");
    let renewed = body(&host.send("POST", &format!("{path}/{id}/renew"), "", "").await, 200);
    assert_eq!(renewed["id"], id);
    assert_ne!(renewed["key"], key);
    // A stream key is for publishing alone, and the old one not even for that.
    let publisher = host.with(renewed["key"].as_str().unwrap());
    assert_eq!(refusal(&publisher.get(path).await), refused(403, "forbidden"));
    assert_eq!(refusal(&host.with(key).get(path).await), refused(403, "key-invalid"));

    assert_eq!(host.delete(&format!("{path}/{id}")).await.status, 204);
    for response in [
        host.delete(&format!("{path}/{id}")).await,
        host.send("POST", &format!("{path}/{id}/renew"), "", "").await,
        host.delete(&format!("{path}/none")).await,
    ] {
        assert_eq!(refusal(&response), refused(404, "not-found"));
    }
    let nowhere = caller.post("/rooms/none/stream-keys", json!({})).await;
    assert_eq!(refusal(&nowhere), refused(404, "room-unknown"));
    assert_eq!(caller.get("/rooms/none/stream-keys").await.code(), "room-unknown");
    node.shutdown().await;
}

#[tokio::test]
async fn a_room_has_twenty_stream_keys_at_most() {
    let (node, _data, caller) = node().await;
    let (_host, _) = open(&node, "room").await;
    for _ in 0..20 {
        body(&caller.post("/rooms/room/stream-keys", json!({})).await, 201);
    }
    let full = caller.post("/rooms/room/stream-keys", json!({})).await;
    assert_eq!(refusal(&full), refused(503, "node-full"));
    node.shutdown().await;
}

#[tokio::test]
async fn api_keys_are_made_and_revoked_with_the_tokens_that_they_signed() {
    let (node, _data, caller) = node().await;
    let made = body(&caller.post("/api-keys", json!({"name": "backend"})).await, 201);
    let backend = caller.with(made["key"].as_str().unwrap());
    let listed = body(&backend.get("/api-keys?limit=1").await, 200);
    let path = format!("/api-keys?after={}", listed["next"].as_str().unwrap());
    assert_eq!(body(&backend.get(&path).await, 200)["items"][0]["name"], "backend");

    let wish = json!({"grants": {"admin": true}, "expiresIn": 60});
    let token = body(&backend.post("/tokens", wish.clone()).await, 201);
    let bearer = backend.with(token["token"].as_str().unwrap());
    body(&bearer.get("/server").await, 200);
    // Tokens are made with keys, so that revoking a key ends all that came from it.
    assert_eq!(refusal(&bearer.post("/tokens", wish).await), refused(403, "forbidden"));

    let path = format!("/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(caller.delete(&path).await.status, 204);
    assert_eq!(refusal(&caller.delete(&path).await), refused(404, "not-found"));
    assert_eq!(refusal(&backend.get("/server").await), refused(403, "key-invalid"));
    assert_eq!(refusal(&bearer.get("/server").await), refused(401, "token-invalid"));
    node.shutdown().await;
}

#[tokio::test]
async fn a_token_reaches_as_far_as_its_grants() {
    let (node, _data, caller) = node().await;
    let (_host, _) = open(&node, "room").await;
    let (_other, _) = open(&node, "other").await;
    let wish = json!({"room": "room", "identity": "ann", "name": "Ann", "role": "host"});
    let made = body(&caller.post("/tokens", wish).await, 201);
    assert!(made["expiresAt"].is_u64());
    let text = made["token"].as_str().unwrap();
    let ann = caller.with(text);
    body(&ann.get("/rooms/room/participants").await, 200);
    assert_eq!(ann.get("/rooms/other/participants").await.status, 401);
    assert_eq!(refusal(&ann.get("/rooms").await), refused(403, "forbidden"));

    let mut client = Client::connect(&node).await;
    let mut entering = join("room", "Somebody");
    entering["token"] = text.into();
    client.say(entering).await;
    assert_eq!(client.hear_type("welcome").await["role"], "host");
    let items = body(&ann.get("/rooms/room/participants").await, 200)["items"].clone();
    assert_eq!((&items[1]["identity"], &items[1]["name"]), (&json!("ann"), &json!("Ann")));

    let wish = json!({"room": "room", "role": "viewer"});
    let viewer = body(&caller.post("/tokens", wish).await, 201);
    let viewer = caller.with(viewer["token"].as_str().unwrap());
    assert_eq!(refusal(&viewer.get("/rooms/room").await), refused(403, "forbidden"));
    node.shutdown().await;
}

#[tokio::test]
async fn tokens_that_nobody_would_take_are_not_made() {
    let (node, _data, caller) = node().await;
    for bad in [
        json!({"role": "viewer"}),
        json!({"room": "a", "expiresIn": 0}),
        json!({"room": "a", "expiresIn": 99_999_999_999_u64}),
        json!({"room": "a", "grants": {"fly": true}}),
        json!({"room": "a", "grants": {"publish": ["telescope"]}}),
    ] {
        let response = caller.post("/tokens", bad.clone()).await;
        assert_eq!(refusal(&response), refused(400, "malformed"), "{bad}");
    }
    let nameless = caller.post("/tokens", json!({"room": "a", "identity": ""})).await;
    assert_eq!(nameless.status, 400);
    node.shutdown().await;
}
