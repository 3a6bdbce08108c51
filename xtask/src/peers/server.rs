//! How each server is started so that it serves one stream on loopback, and how the load finds it.
//!
//! Each runs as its authors ship it. What is set: addresses and ports, loopback as a place to send to,
//! one UDP port where there is a choice (it is the cheaper one), and nothing that is not measured.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::bail;

use super::bridge::{Bridge, Janus, LiveKit};
use super::namespace::{ADDRESS, INTERFACE};
use super::process::{Core, Process, free_ports, pinned};

/// A server that runs, and the arguments of `roomcast load` that lead to it.
#[derive(Debug)]
pub(super) struct Server {
    process: Process,
    pub(super) entrance: Vec<String>,
    /// What speaks WHIP and WHEP for it.
    _bridge: Option<Bridge>,
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
            "livekit" => livekit(program, folder),
            "janus" => janus(program, folder),
            _ => bail!("nobody knows how to start {name}"),
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    fn without_bridge(process: Process, entrance: Vec<String>) -> Self {
        Self { process, entrance, _bridge: None }
    }

    fn with_bridge(process: Process, bridge: Bridge) -> Self {
        let entrance = web(&bridge.url("whip"), &bridge.url("whep"), None);
        Self { process, entrance, _bridge: Some(bridge) }
    }
}

fn roomcast(program: &Path, folder: &Path) -> anyhow::Result<Server> {
    let [http] = free_ports()?;
    let mut command = pinned(Core::Server, program);
    command.args(["--shards", "1", "--connections-per-second", "10000"]);
    command.arg("--listen").arg(format!("127.0.0.1:{http}")).arg("--data").arg(folder.join("data"));
    let mut process = Process::start(command, folder)?;
    process.wait_until_listening(http)?;
    Ok(Server::without_bridge(process, vec![format!("http://127.0.0.1:{http}")]))
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
    let entrance = web(&format!("{path}/whip"), &format!("{path}/whep"), None);
    Ok(Server::without_bridge(process, entrance))
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
    Ok(Server::without_bridge(process, entrance))
}

fn livekit(program: &Path, folder: &Path) -> anyhow::Result<Server> {
    let [http, media] = free_ports()?;
    let file = folder.join("livekit.yml");
    fs::write(&file, livekit_configuration(http, media))?;
    let mut command = pinned(Core::Server, program);
    command.arg("--config").arg(file);
    let mut process = Process::start(command, folder)?;
    process.wait_until_listening(http)?;
    let bridge = Bridge::start(ADDRESS, LiveKit::new((Ipv4Addr::LOCALHOST, http).into()))?;
    Ok(Server::with_bridge(process, bridge))
}

fn livekit_configuration(http: u16, media: u16) -> String {
    let (key, secret) = (LiveKit::KEY, LiveKit::SECRET);
    format!(
        "port: {http}\nbind_addresses: [127.0.0.1]\nkeys:\n  {key}: {secret}\n\
         rtc:\n  udp_port: {media}\n  use_external_ip: false\n  node_ip: {ADDRESS}\n\
         \x20 interfaces:\n    includes: [{INTERFACE}]\nlogging:\n  level: error\n"
    )
}

fn janus(program: &Path, folder: &Path) -> anyhow::Result<Server> {
    let [http] = free_ports()?;
    for (file, contents) in janus_configuration(http, folder) {
        fs::write(folder.join(file), contents)?;
    }
    let mut command = pinned(Core::Server, program);
    command.arg("--configs-folder").arg(folder);
    let mut process = Process::start(command, folder)?;
    process.wait_until_listening(http)?;
    let bridge = Bridge::start(ADDRESS, Janus { api: (Ipv4Addr::LOCALHOST, http).into() })?;
    Ok(Server::with_bridge(process, bridge))
}

/// Debian's folders and nothing that is not needed. `ice_lite`, as the bridge has two offers to
/// answer; one event loop instead of a thread for each viewer, as it has one core.
fn janus_configuration(http: u16, folder: &Path) -> [(&'static str, String); 3] {
    let libraries = "/usr/lib/x86_64-linux-gnu/janus";
    let general = format!(
        "general: {{\n configs_folder = \"{}\"\n plugins_folder = \"{libraries}/plugins\"\n \
         transports_folder = \"{libraries}/transports\"\n interface = \"{ADDRESS}\"\n \
         session_timeout = 0\n event_loops = 1\n debug_level = 3\n}}\n\
         nat: {{\n ice_lite = true\n ice_enforce_list = \"{INTERFACE}\"\n}}\n\
         plugins: {{\n disable = \"{JANUS_UNUSED}\"\n}}\n",
        folder.display()
    );
    let api = format!("general: {{\n http = true\n ip = \"127.0.0.1\"\n port = {http}\n}}\n");
    [
        ("janus.jcfg", general),
        ("janus.transport.http.jcfg", api),
        ("janus.plugin.videoroom.jcfg", "general: {}\n".to_owned()),
    ]
}

const JANUS_UNUSED: &str = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,\
    libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,\
    libjanus_textroom.so,libjanus_videocall.so";

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
