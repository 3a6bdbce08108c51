//! Sound and picture that go from one end to the other, and who is told of it.

use serde_json::json;

use super::peer::Peer;
use super::{
    AUDIO, RECEIVES, SENDS, Session, VIDEO, enter_as_host, hear_streams, post, sources, streams,
};
use crate::support::{Client, metric, node, open, opening};

#[tokio::test]
async fn media_flows_from_a_publisher_to_a_viewer() {
    let (node, _data) = node().await;
    let (mut host, key) = open(&node, "room").await;
    let stream = Session::publish(&node, "/whip/room?name=Encoder", &key).await;
    let room = hear_streams(&mut host, 1).await;
    let member = streams(&room)[0];
    assert_eq!(member["name"], "Encoder");
    assert_eq!(sources(member), ["camera", "microphone"]);

    let viewer = Session::watch(&node, "/whep/room").await;
    viewer.connected().await;
    viewer.peer.until_more_comes().await;
    let count = host.hear_type("audience-count").await;
    assert_eq!(count["count"], 1);
    assert_eq!(metric(node.address(), "roomcast_participants").await, Some(3.0));
    stream.connected().await;
    node.shutdown().await;
}

#[tokio::test]
async fn a_viewer_who_came_first_sees_the_stream_that_comes_later() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let viewer = Session::watch(&node, "/whep/room").await;
    viewer.connected().await;
    let _stream = Session::publish(&node, "/whip/room", &key).await;
    viewer.peer.until_more_comes().await;
    node.shutdown().await;
}

#[tokio::test]
async fn a_publisher_opens_a_room_with_a_key_of_its_own_choice() {
    let (node, _data) = node().await;
    let stream = Session::publish(&node, "/whip/m%C3%BCnchen%201", "a key of mine").await;
    assert!(stream.path.starts_with("/whip/m%C3%BCnchen%201/"), "{}", stream.path);
    let (_host, welcome) = enter_as_host(&node, "münchen 1", "a key of mine").await;
    assert_eq!(welcome["role"], "host");
    assert_eq!(streams(&welcome["room"]).len(), 1);
    let (_peer, offer) = Peer::publisher().await;
    let other = post(&node, "/whip/m%C3%BCnchen%201", Some("another key"), &offer).await;
    assert_eq!((other.status, other.code().as_str()), (403, "host-key-invalid"));
    assert_eq!(stream.delete(&node).await, 200);
    node.shutdown().await;
}

#[tokio::test]
async fn pages_that_hold_links_meet_streams_and_players_at_the_node() {
    let (node, _data) = node().await;
    let mut page = Client::connect(&node).await;
    let mut message = opening("room");
    message["links"] = true.into();
    page.say(message).await;
    let key = page.hear_type("welcome").await["hostKey"].as_str().unwrap().to_owned();
    page.say(json!({"type": "announce", "id": 2, "tracks": [{"source": "camera"}]})).await;
    page.hear_type("ok").await;
    page.say(json!({"type": "subscribe", "id": 3})).await;
    page.hear_type("ok").await;

    let stream = Session::publish(&node, "/whip/room", &key).await;
    let offer = page.hear_type("offer").await;
    assert_eq!(offer["tracks"].as_array().unwrap().len(), 2);
    assert_eq!(stream.delete(&node).await, 200);

    let _viewer = Session::watch(&node, "/whep/room").await;
    while page.hear_type("links").await["node"] != true {}
    node.shutdown().await;
}

#[tokio::test]
async fn only_sound_only_picture_or_a_screen_can_be_published() {
    let (node, _data) = node().await;
    let (mut host, key) = open(&node, "room").await;
    for (sections, path, expected) in [
        (vec![(AUDIO, SENDS)], "/whip/room", vec!["microphone"]),
        (vec![(VIDEO, SENDS)], "/whip/room", vec!["camera"]),
        (
            vec![(VIDEO, SENDS), (AUDIO, SENDS)],
            "/whip/room?source=screen",
            vec!["screen", "screen-audio"],
        ),
        (vec![(AUDIO, SENDS), (VIDEO, RECEIVES)], "/whip/room", vec!["microphone"]),
    ] {
        let offered = Peer::offer(&sections).await;
        let stream = Session::begin(&node, path, Some(&key), offered).await;
        stream.connected().await;
        let room = hear_streams(&mut host, 1).await;
        assert_eq!(sources(streams(&room)[0]), expected, "{sections:?}");
        assert_eq!(stream.delete(&node).await, 200);
        hear_streams(&mut host, 0).await;
    }
    node.shutdown().await;
}

#[tokio::test]
async fn offers_as_other_clients_write_them_connect() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    for rewrite in [session_level, bundle_only, many_candidates] {
        let (peer, offer) = Peer::publisher().await;
        let stream = Session::begin(&node, "/whip/room", Some(&key), (peer, rewrite(&offer))).await;
        stream.connected().await;
        assert_eq!(stream.delete(&node).await, 200);
    }
    node.shutdown().await;
}

/// Everything about ICE and DTLS stands before the first section, as some encoders write it.
fn session_level(offer: &str) -> String {
    let names = ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:", "a=candidate:"];
    let (of_transport, rest): (Vec<&str>, Vec<&str>) =
        offer.lines().partition(|line| names.iter().any(|name| line.starts_with(name)));
    let mut lines: Vec<&str> = Vec::new();
    for line in rest {
        if line.starts_with("m=") && !lines.iter().any(|line| line.starts_with("m=")) {
            let before = lines.len();
            for line in &of_transport {
                if !lines[..before].contains(line) && !lines.contains(line) {
                    lines.push(line);
                }
            }
        }
        lines.push(line);
    }
    lines.join("\r\n") + "\r\n"
}

/// The second section has no port and no transport of its own (RFC 9143 section 6).
fn bundle_only(offer: &str) -> String {
    let mut sections = 0;
    let mut lines = Vec::new();
    for line in offer.lines() {
        if line.starts_with("m=") {
            sections += 1;
        }
        let of_transport = ["a=ice-", "a=fingerprint:", "a=setup:", "a=candidate:"];
        if sections < 2 {
            lines.push(line.to_owned());
        } else if line.starts_with("m=") {
            lines.push(line.replacen(" 9 ", " 0 ", 1));
            lines.push("a=bundle-only".into());
        } else if !of_transport.iter().any(|name| line.starts_with(name)) {
            lines.push(line.to_owned());
        }
    }
    lines.join("\r\n") + "\r\n"
}

/// Candidates of all kinds, most of them of no use.
fn many_candidates(offer: &str) -> String {
    let more = "a=candidate:11 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 network-id 1\r\n\
                a=candidate:12 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r\n\
                a=candidate:13 1 udp 1686052607 198.51.100.7 5000 typ srflx raddr 0.0.0.0 rport 0\r\n\
                a=candidate:14 1 udp 2122262783 2001:db8::7 61765 typ host\r\n\
                a=candidate:15 1 udp 2122260223 5a1f.local 61766 typ host\r\n\
                a=candidate:16 2 udp 2122260222 192.0.2.1 61767 typ host\r\n";
    offer.replacen("a=candidate:", &format!("{more}a=candidate:"), 1)
}
