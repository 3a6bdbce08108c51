use serde_json::json;

use super::receiver::{Receiver, Reply};
use super::{deliveries, hook, hook_to, node, oldest, path};
use crate::api::{self, refusal, refused};
use crate::support::{enter, open};

#[tokio::test]
async fn a_webhook_is_made_listed_changed_and_removed_and_its_secret_is_told_once() {
    let (node, _data, caller) = node().await;
    let made = hook(&caller, json!({"url": "http://127.0.0.1:9/#part"})).await;
    assert_eq!(made["url"], "http://127.0.0.1:9/");
    assert_eq!(made["events"].as_array().unwrap().len(), 6);
    assert_eq!(made["secret"].as_str().unwrap().len(), 64);
    assert_eq!((&made["enabled"], &made["rooms"]), (&true.into(), &json!([])));

    let list = api::body(&caller.get("/webhooks").await, 200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert!(list["items"][0]["secret"].is_null());
    let found = api::body(&caller.get(&path(&made)).await, 200);
    assert_eq!((&found["id"], &found["secret"]), (&made["id"], &json!(null)));

    let change = json!({"enabled": false, "events": ["room.ended"], "rooms": ["a"]});
    let changed = api::body(&caller.json("PATCH", &path(&made), change).await, 200);
    assert_eq!((&changed["enabled"], &changed["url"]), (&false.into(), &made["url"]));
    assert_eq!((&changed["events"], &changed["rooms"]), (&json!(["room.ended"]), &json!(["a"])));
    let back = json!({"events": [], "rooms": []});
    let changed = api::body(&caller.json("PATCH", &path(&made), back).await, 200);
    assert_eq!(changed["events"].as_array().unwrap().len(), 6);

    assert_eq!(caller.delete(&path(&made)).await.status, 204);
    let gone = refused(404, "not-found");
    assert_eq!(refusal(&caller.get(&path(&made)).await), gone);
    assert_eq!(refusal(&caller.delete(&path(&made)).await), gone);
    assert_eq!(refusal(&caller.json("PATCH", &path(&made), json!({})).await), gone);
    let deliveries = format!("{}/deliveries", path(&made));
    assert_eq!(refusal(&caller.get(&deliveries).await), gone);
    let again = format!("{deliveries}/0/send");
    assert_eq!(refusal(&caller.send("POST", &again, "", "").await), gone);
    node.shutdown().await;
}

#[tokio::test]
async fn webhooks_are_the_business_of_the_nodes_operators_alone() {
    let (node, _data, caller) = node().await;
    let (_host, key) = open(&node, "room").await;
    let made = hook(&caller, json!({"url": "http://127.0.0.1:9/"})).await;
    let (one, deliveries) = (path(&made), format!("{}/deliveries", path(&made)));
    for other in [caller.nobody(), caller.with(&key)] {
        let wish = json!({"url": "http://127.0.0.1:9/"});
        for response in [
            other.get("/webhooks").await,
            other.post("/webhooks", wish).await,
            other.get(&one).await,
            other.json("PATCH", &one, json!({"enabled": false})).await,
            other.delete(&one).await,
            other.get(&deliveries).await,
            other.send("POST", &format!("{deliveries}/0/send"), "", "").await,
        ] {
            assert_eq!(response.status, 401, "{}", response.body);
        }
    }
    let wish = json!({"room": "room", "role": "host"});
    let made = api::body(&caller.post("/tokens", wish).await, 201);
    let moderator = caller.with(made["token"].as_str().unwrap());
    assert_eq!(refusal(&moderator.delete(&one).await), refused(403, "forbidden"));
    let kept = api::body(&caller.get(&one).await, 200);
    assert_eq!(kept["enabled"], true);
    node.shutdown().await;
}

#[tokio::test]
async fn a_wish_that_cannot_be_is_refused_and_changes_nothing() {
    let (node, _data, caller) = node().await;
    let url = "http://127.0.0.1:9/";
    let many: Vec<String> = (0..101).map(|number| format!("room {number}")).collect();
    for (wish, code) in [
        (json!({}), "malformed"),
        (json!({"url": 7}), "malformed"),
        (json!({"url": url, "event": []}), "malformed"),
        (json!({"url": url, "events": ["room.painted"]}), "malformed"),
        (json!({"url": url, "rooms": many}), "malformed"),
        (json!({"url": url, "rooms": [""]}), "name-invalid"),
        (json!({"url": "example.org"}), "webhook-target"),
        (json!({"url": "ftp://127.0.0.1/"}), "webhook-target"),
        (json!({"url": "http://user:word@127.0.0.1/"}), "webhook-target"),
        (json!({"url": format!("http://127.0.0.1/{}", "x".repeat(2_048))}), "webhook-target"),
    ] {
        let response = caller.post("/webhooks", wish.clone()).await;
        assert_eq!(refusal(&response), refused(400, code), "{wish}");
    }
    let list = api::body(&caller.get("/webhooks").await, 200);
    assert_eq!(list["items"], json!([]));
    node.shutdown().await;
}

#[tokio::test]
async fn a_node_has_a_hundred_webhooks_at_most() {
    let (node, _data, caller) = node().await;
    let wish = json!({"url": "http://127.0.0.1:9/"});
    let first = hook(&caller, wish.clone()).await;
    for _ in 1..100 {
        hook(&caller, wish.clone()).await;
    }
    let full = caller.post("/webhooks", wish.clone()).await;
    assert_eq!(refusal(&full), refused(503, "node-full"));
    assert_eq!(caller.delete(&path(&first)).await.status, 204);
    hook(&caller, wish).await;
    node.shutdown().await;
}

#[tokio::test]
async fn a_delivery_is_sent_again_as_it_was() {
    let (node, _data, caller) = node().await;
    let mut receiver = Receiver::kind().await;
    let hook = hook_to(&caller, &receiver).await;
    let (_host, _key) = open(&node, "room").await;
    let first = receiver.next().await;
    receiver.next().await;
    let done = oldest(&caller, &hook, |found| found["state"] == "delivered").await;
    let again = format!("{}/deliveries/{}/send", path(&hook), done["id"].as_str().unwrap());
    assert_eq!(caller.send("POST", &again, "", "").await.status, 202);
    assert_eq!(receiver.next().await.body(), first.body());
    oldest(&caller, &hook, |found| found["attempts"] == 2 && found["state"] == "delivered").await;
    let unknown = format!("{}/deliveries/0/send", path(&hook));
    let response = caller.send("POST", &unknown, "", "").await;
    assert_eq!(refusal(&response), refused(404, "not-found"));
    node.shutdown().await;
}

#[tokio::test]
async fn one_that_waits_for_its_pause_is_sent_at_once_when_asked_for() {
    let (node, _data, caller) = node().await;
    let mut receiver =
        Receiver::new(|number| Reply::Status(if number < 4 { 500 } else { 204 })).await;
    let hook = hook_to(&caller, &receiver).await;
    let (_host, _key) = open(&node, "room").await;
    for _ in 0..4 {
        receiver.next().await;
    }
    // By now the pause is eight seconds.
    let waiting = oldest(&caller, &hook, |found| found["attempts"] == 4).await;
    let again = format!("{}/deliveries/{}/send", path(&hook), waiting["id"].as_str().unwrap());
    assert_eq!(caller.send("POST", &again, "", "").await.status, 202);
    assert_eq!(receiver.next_event().await.2, 1);
    let done = oldest(&caller, &hook, |found| found["state"] == "delivered").await;
    assert_eq!(done["attempts"], 5);
    node.shutdown().await;
}

#[tokio::test]
async fn a_webhook_that_is_switched_off_hears_nothing_until_it_is_on_again() {
    let (node, _data, caller) = node().await;
    let mut receiver = Receiver::kind().await;
    let hook = hook_to(&caller, &receiver).await;
    let (_host, _key) = open(&node, "room").await;
    receiver.next().await;
    receiver.next().await;
    let set = async |enabled: bool| {
        let change = json!({"enabled": enabled});
        api::body(&caller.json("PATCH", &path(&hook), change).await, 200)
    };
    set(false).await;
    let _unheard = enter(&node, "room").await;
    set(true).await;
    let _heard = enter(&node, "room").await;
    assert_eq!(receiver.next_event().await, ("participant.joined".into(), "room".into(), 3));
    receiver.assert_silent();
    node.shutdown().await;
}

#[tokio::test]
async fn deliveries_are_listed_in_pages_the_newest_first() {
    let (node, _data, caller) = node().await;
    let mut receiver = Receiver::kind().await;
    let hook = hook_to(&caller, &receiver).await;
    let (_host, _key) = open(&node, "room").await;
    let _viewer = enter(&node, "room").await;
    for _ in 0..3 {
        receiver.next().await;
    }
    assert_eq!(deliveries(&caller, &hook).await.len(), 3);
    let list = format!("{}/deliveries", path(&hook));
    let first = api::body(&caller.get(&format!("{list}?limit=2")).await, 200);
    let numbers = |page: &serde_json::Value| {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&first), [3, 2]);
    let next = first["next"].as_str().unwrap();
    let rest = api::body(&caller.get(&format!("{list}?limit=2&after={next}")).await, 200);
    assert_eq!((numbers(&rest), &rest["next"]), (vec![1], &json!(null)));
    for wrong in ["limit=0", "limit=201", "after=x", "limit=x"] {
        let response = caller.get(&format!("{list}?{wrong}")).await;
        assert_eq!(refusal(&response), refused(400, "malformed"), "{wrong}");
    }
    node.shutdown().await;
}
