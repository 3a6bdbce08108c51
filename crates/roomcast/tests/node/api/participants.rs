//! Participants, publications and sessions by the API.

use serde_json::{Value, json};

use super::{body, node, refusal, refused};
use crate::support::{Client, enter, join, open};

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["participant"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn participants_are_listed_in_pages_in_the_order_of_arrival() {
    let (node, _data, caller) = node().await;
    let (_host, key) = open(&node, "room").await;
    let mut viewers = Vec::new();
    for _ in 0..4 {
        viewers.push(enter(&node, "room").await);
    }
    let caller = caller.with(&key);
    let all = body(&caller.get("/rooms/room/participants").await, 200);
    assert_eq!((ids(&all).len(), &all["next"]), (5, &Value::Null));
    let first = &all["items"][0];
    assert_eq!((&first["role"], &first["client"]), (&json!("host"), &json!("page")));
    assert_eq!((&first["connected"], &first["grants"]["moderate"]), (&json!(true), &json!(true)));

    let page = body(&caller.get("/rooms/room/participants?limit=3").await, 200);
    let next = page["next"].as_str().unwrap();
    let rest = body(&caller.get(&format!("/rooms/room/participants?after={next}")).await, 200);
    assert_eq!([ids(&page), ids(&rest)].concat(), ids(&all));
    let gone = caller.get("/rooms/room/participants?after=nobody").await;
    assert_eq!(refusal(&gone), refused(404, "participant-unknown"));
    node.shutdown().await;
}

#[tokio::test]
async fn a_participant_is_brought_on_stage_silenced_and_removed() {
    let (node, _data, caller) = node().await;
    let (_host, _key) = open(&node, "room").await;
    let mut viewer = Client::connect(&node).await;
    viewer.say(join("room", "Viewer")).await;
    let id = viewer.hear_type("welcome").await["participant"].as_str().unwrap().to_owned();
    let path = format!("/rooms/room/participants/{id}");

    let change = json!({"role": "speaker", "silenced": true});
    let changed = body(&caller.json("PATCH", &path, change).await, 200);
    assert_eq!((&changed["role"], &changed["silenced"]), (&json!("speaker"), &json!(true)));
    let chat = json!({"type": "chat", "id": 2, "text": "hello"});
    assert_eq!(viewer.refused(chat).await, "silenced");
    let changed = body(&caller.json("PATCH", &path, json!({"role": "viewer"})).await, 200);
    assert_eq!((&changed["role"], &changed["silenced"]), (&json!("viewer"), &json!(true)));
    assert_eq!(body(&caller.get(&path).await, 200), changed);

    assert_eq!(caller.delete(&path).await.status, 204);
    assert_eq!(viewer.hear_goodbye().await, "removed");
    for response in [caller.get(&path).await, caller.delete(&path).await] {
        assert_eq!(refusal(&response), refused(404, "participant-unknown"));
    }
    node.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_changed_about_a_participant_is_refused() {
    let (node, _data, caller) = node().await;
    let (_host, key) = open(&node, "room").await;
    let host = &ids(&body(&caller.get("/rooms/room/participants").await, 200))[0];
    let path = format!("/rooms/room/participants/{host}");
    for bad in [json!({"role": "host"}), json!({"role": 1}), json!({"name": "x"}), json!([])] {
        let response = caller.json("PATCH", &path, bad.clone()).await;
        assert_eq!(refusal(&response), refused(400, "malformed"), "{bad}");
    }
    // A host's place is theirs by their key.
    let down = caller.json("PATCH", &path, json!({"role": "viewer"})).await;
    assert_eq!(refusal(&down), refused(403, "forbidden"));
    let unknown = "/rooms/room/participants/nobody";
    let response = caller.json("PATCH", unknown, json!({"silenced": true})).await;
    assert_eq!(refusal(&response), refused(404, "participant-unknown"));
    let nowhere = caller.get("/rooms/none/participants").await;
    assert_eq!(refusal(&nowhere), refused(404, "room-unknown"));
    let elsewhere = caller.with(&key).get("/rooms/none/participants").await;
    assert_eq!(refusal(&elsewhere), refused(403, "host-key-invalid"));
    node.shutdown().await;
}

#[tokio::test]
async fn publications_are_listed_and_muted() {
    let (node, _data, caller) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    let tracks = json!([{"source": "camera"}, {"source": "microphone", "muted": true}]);
    host.say(json!({"type": "announce", "id": 2, "tracks": tracks})).await;
    host.hear_type("ok").await;
    let listed = body(&caller.get("/rooms/room/publications").await, 200);
    let id = ids(&listed)[0].clone();
    let seen = |listed: &Value| {
        let items = listed["items"].as_array().unwrap().clone();
        let word =
            |item: &Value| format!("{} {} {}", item["source"], item["muted"], item["mutedByHost"]);
        items.iter().map(word).collect::<Vec<_>>()
    };
    assert_eq!(seen(&listed), [r#""camera" false false"#, r#""microphone" true false"#]);

    let path = format!("/rooms/room/participants/{id}/publications/camera");
    for _ in 0..2 {
        let response = caller.json("PUT", &path, json!({"muted": true})).await;
        assert_eq!((response.status, response.body.as_str()), (204, ""));
    }
    let listed = body(&caller.get("/rooms/room/publications").await, 200);
    assert_eq!(seen(&listed)[0], r#""camera" false true"#);

    let screen = path.replace("camera", "screen");
    let response = caller.json("PUT", &screen, json!({"muted": true})).await;
    assert_eq!(refusal(&response), refused(404, "publication-unknown"));
    let unknown = path.replace("camera", "telescope");
    let response = caller.json("PUT", &unknown, json!({"muted": true})).await;
    assert_eq!(refusal(&response), refused(400, "malformed"));
    node.shutdown().await;
}
