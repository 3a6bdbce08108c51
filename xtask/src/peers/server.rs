//! How each server is started so that it serves one stream on loopback, and how the load finds it.
//!
//! Each runs as its authors ship it. What is set: addresses and ports, loopback as a place to send to,
//! one UDP port where there is a choice (it is the cheaper one), and nothing that is not measured.

use std::fs;
use std::path::Path;

use anyhow::bail;

use super::process::{Core, Process, free_ports, pinned};

/// A server that runs, and the arguments of `roomcast load` that lead to it.
#[derive(Debug)]
pub(super) struct Server {
    process: Process,
    pub(super) entrance: Vec<String>,
}

impl Server {
    /// Starts the server of this name of the catalogue in a folder of its own, which is made anew.
    pub(super) fn start(name: &str, program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder)?;
        match name {
            "roomcast" => roomcast(program, folder),
            "mediamtx" => mediamtx(program, folder),
            "broadcast-box" => broadcast_box(program, folder),
            _ => bail!("nobody knows how to start {name}"),
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }
}

fn roomcast(program: &Path, folder: &Path) -> anyhow::Result<Server> {
    let [http] = free_ports()?;
    let mut command = pinned(Core::Server, program);
    command.args(["--shards", "1", "--connections-per-second", "10000"]);
    command.arg("--listen").arg(format!("127.0.0.1:{http}")).arg("--data").arg(folder.join("data"));
    let mut process = Process::start(command, folder)?;
    process.wait_until_listening(http)?;
    Ok(Server { process, entrance: vec![format!("http://127.0.0.1:{http}")] })
}

fn mediamtx(program: &Path, folder: &Path) -> anyhow::Result<Server> {
    let [http, media] = free_ports()?;
    let file = folder.join("mediamtx.yml");
    fs::write(&file, mediamtx_configuration(http, media))?;
    let mut command = pinned(Core::Server, program);
    command.arg(file);
    let mut process = Process::start(command, folder)?;
    process.wait_until_listening(http)?;
    let path = format!("http://127.0.0.1:{http}/live");
    Ok(Server { process, entrance: web(&format!("{path}/whip"), &format!("{path}/whep"), None) })
}

fn mediamtx_configuration(http: u16, media: u16) -> String {
    format!(
        "rtsp: no\nrtmp: no\nhls: no\nsrt: no\nmoq: no\nwebrtc: yes\n\
         webrtcAddress: 127.0.0.1:{http}\nwebrtcLocalUDPAddress: 127.0.0.1:{media}\n\
         webrtcIPsFromInterfaces: yes\npaths:\n  all_others:\n"
    )
}

fn broadcast_box(program: &Path, folder: &Path) -> anyhow::Result<Server> {
    let [http] = free_ports()?;
    let mut command = pinned(Core::Server, program);
    command.env("HTTP_ADDRESS", format!("127.0.0.1:{http}")).env("DISABLE_FRONTEND", "TRUE");
    // Its one port for all (`UDP_MUX_PORT`) is never on loopback: each session has its own.
    command.env("INCLUDE_LOOPBACK_CANDIDATE", "TRUE").env("INTERFACE_FILTER", "lo");
    command.env("STREAM_PROFILE_PATH", folder);
    let mut process = Process::start(command, folder)?;
    process.wait_until_listening(http)?;
    let path = format!("http://127.0.0.1:{http}/api");
    let entrance = web(&format!("{path}/whip"), &format!("{path}/whep"), Some("peers"));
    Ok(Server { process, entrance })
}

fn web(whip: &str, whep: &str, token: Option<&str>) -> Vec<String> {
    let mut arguments = vec!["--whip", whip, "--whep", whep];
    if let Some(token) = token {
        arguments.extend(["--token", token]);
    }
    arguments.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_behind_the_two_addresses() {
        assert_eq!(web("a", "b", None), ["--whip", "a", "--whep", "b"]);
        assert_eq!(web("a", "b", Some("c"))[4..], ["--token", "c"]);
    }

    #[test]
    fn media_stays_on_loopback() {
        let written = mediamtx_configuration(1_000, 2_000);
        assert!(written.contains("webrtcLocalUDPAddress: 127.0.0.1:2000\n"), "{written}");
    }
}
