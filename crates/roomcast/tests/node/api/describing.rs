//! The description of the API, and the page that shows it.

use serde_json::Value;

use super::{body, node};
use crate::support::get;

#[tokio::test]
async fn the_api_describes_itself_and_each_refusal() {
    let (node, _data, caller) = node().await;
    let description = body(&caller.nobody().get("/openapi.json").await, 200);
    assert_eq!(description["servers"][0]["url"], "/api/v1");
    let mut operations = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations += 1;
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
            for status in ["400", "401", "403", "429", "500", "503"] {
                let refusal = &responses[status]["content"]["application/json"]["schema"];
                assert_eq!(refusal["$ref"], "#/components/schemas/Error", "{method} {path}");
            }
            let in_path = path.matches('{').count();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let told = parameters.filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(in_path, told, "{method} {path}");
        }
    }
    assert!(operations >= 20, "{operations}");
    assert_no_dangling(&description, &description);
    node.shutdown().await;
}

/// Every reference leads to something.
fn assert_no_dangling(description: &Value, part: &Value) {
    match part {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                let pointer = reference.trim_start_matches('#');
                assert!(description.pointer(pointer).is_some(), "{reference}");
            }
            object.values().for_each(|value| assert_no_dangling(description, value));
        }
        Value::Array(array) => {
            array.iter().for_each(|value| assert_no_dangling(description, value))
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_page_of_the_api_is_served_under_a_strict_policy() {
    let (node, _data, _caller) = node().await;
    let page = get(node.address(), "/api").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("/api.js\""));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    node.shutdown().await;
}
