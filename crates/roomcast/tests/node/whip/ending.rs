//! How sessions end: by their client, by a host, with the node, or because nothing comes any more.

use std::time::{Duration, Instant};

use super::peer::Peer;
use super::{Session, enter_as_host, hear_streams, post, remove, streams};
use crate::support::{eventually, node, open};

#[tokio::test]
async fn a_session_that_was_deleted_is_gone_for_everyone() {
    let (node, _data) = node().await;
    let (mut host, key) = open(&node, "room").await;
    let stream = Session::publish(&node, "/whip/room", &key).await;
    hear_streams(&mut host, 1).await;
    assert_eq!(stream.delete(&node).await, 200);
    hear_streams(&mut host, 0).await;
    let patched = stream.patch(&node, Some(&stream.tag), "").await;
    assert_eq!((patched.status, patched.code().as_str()), (404, "session-unknown"));
    assert_eq!(stream.delete(&node).await, 404);
    node.shutdown().await;
}

#[tokio::test]
async fn a_host_who_removes_a_stream_ends_its_session() {
    let (node, _data) = node().await;
    let (mut host, key) = open(&node, "room").await;
    let stream = Session::publish(&node, "/whip/room", &key).await;
    let room = hear_streams(&mut host, 1).await;
    remove(&mut host, &streams(&room)[0]["participant"]).await;
    hear_streams(&mut host, 0).await;
    eventually("the resource is gone", async || {
        stream.patch(&node, Some(&stream.tag), "").await.status == 404
    })
    .await;
    // Encoders begin anew by themselves.
    let (_peer, offer) = Peer::publisher().await;
    let again = post(&node, "/whip/room", Some(&key), &offer).await;
    assert_eq!((again.status, again.code().as_str()), (403, "removed"));
    node.shutdown().await;
}

#[tokio::test]
async fn a_client_that_vanishes_is_gone_within_15_seconds() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let Session { peer, .. } = Session::publish(&node, "/whip/room", &key).await;
    peer.until("a connection", |seen| seen.connected).await;
    let (mut host, _welcome) = enter_as_host(&node, "room", &key).await;
    let vanished = Instant::now();
    drop(peer);
    hear_streams(&mut host, 0).await;
    assert!(vanished.elapsed() < Duration::from_secs(15));
    node.shutdown().await;
}

#[tokio::test]
async fn a_node_that_goes_down_takes_its_sessions_along() {
    let (node, _data) = node().await;
    let (mut host, key) = open(&node, "room").await;
    let stream = Session::publish(&node, "/whip/room", &key).await;
    let viewer = Session::watch(&node, "/whep/room").await;
    stream.connected().await;
    viewer.connected().await;
    node.shutdown().await;
    assert_eq!(host.hear_goodbye().await, "shutting-down");
}
