//! As much of a TURN client (RFC 8656) as it takes to try the relay over UDP.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use roomcast_turn::{Credential, Secret};
use stun_types::attribute::{
    AttributeType, ErrorCode, Nonce, RawAttribute, Realm, Username, XorSocketAddr,
};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageClass,
    MessageWrite as _, MessageWriteExt as _, MessageWriteVec, Method, StunWriteError,
};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::relay::{Facts, Step, Stopped};

/// Sends a datagram from one allocation to another through the relay at `server`, as a user whose
/// password is made from `secret`. `now` is in seconds since 1970.
pub(super) async fn gather(server: SocketAddr, secret: &Secret, now: u64) -> Facts {
    match through(server, secret, now).await {
        Ok(()) => Facts::Carried,
        Err((step, why)) => Facts::Stopped { step, why },
    }
}

async fn through(server: SocketAddr, secret: &Secret, now: u64) -> Result<(), (Step, Stopped)> {
    let at = |step| move |why| (step, why);
    let user = Credential::mint(secret, USER, now + LIFETIME_SECONDS);
    let mut one = Client::connect(server, &user).await.map_err(at(Step::Allocate))?;
    let mut other = Client::connect(server, &user).await.map_err(at(Step::Allocate))?;
    let done = async {
        let here = one.allocate().await.map_err(at(Step::Allocate))?;
        let there = other.allocate().await.map_err(at(Step::Allocate))?;
        one.bind_channel(there).await.map_err(at(Step::BindChannel))?;
        other.bind_channel(here).await.map_err(at(Step::BindChannel))?;
        one.send_until_received_by(&other).await.map_err(at(Step::Send))
    };
    let done = done.await;
    // The allocations are not left to their lifetime.
    let _ = tokio::join!(one.give_back(), other.give_back());
    done
}

/// The name of the user, as it stands in the log of the node.
const USER: &str = "doctor";

/// How long the user is good for allocations: longer than all waits together.
const LIFETIME_SECONDS: u64 = 60;

/// How long an answer may take before the question is sent again, and how often it is sent.
const WAIT: Duration = Duration::from_millis(500);
const TRIES: u32 = 3;

/// Bytes of an answer: what fits a datagram of every network.
const MAX_ANSWER_BYTES: usize = 1_500;

/// The lowest channel (RFC 8656 §12).
const CHANNEL: [u8; 2] = [0x40, 0x00];

/// Recognised at the other end.
const PAYLOAD: [u8; 8] = *b"roomcast";

// Methods and attributes of RFC 8656 §17 and §18.
const ALLOCATE: Method = Method::new(0x003);
const REFRESH: Method = Method::new(0x004);
const CHANNEL_BIND: Method = Method::new(0x009);
const CHANNEL_NUMBER: AttributeType = AttributeType::new(0x000C);
const LIFETIME: AttributeType = AttributeType::new(0x000D);
const XOR_PEER_ADDRESS: AttributeType = AttributeType::new(0x0012);
const XOR_RELAYED_ADDRESS: AttributeType = AttributeType::new(0x0016);
const REQUESTED_TRANSPORT: AttributeType = AttributeType::new(0x0019);
/// UDP, and three bytes of nothing (RFC 8656 §18.6).
const UDP: [u8; 4] = [17, 0, 0, 0];

/// The server wants to know who asks, or its nonce is too old.
const CHALLENGES: [u16; 2] = [401, 438];

/// One client with at most one allocation.
struct Client {
    socket: UdpSocket,
    user: Credential,
    challenge: Option<Challenge>,
}

/// What the server said that it has to be told, and the key that follows from it.
struct Challenge {
    realm: String,
    nonce: String,
    key: IntegrityKey,
}

impl Client {
    async fn connect(server: SocketAddr, user: &Credential) -> Result<Self, Stopped> {
        let any = match server {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(server).await?;
        Ok(Self { socket, user: user.clone(), challenge: None })
    }

    /// Returns the relayed address.
    async fn allocate(&mut self) -> Result<SocketAddr, Stopped> {
        let answer = self.ask(ALLOCATE, |_| vec![(REQUESTED_TRANSPORT, UDP.to_vec())]).await?;
        let message = Message::from_bytes(&answer).map_err(|_| Stopped::Meaningless)?;
        let raw = message.raw_attribute(XOR_RELAYED_ADDRESS).ok_or(Stopped::Meaningless)?;
        let relayed = XorSocketAddr::from_raw(&raw).map_err(|_| Stopped::Meaningless)?;
        Ok(relayed.addr(message.transaction_id()))
    }

    async fn bind_channel(&mut self, peer: SocketAddr) -> Result<(), Stopped> {
        let attributes = |message: &MessageWriteVec| {
            let peer = XorSocketAddr::new(peer, message.transaction_id());
            let peer = peer.to_raw(XOR_PEER_ADDRESS).value.to_vec();
            vec![
                (CHANNEL_NUMBER, [CHANNEL[0], CHANNEL[1], 0, 0].to_vec()),
                (XOR_PEER_ADDRESS, peer),
            ]
        };
        self.ask(CHANNEL_BIND, attributes).await.map(drop)
    }

    async fn give_back(&mut self) -> Result<(), Stopped> {
        self.ask(REFRESH, |_| vec![(LIFETIME, vec![0; 4])]).await.map(drop)
    }

    /// Sends in the channel until the other client has got it in its own.
    async fn send_until_received_by(&self, other: &Self) -> Result<(), Stopped> {
        let length = u16::try_from(PAYLOAD.len()).unwrap_or_default().to_be_bytes();
        let sent = [&CHANNEL[..], &length, &PAYLOAD].concat();
        for _ in 0..TRIES {
            self.socket.send(&sent).await?;
            let arrived = timeout(WAIT, other.receive(|received| received.starts_with(&sent)));
            if let Ok(arrived) = arrived.await {
                return arrived.map(drop);
            }
        }
        Err(Stopped::Silent)
    }

    /// Asks, answers a challenge, and returns the success response.
    async fn ask(
        &mut self,
        method: Method,
        attributes: impl Fn(&MessageWriteVec) -> Vec<(AttributeType, Vec<u8>)>,
    ) -> Result<Vec<u8>, Stopped> {
        let mut challenged = false;
        loop {
            let request = self.request(method, &attributes).map_err(|_| Stopped::Meaningless)?;
            let answer = self.exchange(&request).await?;
            let message = Message::from_bytes(&answer).map_err(|_| Stopped::Meaningless)?;
            if message.has_class(MessageClass::Success) {
                return Ok(answer);
            }
            let code = message.attribute::<ErrorCode>().map_err(|_| Stopped::Meaningless)?.code();
            if !CHALLENGES.contains(&code) || std::mem::replace(&mut challenged, true) {
                return Err(Stopped::Refused(code));
            }
            self.challenge = Some(self.read_challenge(&message).ok_or(Stopped::Meaningless)?);
        }
    }

    fn read_challenge(&self, message: &Message<'_>) -> Option<Challenge> {
        let realm = message.attribute::<Realm>().ok()?.realm().to_owned();
        let nonce = message.attribute::<Nonce>().ok()?.nonce().to_owned();
        let Credential { username, password } = self.user.clone();
        let key = LongTermKeyCredentials::new(username, password, realm.clone());
        Some(Challenge { realm, nonce, key: key.make_key(IntegrityAlgorithm::Sha1) })
    }

    fn request(
        &self,
        method: Method,
        attributes: &impl Fn(&MessageWriteVec) -> Vec<(AttributeType, Vec<u8>)>,
    ) -> Result<Vec<u8>, StunWriteError> {
        let mut message = Message::builder_request(method, MessageWriteVec::new());
        for (kind, value) in attributes(&message) {
            message.add_attribute(&RawAttribute::new(kind, &value))?;
        }
        if let Some(challenge) = &self.challenge {
            message.add_attribute(&Username::new(&self.user.username)?)?;
            message.add_attribute(&Realm::new(&challenge.realm)?)?;
            message.add_attribute(&Nonce::new(&challenge.nonce)?)?;
            message.add_message_integrity_with_key(&challenge.key, IntegrityAlgorithm::Sha1)?;
        }
        Ok(message.finish())
    }

    async fn exchange(&self, request: &[u8]) -> Result<Vec<u8>, Stopped> {
        // The transaction id is the last 12 bytes of the header (RFC 8489 §5).
        let transaction = request.get(8..20);
        for _ in 0..TRIES {
            self.socket.send(request).await?;
            let answer = self.receive(|received| received.get(8..20) == transaction);
            if let Ok(answer) = timeout(WAIT, answer).await {
                return answer;
            }
        }
        Err(Stopped::Silent)
    }

    async fn receive(&self, is_it: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, Stopped> {
        let mut buffer = [0; MAX_ANSWER_BYTES];
        loop {
            let read = self.socket.recv(&mut buffer).await?;
            let received = buffer.get(..read).unwrap_or_default();
            if is_it(received) {
                return Ok(received.to_vec());
            }
        }
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::System(error.to_string())
    }
}
