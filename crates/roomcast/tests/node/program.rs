//! The program itself: what it prints, how it exits, and what outlives its being killed.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::net::TcpStream;

use crate::support::{Client, opening};

pub(crate) fn roomcast() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roomcast"));
    for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("ROOMCAST_")) {
        command.env_remove(variable);
    }
    command
}

#[test]
fn help_and_version_are_told() {
    let help = roomcast().arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for part in ["Network:", "Files:", "Limits:", "Examples:", "--listen", "--public-address"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let version = roomcast().arg("--version").output().unwrap();
    assert!(String::from_utf8(version.stdout).unwrap().starts_with("roomcast "));
}

#[test]
fn a_start_that_fails_says_one_line_and_exits_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = roomcast()
        .args(["--listen", &taken.local_addr().unwrap().to_string(), "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("roomcast: port "), "{said}");
}

#[test]
fn the_configuration_is_printed_with_flags_and_variables_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roomcast.toml");
    std::fs::write(&file, "max-rooms = 7\nmax-participants = 8\nshards = 3\n").unwrap();
    let output = roomcast()
        .args(["config", "--max-rooms", "9", "--config"])
        .arg(&file)
        .env("ROOMCAST_MAX_PARTICIPANTS", "10")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in ["max-rooms = 9", "max-participants = 10", "shards = 3", "# tls-key = \"\""] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
}

#[cfg(unix)]
#[test]
fn the_program_announces_itself_and_ends_at_a_signal_with_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = roomcast()
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("Roomcast "));
    let link = lines.find(|line| line.contains("http://localhost:")).unwrap();
    assert!(link.contains("Open on this machine"), "{link}");
    lines.find(|line| line.contains("Ctrl-C")).expect("how to stop");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Starts the program on a chosen port and waits until it serves.
fn started(data: &Path) -> (Child, SocketAddr) {
    let mut child = roomcast()
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let link = lines.find(|line| line.contains("http://localhost:")).unwrap();
    let port = link.rsplit(':').next().unwrap().trim().parse().unwrap();
    (child, SocketAddr::from(([127, 0, 0, 1], port)))
}

#[tokio::test]
async fn a_host_key_outlives_a_node_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, address) = started(folder.path());
    let mut host = Client::at(TcpStream::connect(address).await.unwrap(), address).await.unwrap();
    host.say(opening("room")).await;
    let key = host.hear_type("welcome").await["hostKey"].clone();
    child.kill().unwrap();
    child.wait().unwrap();

    let (mut child, address) = started(folder.path());
    let mut host = Client::at(TcpStream::connect(address).await.unwrap(), address).await.unwrap();
    let mut again = opening("room");
    again["hostKey"] = key;
    host.say(again).await;
    assert_eq!(host.hear_type("welcome").await["role"], "host");
    child.kill().unwrap();
    child.wait().unwrap();
}
