//! Load for a TURN server on loopback, and what a relayed datagram costs it in processor time.
//!
//!     cargo run --release -p roomcast-load --example turn -- SERVER SECRET REALM PID KEY=VALUE...
//!
//! Keys: `clients` (50), `burst` (datagrams in a row, 1), `rate` (datagrams a second in sum, 25000),
//! `seconds` (5), `size` (1000), `idle` (further allocations that do nothing, 0), and `to`: `peer` (a
//! socket here that sends everything back), `sink` (one that does not), `node` (the server itself).
//! Prints one line: sent, received, µs a relayed datagram, memory of the server in kB.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

#[allow(dead_code, reason = "the client's side of messages, as the relay's own tests have it")]
#[path = "../../roomcast-turn/tests/rfc8656/wire.rs"]
mod wire;

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use stun_types::attribute::MessageIntegrity;
use stun_types::message::ShortTermCredentials;
use wire::*;

/// What was asked for on the command line.
struct Load {
    server: SocketAddr,
    secret: String,
    realm: String,
    pid: u32,
    keys: Vec<(String, String)>,
}

impl Load {
    fn read() -> anyhow::Result<Self> {
        let mut args = std::env::args().skip(1);
        let mut next = |what: &'static str| args.next().context(what);
        let (server, secret) = (next("SERVER")?.parse()?, next("SECRET")?);
        let (realm, pid) = (next("REALM")?, next("PID")?.parse()?);
        let keys = args.filter_map(|arg| arg.split_once('=').map(|(k, v)| (k.into(), v.into())));
        Ok(Self { server, secret, realm, pid, keys: keys.collect() })
    }

    fn text(&self, key: &str, default: &str) -> String {
        let found = self.keys.iter().find(|(name, _)| name == key);
        found.map_or(default, |(_, value)| value).to_owned()
    }

    fn number(&self, key: &str, default: u64) -> anyhow::Result<u64> {
        Ok(self.text(key, &default.to_string()).parse()?)
    }

    /// An allocation with a channel to `peer`, if there is one. A port that the system gives may be
    /// that of an earlier client, whose allocation lives on: then another is taken (RFC 8656 §6.4).
    fn client(&self, number: u64, peer: Option<SocketAddr>) -> anyhow::Result<UdpSocket> {
        for _ in 0..TRIES {
            if let Some(socket) = self.try_client(number, peer)? {
                return Ok(socket);
            }
        }
        anyhow::bail!("allocate: 437 at {TRIES} ports")
    }

    /// The same; nothing if the port has the allocation of an older client.
    fn try_client(
        &self,
        number: u64,
        peer: Option<SocketAddr>,
    ) -> anyhow::Result<Option<UdpSocket>> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(self.server)?;
        socket.set_read_timeout(Some(Duration::from_secs(2)))?;
        let expires = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 3_600;
        let user = format!("{expires}:load{}", number / 10);
        let key = ShortTermCredentials::new(self.secret.clone()).make_key();
        let mac = MessageIntegrity::compute(&[user.as_bytes()], &key)
            .map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let password = base64(&mac);
        let allocate =
            |serial| Draft::new(ALLOCATE, [serial; 12]).with(REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        let nonce = ask(&socket, &allocate(1))?.text(NONCE);
        let signed = |draft: Draft| {
            let draft = draft.with(USERNAME, user.as_bytes()).with(REALM, self.realm.as_bytes());
            draft.with(NONCE, nonce.as_bytes()).signed(&user, &self.realm, &password, false)
        };
        let reply = ask(&socket, &signed(allocate(2)))?;
        if reply.code() == 437 {
            return Ok(None);
        }
        ensure!(reply.is_success(), "allocate: {}", reply.code());
        if let Some(peer) = peer {
            let bind = Draft::new(CHANNEL_BIND, [3; 12])
                .with(CHANNEL_NUMBER, &[0x40, 0, 0, 0])
                .with_peer(peer);
            let reply = ask(&socket, &signed(bind))?;
            // The transactions are those of the older client: its success may have been repeated above.
            if reply.code() == 441 {
                return Ok(None);
            }
            ensure!(reply.is_success(), "channel bind: {}", reply.code());
        }
        Ok(Some(socket))
    }
}

/// A busy server may lose a request.
const TRIES: usize = 5;

fn ask(socket: &UdpSocket, draft: &Draft) -> anyhow::Result<Reply> {
    let mut bytes = [0; 2_048];
    for _ in 0..TRIES {
        socket.send(&draft.bytes)?;
        if let Ok(count) = socket.recv(&mut bytes) {
            return Ok(Reply::read(&bytes[..count]));
        }
    }
    anyhow::bail!("the server does not answer")
}

fn main() -> anyhow::Result<()> {
    let load = Load::read()?;
    let to = load.text("to", "peer");
    let (stop, received) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let peer = UdpSocket::bind("127.0.0.1:0")?;
    let destination = if to == "node" { load.server } else { peer.local_addr()? };
    let answering = {
        let (stop, received, sends_back) = (stop.clone(), received.clone(), to == "peer");
        std::thread::spawn(move || answer(&peer, sends_back, &stop, &received))
    };
    let before = memory_kb(load.pid)?;
    let idle: Vec<_> =
        (0..load.number("idle", 0)?).map(|n| load.client(n, None)).collect::<Result<_, _>>()?;
    let grown = memory_kb(load.pid)?.saturating_sub(before);
    let clients: Vec<_> = (0..load.number("clients", 50)?)
        .map(|n| load.client(1_000_000 + n, Some(destination)))
        .collect::<Result<_, _>>()?;
    for client in &clients {
        client.set_nonblocking(true)?;
    }
    let cpu = cpu_ns(load.pid)?;
    let (sent, back) = run(&load, &clients)?;
    std::thread::sleep(Duration::from_millis(300));
    let back = back + drain(&clients);
    let spent = cpu_ns(load.pid)? - cpu;
    stop.store(true, Ordering::Relaxed);
    answering.join().map_err(|_| anyhow::anyhow!("the peer panicked"))?;
    let arrived = if to == "node" { sent } else { received.load(Ordering::Relaxed) };
    #[allow(clippy::cast_precision_loss, reason = "for people")]
    let each = spent as f64 / 1_000.0 / (arrived + back).max(1) as f64;
    println!(
        "sent {sent} arrived {arrived} back {back} us {each:.3} idle {} grown_kb {grown}",
        idle.len()
    );
    Ok(())
}

/// Sends bursts, client after client, at the wanted pace. Returns what was sent and what came back.
fn run(load: &Load, clients: &[UdpSocket]) -> anyhow::Result<(u64, u64)> {
    let (burst, rate) = (load.number("burst", 1)?, load.number("rate", 25_000)?);
    let mut payload = vec![0x80; usize::try_from(load.number("size", 1_000)?)?];
    payload[1] = 96;
    let message = channel_data(0x4000, &payload);
    let end = Duration::from_secs(load.number("seconds", 5)?);
    let start = Instant::now();
    let (mut sent, mut back) = (0, 0);
    for client in clients.iter().cycle() {
        let now = start.elapsed();
        if now >= end {
            break;
        }
        let due = Duration::from_nanos(sent * 1_000_000_000 / rate);
        if due > now {
            back += drain(clients);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
        }
        for _ in 0..burst {
            sent += u64::from(client.send(&message).is_ok());
        }
    }
    Ok((sent, back))
}

fn drain(clients: &[UdpSocket]) -> u64 {
    let mut bytes = [0; 2_048];
    let mut count = 0;
    for client in clients {
        while client.recv(&mut bytes).is_ok() {
            count += 1;
        }
    }
    count
}

/// Counts what comes, and sends it back if it is to.
fn answer(peer: &UdpSocket, sends_back: bool, stop: &AtomicBool, received: &AtomicU64) {
    let mut bytes = [0; 2_048];
    let _ = peer.set_read_timeout(Some(Duration::from_millis(100)));
    while !stop.load(Ordering::Relaxed) {
        let Ok((count, from)) = peer.recv_from(&mut bytes) else { continue };
        received.fetch_add(1, Ordering::Relaxed);
        if sends_back {
            let _ = peer.send_to(&bytes[..count], from);
        }
    }
}

/// Processor time of all threads of a process.
fn cpu_ns(pid: u32) -> anyhow::Result<u64> {
    let mut sum = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        sum += text.split(' ').next().context("schedstat")?.parse::<u64>()?;
    }
    Ok(sum)
}

/// Resident memory of a process.
fn memory_kb(pid: u32) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * place)) as usize & 63];
            text.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}
