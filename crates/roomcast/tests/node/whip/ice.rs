//! Candidates that come later, and restarts of ICE.

use super::peer::Peer;
use super::{Session, attribute, fragment, post};
use crate::support::{node, open};

#[tokio::test]
async fn further_candidates_are_taken_for_the_session_that_is_named() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let (peer, offer) = Peer::publisher().await;
    let candidates = fragment(&offer);
    let stream = Session::begin(&node, "/whip/room", Some(&key), (peer, offer)).await;
    for body in [candidates.as_str(), "a=end-of-candidates\r\n", ""] {
        let response = stream.patch(&node, Some(&stream.tag), body).await;
        assert_eq!(response.status, 204, "{body}");
        assert_eq!((response.header("etag"), response.body.as_str()), (None, ""));
        assert_eq!(response.header("content-type"), None);
    }
    assert_eq!(stream.patch(&node, Some("*"), &candidates).await.status, 204);
    let missing = stream.patch(&node, None, &candidates).await;
    assert_eq!((missing.status, missing.code().as_str()), (428, "precondition-required"));
    let stale = stream.patch(&node, Some("\"old\""), &candidates).await;
    assert_eq!((stale.status, stale.code().as_str()), (412, "precondition-failed"));
    stream.connected().await;
    node.shutdown().await;
}

#[tokio::test]
async fn a_restart_of_ice_keeps_the_stream_and_makes_old_tags_stale() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let stream = Session::publish(&node, "/whip/room", &key).await;
    let viewer = Session::watch(&node, "/whep/room").await;
    viewer.peer.until_more_comes().await;
    for session in [&stream, &viewer] {
        let tag = restart(&node, session).await;
        assert_ne!(tag, session.tag);
        let stale = session.patch(&node, Some(&session.tag), "a=end-of-candidates\r\n").await;
        assert_eq!((stale.status, stale.code().as_str()), (412, "precondition-failed"));
        let taken = session.patch(&node, Some(&tag), "a=end-of-candidates\r\n").await;
        assert_eq!(taken.status, 204);
        viewer.peer.until_more_comes().await;
    }
    node.shutdown().await;
}

/// Restarts ICE by a `PATCH`, and waits for the new connection. Returns the new tag.
async fn restart(node: &roomcast::Node, session: &Session) -> String {
    let before = session.peer.until("a connection", |seen| seen.connected).await;
    let offer = session.peer.restart().await;
    let response = session.patch(node, Some("\"*\""), &fragment(&offer)).await;
    assert_eq!(response.status, 200, "{}", response.body);
    assert_eq!(response.header("content-type"), Some(super::FRAGMENT));
    let said = &response.body;
    assert!(said.contains("m=") && said.contains("a=candidate:"), "{said}");
    // The answer of before, by the new credentials.
    let mut answer = session.answer.clone();
    for name in ["a=ice-ufrag:", "a=ice-pwd:"] {
        let (old, new) = (attribute(&session.answer, name), attribute(said, name));
        assert_ne!(old, new);
        // Candidates name the user fragment too.
        answer = answer.replace(old, new);
    }
    session.peer.accept(&answer).await;
    let again = |seen: &super::peer::Seen| seen.ice_connections > before.ice_connections;
    session.peer.until("a new connection of ICE", again).await;
    response.header("etag").unwrap().to_owned()
}

#[tokio::test]
async fn a_client_that_comes_again_with_its_key_takes_the_place_of_its_older_self() {
    let (node, _data) = node().await;
    let (mut host, key) = open(&node, "room").await;
    let older = Session::publish(&node, "/whip/room", &key).await;
    let room = super::hear_streams(&mut host, 1).await;
    let participant = super::streams(&room)[0]["participant"].clone();
    let viewer = Session::watch(&node, "/whep/room").await;
    viewer.peer.until_more_comes().await;

    let newer = Session::publish(&node, "/whip/room", &key).await;
    newer.connected().await;
    let gone = older.patch(&node, Some(&older.tag), "").await;
    assert_eq!((gone.status, gone.code().as_str()), (404, "session-unknown"));
    viewer.peer.until_more_comes().await;
    let (_other, welcome) = super::enter_as_host(&node, "room", &key).await;
    let streams = super::streams(&welcome["room"]);
    assert_eq!((streams.len(), &streams[0]["participant"]), (1, &participant));
    assert_eq!(newer.delete(&node).await, 200);
    node.shutdown().await;
}

#[tokio::test]
async fn servers_for_ice_come_with_credentials() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let (_peer, offer) = Peer::publisher().await;
    let response = post(&node, "/whip/room", Some(&key), &offer).await;
    let links: Vec<&str> =
        response.head.lines().filter_map(|line| line.strip_prefix("link: ")).collect();
    assert!(links.iter().any(|link| link.starts_with("<stun:localhost:")), "{links:?}");
    let relay = links.iter().find(|link| link.starts_with("<turn:localhost:")).unwrap();
    for part in
        ["rel=\"ice-server\"", "username=\"", "credential=\"", "credential-type=\"password\""]
    {
        assert!(relay.contains(part), "{relay}");
    }
    node.shutdown().await;
}
