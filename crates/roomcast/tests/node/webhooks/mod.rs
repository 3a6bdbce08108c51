//! Webhooks of a whole node, and receivers that are slow, wrong, hostile or gone.

mod killed;
mod operations;
mod receiver;
mod targets;

use std::collections::BTreeSet;

use roomcast::Node;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::receiver::{Receiver, Reply};
use crate::api::{self, Caller};
use crate::support::{enter, eventually, metric, node_with, open};
use crate::whip::Session;

/// A node that may send to loopback, and its operator.
async fn node() -> (Node, TempDir, Caller) {
    let (node, data) =
        node_with(|config| config.webhook_allow = vec!["127.0.0.0/8".parse().unwrap()]).await;
    let caller = api::admin(&node);
    (node, data, caller)
}

/// Makes a webhook.
async fn hook(caller: &Caller, wish: Value) -> Value {
    api::body(&caller.post("/webhooks", wish).await, 201)
}

/// One that hears everything.
async fn hook_to(caller: &Caller, receiver: &Receiver) -> Value {
    hook(caller, json!({"url": receiver.url()})).await
}

fn path(hook: &Value) -> String {
    format!("/webhooks/{}", hook["id"].as_str().unwrap())
}

/// Its deliveries, the newest first.
async fn deliveries(caller: &Caller, hook: &Value) -> Vec<Value> {
    let list = api::body(&caller.get(&format!("{}/deliveries", path(hook))).await, 200);
    list["items"].as_array().unwrap().clone()
}

/// The oldest delivery, once it is as it should be.
async fn oldest(caller: &Caller, hook: &Value, is_right: impl Fn(&Value) -> bool) -> Value {
    let find = async || deliveries(caller, hook).await.pop().filter(|found| is_right(found));
    eventually("a delivery is as it should be", async || find().await.is_some()).await;
    find().await.unwrap()
}

#[tokio::test]
async fn what_happens_in_a_room_is_told_in_order_and_signed() {
    let (node, _data, caller) = node().await;
    let mut receiver = Receiver::kind().await;
    let hook = hook_to(&caller, &receiver).await;
    let (mut host, _key) = open(&node, "Größe 直播").await;
    let mut viewer = enter(&node, "Größe 直播").await;
    viewer.say(json!({"type": "leave"})).await;
    viewer.hear_goodbye().await;
    host.say(json!({"type": "end", "id": 2})).await;
    host.hear_goodbye().await;

    let mut told = Vec::new();
    let mut ids = Vec::new();
    for number in 1..=6 {
        let heard = receiver.next().await;
        heard.assert_genuine(hook["secret"].as_str().unwrap());
        let event = heard.json();
        assert_eq!(heard.header("content-type"), "application/json");
        assert_eq!(heard.header("roomcast-event"), event["type"]);
        assert_eq!(heard.header("roomcast-delivery"), event["id"]);
        assert_eq!((&event["room"], &event["number"]), (&"Größe 直播".into(), &number.into()));
        assert!(event["at"].as_u64().unwrap() > 1_700_000_000_000);
        ids.push(event["id"].as_str().unwrap().to_owned());
        let text = |key: &str| event[key].as_str().unwrap_or("-").to_owned();
        told.push([text("type"), text("role"), text("cause")].join(" "));
    }
    assert_eq!(
        told,
        [
            "room.opened - -",
            "participant.joined host -",
            "participant.joined viewer -",
            "participant.left viewer left",
            "participant.left host room-ended",
            "room.ended - -",
        ]
    );
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    oldest(&caller, &hook, |found| found["state"] == "delivered").await;
    let delivered = "roomcast_webhook_tries_total{outcome=\"delivered\"}";
    eventually("all are noted as delivered", async || {
        metric(node.address(), delivered).await == Some(6.0)
    })
    .await;
    node.shutdown().await;
}

#[tokio::test]
async fn what_is_published_is_told_when_it_begins_and_when_it_stops() {
    let (node, _data, caller) = node().await;
    let mut receiver = Receiver::kind().await;
    let events = ["publication.started", "publication.stopped"];
    hook(&caller, json!({"url": receiver.url(), "events": events})).await;
    let session = Session::publish(&node, "/whip/room", "a key of mine").await;
    let mut told = async || {
        let event = receiver.next().await.json();
        assert!(event["participant"].is_string() && event["publication"].is_u64(), "{event}");
        let publication = event["publication"].as_u64().unwrap();
        (event["type"].clone(), publication, event["source"].as_str().unwrap().to_owned())
    };
    let started = [told().await, told().await];
    assert_eq!(session.delete(&node).await, 200);
    let stopped = [told().await, told().await];
    assert!(started.iter().all(|event| event.0 == events[0]));
    assert!(stopped.iter().all(|event| event.0 == events[1]));
    let of = |told: &[(Value, u64, String); 2]| {
        told.iter().map(|event| (event.1, event.2.clone())).collect::<BTreeSet<_>>()
    };
    assert_eq!(of(&started), of(&stopped));
    let sources: BTreeSet<_> = started.into_iter().map(|event| event.2).collect();
    assert_eq!(sources, BTreeSet::from(["camera".to_owned(), "microphone".to_owned()]));
    node.shutdown().await;
}

#[tokio::test]
async fn a_silent_receiver_holds_neither_the_room_nor_others() {
    let (node, _data, caller) = node().await;
    let mut silent = Receiver::new(|_| Reply::Silence).await;
    let mut kind = Receiver::kind().await;
    let hook = hook_to(&caller, &silent).await;
    hook_to(&caller, &kind).await;
    let (mut host, _key) = open(&node, "room").await;
    assert_eq!(silent.next_event().await.2, 1);
    assert_eq!(kind.next_event().await.2, 1);
    assert_eq!(kind.next_event().await.2, 2);
    host.say(json!({"type": "chat", "id": 2, "text": "nobody waits"})).await;
    host.hear_type("chat").await;
    let waiting = oldest(&caller, &hook, |found| found["attempts"] == 1).await;
    assert_eq!(waiting["state"], "waiting");
    assert_eq!(waiting["lastError"], "no answer came within 10 seconds");
    assert!(waiting["nextAt"].is_u64() && waiting["lastStatus"].is_null());
    // It is the same that is tried again, and not the next.
    assert_eq!(silent.next_event().await.2, 1);
    node.shutdown().await;
}

#[tokio::test]
async fn a_receiver_that_fails_gets_the_same_again_until_it_takes_it() {
    let (node, _data, caller) = node().await;
    let statuses = [500, 404, 200, 503, 200];
    let mut receiver =
        Receiver::new(move |number| Reply::Status(*statuses.get(number).unwrap_or(&204))).await;
    let hook = hook_to(&caller, &receiver).await;
    let (_host, _key) = open(&node, "room").await;
    let first = receiver.next().await;
    assert_eq!(first.json()["type"], "room.opened");
    for _ in 0..2 {
        let again = receiver.next().await;
        assert_eq!(again.body(), first.body());
        again.assert_genuine(hook["secret"].as_str().unwrap());
    }
    assert_eq!(receiver.next_event().await.2, 2);
    assert_eq!(receiver.next_event().await.2, 2);
    let done = oldest(&caller, &hook, |found| found["state"] == "delivered").await;
    assert_eq!((&done["attempts"], &done["lastStatus"]), (&3.into(), &200.into()));
    assert!(done["lastError"].is_null() && done["nextAt"].is_null());
    node.shutdown().await;
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_mended_address_is_tried_at_once() {
    let (node, _data, caller) = node().await;
    let mut elsewhere = Receiver::kind().await;
    let (to, statuses) = (elsewhere.url(), [301, 302, 307, 308]);
    let mut receiver =
        Receiver::new(move |number| Reply::Redirect(statuses[number % statuses.len()], to.clone()))
            .await;
    let hook = hook_to(&caller, &receiver).await;
    let (_host, _key) = open(&node, "room").await;
    for _ in 0..3 {
        assert_eq!(receiver.next_event().await.2, 1);
    }
    let waiting = oldest(&caller, &hook, |found| found["attempts"] == 3).await;
    assert!(waiting["lastError"].as_str().unwrap().contains("redirects"));
    assert_eq!(waiting["lastStatus"], 307);
    elsewhere.assert_silent();
    let change = json!({"url": elsewhere.url()});
    api::body(&caller.json("PATCH", &path(&hook), change).await, 200);
    assert_eq!(elsewhere.next_event().await, ("room.opened".into(), "room".into(), 1));
    assert_eq!(elsewhere.next_event().await.2, 2);
    node.shutdown().await;
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off_and_taken_for_what_its_status_says() {
    let (node, _data, caller) = node().await;
    let mut receiver = Receiver::new(|_| Reply::Flood).await;
    let hook = hook_to(&caller, &receiver).await;
    let (_host, _key) = open(&node, "room").await;
    assert_eq!(receiver.next_event().await.2, 1);
    assert_eq!(receiver.next_event().await.2, 2);
    let done = oldest(&caller, &hook, |found| found["state"] == "delivered").await;
    assert_eq!((&done["attempts"], &done["lastStatus"]), (&1.into(), &200.into()));
    node.shutdown().await;
}

#[tokio::test]
async fn a_webhook_hears_the_rooms_and_types_that_it_wants() {
    let (node, _data, caller) = node().await;
    let mut receiver = Receiver::kind().await;
    let wish =
        json!({"url": receiver.url(), "events": ["participant.joined"], "rooms": [" a ", "b"]});
    let hook = hook(&caller, wish).await;
    assert_eq!(hook["rooms"], json!(["a", "b"]));
    for name in ["c", "a", "b"] {
        let (_host, _key) = open(&node, name).await;
    }
    let mut told = [receiver.next_event().await, receiver.next_event().await];
    told.sort();
    let joined = |room: &str| ("participant.joined".to_owned(), room.to_owned(), 1);
    assert_eq!(told, [joined("a"), joined("b")]);
    receiver.assert_silent();
    node.shutdown().await;
}

#[tokio::test]
async fn a_room_that_the_api_opens_and_ends_is_told_though_nobody_came() {
    let (node, _data, caller) = node().await;
    let mut receiver = Receiver::kind().await;
    hook_to(&caller, &receiver).await;
    api::body(&caller.post("/rooms", json!({"name": "room"})).await, 201);
    assert_eq!(receiver.next_event().await, ("room.opened".into(), "room".into(), 1));
    assert_eq!(caller.delete("/rooms/room").await.status, 204);
    assert_eq!(receiver.next_event().await, ("room.ended".into(), "room".into(), 2));
    node.shutdown().await;
}
