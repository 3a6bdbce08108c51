//! Runs the program and reads what it says, and the form of that.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program, undisturbed by the environment of the tests.
pub(crate) fn roomcast() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roomcast"));
    for (variable, _) in std::env::vars().filter(|(name, _)| name.starts_with("ROOMCAST_")) {
        command.env_remove(variable);
    }
    command
}

/// A loopback address whose port is free, TCP and UDP.
pub(crate) fn free_address() -> SocketAddr {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}

/// What the doctor found, by id.
pub(crate) struct Found {
    pub(crate) code: Option<i32>,
    pub(crate) json: Value,
}

impl Found {
    fn finding(&self, id: &str) -> &Value {
        let findings = self.json["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["id"] == id).unwrap_or_else(|| panic!("no {id}"))
    }

    pub(crate) fn status(&self, id: &str) -> &str {
        self.finding(id)["status"].as_str().unwrap()
    }

    pub(crate) fn meaning(&self, id: &str) -> &str {
        self.finding(id)["meaning"].as_str().unwrap()
    }

    pub(crate) fn next(&self, id: &str) -> &str {
        self.finding(id)["next"].as_str().unwrap()
    }

    /// The ids of a status, in the order in which they are told.
    pub(crate) fn of_status(&self, status: &str) -> Vec<&str> {
        let findings = self.json["findings"].as_array().unwrap().iter();
        findings
            .filter(|finding| finding["status"] == status)
            .map(|finding| finding["id"].as_str().unwrap())
            .collect()
    }
}

/// Asks the doctor about a configuration.
pub(crate) fn examined(listen: SocketAddr, data: &Path, more: &[&str]) -> Found {
    let output = run(listen, data, &[&["--json"], more].concat());
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    Found { code: output.status.code(), json }
}

fn run(listen: SocketAddr, data: &Path, more: &[&str]) -> Output {
    let mut command = roomcast();
    command.args(["doctor", "--listen", &listen.to_string(), "--data"]).arg(data).args(more);
    command.output().unwrap()
}

/// A node in a process of its own, ended with the test.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a node, and waits until it serves.
pub(crate) fn started(listen: SocketAddr, data: &Path, more: &[&str]) -> Running {
    let mut child = roomcast()
        .args(["--listen", &listen.to_string(), "--data"])
        .arg(data)
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.find(|line| line.contains("Ctrl-C")).expect("it serves");
    Running(child)
}

#[test]
fn the_json_has_the_documented_ids_and_a_documented_form() {
    let folder = tempfile::tempdir().unwrap();
    let stun = free_address().to_string();
    let found = examined(free_address(), &folder.path().join("data"), &["--stun", &stun]);
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/DOCTOR.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let documented: Vec<&str> = manual
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(id, _)| id)
        .collect();
    let findings = found.json["findings"].as_array().unwrap();
    let ids: Vec<&str> = findings.iter().map(|finding| finding["id"].as_str().unwrap()).collect();
    assert_eq!(ids, documented);
    for finding in findings {
        let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["id", "meaning", "next", "status"]);
        let well = finding["status"] == "ok";
        assert_eq!(finding["next"].is_null(), well, "what to do is said unless all is well");
        let meaning = finding["meaning"].as_str().unwrap();
        assert!(meaning.ends_with('.') && !meaning.contains('\n'), "{meaning}");
    }
    assert_eq!(found.json["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(found.json["faults"], found.of_status("fault").len());
    assert_eq!(found.json["warnings"], found.of_status("warning").len());
}

#[test]
fn the_text_says_the_same_without_colour_where_nobody_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let listen = free_address();
    let output = run(listen, &folder.path().join("data"), &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\x1b'), "{text}");
    assert!(text.starts_with(&format!("Roomcast {} on {listen}", env!("CARGO_PKG_VERSION"))));
    assert!(text.contains("  ok       tcp-port "), "{text}");
    assert!(text.contains("\nNothing is at fault"), "{text}");
}

#[test]
fn a_wrong_configuration_is_one_line_and_exit_code_one() {
    let output = roomcast().args(["doctor", "--tls-cert", "only.pem"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("--tls-key"), "{said}");
}
