//! From a message to the method that it asks for, and from its outcome to an answer.

use std::net::SocketAddr;
use std::time::Instant;

use crate::config::Redacted;
use crate::credential::User;
use crate::input::Client;
use crate::output::{Event, RefusedCause};
use crate::prefix::Prefix;
use crate::server::Server;
use crate::stun::{Answer, Class, Message, Method, Signature, is_unknown, types};
use crate::transmit::Transmits;

/// A request whose user is known.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub message: Message<'a>,
    pub client: Client,
    pub source: SocketAddr,
    pub username: &'a str,
    pub user: User<'a>,
    pub signature: Signature,
}

/// Why a request of a known user gets an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    code: u16,
    /// UNKNOWN-ATTRIBUTES.
    unknown: Vec<u8>,
}

impl Refusal {
    pub(super) fn code(code: u16) -> Self {
        Self { code, unknown: Vec::new() }
    }
}

impl Request<'_> {
    pub(super) fn success(&self) -> Answer {
        Answer::success(self.message.method(), self.message.transaction())
    }
}

impl Server {
    pub(super) fn stun(
        &mut self,
        now: Instant,
        client: Client,
        source: SocketAddr,
        contents: &[u8],
        transmits: &mut impl Transmits,
    ) {
        let Some(message) = Message::read(contents) else {
            self.counters.malformed += 1;
            return;
        };
        match (message.class(), message.method()) {
            (Class::Indication, Method::Send) => {
                self.send_indication(now, client, &message, transmits);
            }
            (Class::Request, Method::Binding) => {
                self.binding(now, client, source, &message, transmits);
            }
            (
                Class::Request,
                Method::Allocate | Method::Refresh | Method::CreatePermission | Method::ChannelBind,
            ) => self.request(now, client, source, message, transmits),
            // Keepalives, and what a server does not know (RFC 8489 §6.3).
            _ => {}
        }
    }

    fn binding(
        &mut self,
        now: Instant,
        client: Client,
        source: SocketAddr,
        message: &Message<'_>,
        transmits: &mut impl Transmits,
    ) {
        if !self.admits(now, client, source) {
            return;
        }
        let (method, transaction) = (message.method(), message.transaction());
        let answer = match self.unknown_attributes(message) {
            Some(unknown) => Answer::short_error(method, transaction, 420)
                .with(types::UNKNOWN_ATTRIBUTES, &unknown),
            None => {
                self.counters.bindings += 1;
                Answer::success(method, transaction)
                    .with_address(types::XOR_MAPPED_ADDRESS, canonical(source))
            }
        };
        let fingerprint = has_room_for_fingerprint(message, &answer, client);
        transmits.to_client(client, &[], &answer.finish(fingerprint), 0);
    }

    fn request(
        &mut self,
        now: Instant,
        client: Client,
        source: SocketAddr,
        message: Message<'_>,
        transmits: &mut impl Transmits,
    ) {
        let stranger = self.allocations.of_client(&client).is_none();
        if stranger && !self.admits(now, client, source) {
            return;
        }
        let request = match self.authenticate(now, message, client, source) {
            Ok(request) => request,
            Err(denial) => {
                // Requests with a client's address may be others'.
                if stranger || self.admits_stranger(now, source) {
                    self.deny(now, &message, client, source, &denial, transmits);
                }
                return;
            }
        };
        let outcome = self.carry_out(now, &request);
        let answer = outcome.unwrap_or_else(|refusal| Some(self.refuse(&request, &refusal)));
        if let Some(answer) = answer {
            let answer = answer.signed(&request.signature).finish(message.has_fingerprint());
            transmits.to_client(client, &[], &answer, 0);
        }
    }

    /// `None` if the answer comes later.
    fn carry_out(
        &mut self,
        now: Instant,
        request: &Request<'_>,
    ) -> Result<Option<Answer>, Refusal> {
        if let Some(unknown) = self.unknown_attributes(&request.message) {
            return Err(Refusal { code: 420, unknown });
        }
        match request.message.method() {
            Method::Allocate => self.allocate(now, request),
            Method::Refresh => self.refresh(now, request).map(Some),
            Method::CreatePermission => self.create_permission(now, request).map(Some),
            _ => self.channel_bind(now, request).map(Some),
        }
    }

    fn refuse(&mut self, request: &Request<'_>, refusal: &Refusal) -> Answer {
        let (counter, cause) = match refusal.code {
            403 => (&mut self.counters.forbidden, RefusedCause::ForbiddenPeer),
            486 => (&mut self.counters.quota_reached, RefusedCause::Quota),
            508 => (&mut self.counters.out_of_capacity, RefusedCause::Capacity),
            _ => (&mut self.counters.bad_requests, RefusedCause::Protocol),
        };
        *counter += 1;
        self.tell_refused(request.source, Some(request.user.participant), cause);
        let (method, transaction) = (request.message.method(), request.message.transaction());
        let answer = Answer::error(method, transaction, refusal.code);
        if refusal.unknown.is_empty() {
            return answer;
        }
        answer.with(types::UNKNOWN_ATTRIBUTES, &refusal.unknown)
    }

    pub(super) fn tell_refused(
        &mut self,
        source: SocketAddr,
        participant: Option<&str>,
        cause: RefusedCause,
    ) {
        let participant = participant.map(|name| name.chars().take(MAX_TOLD).collect());
        self.tell(Event::Refused { participant, source: Redacted(source), cause });
    }

    /// The types that must be understood and are not, as the value of UNKNOWN-ATTRIBUTES.
    fn unknown_attributes(&self, message: &Message<'_>) -> Option<Vec<u8>> {
        let dont_fragment = self.keeps_whole();
        let kinds = message.attributes().map(|(kind, _)| kind);
        let unknown = kinds.filter(|kind| is_unknown(*kind, dont_fragment)).take(MAX_UNKNOWN);
        let value: Vec<u8> = unknown.flat_map(u16::to_be_bytes).collect();
        (!value.is_empty()).then_some(value)
    }

    /// Whether datagrams are not fragmented on their way to peers.
    pub(super) fn keeps_whole(&self) -> bool {
        self.config.relay.ports.is_none() || self.config.relay.dont_fragment
    }

    /// Whether a message is looked at; those of clients with an allocation are.
    fn admits(&mut self, now: Instant, client: Client, source: SocketAddr) -> bool {
        self.allocations.of_client(&client).is_some() || self.admits_stranger(now, source)
    }

    fn admits_stranger(&mut self, now: Instant, source: SocketAddr) -> bool {
        let admits = self.strangers.admits(now, Prefix::of(source.ip()));
        self.counters.rate_limited += u64::from(!admits);
        admits
    }
}

/// Whether the answer to a stranger gets a FINGERPRINT: only if the request had one, and the answer
/// stays shorter than it or its address cannot be forged.
pub(super) fn has_room_for_fingerprint(
    message: &Message<'_>,
    answer: &Answer,
    client: Client,
) -> bool {
    let fits = answer.length() + FINGERPRINT_SIZE <= message.length();
    message.has_fingerprint() && (fits || matches!(client, Client::Stream(_)))
}

/// An IPv4 address is told as such, also where the socket is one of IPv6.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Bytes of a FINGERPRINT with its header.
const FINGERPRINT_SIZE: usize = 8;

/// More than any client sends; the rest would only make the answer longer.
const MAX_UNKNOWN: usize = 16;

/// Characters of a name from outside that are told.
const MAX_TOLD: usize = 128;
