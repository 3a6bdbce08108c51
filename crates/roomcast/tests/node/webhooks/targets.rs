use serde_json::json;

use super::hook;
use crate::api::{self, refusal, refused};
use crate::support;

#[tokio::test]
async fn a_target_in_a_private_network_is_refused_unless_it_is_allowed() {
    let (node, _data, caller) = api::node().await;
    for url in [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://192.0.2.1/",
        "http://0.0.0.0/",
        "https://a-name-that-there-is-not.invalid/",
    ] {
        let response = caller.post("/webhooks", json!({"url": url})).await;
        assert_eq!(refusal(&response), refused(400, "webhook-target"), "{url}");
    }
    node.shutdown().await;
}

#[tokio::test]
async fn what_is_allowed_is_all_that_is_allowed_also_when_a_webhook_is_changed() {
    let (node, _data) = support::node_with(|config| {
        config.webhook_allow = vec!["127.0.0.2".parse().unwrap(), "fd00::/8".parse().unwrap()];
    })
    .await;
    let caller = api::admin(&node);
    let made = hook(&caller, json!({"url": "http://127.0.0.2:9/"})).await;
    hook(&caller, json!({"url": "http://[fd00::1]:9/"})).await;
    let one = super::path(&made);
    for url in ["http://127.0.0.1:9/", "http://127.0.0.3/", "nonsense"] {
        let response = caller.post("/webhooks", json!({"url": url})).await;
        assert_eq!(refusal(&response), refused(400, "webhook-target"), "{url}");
        let response = caller.json("PATCH", &one, json!({"url": url})).await;
        assert_eq!(refusal(&response), refused(400, "webhook-target"), "{url}");
    }
    assert_eq!(api::body(&caller.get(&one).await, 200)["url"], "http://127.0.0.2:9/");
    node.shutdown().await;
}
