//! A server, a clock, and clients with credentials.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use roomcast_turn::{
    Client, Config, Credential, Event, Input, Limits, Output, PeerPolicy, Redacted, RefusedCause,
    RelayConfig, Secret, Server, StreamId, Transmits,
};

use crate::wire::*;

/// What the wall clock says at the beginning.
pub(crate) const UNIX: u64 = 1_800_000_000;
pub(crate) const REALM_OF_LAB: &str = "roomcast";
pub(crate) const NODE: &str = "203.0.113.5:8443";

/// Something that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    Client(Client, Vec<u8>),
    Peer(SocketAddr, SocketAddr, Vec<u8>),
    Node(SocketAddr, SocketAddr, Vec<u8>),
    Relay(SocketAddr, SocketAddr, Vec<u8>),
}

#[derive(Debug, Default)]
pub(crate) struct Sink(pub(crate) Vec<Sent>);

impl Transmits for Sink {
    fn to_client(&mut self, client: Client, head: &[u8], contents: &[u8], padding: usize) {
        assert!(padding < 4);
        let bytes = [head, contents, &[0; 3][..padding]].concat();
        self.0.push(Sent::Client(client, bytes));
    }

    fn to_peer(&mut self, relay: SocketAddr, peer: SocketAddr, contents: &[u8]) {
        self.0.push(Sent::Peer(relay, peer, contents.to_vec()));
    }

    fn to_node(&mut self, relay: SocketAddr, destination: SocketAddr, contents: &[u8]) {
        self.0.push(Sent::Node(relay, destination, contents.to_vec()));
    }

    fn to_relay(&mut self, relay: SocketAddr, peer: SocketAddr, contents: &[u8]) {
        self.0.push(Sent::Relay(relay, peer, contents.to_vec()));
    }
}

pub(crate) fn config(now: Instant) -> Config {
    Config {
        shard: 0,
        shards: 1,
        realm: REALM_OF_LAB.into(),
        secret: Secret::new("s3cret"),
        nonce_key: Redacted([7; 32]),
        relay: RelayConfig {
            ipv4: Some("203.0.113.5".parse().unwrap()),
            ipv6: Some("2001:db8::5".parse().unwrap()),
            ports: None,
            dont_fragment: false,
        },
        policy: PeerPolicy {
            node: vec![NODE.parse().unwrap(), "[2001:db8::5]:8443".parse().unwrap()],
            ..PeerPolicy::default()
        },
        limits: Limits { bytes_per_second: None, ..Limits::default() },
        started: (now, UNIX),
        seed: 7,
    }
}

pub(crate) struct Lab {
    pub(crate) server: Server,
    pub(crate) now: Instant,
    pub(crate) outputs: Vec<Output>,
    transactions: u64,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let now = Instant::now();
        let mut config = config(now);
        change(&mut config);
        Self { server: Server::new(config, now), now, outputs: Vec::new(), transactions: 0 }
    }

    pub(crate) fn handle(&mut self, input: Input<'_>) -> Vec<Sent> {
        let mut sink = Sink::default();
        self.server.handle(self.now, input, &mut sink);
        while let Some(output) = self.server.poll() {
            self.outputs.push(output);
        }
        sink.0
    }

    pub(crate) fn send(&mut self, client: Client, contents: &[u8]) -> Vec<Sent> {
        match client {
            Client::Udp { remote, local } => {
                self.handle(Input::Datagram { source: remote, destination: local, contents })
            }
            Client::Stream(stream) => self.handle(Input::Stream { stream, contents }),
        }
    }

    /// What a client gets as an answer, if it gets one.
    pub(crate) fn ask(&mut self, client: Client, message: &Draft) -> Option<Reply> {
        let sent = self.send(client, &message.bytes);
        let answers: Vec<Reply> = sent
            .iter()
            .filter_map(|sent| match sent {
                Sent::Client(to, bytes) if *to == client => Some(Reply::read(bytes)),
                _ => None,
            })
            .collect();
        assert!(answers.len() <= 1, "{answers:?}");
        answers.into_iter().next()
    }

    /// Lets time pass, with the timeouts that the server asks for.
    pub(crate) fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(deadline) = self.server.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.handle(Input::Timeout);
        }
        self.now = end;
    }

    pub(crate) fn transaction(&mut self) -> [u8; 12] {
        self.transactions += 1;
        let mut transaction = [9; 12];
        transaction[..8].copy_from_slice(&self.transactions.to_be_bytes());
        transaction
    }

    pub(crate) fn refusals(&self) -> Vec<RefusedCause> {
        let refused = self.outputs.iter().filter_map(|output| match output {
            Output::Event(Event::Refused { cause, .. }) => Some(*cause),
            _ => None,
        });
        refused.collect()
    }

    pub(crate) fn relayed(
        &mut self,
        relay: SocketAddr,
        peer: SocketAddr,
        contents: &[u8],
    ) -> Vec<Sent> {
        self.handle(Input::Relayed { relay, peer, contents })
    }
}

/// A client with credentials.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) client: Client,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) nonce: String,
    pub(crate) sha256: bool,
}

impl Browser {
    pub(crate) fn new(port: u16) -> Self {
        Self::at(udp(port), "alice")
    }

    pub(crate) fn at(client: Client, participant: &str) -> Self {
        let Credential { username, password } =
            Credential::mint(&Secret::new("s3cret"), participant, UNIX + 3_600);
        Self { client, username, password, nonce: String::new(), sha256: false }
    }

    /// Asks with credentials, with a nonce that was got before or is got now.
    pub(crate) fn ask(&mut self, lab: &mut Lab, request: Draft) -> Reply {
        if self.nonce.is_empty() {
            let bare = Draft::new(ALLOCATE, lab.transaction());
            let challenge = lab.ask(self.client, &bare).unwrap();
            assert_eq!(challenge.code(), 401);
            self.nonce = challenge.text(NONCE);
        }
        let signed = self.sign(request);
        lab.ask(self.client, &signed).unwrap()
    }

    pub(crate) fn sign(&self, request: Draft) -> Draft {
        let mut request = request
            .with(USERNAME, self.username.as_bytes())
            .with(REALM, REALM_OF_LAB.as_bytes())
            .with(NONCE, self.nonce.as_bytes());
        if self.sha256 {
            request = request
                .with(PASSWORD_ALGORITHMS, &[0, 2, 0, 0, 0, 1, 0, 0])
                .with(PASSWORD_ALGORITHM, &[0, 2, 0, 0]);
        }
        request.signed(&self.username, REALM_OF_LAB, &self.password, self.sha256)
    }

    pub(crate) fn allocate_request(lab: &mut Lab) -> Draft {
        Draft::new(ALLOCATE, lab.transaction()).with(REQUESTED_TRANSPORT, &[17, 0, 0, 0])
    }

    /// The relayed address.
    pub(crate) fn allocate(&mut self, lab: &mut Lab) -> SocketAddr {
        let request = Self::allocate_request(lab);
        let reply = self.ask(lab, request);
        assert_eq!(reply.code(), 0, "{reply:?}");
        reply.address(XOR_RELAYED_ADDRESS)
    }

    pub(crate) fn refresh(&mut self, lab: &mut Lab, lifetime: u32) -> Reply {
        let request =
            Draft::new(REFRESH, lab.transaction()).with(LIFETIME, &lifetime.to_be_bytes());
        self.ask(lab, request)
    }

    pub(crate) fn permit(&mut self, lab: &mut Lab, peer: SocketAddr) -> Reply {
        let request = Draft::new(CREATE_PERMISSION, lab.transaction()).with_peer(peer);
        self.ask(lab, request)
    }

    pub(crate) fn bind(&mut self, lab: &mut Lab, number: u16, peer: SocketAddr) -> Reply {
        let [high, low] = number.to_be_bytes();
        let request = Draft::new(CHANNEL_BIND, lab.transaction())
            .with(CHANNEL_NUMBER, &[high, low, 0, 0])
            .with_peer(peer);
        self.ask(lab, request)
    }

    pub(crate) fn send_indication(
        &self,
        lab: &mut Lab,
        peer: SocketAddr,
        data: &[u8],
    ) -> Vec<Sent> {
        let draft = Draft::new(SEND_INDICATION, lab.transaction()).with_peer(peer).with(DATA, data);
        lab.send(self.client, &draft.bytes)
    }
}

pub(crate) fn udp(port: u16) -> Client {
    udp_at("198.51.100.7".parse().unwrap(), port)
}

pub(crate) fn udp_at(ip: IpAddr, port: u16) -> Client {
    Client::Udp { remote: SocketAddr::new(ip, port), local: None }
}

pub(crate) fn stream(lab: &mut Lab, number: u64) -> Client {
    let remote = SocketAddr::from(([198, 51, 100, 8], 1_000 + number as u16));
    let local = NODE.parse().unwrap();
    lab.handle(Input::StreamOpened { stream: StreamId(number), remote, local });
    Client::Stream(StreamId(number))
}

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
