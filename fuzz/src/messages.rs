//! STUN and TURN messages from anywhere into a server with allocations.
//!
//! The bytes are a list of steps: what, from whom, how long, contents. A step that is signed gets a
//! header, the credentials of its client and an integrity around its contents, so that it reaches
//! beyond authentication.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use roomcast_turn::{
    BindError, Client, Config, Counters, Credential, Input, Limits, Output, PeerPolicy, Redacted,
    RelayConfig, Secret, Server, StreamId, Transmits,
};
use stun_types::attribute::MessageIntegrity;
use stun_types::message::{IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials};

/// Does what the bytes say, and looks whether the server still keeps its promises.
///
/// Returns what the server counted, which shows how far the bytes reach.
///
/// # Panics
/// If it does not.
pub fn run(data: &[u8]) -> Counters {
    let Some((first, mut rest)) = data.split_first() else { return Counters::default() };
    let mut world = World::new(first & 1 == 1);
    for _ in 0..MAX_STEPS {
        let Some(([what, length], behind)) = rest.split_first_chunk() else { break };
        let length = usize::from(*length).min(behind.len());
        let (contents, behind) = behind.split_at(length);
        rest = behind;
        world.step(*what, contents);
    }
    let counters = world.server.counters();
    world.end();
    counters
}

/// Half a second of fuzzing is not spent on one input.
const MAX_STEPS: usize = 64;

struct World {
    server: Server,
    now: Instant,
    sockets: bool,
    clients: Vec<User>,
    sent: Sent,
    /// Steps until now: each is another transaction.
    steps: u32,
}

struct User {
    client: Client,
    username: String,
    key: IntegrityKey,
    nonce: Vec<u8>,
    relay: Option<SocketAddr>,
}

/// What was sent because of one input.
#[derive(Default)]
struct Sent {
    to_clients: Vec<(Client, Vec<u8>)>,
    to_others: usize,
    sockets: bool,
}

impl Transmits for Sent {
    fn to_client(&mut self, client: Client, head: &[u8], contents: &[u8], padding: usize) {
        assert!(padding < 4 && head.len() <= 48);
        let bytes = [head, contents, &[0; 3][..padding]].concat();
        self.to_clients.push((client, bytes));
    }

    fn to_peer(&mut self, _relay: SocketAddr, peer: SocketAddr, _contents: &[u8]) {
        assert!(self.sockets && !peer.ip().is_loopback() && !peer.ip().is_unspecified());
        self.to_others += 1;
    }

    fn to_node(&mut self, _relay: SocketAddr, destination: SocketAddr, _contents: &[u8]) {
        assert_eq!(destination, node());
        self.to_others += 1;
    }

    fn to_relay(&mut self, _relay: SocketAddr, _peer: SocketAddr, _contents: &[u8]) {
        panic!("there is one shard");
    }
}

impl World {
    /// Three clients, one of them on a stream; the first two have allocations.
    fn new(sockets: bool) -> Self {
        let now = Instant::now();
        let server = Server::new(config(now, sockets), now);
        let sent = Sent { sockets, ..Sent::default() };
        let clients =
            vec![user(client(1), "alice"), user(client(2), "bob"), user(stream(), "carol")];
        let mut world = Self { server, now, sockets, clients, sent, steps: 0 };
        world.handle(Input::StreamOpened { stream: StreamId(1), remote: node(), local: node() });
        for who in 0..world.clients.len() {
            world.challenge(who);
        }
        for who in 0..2 {
            world.signed(who, 0x0003, &[0, 0x19, 0, 4, 17, 0, 0, 0]);
            let (_, answer) = world.sent.to_clients.pop().expect("an allocation");
            assert_eq!(answer[..2], [1, 3]);
            world.clients[who].relay = relay_in(&answer);
        }
        world
    }

    fn step(&mut self, what: u8, contents: &[u8]) {
        let who = usize::from(what & 3);
        let known = who < self.clients.len();
        match what >> 2 {
            0..20 if known => {
                self.signed(who, METHODS[usize::from(what >> 2) % METHODS.len()], contents)
            }
            20..28 => self.raw(who, contents),
            28..32 => {
                self.raw(who, &headed(METHODS[usize::from(what >> 2) % 8], self.steps, contents))
            }
            32..40 => self.relayed(who, contents),
            40..44 => self.wait(contents),
            44 => self.handle(Input::Revoke { participant: "bob" }),
            45 if known => self.challenge(who),
            46 => self.join(),
            _ => self.raw(who, contents),
        }
    }

    /// As it is, from a client or from a stranger.
    fn raw(&mut self, who: usize, contents: &[u8]) {
        let from = self.clients.get(who).map_or(client(9), |user| user.client);
        let allocations = self.server.counters().allocations;
        self.client_says(from, contents);
        assert_eq!(self.server.counters().allocations, allocations, "without a signature");
        if from == client(9) {
            assert!(self.sent.to_clients.len() <= 1 && self.sent.to_others == 0);
            let longest = contents.len().max(60);
            assert!(
                self.sent
                    .to_clients
                    .iter()
                    .all(|(to, answer)| *to == from && answer.len() <= longest)
            );
        }
    }

    fn signed(&mut self, who: usize, kind: u16, attributes: &[u8]) {
        let user = &self.clients[who];
        let mut message = headed(kind, self.steps, attributes);
        message.resize(message.len().next_multiple_of(4), 0);
        for (kind, value) in
            [(6, user.username.as_bytes()), (0x14, REALM.as_bytes()), (0x15, &user.nonce)]
        {
            push(&mut message, kind, value);
        }
        set_length(&mut message, 24);
        let integrity = MessageIntegrity::compute(&[&message], &user.key).expect("it never fails");
        push(&mut message, 8, &integrity);
        let from = user.client;
        self.client_says(from, &message);
    }

    fn challenge(&mut self, who: usize) {
        let from = self.clients[who].client;
        self.client_says(from, &headed(0x0003, self.steps, &[]));
        let Some((_, answer)) = self.sent.to_clients.first() else { return };
        self.clients[who].nonce = attribute(answer, 0x15).unwrap_or_default().to_vec();
    }

    /// Alice and Bob get channels to each other's relayed addresses.
    fn join(&mut self) {
        let [Some(alice), Some(bob)] = [0, 1].map(|who: usize| self.clients[who].relay) else {
            return;
        };
        for (who, peer) in [(0, bob), (1, alice)] {
            let mut attributes = vec![0, 0xC, 0, 4, 0x40, 0, 0, 0, 0, 0x12, 0, 8, 0, 1];
            attributes.extend((peer.port() ^ 0x2112).to_be_bytes());
            attributes.extend((u32::from_be_bytes([203, 0, 113, 5]) ^ 0x2112_A442).to_be_bytes());
            self.signed(who, 0x0009, &attributes);
        }
    }

    fn client_says(&mut self, from: Client, contents: &[u8]) {
        match from {
            Client::Udp { remote, local } => {
                self.handle(Input::Datagram { source: remote, destination: local, contents });
            }
            Client::Stream(stream) => self.handle(Input::Stream { stream, contents }),
        }
    }

    fn relayed(&mut self, who: usize, contents: &[u8]) {
        let relay = self.clients.get(who).and_then(|user| user.relay).unwrap_or(node());
        let peer = match contents.first() {
            Some(0..128) => node(),
            _ => self.clients[0].relay.unwrap_or(node()),
        };
        self.handle(Input::Relayed { relay, peer, contents });
        assert!(self.sent.to_clients.len() <= 1);
    }

    fn wait(&mut self, contents: &[u8]) {
        let span = contents.iter().fold(0, |sum, byte| sum + u64::from(*byte));
        self.now += Duration::from_secs(span);
        self.handle(Input::Timeout);
        assert!(self.server.deadline().is_none_or(|deadline| deadline > self.now));
    }

    fn handle(&mut self, input: Input<'_>) {
        self.steps += 1;
        self.sent = Sent { sockets: self.sockets, ..Sent::default() };
        self.server.handle(self.now, input, &mut self.sent);
        while let Some(output) = self.server.poll() {
            if let Output::Bind { relay } = output {
                let taken = relay.port() % 4 == 3;
                let result = if taken { Err(BindError::Taken) } else { Ok(()) };
                self.server.handle(self.now, Input::Bound { relay, result }, &mut self.sent);
            }
        }
        let counters = self.server.counters();
        assert!(counters.allocations <= 4 && counters.streams <= 1);
    }

    /// Everything ends by itself.
    fn end(&mut self) {
        self.now += Duration::from_secs(4_000);
        self.handle(Input::Timeout);
        self.now += Duration::from_secs(60);
        self.handle(Input::Timeout);
        assert!(self.server.is_empty());
        assert_eq!(self.server.deadline(), None);
    }
}

/// Requests, an indication, and what a server should not get.
const METHODS: [u16; 10] =
    [0x0003, 0x0004, 0x0008, 0x0009, 0x0016, 0x0001, 0x0004, 0x0009, 0x0103, 0x000A];

const REALM: &str = "roomcast";

fn config(now: Instant, sockets: bool) -> Config {
    Config {
        shard: 0,
        shards: 1,
        realm: REALM.into(),
        secret: Secret::new("s3cret"),
        nonce_key: Redacted([7; 32]),
        relay: RelayConfig {
            ipv4: Some([203, 0, 113, 5].into()),
            ipv6: Some([0x2001, 0xdb8, 0, 0, 0, 0, 0, 5].into()),
            ports: sockets.then_some(50_000..=50_019),
            dont_fragment: false,
        },
        policy: PeerPolicy { node: vec![node()], ..PeerPolicy::default() },
        limits: Limits { total: 4, bytes_per_second: Some(5_000), ..Limits::default() },
        started: (now, 1_800_000_000),
        seed: 7,
    }
}

fn user(client: Client, name: &str) -> User {
    let minted = Credential::mint(&Secret::new("s3cret"), name, 1_800_003_600);
    let Credential { username, password } = minted;
    let user = LongTermKeyCredentials::new(username.clone(), password, REALM.into());
    let key = user.make_key(IntegrityAlgorithm::Sha1);
    User { client, username, key, nonce: Vec::new(), relay: None }
}

fn node() -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 5], 8_443))
}

fn client(port: u16) -> Client {
    Client::Udp { remote: SocketAddr::from(([198, 51, 100, 7], port)), local: None }
}

fn stream() -> Client {
    Client::Stream(StreamId(1))
}

fn headed(kind: u16, transaction: u32, attributes: &[u8]) -> Vec<u8> {
    let mut message = kind.to_be_bytes().to_vec();
    message.extend([0, 0, 0x21, 0x12, 0xA4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0]);
    message.extend(transaction.to_be_bytes());
    message.extend(attributes);
    set_length(&mut message, 0);
    message
}

fn push(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend((value.len() as u16).to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
    set_length(message, 0);
}

fn set_length(message: &mut [u8], more: usize) {
    let length = (message.len() - 20 + more) as u16;
    message[2..4].copy_from_slice(&length.to_be_bytes());
}

fn attribute(message: &[u8], kind: u16) -> Option<&[u8]> {
    let mut rest = &message[20..];
    while let Some(([k0, k1, l0, l1], behind)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([*l0, *l1]));
        if u16::from_be_bytes([*k0, *k1]) == kind {
            return behind.get(..length);
        }
        rest = behind.get(length.next_multiple_of(4)..)?;
    }
    None
}

fn relay_in(answer: &[u8]) -> Option<SocketAddr> {
    let [0, 1, p0, p1, address @ ..] = attribute(answer, 0x16)? else { return None };
    let port = u16::from_be_bytes([*p0, *p1]) ^ 0x2112;
    let address: [u8; 4] = address.try_into().ok()?;
    let bits = u32::from_be_bytes(address) ^ 0x2112_A442;
    Some(SocketAddr::from((bits.to_be_bytes(), port)))
}
