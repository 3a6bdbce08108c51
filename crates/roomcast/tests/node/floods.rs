//! Too much of something from one side, while others go on.

use std::time::Instant;

use futures_util::SinkExt;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    Client, DEADLINE, ask, connect_from, enter, eventually, join, metric, node, node_with, open,
};

#[tokio::test]
async fn a_client_that_stops_reading_is_closed_and_others_go_on() {
    let (node, _data) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    // A small window, so that little is on its way unread.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(node.address()).await.unwrap();
    let mut slow = Client::over(stream, &node).await.unwrap();
    slow.say(join("room", "Slow")).await;
    slow.hear_type("welcome").await;
    // The slow one asks for much and reads nothing of it: what was said before, as long as it may.
    let long = "x".repeat(2_000);
    let address = node.address();
    let start = Instant::now();
    let refused = "roomcast_refusals_total{code=\"slow-reader\"}";
    let mut number = 0;
    while metric(address, refused).await.unwrap_or(0.0) < 1.0 {
        assert!(start.elapsed() < 3 * DEADLINE, "the slow one was never closed");
        number += 1;
        host.say(json!({"type": "chat", "id": number, "text": long})).await;
        host.hear_type("ok").await;
        for message in ["chat", "chat", "chat"] {
            let text = json!({"type": message, "text": 7, "pad": long}).to_string();
            let _ = slow.socket.send(Message::text(text)).await;
        }
    }
    host.say(json!({"type": "ping", "id": 9_999_999})).await;
    assert_eq!(host.hear_type("pong").await["re"], 9_999_999);
    drop(enter(&node, "room").await);
    node.shutdown().await;
}

#[tokio::test]
async fn a_flood_of_connections_from_one_address_is_limited_and_others_are_served() {
    let (node, _data) = node_with(|config| config.connections_per_second = 5).await;
    let address = node.address();
    let mut served = 0;
    for _ in 0..200 {
        if let Ok(stream) = connect_from("127.0.0.1", address).await
            && ask(stream, "/healthz", "").await.is_ok()
        {
            served += 1;
        }
    }
    assert!((20..150).contains(&served), "{served}");
    let other = connect_from("127.0.0.2", address).await.unwrap();
    assert_eq!(ask(other, "/healthz", "").await.unwrap().status, 200);
    let metrics = connect_from("127.0.0.3", address).await.unwrap();
    let metrics = ask(metrics, "/metrics", "").await.unwrap().body;
    assert!(metrics.contains("roomcast_connections_refused_total{cause=\"rate\"}"), "{metrics}");
    node.shutdown().await;
}

#[tokio::test]
async fn connections_that_dawdle_or_speak_nonsense_do_not_hold_others_up() {
    let (node, _data) = node().await;
    let address = node.address();
    let mut held = Vec::new();
    for start in [&b"GET / HT"[..], b"", b"\x16\x03", b"\x00\x01nonsense", b"PRI * HTTP/2.0"] {
        for _ in 0..20 {
            let mut stream = connect_from("127.0.0.1", address).await.unwrap();
            stream.write_all(start).await.unwrap();
            held.push(stream);
        }
    }
    let (_host, _key) = open(&node, "room").await;
    eventually("nonsense is refused", async || {
        let line = "roomcast_connections_refused_total{cause=\"unknown-protocol\"}";
        metric(address, line).await == Some(20.0)
    })
    .await;
    node.shutdown().await;
}
