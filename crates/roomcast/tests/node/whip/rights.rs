//! By which keys and tokens one may publish and watch.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roomcast::Node;
use serde_json::{Value, json};

use super::peer::Peer;
use super::{SDP, Session, enter_as_host, hear_streams, post, send, streams};
use crate::api::{Caller, admin};
use crate::support::{node, node_with, open};

/// What the API answers, which must be a success.
fn taken(response: &crate::support::Response) -> Value {
    assert!((200..300).contains(&response.status), "{}", response.body);
    serde_json::from_str(&response.body).unwrap()
}

/// Makes a stream key: its text.
async fn stream_key(host: &Caller, room: &str, takeover: bool) -> String {
    let wish = json!({"name": "Desk camera", "takeover": takeover});
    let made = taken(&host.post(&format!("/rooms/{room}/stream-keys"), wish).await);
    made["key"].as_str().unwrap().to_owned()
}

/// Makes a token.
async fn token(node: &Node, wish: Value) -> String {
    let made = taken(&admin(node).post("/tokens", wish).await);
    made["token"].as_str().unwrap().to_owned()
}

async fn refused(node: &Node, path: &str, key: Option<&str>) -> (u16, String) {
    let (_peer, offer) =
        if path.starts_with("/whip") { Peer::publisher().await } else { Peer::viewer().await };
    let response = post(node, path, key, &offer).await;
    (response.status, response.code())
}

#[tokio::test]
async fn a_stream_key_publishes_in_its_room_under_its_name() {
    let (node, _data) = node().await;
    let (mut host, host_key) = open(&node, "room").await;
    let (_other, _key) = open(&node, "other").await;
    let host_bearer = admin(&node).with(&host_key);
    let key = stream_key(&host_bearer, "room", true).await;
    let stream = Session::publish(&node, "/whip/room", &key).await;
    let room = hear_streams(&mut host, 1).await;
    assert_eq!(streams(&room)[0]["name"], "Desk camera");
    assert_eq!(streams(&room)[0]["role"], "speaker");
    let invalid = (403, "key-invalid".to_owned());
    assert_eq!(refused(&node, "/whip/other", Some(&key)).await, invalid);
    assert_eq!(refused(&node, "/whip/room", Some(&key[..key.len() - 1])).await, invalid);
    assert_eq!(refused(&node, "/whep/room", Some(&key)).await, (403, "forbidden".to_owned()));
    // The same key again takes the place of the older session.
    let newer = Session::publish(&node, "/whip/room", &key).await;
    assert_eq!(stream.delete(&node).await, 404);
    assert_eq!(newer.delete(&node).await, 200);
    node.shutdown().await;
}

#[tokio::test]
async fn a_key_that_does_not_take_over_leaves_the_first_publisher_alone() {
    let (node, _data) = node().await;
    let (_host, host_key) = open(&node, "room").await;
    let key = stream_key(&admin(&node).with(&host_key), "room", false).await;
    let first = Session::publish(&node, "/whip/room", &key).await;
    first.connected().await;
    let exists = (409, "publisher-exists".to_owned());
    assert_eq!(refused(&node, "/whip/room", Some(&key)).await, exists);
    let viewer = Session::watch(&node, "/whep/room").await;
    viewer.peer.until_more_comes().await;
    assert_eq!(first.delete(&node).await, 200);
    Session::publish(&node, "/whip/room", &key).await.connected().await;
    node.shutdown().await;
}

#[tokio::test]
async fn a_closed_node_asks_publishers_and_viewers_for_tokens() {
    let (node, _data) =
        node_with(|config| config.auth.mode = roomcast::config::AuthMode::Tokens).await;
    for path in ["/whip/room", "/whep/room"] {
        assert_eq!(refused(&node, path, None).await, (401, "token-missing".to_owned()));
    }
    let chosen = refused(&node, "/whip/room", Some("a key of mine")).await;
    assert_eq!(chosen, (403, "host-key-invalid".to_owned()));

    let host =
        token(&node, json!({"room": "room", "identity": "ann", "name": "Ann", "role": "host"}));
    let stream = Session::publish(&node, "/whip/room?name=Someone", &host.await).await;
    stream.connected().await;
    let watching = json!({"room": "room", "identity": "bob", "role": "viewer"});
    let watching = token(&node, watching).await;
    let viewer = Session::begin(&node, "/whep/room", Some(&watching), Peer::viewer().await).await;
    viewer.peer.until_more_comes().await;
    let participants = taken(&admin(&node).get("/rooms/room/participants").await);
    let names: Vec<_> =
        participants["items"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    // The issuer of the token vouches for the name.
    assert_eq!(names[0], "Ann");
    node.shutdown().await;
}

#[tokio::test]
async fn tokens_that_do_not_fit_are_refused() {
    let (node, _data) = node().await;
    let (_host, _key) = open(&node, "room").await;
    let elsewhere = token(&node, json!({"room": "other", "identity": "ann", "role": "host"})).await;
    let listening = json!({"room": "room", "identity": "ann", "grants": {"subscribe": true}});
    let listening = token(&node, listening).await;
    let parts: Vec<&str> = listening.split('.').collect();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let unsigned = format!("{none}.{}.", parts[1]);
    let forged = format!("{}.{}.{}", parts[0], parts[1], elsewhere.split('.').nth(2).unwrap());
    for (key, status, code) in [
        (&elsewhere, 401, "token-invalid"),
        (&listening, 403, "forbidden"),
        (&unsigned, 401, "token-invalid"),
        (&forged, 401, "token-invalid"),
    ] {
        let expected = (status, code.to_owned());
        assert_eq!(refused(&node, "/whip/room", Some(key)).await, expected, "{key}");
    }
    Session::begin(&node, "/whep/room", Some(&listening), Peer::viewer().await).await;
    node.shutdown().await;
}

#[tokio::test]
async fn a_page_of_another_site_opens_no_room() {
    let (node, _data) = node().await;
    let (_peer, offer) = Peer::publisher().await;
    let headers = |origin| {
        [("content-type", SDP), ("authorization", "Bearer chosen by a site"), ("origin", origin)]
    };
    let elsewhere = headers("https://elsewhere.example");
    let response = send(&node, "POST", "/whip/room", &elsewhere, &offer).await;
    assert_eq!((response.status, response.code().as_str()), (404, "room-unknown"));
    let own = send(&node, "POST", "/whip/room", &headers("http://localhost"), &offer).await;
    assert_eq!(own.status, 201);
    let (_host, welcome) = enter_as_host(&node, "room", "chosen by a site").await;
    assert_eq!(welcome["role"], "host");
    node.shutdown().await;
}
