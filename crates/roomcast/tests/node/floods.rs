//! Too much of something from one side, while others go on.

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;

use crate::support::{
    Client, ask, connect_from, enter, eventually, join, metric, node, node_with, open,
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
    let reading = tokio::spawn(async move {
        while host.hear_type("chat").await["message"]["text"] != "over" {}
        host
    });
    // Each comes, says as much as one may at once, and goes.
    let long = "界".repeat(2_000);
    let refused = "roomcast_refusals_total{code=\"slow-reader\"}";
    let address = node.address();
    for _ in 0..MANY {
        if metric(address, refused).await.is_some() {
            break;
        }
        let mut talker = enter(&node, "room").await;
        for number in 0..8 {
            talker.say(json!({"type": "chat", "id": number, "text": long})).await;
        }
        talker.say(json!({"type": "leave"})).await;
        talker.hear_goodbye().await;
    }
    eventually("the slow one is closed", async || metric(address, refused).await == Some(1.0))
        .await;
    let mut other = enter(&node, "room").await;
    other.say(json!({"type": "chat", "text": "over"})).await;
    let mut host = reading.await.unwrap();
    host.say(json!({"type": "ping", "id": 9})).await;
    assert_eq!(host.hear_type("pong").await["re"], 9);
    node.shutdown().await;
}

/// With 50 kB from each, this is far beyond what the node and the system hold for one connection.
const MANY: usize = 200;

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
    for start in [&b"GET / HT"[..], b"", b"\x16\x03", b"\x05nonsense", b"PRI * HTTP/2.0"] {
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
