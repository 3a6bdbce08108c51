//! The floor under every server that forwards one stream to many: encrypt each packet for each
//! destination, send it, and nothing else. `cargo xtask bench-peers` puts it beside the servers.
//!
//!     floor receive COUNT                  # prints COUNT addresses, empties their sockets until stdin ends
//!     floor send WAY BITRATE SECONDS       # reads addresses from stdin until it ends
//!
//! Ways: `sendto` (each packet by a call of its own), `gso` (what is of one size and for one
//! destination by one call) and `gso-picture` (a whole picture by one call). The stream is that of
//! `roomcast load`: 30 pictures a second, evenly cut, and 50 packets of sound. Both print one line of
//! JSON in the end.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]
#![allow(clippy::cast_precision_loss, reason = "figures for people: 52 bits are plenty")]

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use mio::{Events, Interest, Poll, Token};
use roomcast_net::cpu::thread_cpu_time;
use roomcast_net::udp::{Group, RecvBatch, Socket};

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["receive", count] => receive(count.parse()?),
        ["send", way, bitrate, seconds] => {
            let stream = Stream::new(way, bitrate.parse()?)?;
            send(stream, Duration::from_secs_f64(seconds.parse()?))
        }
        _ => bail!("usage: floor receive COUNT | floor send WAY BITRATE SECONDS"),
    }
}

/// Receives as the load generator does, and discards.
fn receive(count: usize) -> anyhow::Result<()> {
    let mut poll = Poll::new()?;
    let mut sockets = Vec::new();
    for index in 0..count {
        let mut socket = Socket::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        poll.registry().register(&mut socket, Token(index), Interest::READABLE)?;
        println!("{}", socket.local_addr());
        sockets.push(socket);
    }
    println!();
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    std::thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        is_over.store(true, Relaxed);
    });
    let (mut events, mut batch) = (Events::with_capacity(1_024), RecvBatch::new());
    let mut received = 0;
    // What is on its way when the end is told still counts.
    while !over.load(Relaxed) || !events.is_empty() {
        poll.poll(&mut events, Some(LOOK_UP))?;
        for event in &events {
            let Some(socket) = sockets.get_mut(event.token().0) else { continue };
            received += empty(socket, &mut batch)?;
        }
    }
    println!("{{\"received\":{received}}}");
    Ok(())
}

fn empty(socket: &mut Socket, batch: &mut RecvBatch) -> io::Result<usize> {
    let mut received = 0;
    loop {
        let count = socket.recv(batch)?;
        received += count;
        if count == 0 || !batch.may_leave_more() {
            return Ok(received);
        }
    }
}

/// How packets leave.
enum Way {
    /// The socket that a program without this project would have.
    Sendto(UdpSocket),
    Gso(Socket),
}

/// A stream as it goes to everyone.
struct Stream {
    way: Way,
    /// The payloads of a picture, in bytes.
    picture: Vec<usize>,
}

/// One who gets it.
struct Destination {
    address: SocketAddr,
    key: LessSafeKey,
    sealed: u64,
}

/// What it came to.
#[derive(Default)]
struct Sums {
    packets: usize,
    calls: usize,
    refused: usize,
}

fn send(mut stream: Stream, time: Duration) -> anyhow::Result<()> {
    let lines = io::stdin().lock().lines();
    let addresses = lines.map(|line| Ok(line?.parse()?)).collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(!addresses.is_empty(), "no addresses on stdin");
    let mut destinations =
        addresses.into_iter().map(Destination::new).collect::<Result<Vec<_>, _>>()?;
    let (begin, cpu) = (Instant::now(), thread_cpu_time().context(NO_CLOCK)?);
    let (mut picture, mut sound) = (begin, begin);
    let (mut sums, mut buffer) = (Sums::default(), Vec::new());
    while picture.min(sound) < begin + time {
        std::thread::sleep(picture.min(sound).saturating_duration_since(Instant::now()));
        let is_picture = picture <= sound;
        for destination in &mut destinations {
            stream.send_to(destination, is_picture, &mut buffer, &mut sums)?;
        }
        if is_picture {
            picture += PICTURE_INTERVAL;
        } else {
            sound += SOUND_INTERVAL;
        }
    }
    let cpu = thread_cpu_time().context(NO_CLOCK)?.saturating_sub(cpu);
    print_sums(&sums, cpu, begin.elapsed())
}

fn print_sums(sums: &Sums, cpu: Duration, elapsed: Duration) -> anyhow::Result<()> {
    let Sums { packets, calls, refused } = sums;
    let cost = cpu.as_secs_f64() * 1e6 / (*packets).max(1) as f64;
    let cores = cpu.as_secs_f64() / elapsed.as_secs_f64();
    let line = serde_json::json!({
        "cpu_us_per_packet": cost, "cores": cores, "packets": packets, "calls": calls,
        "refused": refused,
    });
    writeln!(io::stdout(), "{line}").context("stdout")
}

impl Stream {
    fn new(way: &str, bitrate: usize) -> anyhow::Result<Self> {
        let bind: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        let bytes = bitrate / 8 / 30;
        let count = bytes.div_ceil(MAX_PAYLOAD_BYTES).max(1);
        let even = |index| bytes / count + usize::from(index >= count - bytes % count);
        let (way, picture) = match way {
            "sendto" => (Way::Sendto(UdpSocket::bind(bind)?), (0..count).map(even).collect()),
            "gso" => (Way::Gso(Socket::bind(bind)?), (0..count).map(even).collect()),
            "gso-picture" => (Way::Gso(Socket::bind(bind)?), vec![bytes.div_ceil(count); count]),
            _ => bail!("no such way: {way}"),
        };
        Ok(Self { way, picture })
    }

    fn send_to(
        &mut self,
        destination: &mut Destination,
        is_picture: bool,
        buffer: &mut Vec<u8>,
        sums: &mut Sums,
    ) -> anyhow::Result<()> {
        let payloads = if is_picture { &self.picture[..] } else { &[SOUND_BYTES] };
        buffer.clear();
        for size in payloads {
            destination.seal(*size, buffer)?;
        }
        let mut rest = &buffer[..];
        for same in payloads.chunk_by(|one, next| one == next) {
            let (contents, behind) = rest.split_at((same[0] + OVERHEAD_BYTES) * same.len());
            rest = behind;
            let group = Group {
                destination: destination.address,
                source_ip: None,
                segment_size: same[0] + OVERHEAD_BYTES,
                contents,
            };
            self.way.send(&group, sums);
        }
        Ok(())
    }
}

impl Way {
    fn send(&mut self, group: &Group<'_>, sums: &mut Sums) {
        match self {
            Self::Sendto(socket) => {
                for datagram in group.datagrams() {
                    let taken = socket.send_to(datagram, group.destination).is_ok();
                    sums.count(usize::from(taken), 1, 1);
                }
            }
            Self::Gso(socket) => {
                let sent = socket.send(group);
                sums.count(sent.datagrams, group.datagrams().len(), sent.calls);
            }
        }
    }
}

impl Sums {
    fn count(&mut self, taken: usize, of: usize, calls: usize) {
        self.packets += taken;
        self.refused += of - taken;
        self.calls += calls;
    }
}

impl Destination {
    fn new(address: SocketAddr) -> anyhow::Result<Self> {
        let mut key = [7; 16];
        key[..2].copy_from_slice(&address.port().to_be_bytes());
        let key = UnboundKey::new(&AES_128_GCM, &key).ok().context("no AES")?;
        Ok(Self { address, key: LessSafeKey::new(key), sealed: 0 })
    }

    /// Puts a packet behind the others: header and extension in the clear, the payload, the tag.
    fn seal(&mut self, size: usize, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
        self.sealed += 1;
        let number = self.sealed.to_be_bytes();
        let mut header = [0x90; HEADER_BYTES];
        header[..8].copy_from_slice(&number);
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&number);
        buffer.extend_from_slice(&header);
        let begin = buffer.len();
        buffer.extend_from_slice(PAYLOAD.get(..size).context("too large a payload")?);
        let tag = self.key.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(&header),
            &mut buffer[begin..],
        );
        buffer.extend_from_slice(tag.ok().context("not encrypted")?.as_ref());
        Ok(())
    }
}

const PICTURE_INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / 30);

const SOUND_INTERVAL: Duration = Duration::from_millis(20);

/// What `roomcast load` puts into a packet of sound.
const SOUND_BYTES: usize = 100;

/// And what it puts into one of picture at most.
const MAX_PAYLOAD_BYTES: usize = 1_160;

static PAYLOAD: [u8; MAX_PAYLOAD_BYTES] = [0x5a; MAX_PAYLOAD_BYTES];

/// RTP header and one extension, that of the transport-wide number.
const HEADER_BYTES: usize = 20;

/// Header, and the tag of AES-GCM (RFC 7714 §5.1).
const OVERHEAD_BYTES: usize = HEADER_BYTES + 16;

const NO_CLOCK: &str = "this platform does not say what a thread has used";

/// How long the receiver waits before it looks whether the end was told.
const LOOK_UP: Duration = Duration::from_millis(100);
