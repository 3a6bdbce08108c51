//! What clients say about the quality of pictures, and what operators read of it.

use serde_json::{Value, json};

use crate::support::{enter, get, node, open};

fn prefer(id: u32, pictures: &Value) -> Value {
    json!({"type": "prefer", "id": id, "pictures": pictures})
}

#[tokio::test]
async fn preferences_that_cannot_be_are_refused_and_the_connection_goes_on() {
    let (node, _data) = node().await;
    let (_host, _key) = open(&node, "room").await;
    let mut viewer = enter(&node, "room").await;
    let many: Vec<Value> = (0..33).map(|id| json!({"publication": id})).collect();
    for bad in [
        json!(many),
        json!([{"publication": 1}, {"publication": 1}]),
        json!([{"publication": -1}]),
        json!([{"publication": "1"}]),
        json!([{"publication": 1, "quality": "best"}]),
        json!([{"publication": 1, "width": 65_536}]),
        json!([{"publication": 1, "height": -1}]),
        json!([{"quality": "low"}]),
        json!({}),
    ] {
        assert_eq!(viewer.refused(prefer(2, &bad)).await, "malformed", "{bad}");
    }
    let unknown = json!([{"publication": 1, "quality": "paused", "width": 1, "height": 65_535}]);
    viewer.say(prefer(3, &unknown)).await;
    assert_eq!(viewer.hear_type("ok").await["re"], 3);
    node.shutdown().await;
}

#[tokio::test]
async fn preferences_have_a_rate_of_their_own() {
    let (node, _data) = node().await;
    let (_host, _key) = open(&node, "room").await;
    let mut viewer = enter(&node, "room").await;
    for id in 0..AT_ONCE {
        viewer.say(prefer(100 + id, &json!([]))).await;
    }
    let (mut taken, mut refused) = (Vec::new(), 0);
    while taken.len() + refused < AT_ONCE as usize {
        let answer = viewer.hear().await.expect("an open connection");
        match answer["type"].as_str() {
            Some("ok") => taken.push(answer["re"].as_u64().unwrap()),
            Some("error") => {
                assert_eq!(answer["code"], "rate-limited");
                refused += 1;
            }
            _ => {}
        }
    }
    assert_eq!(taken[..20], (100..120).collect::<Vec<_>>());
    assert!(refused > 0, "{taken:?}");
    viewer.say(json!({"type": "chat", "id": 2, "text": "still here"})).await;
    assert_eq!(viewer.hear_type("ok").await["re"], 2);
    node.shutdown().await;
}

/// Far more than may be sent at once, and less than the connection may say in all.
const AT_ONCE: u32 = 200;

#[tokio::test]
async fn layers_that_cannot_be_are_refused() {
    let (node, _data) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    let layer = |rid: &str, bitrate: i64| json!({"rid": rid, "bitrate": bitrate});
    for bad in [
        json!([layer("q", 1), layer("q", 2)]),
        json!([layer("a", 1), layer("b", 1), layer("c", 1), layer("d", 1)]),
        json!([layer("", 1)]),
        json!([layer("a;b", 1)]),
        json!([layer("q", 0)]),
        json!([layer("q", -1)]),
        json!([layer("q", 4_294_967_296)]),
        json!([{"rid": "q"}]),
        json!([{"rid": "q", "bitrate": 1, "width": 65_536}]),
        json!("q"),
    ] {
        let track = json!({"mid": "0", "source": "camera", "layers": bad});
        let publish = json!({"type": "publish", "id": 2, "sdp": "v=0", "tracks": [track]});
        assert_eq!(host.refused(publish.clone()).await, "malformed", "{publish}");
    }
    node.shutdown().await;
}

#[tokio::test]
async fn receivers_who_struggle_are_counted_without_a_label_for_each() {
    let (node, _data) = node().await;
    let (_host, _key) = open(&node, "room").await;
    let metrics = get(node.address(), "/metrics").await.body;
    for standing in ["limited", "poor"] {
        let line = format!("roomcast_struggling{{standing=\"{standing}\"}} 0");
        assert!(metrics.lines().any(|written| written == line), "{metrics}");
    }
    node.shutdown().await;
}
