use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use roomcast::Node;
use tokio::net::TcpStream;

use super::receiver::{Receiver, Reply};
use super::{deliveries, hook_to, oldest};
use crate::api::{self, Caller};
use crate::program::roomcast;
use crate::support::{Client, config, open, opening};

/// The program; killed when the test is over, however it ends.
struct Running(Child);

impl Running {
    /// Kills it, and waits until it is gone.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program. Who uses its API has this key, or the one that the first start prints.
fn started(data: &Path, key: Option<&str>) -> (Running, Caller) {
    let mut child = roomcast()
        .args(["--listen", "127.0.0.1:0", "--webhook-allow", "127.0.0.0/8", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let running = Running(child);
    let link = lines.find(|line| line.contains("http://localhost:")).unwrap();
    let port = link.rsplit(':').next().unwrap().trim().parse().unwrap();
    let printed = || lines.find_map(|line| Some(line.get(line.find("rck_")?..)?.trim().to_owned()));
    let bearer = key.map(str::to_owned).or_else(printed);
    (running, Caller { address: SocketAddr::from(([127, 0, 0, 1], port)), bearer })
}

#[tokio::test]
async fn what_waits_outlives_a_node_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let well = Arc::new(AtomicBool::new(false));
    let is_well = Arc::clone(&well);
    let status = move || if is_well.load(Ordering::SeqCst) { 204 } else { 500 };
    let mut receiver = Receiver::new(move |_| Reply::Status(status())).await;

    let (mut running, caller) = started(folder.path(), None);
    let hook = hook_to(&caller, &receiver).await;
    let stream = TcpStream::connect(caller.address).await.unwrap();
    let mut host = Client::at(stream, caller.address).await.unwrap();
    host.say(opening("room")).await;
    host.hear_type("welcome").await;
    let before = receiver.next().await;
    oldest(&caller, &hook, |found| found["attempts"].as_u64() >= Some(1)).await;
    assert_eq!(deliveries(&caller, &hook).await.len(), 2);
    running.kill();

    well.store(true, Ordering::SeqCst);
    let (_running, caller) = started(folder.path(), caller.bearer.as_deref());
    let mut after = receiver.next().await;
    // Tries of the first run that the receiver had not answered yet.
    while after.json()["number"] == 1 {
        assert_eq!(after.body(), before.body());
        after.assert_genuine(hook["secret"].as_str().unwrap());
        after = receiver.next().await;
    }
    assert_eq!(after.json()["type"], "participant.joined");
    let first = oldest(&caller, &hook, |found| found["state"] == "delivered").await;
    assert_eq!(first["id"], before.json()["id"]);
}

#[tokio::test]
async fn a_node_that_goes_down_tells_afterwards_who_left() {
    let folder = tempfile::tempdir().unwrap();
    let config = || {
        let mut config = config(folder.path());
        config.webhook_allow = vec!["127.0.0.0/8".parse().unwrap()];
        config
    };
    let mut receiver = Receiver::kind().await;
    let node = Node::start(config()).await.unwrap();
    let caller = api::admin(&node);
    let hook = hook_to(&caller, &receiver).await;
    let (_host, _key) = open(&node, "room").await;
    assert_eq!(receiver.next_event().await.2, 1);
    assert_eq!(receiver.next_event().await.2, 2);
    node.shutdown().await;

    let node = Node::start(config()).await.unwrap();
    let mut left = receiver.next().await;
    // The node went down before it noted the answer.
    while left.json()["number"] == 2 {
        left = receiver.next().await;
    }
    left.assert_genuine(hook["secret"].as_str().unwrap());
    let event = left.json();
    assert_eq!((&event["number"], &event["cause"]), (&3.into(), &"shutting-down".into()));
    assert_eq!(event["type"], "participant.left");
    node.shutdown().await;
}
