//! Requests of a wrong form, and those that are made twice.

use serde_json::json;

use super::{body, node, refusal, refused};

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    let (node, _data, caller) = node().await;
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(65 * 1024));
    for (headers, sent, status, code) in [
        ("", r#"{"name": "a"}"#, 415, "media-type-unsupported"),
        ("content-type: text/plain\r\n", r#"{"name": "a"}"#, 415, "media-type-unsupported"),
        (JSON, "", 400, "malformed"),
        (JSON, "{", 400, "malformed"),
        (JSON, "[]", 400, "malformed"),
        (JSON, large.as_str(), 413, "too-large"),
    ] {
        let response = caller.send("POST", "/rooms", headers, sent).await;
        assert_eq!(refusal(&response), refused(status, code), "{headers} {:.20}", sent);
    }
    node.shutdown().await;
}

#[tokio::test]
async fn what_there_is_not_is_refused_in_json() {
    let (node, _data, caller) = node().await;
    assert_eq!(refusal(&caller.get("/nothing").await), refused(404, "not-found"));
    assert_eq!(refusal(&caller.get("/rooms/%FF").await), refused(400, "malformed"));
    assert_eq!(refusal(&caller.get("/rooms/%00").await), refused(400, "name-invalid"));
    let response = caller.send("PUT", "/rooms", JSON, "{}").await;
    assert_eq!(refusal(&response), refused(405, "method-not-allowed"));
    let allowed = response.header("allow").unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    node.shutdown().await;
}

#[tokio::test]
async fn a_bearer_that_is_none_is_refused() {
    let (node, _data, caller) = node().await;
    let forged = "rck_0123456789abcdef_0123456789abcdef";
    assert_eq!(refusal(&caller.with(forged).get("/server").await), refused(403, "key-invalid"));
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.";
    assert_eq!(refusal(&caller.with(unsigned).get("/server").await), refused(401, "token-invalid"));
    let response =
        caller.nobody().send("GET", "/server", "authorization: Basic YTpi\r\n", "").await;
    assert_eq!(refusal(&response), refused(401, "token-invalid"));
    node.shutdown().await;
}

#[tokio::test]
async fn with_an_idempotency_key_nothing_is_made_twice() {
    let (node, _data, caller) = node().await;
    let headers = format!("{JSON}idempotency-key: 1\r\n");
    let make = async |caller: &super::Caller, name: &str| {
        let wish = json!({"name": name}).to_string();
        caller.send("POST", "/api-keys", &headers, &wish).await
    };
    let first = body(&make(&caller, "backend").await, 201);
    assert_eq!(body(&make(&caller, "backend").await, 201), first, "with its secret");
    let other = make(&caller, "other").await;
    assert_eq!(refusal(&other), refused(409, "already-exists"));
    // The keys of another bearer are another's.
    let second = caller.with(first["key"].as_str().unwrap());
    assert_ne!(body(&make(&second, "backend").await, 201), first);
    let listed = body(&caller.get("/api-keys").await, 200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 3, "the first, and two more");
    let path = format!("/api-keys/{}", first["id"].as_str().unwrap());
    assert_eq!(caller.delete(&path).await.status, 204);
    let revoked = make(&second, "backend").await;
    assert_eq!(refusal(&revoked), refused(403, "key-invalid"));
    node.shutdown().await;
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again_with_the_same_key() {
    let (node, _data, caller) = node().await;
    let headers = format!("{JSON}idempotency-key: 1\r\n");
    let refusing = caller.nobody().send("POST", "/rooms", &headers, r#"{"name": "a"}"#).await;
    assert_eq!(refusing.status, 401);
    let bad = caller.send("POST", "/rooms", &headers, "{").await;
    assert_eq!(bad.status, 400);
    let made = caller.send("POST", "/rooms", &headers, r#"{"name": "a"}"#).await;
    let again = caller.send("POST", "/rooms", &headers, r#"{"name": "a"}"#).await;
    assert_eq!((made.status, again.status), (201, 201));
    assert_eq!(made.body, again.body);
    let wrong = format!("{JSON}idempotency-key: {}\r\n", "x".repeat(129));
    let response = caller.send("POST", "/rooms", &wrong, r#"{"name": "b"}"#).await;
    assert_eq!(refusal(&response), refused(400, "malformed"));
    node.shutdown().await;
}
