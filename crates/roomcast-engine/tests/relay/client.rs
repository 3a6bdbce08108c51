//! A TURN client over loopback, and the engine that it asks.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use roomcast_engine::{Config, Engine, Event, Turn};
use roomcast_net::tcp::Stream;
use roomcast_turn::{Credential, Limits, PeerPolicy, RelayConfig, Secret};

use crate::wire::*;

/// Whatever is awaited has come by then, also on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const REALM: &str = "lab";
const SECRET: &str = "s3cret";

/// An engine with its address and what it tells.
pub(crate) struct Node {
    pub(crate) engine: Engine,
    pub(crate) address: SocketAddr,
    pub(crate) events: Receiver<Event>,
}

impl Node {
    pub(crate) fn start(shards: u16, ports: Option<RangeInclusive<u16>>) -> Self {
        let free = UdpSocket::bind((HERE, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let config = Config {
            listen: address,
            shards,
            candidates: vec![HERE.into()],
            max_sessions_per_shard: 10,
            turn: Some(Turn {
                realm: REALM.into(),
                secret: Secret::new(SECRET),
                relay: RelayConfig { ipv4: Some(HERE), ports, ..RelayConfig::default() },
                policy: PeerPolicy {
                    node: vec![address],
                    own: vec![HERE.into()],
                    allow: vec!["127.0.0.0/8".parse().unwrap()],
                    deny: Vec::new(),
                },
                limits: Limits::default(),
            }),
        };
        let (tell, events) = channel();
        let engine = Engine::start(&config, move |event| {
            let _ = tell.send(event);
        });
        Self { engine: engine.unwrap(), address, events }
    }

    /// A connection to the relay, as the TCP port hands it over, and what keeps its place.
    pub(crate) fn connect(&self) -> (TcpStream, std::sync::Weak<()>) {
        let listener = TcpListener::bind((HERE, 0)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.set_read_timeout(Some(DEADLINE)).unwrap();
        let place = std::sync::Arc::new(());
        let held = std::sync::Arc::downgrade(&place);
        self.engine.serve(Stream::new(listener.accept().unwrap().0, None).unwrap(), place);
        (client, held)
    }
}

/// How a client reaches the relay.
pub(crate) trait Way {
    fn send(&mut self, message: &[u8]);
    fn receive(&mut self) -> Vec<u8>;
}

/// Over UDP.
pub(crate) struct Udp(pub(crate) UdpSocket);

impl Udp {
    pub(crate) fn new(node: &Node) -> Self {
        let socket = UdpSocket::bind((HERE, 0)).unwrap();
        socket.connect(node.address).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        Self(socket)
    }
}

impl Way for Udp {
    fn send(&mut self, message: &[u8]) {
        self.0.send(message).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; 2_048];
        let count = self.0.recv(&mut bytes).unwrap();
        bytes.truncate(count);
        bytes
    }
}

/// Over a connection: messages are cut, and padding is taken off, by their lengths.
pub(crate) struct Tcp(pub(crate) TcpStream);

impl Way for Tcp {
    fn send(&mut self, message: &[u8]) {
        let mut padded = message.to_vec();
        padded.resize(message.len().next_multiple_of(4), 0);
        self.0.write_all(&padded).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut head = [0; 4];
        self.0.read_exact(&mut head).unwrap();
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let rest = if head[0] < 4 { 16 + length } else { length };
        let mut body = vec![0; rest.next_multiple_of(4)];
        self.0.read_exact(&mut body).unwrap();
        [&head[..], &body[..rest]].concat()
    }
}

/// A client with a user of its own.
pub(crate) struct Client<W> {
    pub(crate) way: W,
    user: Credential,
    nonce: Option<String>,
    serial: u8,
}

impl<W: Way> Client<W> {
    pub(crate) fn new(way: W, participant: &str) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let user = Credential::mint(&Secret::new(SECRET), participant, now + 600);
        Self { way, user, nonce: None, serial: 0 }
    }

    fn draft(&mut self, kind: u16) -> Draft {
        self.serial += 1;
        Draft::new(kind, [self.serial; 12])
    }

    /// Asks with the user's name, after a first challenge.
    pub(crate) fn ask(&mut self, build: impl Fn(Draft) -> Draft, kind: u16) -> Reply {
        loop {
            let draft = build(self.draft(kind));
            let draft = match &self.nonce {
                None => draft,
                Some(nonce) => draft
                    .with(USERNAME, self.user.username.as_bytes())
                    .with(crate::wire::REALM, REALM.as_bytes())
                    .with(NONCE, nonce.as_bytes())
                    .signed(&self.user.username, REALM, &self.user.password, false),
            };
            self.way.send(&draft.bytes);
            let reply = Reply::read(&self.way.receive());
            if reply.code() != 401 || self.nonce.is_some() {
                return reply;
            }
            self.nonce = Some(reply.text(NONCE));
        }
    }

    /// The relayed address of a new allocation.
    pub(crate) fn allocate(&mut self) -> SocketAddr {
        let udp = |draft: Draft| draft.with(REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        let reply = self.ask(udp, ALLOCATE);
        assert_eq!(reply.code(), 0);
        reply.address(XOR_RELAYED_ADDRESS)
    }

    /// Binds a channel to a peer, and returns the code: 0 is success.
    pub(crate) fn bind(&mut self, channel: u16, peer: SocketAddr) -> u16 {
        let number = [&channel.to_be_bytes()[..], &[0, 0]].concat();
        let build = |draft: Draft| draft.with(CHANNEL_NUMBER, &number).with_peer(peer);
        self.ask(build, CHANNEL_BIND).code()
    }

    pub(crate) fn send(&mut self, channel: u16, payload: &[u8]) {
        self.way.send(&channel_data(channel, payload));
    }

    /// The channel and the payload of the next ChannelData.
    pub(crate) fn receive(&mut self) -> (u16, Vec<u8>) {
        Self::read(&self.way.receive())
    }

    fn read(bytes: &[u8]) -> (u16, Vec<u8>) {
        assert!((64..128).contains(&bytes[0]), "{bytes:?}");
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        assert_eq!(bytes.len(), 4 + length);
        (u16::from_be_bytes([bytes[0], bytes[1]]), bytes[4..].to_vec())
    }
}

impl Client<Udp> {
    /// The same, if it comes in time.
    pub(crate) fn try_receive(&mut self) -> Option<(u16, Vec<u8>)> {
        let mut bytes = [0; 2_048];
        let count = self.way.0.recv(&mut bytes).ok()?;
        Some(Self::read(&bytes[..count]))
    }
}

/// Where all clients are.
pub(crate) fn here(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(HERE), port)
}
