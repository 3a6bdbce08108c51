//! Requests that are refused: each by its status and code, with a problem body.

use roomcast::Node;
use serde_json::Value;

use super::peer::Peer;
use super::{AUDIO, RECEIVES, SDP, SENDS, Session, VIDEO, fragment, post, send};
use crate::support::{Response, node, node_with, open};

fn assert_problem(response: &Response, status: u16, code: &str) {
    assert_eq!((response.status, response.code().as_str()), (status, code), "{}", response.body);
    assert_eq!(response.header("content-type"), Some("application/problem+json"));
    let body: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!(body["status"], status);
    assert!(body["title"].is_string() && body["detail"].is_string() && body["type"].is_string());
}

#[tokio::test]
async fn a_post_of_the_wrong_form_is_refused() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let bearer = format!("Bearer {key}");
    let (_peer, offer) = Peer::publisher().await;
    for (headers, status, code) in [
        (vec![], 415, "media-type-unsupported"),
        (vec![("content-type", "application/json")], 415, "media-type-unsupported"),
        (vec![("content-type", SDP), ("accept", "text/html")], 406, "not-acceptable"),
        (vec![("content-type", SDP)], 401, "token-missing"),
        (vec![("content-type", SDP), ("authorization", "Basic dTpw")], 401, "token-invalid"),
        (
            vec![("content-type", SDP), ("authorization", "Bearer wrong-key")],
            403,
            "host-key-invalid",
        ),
        (vec![("content-type", SDP), ("authorization", "Bearer rcs_x_y")], 403, "key-invalid"),
    ] {
        let response = send(&node, "POST", "/whip/room", &headers, &offer).await;
        assert_problem(&response, status, code);
    }
    for (path, status, code) in [
        ("/whip/room?source=window", 400, "malformed"),
        ("/whip/room?name=%00", 400, "name-invalid"),
        ("/whip/%20", 400, "name-invalid"),
        ("/whip/%ff", 400, "malformed"),
    ] {
        let headers = [("content-type", SDP), ("authorization", bearer.as_str())];
        assert_problem(&send(&node, "POST", path, &headers, &offer).await, status, code);
    }
    let missing = send(&node, "POST", "/whip/room", &[("content-type", SDP)], &offer).await;
    assert_eq!(missing.header("www-authenticate"), Some("Bearer"));
    node.shutdown().await;
}

#[tokio::test]
async fn a_description_that_cannot_be_used_is_refused() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let (_sender, sends) = Peer::publisher().await;
    let (_receiver, receives) = Peer::viewer().await;
    let lines = format!("{sends}{}", "a=x\r\n".repeat(1_000));
    let large = format!("{sends}a=x:{}\r\n", "x".repeat(64 * 1024));
    let no_media = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
    for (path, body, status, code) in [
        ("/whip/room", "", 400, "sdp-invalid"),
        ("/whip/room", "hello", 400, "sdp-invalid"),
        ("/whip/room", &sends[..sends.len() / 2].replace("a=mid", "a=mud"), 400, "sdp-invalid"),
        ("/whip/room", no_media, 400, "sdp-unusable"),
        ("/whip/room", &lines, 400, "sdp-invalid"),
        ("/whip/room", &large, 413, "too-large"),
        ("/whip/room", &receives, 400, "sdp-unusable"),
        ("/whep/room", &sends, 400, "sdp-unusable"),
        ("/whep/room", no_media, 400, "sdp-unusable"),
        ("/whep/room", &large, 413, "too-large"),
    ] {
        assert_problem(&post(&node, path, Some(&key), body).await, status, code);
    }
    let codec = sends.replace("VP8/", "H261/").replace("VP9/", "H263/").replace("H264/", "JPEG/");
    let codec = codec.replace("AV1/", "MPV/");
    assert_problem(&post(&node, "/whip/room", Some(&key), &codec).await, 400, "sdp-unusable");
    node.shutdown().await;
}

#[tokio::test]
async fn rooms_that_are_unknown_locked_or_full_refuse() {
    let (node, _data) = node_with(|config| config.max_participants = 2).await;
    let (_peer, receives) = Peer::viewer().await;
    assert_problem(&post(&node, "/whep/nowhere", None, &receives).await, 404, "room-unknown");
    let (mut host, _key) = open(&node, "room").await;
    let viewer = Session::watch(&node, "/whep/room").await;
    let full = post(&node, "/whep/room", None, &receives).await;
    assert_problem(&full, 503, "room-full");
    assert!(full.header("retry-after").is_some());
    assert_eq!(viewer.delete(&node).await, 200);
    host.say(serde_json::json!({"type": "settings", "id": 2, "waitingRoom": true})).await;
    host.hear_type("ok").await;
    assert_problem(&post(&node, "/whep/room", None, &receives).await, 403, "denied");
    host.say(serde_json::json!({"type": "settings", "id": 3, "locked": true})).await;
    host.hear_type("ok").await;
    assert_problem(&post(&node, "/whep/room", None, &receives).await, 403, "room-locked");
    node.shutdown().await;
}

#[tokio::test]
async fn a_session_refuses_what_is_no_fragment_for_it() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let (peer, offer) = Peer::offer(&[(AUDIO, SENDS), (VIDEO, SENDS)]).await;
    let candidates = fragment(&offer);
    let stream = Session::begin(&node, "/whip/room", Some(&key), (peer, offer)).await;
    let tag = stream.tag.as_str();
    for (media_type, body, status, code) in [
        (SDP, candidates.as_str(), 415, "media-type-unsupported"),
        (super::FRAGMENT, "{\"candidate\":1}", 400, "sdp-invalid"),
        (super::FRAGMENT, "a=ice-ufrag:abcd\r\n", 400, "sdp-invalid"),
        (super::FRAGMENT, &"a=x\r\n".repeat(1_001), 400, "sdp-invalid"),
        (super::FRAGMENT, &"a".repeat(64 * 1024 + 1), 413, "too-large"),
    ] {
        let headers = [("content-type", media_type), ("if-match", tag)];
        let response = send(&node, "PATCH", &stream.path, &headers, body).await;
        assert_problem(&response, status, code);
    }
    let elsewhere = stream.path.replace("/whip/room/", "/whip/other/");
    let as_viewer = stream.path.replace("/whip/", "/whep/");
    for path in ["/whip/room/unknown", &elsewhere, &as_viewer] {
        let headers = [("content-type", super::FRAGMENT), ("if-match", tag)];
        let response = send(&node, "PATCH", path, &headers, &candidates).await;
        assert_problem(&response, 404, "session-unknown");
        assert_problem(&send(&node, "DELETE", path, &[], "").await, 404, "session-unknown");
    }
    stream.connected().await;
    node.shutdown().await;
}

#[tokio::test]
async fn methods_that_are_not_there_are_refused_and_the_others_named() {
    let (node, _data) = node().await;
    for (path, methods) in [
        ("/whip/room", ["PUT", "PATCH", "DELETE"]),
        ("/whep/room", ["PUT", "PATCH", "DELETE"]),
        ("/whip/room/session", ["PUT", "POST", "TRACE"]),
        ("/whep/room/session", ["PUT", "POST", "TRACE"]),
    ] {
        for method in methods {
            let response = send(&node, method, path, &[], "").await;
            assert_problem(&response, 405, "method-not-allowed");
            assert!(response.header("allow").unwrap().contains("OPTIONS"));
        }
    }
    assert_eq!(send(&node, "GET", "/whip/room", &[], "").await.status, 204);
    let recognised = send(&node, "HEAD", "/whep/room", &[], "").await;
    assert_eq!((recognised.status, recognised.header("content-type")), (200, Some(SDP)));
    node.shutdown().await;
}

#[tokio::test]
async fn pages_of_other_sites_may_play() {
    let (node, _data) = node().await;
    let (_host, _key) = open(&node, "room").await;
    let origin = ("origin", "https://elsewhere.example");
    for (path, method) in [("/whep/room", "POST"), ("/whep/room/session", "PATCH")] {
        let headers = [
            origin,
            ("access-control-request-method", method),
            ("access-control-request-headers", "authorization,content-type,if-match"),
        ];
        let response = send(&node, "OPTIONS", path, &headers, "").await;
        assert_eq!(response.status, 200);
        assert_eq!(response.header("access-control-allow-origin"), Some("*"));
        assert!(response.header("access-control-allow-methods").unwrap().contains(method));
        let allowed = response.header("access-control-allow-headers").unwrap().to_lowercase();
        assert!(
            ["authorization", "content-type", "if-match"].iter().all(|it| allowed.contains(it))
        );
    }
    let plain = send(&node, "OPTIONS", "/whip/room", &[], "").await;
    assert_eq!((plain.status, plain.header("accept-post")), (200, Some(SDP)));

    let (_peer, offer) = Peer::offer(&[(VIDEO, RECEIVES)]).await;
    let begun = send(&node, "POST", "/whep/room", &[origin, ("content-type", SDP)], &offer).await;
    assert_eq!(begun.status, 201);
    assert_eq!(begun.header("accept-patch"), Some(super::FRAGMENT));
    assert_eq!(begun.header("access-control-allow-origin"), Some("*"));
    let exposed = begun.header("access-control-expose-headers").unwrap().to_lowercase();
    assert!(["location", "etag", "link", "retry-after"].iter().all(|it| exposed.contains(it)));
    let refused = send(&node, "POST", "/whep/room", &[origin], "").await;
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    node.shutdown().await;
}

/// Held here so that a change of the surface is seen.
#[tokio::test]
async fn a_page_is_not_served_where_sessions_begin() {
    let (node, _data) = node().await;
    let statuses = async |node: &Node| {
        [
            send(node, "GET", "/whip", &[], "").await.status,
            send(node, "GET", "/whip/room/session", &[], "").await.status,
        ]
    };
    assert_eq!(statuses(&node).await, [404, 404]);
    node.shutdown().await;
}
