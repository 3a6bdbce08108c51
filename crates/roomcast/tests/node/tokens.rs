//! Who comes in with tokens and keys, on a node that is closed and on one that is open.

use std::path::Path;
use std::process::{Command, Output};

use roomcast::config::{AuthConfig, AuthMode};
use roomcast::{Config, Node};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Client, config, get_with, join, node, node_with, open, opening};

fn closed(config: &mut Config) {
    config.auth = AuthConfig { mode: AuthMode::Tokens, ..AuthConfig::default() };
}

async fn closed_node() -> (Node, TempDir, String) {
    let (node, folder) = node_with(closed).await;
    let key = node.first_api_key().expect("the first start makes a key").to_owned();
    (node, folder, key)
}

/// `roomcast token` with these arguments.
fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roomcast"));
    for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("ROOMCAST_")) {
        command.env_remove(variable);
    }
    command.arg("token").args(arguments).output().unwrap()
}

/// The one line that it prints.
fn printed(arguments: &[&str]) -> String {
    let output = program(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1);
    text.trim().to_owned()
}

fn token(key: &str, room: &str, more: &[&str]) -> String {
    printed(&[&["--key", key, "--room", room], more].concat())
}

fn with_token(mut message: Value, token: &str) -> Value {
    message["token"] = token.into();
    message
}

#[tokio::test]
async fn a_closed_node_lets_nobody_in_without_a_token() {
    let (node, _data, _key) = closed_node().await;
    let mut stranger = Client::connect(&node).await;
    assert_eq!(stranger.refused(join("maths", "Ann")).await, "token-missing");
    assert_eq!(stranger.refused(opening("maths")).await, "token-missing");
    assert_eq!(stranger.refused(with_token(join("maths", "Ann"), "a.b.c")).await, "token-invalid");
    assert_eq!(stranger.refused(with_token(join("maths", "Ann"), "hello")).await, "token-invalid");
    let mut guess = join("maths", "Ann");
    guess["hostKey"] = "no-such-host-key".into();
    assert_eq!(stranger.refused(guess).await, "host-key-invalid");
    node.shutdown().await;
}

#[tokio::test]
async fn tokens_open_a_room_and_enter_it_as_they_say() {
    let (node, _data, key) = closed_node().await;
    let speaker = token(&key, "maths", &["--name", "Bob", "--role", "speaker"]);
    let mut early = Client::connect(&node).await;
    let wish = with_token(join("maths", "Zed"), &speaker);
    assert_eq!(early.refused(wish.clone()).await, "room-unknown");
    let mut opens = with_token(opening("maths"), &speaker);
    assert_eq!(early.refused(opens.clone()).await, "forbidden");

    opens["token"] = token(&key, "maths", &["--name", "Ann", "--role", "host"]).into();
    let mut host = Client::connect(&node).await;
    host.say(opens.clone()).await;
    let welcome = host.hear_type("welcome").await;
    assert_eq!(welcome["role"], "host");
    assert!(welcome["hostKey"].is_null(), "it would outlive the token");
    early.say(wish).await;
    let welcome = early.hear_type("welcome").await;
    assert_eq!(welcome["role"], "speaker");

    let mut other = Client::connect(&node).await;
    let physics = with_token(join("physics", "Ann"), opens["token"].as_str().unwrap());
    assert_eq!(other.refused(physics).await, "token-invalid");
    // A second host comes by token too, also if the page asks to open.
    opens["token"] = token(&key, "maths", &["--role", "host"]).into();
    other.say(opens).await;
    assert_eq!(other.hear_type("welcome").await["role"], "host");
    node.shutdown().await;
}

#[tokio::test]
async fn the_api_says_how_to_bring_a_bearer() {
    let (node, _data, key) = closed_node().await;
    let admin = crate::api::admin(&node);
    let nobody = admin.nobody().get("/rooms").await;
    assert_eq!((nobody.status, nobody.code().as_str()), (401, "token-missing"));
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    let bad = admin.with("a.b.c").get("/rooms").await;
    assert_eq!((bad.status, bad.code().as_str()), (401, "token-invalid"));
    assert_eq!(bad.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    let host = token(&key, "maths", &["--role", "host"]);
    assert_eq!(admin.with(&host).get("/rooms").await.code(), "forbidden");
    assert_eq!(admin.get("/rooms").await.status, 200);
    node.shutdown().await;
}

#[tokio::test]
async fn a_revoked_key_ends_its_tokens() {
    let (node, _data, key) = closed_node().await;
    let host = token(&key, "maths", &["--role", "host"]);
    let id = key.split('_').nth(1).unwrap();
    let admin = crate::api::admin(&node);
    assert_eq!(admin.delete(&format!("/api-keys/{id}")).await.status, 204);
    let mut late = Client::connect(&node).await;
    assert_eq!(late.refused(with_token(opening("maths"), &host)).await, "token-invalid");
    assert_eq!(late.refused(with_token(opening("maths"), &key)).await, "key-invalid");
    node.shutdown().await;
}

#[tokio::test]
async fn a_key_that_is_made_beside_a_running_node_counts_at_once() {
    let (node, data, _key) = closed_node().await;
    let folder = data.path().to_str().unwrap();
    let new = printed(&["--new-key", "school website", "--data", folder]);
    assert!(new.starts_with("rck_"), "{new}");
    let made_with_it = token(&new, "maths", &["--role", "host"]);
    let by_folder = printed(&["--room", "maths", "--role", "viewer", "--data", folder]);
    let mut host = Client::connect(&node).await;
    host.say(with_token(opening("maths"), &made_with_it)).await;
    assert_eq!(host.hear_type("welcome").await["role"], "host");
    let mut viewer = Client::connect(&node).await;
    viewer.say(with_token(join("maths", "Ann"), &by_folder)).await;
    assert_eq!(viewer.hear_type("welcome").await["role"], "viewer");
    node.shutdown().await;
}

#[tokio::test]
async fn on_an_open_node_a_token_adds_to_what_everyone_may() {
    let (node, _data) = node().await;
    let key = node.first_api_key().unwrap().to_owned();
    let (_host, host_key) = open(&node, "maths").await;
    let mut speaker = Client::connect(&node).await;
    let words = token(&key, "maths", &["--role", "speaker"]);
    speaker.say(with_token(join("maths", "Bob"), &words)).await;
    assert_eq!(speaker.hear_type("welcome").await["role"], "speaker");
    // A host key beside a token makes a host.
    let mut both = with_token(join("maths", "Ann"), &words);
    both["hostKey"] = host_key.into();
    let mut host = Client::connect(&node).await;
    host.say(both).await;
    assert_eq!(host.hear_type("welcome").await["role"], "host");
    let mut wrong = Client::connect(&node).await;
    assert_eq!(wrong.refused(with_token(join("maths", "Cid"), "a.b.c")).await, "token-invalid");
    node.shutdown().await;
}

#[tokio::test]
async fn the_first_key_is_told_at_the_first_start_alone() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(config(folder.path())).await.unwrap();
    let key = node.first_api_key().map(str::to_owned).expect("a key");
    node.shutdown().await;
    let node = Node::start(config(folder.path())).await.unwrap();
    assert_eq!(node.first_api_key(), None);
    let caller = crate::api::Caller { address: node.address(), bearer: Some(key) };
    assert_eq!(caller.get("/rooms").await.status, 200, "it goes on being good");
    node.shutdown().await;
}

#[test]
fn the_program_refuses_to_make_what_nobody_would_accept() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for (arguments, code) in [
        (vec!["--room", "maths"], 1),
        (vec!["--key", "rck_1_2", "--room", "maths"], 1),
        (vec!["--key", "rck_0123456789abcdef_00"], 1),
        (vec!["--room", "maths", "--role", "king"], 2),
        (vec!["--room", "maths", "--grant", "publish:sofa"], 2),
        (vec!["--room", "maths", "--expires", "never"], 2),
        (vec!["--room", "maths", "--new-key", "x"], 2),
    ] {
        let output = program(&[&arguments[..], &["--data", data]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
    assert!(is_empty(folder.path()), "nothing is made by failing");
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[tokio::test]
async fn pages_of_listed_sites_may_connect_and_others_may_not() {
    let listed = |config: &mut Config| {
        config.auth.cors = vec!["https://school.example".parse().unwrap()];
    };
    let (node, _data) = node_with(listed).await;
    let upgrade = |origin: &str| {
        format!(
            "origin: {origin}\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )
    };
    // Without `connection: upgrade` the handshake goes no further than the question of the origin.
    let own = get_with(node.address(), "/ws", &upgrade("https://school.example")).await;
    assert_ne!(own.status, 403);
    let other = get_with(node.address(), "/ws", &upgrade("https://other.example")).await;
    assert_eq!((other.status, other.code().as_str()), (403, "forbidden"));
    node.shutdown().await;
}
