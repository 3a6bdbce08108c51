//! Starting and stopping: what goes wrong says so in one line.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use roomcast::{Config, Node, StartError};

use crate::support::{Client, config, enter, node, open};

/// Starts a node that must not start, and returns the one line that it says.
async fn refused(config: Config) -> (StartError, String) {
    let error = Node::start(config).await.unwrap_err();
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    (error, line)
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let (error, line) = refused(Config { listen, ..config(folder.path()) }).await;
    assert!(matches!(error, StartError::PortTaken(_)));
    assert!(line.contains(&listen.port().to_string()) && line.contains("--listen"), "{line}");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (error, line) = refused(config(&file.join("data"))).await;
    assert!(matches!(error, StartError::DataUnwritable { .. }));
    assert!(line.contains("file") && line.contains("--data"), "{line}");
}

#[tokio::test]
async fn data_of_a_newer_version_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roomcast.sqlite");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.pragma_update(None, "user_version", 1_000).unwrap();
    drop(database);
    let before = std::fs::read(&file).unwrap();
    let (error, line) = refused(config(folder.path())).await;
    assert!(matches!(error, StartError::DataNewer { .. }), "{line}");
    assert!(line.contains("newer version") && line.contains("--data"), "{line}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn a_data_folder_belongs_to_one_node() {
    let (node, data) = node().await;
    let (error, _) = refused(config(data.path())).await;
    assert!(matches!(error, StartError::DataInUse(_)));
    node.shutdown().await;
    Node::start(config(data.path())).await.unwrap().shutdown().await;
}

#[tokio::test]
async fn a_bad_certificate_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let cert = folder.path().join("mine.pem");
    std::fs::write(&cert, "nonsense").unwrap();
    let tls = Some(roomcast::config::TlsFiles { cert: cert.clone(), key: cert });
    let (_, line) = refused(Config { tls, ..config(folder.path()) }).await;
    assert!(line.contains("mine.pem") && line.contains("--tls-cert"), "{line}");
}

#[tokio::test]
async fn a_shutdown_says_goodbye_and_is_quick() {
    let (node, _data) = node().await;
    let address = node.address();
    let (mut host, _key) = open(&node, "room").await;
    let mut viewer = enter(&node, "room").await;
    let mut stranger = Client::connect(&node).await;
    let start = Instant::now();
    let ((), host, viewer, stranger) = tokio::join!(
        node.shutdown(),
        host.hear_goodbye(),
        viewer.hear_goodbye(),
        stranger.hear_goodbye()
    );
    assert_eq!((host.as_str(), viewer.as_str()), ("shutting-down", "shutting-down"));
    assert_eq!(stranger, "shutting-down");
    // Its own limits, and not the speed of this machine, keep it below this.
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "the port is free");
}
