//! Links and what belongs to them, over real connections.

use roomcast::Node;
use roomcast::config::Topology;
use serde_json::{Value, json};

use crate::support::{Client, config, join, metric, node, node_with, open, opening};

fn with_links(mut message: Value) -> Value {
    message["links"] = true.into();
    message
}

/// Joins and gives the id under which others know the client.
async fn enter_with(node: &Node, message: Value) -> (Client, Value) {
    let mut client = Client::connect(node).await;
    client.say(with_links(message)).await;
    let welcome = client.hear_type("welcome").await;
    (client, welcome)
}

/// A host and a viewer, and what each is told of the link between them.
async fn two(node: &Node) -> ((Client, Value), (Client, Value)) {
    let (mut host, _) = enter_with(node, opening("room")).await;
    host.hear_type("links").await;
    let (mut viewer, _) = enter_with(node, join("room", "Bob")).await;
    let at_viewer = viewer.hear_type("links").await["links"][0].clone();
    let at_host = host.hear_type("links").await["links"][0].clone();
    ((host, at_host), (viewer, at_viewer))
}

fn candidate(entry: &Value, text: &str) -> Value {
    let candidate = json!({"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0});
    json!({
        "type": "link", "id": 9, "to": entry["participant"], "link": entry["link"],
        "candidate": candidate
    })
}

#[tokio::test]
async fn two_clients_negotiate_a_link_through_the_node() {
    let (node, _data) = node().await;
    let ((mut host, at_host), (mut viewer, at_viewer)) = two(&node).await;
    assert_eq!(at_host["link"], at_viewer["link"]);
    assert_eq!((&at_host["polite"], &at_viewer["polite"]), (&json!(false), &json!(true)));
    host.say(json!({
        "type": "link", "id": 2, "to": at_host["participant"], "link": at_host["link"],
        "description": {"type": "offer", "sdp": "v=0"}, "tracks": [{"mid": "0", "source": "camera"}]
    }))
    .await;
    let heard = viewer.hear_type("link").await;
    assert_eq!(heard["from"], at_viewer["participant"]);
    assert_eq!(heard["description"], json!({"type": "offer", "sdp": "v=0"}));
    assert_eq!(heard["tracks"], json!([{"mid": "0", "source": "camera"}]));
    viewer.say(candidate(&at_viewer, "candidate:1")).await;
    assert_eq!(host.hear_type("link").await["candidate"]["candidate"], "candidate:1");
    let mut end = candidate(&at_viewer, "");
    end["candidate"] = Value::Null;
    viewer.say(end).await;
    let heard = host.hear_type("link").await;
    assert!(heard.as_object().unwrap().contains_key("candidate") && heard["candidate"].is_null());
    node.shutdown().await;
}

#[tokio::test]
async fn bad_link_messages_are_refused_and_the_other_side_hears_nothing() {
    let (node, _data) = node().await;
    let ((mut host, at_host), (mut viewer, _)) = two(&node).await;
    let mut stranger = candidate(&at_host, "x");
    stranger["to"] = "someone of another room".into();
    assert_eq!(host.refused(stranger).await, "link-unknown");
    let mut stale = candidate(&at_host, "x");
    stale["link"] = 999_999.into();
    assert_eq!(host.refused(stale).await, "link-unknown");
    assert_eq!(host.refused(candidate(&at_host, &"x".repeat(2_000))).await, "malformed");
    let mut both = candidate(&at_host, "x");
    both["description"] = json!({"type": "offer", "sdp": "v=0"});
    assert_eq!(host.refused(both).await, "malformed");
    let mut odd = candidate(&at_host, "x");
    odd["candidate"] = json!({"candidate": 7});
    assert_eq!(host.refused(odd).await, "malformed");
    host.say(json!({"type": "chat", "id": 3, "text": "next"})).await;
    assert_eq!(viewer.hear_type("chat").await["message"]["text"], "next");
    node.shutdown().await;
}

#[tokio::test]
async fn a_flood_of_candidates_is_slowed_and_its_sender_stays() {
    let (node, _data) = node().await;
    let ((mut host, at_host), (mut viewer, _)) = two(&node).await;
    for _ in 0..320 {
        host.say(candidate(&at_host, "candidate:1")).await;
    }
    assert_eq!(host.hear_error().await, "rate-limited");
    host.say(json!({"type": "chat", "id": 3, "text": "still here"})).await;
    let mut passed = 0;
    loop {
        let heard = viewer.hear().await.unwrap();
        match heard["type"].as_str().unwrap() {
            "link" => passed += 1,
            "chat" => break,
            _ => {}
        }
    }
    assert!((256..320).contains(&passed), "{passed}");
    node.shutdown().await;
}

#[tokio::test]
async fn direct_data_arrives_and_a_flood_of_it_is_slowed() {
    let (node, _data) = node().await;
    let ((mut host, at_host), (mut viewer, _)) = two(&node).await;
    let to = &at_host["participant"];
    let direct =
        |data: &str| json!({"type": "direct", "id": 4, "to": [to], "stream": "file", "data": data});
    host.say(direct("hello")).await;
    let heard = viewer.hear_type("direct").await;
    assert_eq!((&heard["data"], &heard["stream"]), (&json!("hello"), &json!("file")));
    assert_eq!(host.refused(direct(&"x".repeat(50_000))).await, "too-large");
    let piece = "x".repeat(48 * 1024);
    for _ in 0..64 {
        host.say(direct(&piece)).await;
    }
    assert_eq!(host.hear_error().await, "rate-limited");
    viewer.say(json!({"type": "ping", "id": 5})).await;
    viewer.hear_type("pong").await;
    node.shutdown().await;
}

#[tokio::test]
async fn the_operator_may_choose_that_all_media_goes_through_the_node() {
    let (node, _data) = node_with(|config| config.topology = Topology::Sfu).await;
    let ((_host, at_host), (mut viewer, at_viewer)) = two(&node).await;
    for entry in [&at_host, &at_viewer] {
        assert_eq!((&entry["path"], &entry["why"]), (&json!("node"), &json!("setting")));
    }
    let mut relink = json!({"type": "relink", "id": 3});
    relink["participant"] = at_viewer["participant"].clone();
    assert_eq!(viewer.refused(relink).await, "link-unknown");
    node.shutdown().await;
}

#[tokio::test]
async fn the_number_of_links_of_auto_is_configured() {
    let (node, _data) = node_with(|config| config.p2p_max_links = 1).await;
    let ((mut host, at_host), _viewer) = two(&node).await;
    assert_eq!(at_host["path"], "link");
    let (_third, _) = enter_with(&node, join("room", "Cleo")).await;
    let links = host.hear_type("links").await;
    assert_eq!(links["links"][1]["why"], "size");
    node.shutdown().await;
}

#[tokio::test]
async fn settings_and_the_kind_of_a_room_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(config(folder.path())).await.unwrap();
    let mut call = opening("room");
    call["kind"] = "call".into();
    let (mut host, welcome) = enter_with(&node, call).await;
    let change = json!({
        "type": "settings", "id": 2, "topology": "p2p", "relayOnly": true, "waitingRoom": true
    });
    host.say(change).await;
    host.hear_type("ok").await;
    node.shutdown().await;

    let node = Node::start(config(folder.path())).await.unwrap();
    let mut again = join("room", "Host");
    again["hostKey"] = welcome["hostKey"].clone();
    let (_host, welcome) = enter_with(&node, again).await;
    let room = &welcome["room"];
    assert_eq!((&room["kind"], &room["topology"]), (&json!("call"), &json!("p2p")));
    assert_eq!((&room["relayOnly"], &room["waitingRoom"]), (&json!(true), &json!(true)));
    assert_eq!(room["locked"], false);
    node.shutdown().await;
}

#[tokio::test]
async fn a_guest_waits_at_the_door_until_a_host_opens() {
    let (node, _data) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    host.say(json!({"type": "settings", "id": 2, "waitingRoom": true})).await;
    host.hear_type("ok").await;
    let mut guests = Vec::new();
    for name in ["Bob", "Cleo"] {
        let mut guest = Client::connect(&node).await;
        guest.say(join("room", name)).await;
        assert_eq!(guest.hear_type("waiting").await["re"], 1);
        guest.say(json!({"type": "ping", "id": 8})).await;
        guest.hear_type("pong").await;
        guests.push(guest);
    }
    host.hear_type("waiting-list").await;
    let waiting = host.hear_type("waiting-list").await["participants"].clone();
    for (place, admitted) in [(0, true), (1, false)] {
        let participant = &waiting[place]["participant"];
        host.say(
            json!({"type": "admit", "id": 3, "participant": participant, "admitted": admitted}),
        )
        .await;
        host.hear_type("ok").await;
    }
    assert!(guests[0].hear_type("welcome").await.get("re").is_none());
    assert_eq!(guests[1].hear_goodbye().await, "denied");
    host.say(json!({"type": "settings", "id": 4, "waitingRoom": false, "locked": true})).await;
    host.hear_type("ok").await;
    let mut late = Client::connect(&node).await;
    assert_eq!(late.refused(join("room", "Late")).await, "room-locked");
    node.shutdown().await;
}

#[tokio::test]
async fn trouble_with_media_is_counted_by_cause_and_place() {
    let (node, _data) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    host.say(json!({"type": "media-trouble", "id": 2, "where": "publisher", "cause": "no-udp"}))
        .await;
    host.hear_type("ok").await;
    let line = "roomcast_media_trouble_total{cause=\"no-udp\",where=\"publisher\"}";
    assert_eq!(metric(node.address(), line).await, Some(1.0));
    let odd = json!({"type": "media-trouble", "id": 3, "where": "nowhere", "cause": "no-udp"});
    assert_eq!(host.refused(odd).await, "malformed");
    node.shutdown().await;
}
