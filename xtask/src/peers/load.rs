//! One run: the load against a server, or a bare loop against its sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::figures::{Run, from_floor, from_load};
use super::process::{Core, pinned};
use super::server::Server;

/// What is to be carried in a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Load<'a> {
    pub(super) viewers: u32,
    /// Bits a second.
    pub(super) bitrate: u32,
    /// Seconds.
    pub(super) duration: f64,
    pub(super) codec: &'a str,
}

/// Runs the load generator against a server.
pub(super) fn against(server: &Server, load: &Load<'_>, generator: &Path) -> anyhow::Result<Run> {
    let mut command = pinned(Core::Load, generator);
    command.arg("load").args(&server.entrance).args(["--json", "--pid", &server.id().to_string()]);
    command.args(["--viewers", &load.viewers.to_string()]);
    command.args(["--bitrate", &load.bitrate.to_string()]);
    command.args(["--duration", &load.duration.to_string(), "--codec", load.codec]);
    let output = command.stdin(Stdio::null()).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    let report: Value = serde_json::from_slice(&output.stdout).context("the load's report")?;
    if report["viewers"]["with_picture"] == 0 {
        let reason = report.pointer("/failures/0/0").and_then(Value::as_str);
        bail!("nobody got a picture: {}", reason.unwrap_or("it does not say why"));
    }
    Ok(from_load(&report))
}

/// Runs a bare loop: one process has the sockets, the other sends to them.
pub(super) fn floor(way: &str, load: &Load<'_>, program: &Path) -> anyhow::Result<Run> {
    let mut receive = pinned(Core::Load, program);
    receive.args(["receive", &load.viewers.to_string()]);
    let mut receiver = receive.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut said = BufReader::new(receiver.stdout.take().context("no output")?);
    let mut addresses = String::new();
    // An empty line ends them.
    while said.read_line(&mut addresses)? > 1 {}
    let mut send = pinned(Core::Server, program);
    send.args(["send", way, &load.bitrate.to_string(), &load.duration.to_string()]);
    let sent = answer(send, addresses.trim_end());
    // The receiver counts until its input ends, and ends then by itself.
    drop(receiver.stdin.take());
    let mut received = String::new();
    said.read_to_string(&mut received)?;
    receiver.wait()?;
    Ok(from_floor(&serde_json::from_str(&sent?)?, &serde_json::from_str(&received)?))
}

/// What a program prints when it is given a text.
fn answer(mut command: Command, text: &str) -> anyhow::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("no input")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the bare loop failed");
    Ok(String::from_utf8(output.stdout)?)
}
