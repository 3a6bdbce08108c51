//! The node by the API.

use serde_json::json;

use super::{body, node, refusal, refused};
use crate::support::{enter, eventually, open};

#[tokio::test]
async fn the_node_tells_how_it_stands() {
    let (node, _data, caller) = node().await;
    let (_host, _key) = open(&node, "room").await;
    let _viewer = enter(&node, "room").await;
    eventually("both are counted", async || {
        let server = body(&caller.get("/server").await, 200);
        server["participants"] == 2 && server["rooms"] == 1
    })
    .await;
    let server = body(&caller.get("/server").await, 200);
    assert_eq!(server["limits"]["rooms"], 1_000);
    assert!(server["traffic"]["bytesIn"].is_u64() && server["uptimeSeconds"].is_u64());
    let hour = body(&caller.get("/server/history").await, 200);
    assert_eq!(hour["every"], 10);
    assert!(hour["points"].is_array());
    for path in ["/server", "/server/history", "/server/troubles"] {
        assert_eq!(refusal(&caller.nobody().get(path).await), refused(401, "token-missing"));
    }
    node.shutdown().await;
}

#[tokio::test]
async fn why_connections_failed_is_told_newest_first() {
    let (node, _data, caller) = node().await;
    let (mut host, _key) = open(&node, "room").await;
    for (id, cause) in [(2, "no-udp"), (3, "turn-refused")] {
        let trouble =
            json!({"type": "media-trouble", "id": id, "where": "subscriber", "cause": cause});
        host.say(trouble).await;
        host.hear_type("ok").await;
    }
    let troubles = body(&caller.get("/server/troubles").await, 200);
    let first = &troubles["items"][0];
    assert_eq!((&first["cause"], &first["place"]), (&json!("turn-refused"), &json!("subscriber")));
    assert_eq!((&first["room"], first["at"].is_u64()), (&json!("room"), true));
    assert_eq!(troubles["items"][1]["cause"], "no-udp");
    node.shutdown().await;
}
