//! Allocate (RFC 8656 §7).

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::allocation::{Allocation, Opening, Wish};
use crate::config::Redacted;
use crate::input::Client;
use crate::output::{Event, Output};
use crate::ports::Wanted;
use crate::server::Server;
use crate::server::refresh::{granted, lifetime_in};
use crate::server::requests::{Refusal, Request, canonical};
use crate::stun::{Answer, IPV4, IPV6, Message, Method, types};

/// What an Allocate request asks for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    address: IpAddr,
    port: Wanted,
    /// RESERVATION-TOKEN.
    token: Option<[u8; 8]>,
    lifetime: u32,
    additional: bool,
}

impl Server {
    /// `None` if its socket has to be bound first.
    pub(super) fn allocate(
        &mut self,
        now: Instant,
        request: &Request<'_>,
    ) -> Result<Option<Answer>, Refusal> {
        if let Some(key) = self.allocations.of_client(&request.client) {
            return self.allocate_again(key, request);
        }
        let asked = self.asked(request)?;
        let (user, source) = (request.user.participant, request.source);
        if !self.allocations.within_quota(user, source.ip(), &self.config.limits) {
            return Err(Refusal::code(486));
        }
        let relay = self.find_relay(&asked, user).ok_or(Refusal::code(508))?;
        let key = self.open(now, request, &asked, relay);
        if asked.port == Wanted::Pair {
            self.reserve_next(now, key);
        }
        if self.config.relay.ports.is_some() {
            self.outputs.push_back(Output::Bind { relay });
            return Ok(None);
        }
        Ok(self.allocated(key))
    }

    /// A request that was repeated because its answer was lost gets it again.
    fn allocate_again(&self, key: u32, request: &Request<'_>) -> Result<Option<Answer>, Refusal> {
        let held = self.allocations.get(key).ok_or(Refusal::code(437))?;
        if held.opening.transaction != request.message.transaction() {
            return Err(Refusal::code(437));
        }
        Ok(held.binding.is_none().then(|| success(held)))
    }

    fn find_relay(&mut self, asked: &Asked, user: &str) -> Option<SocketAddr> {
        if self.allocations.is_full(&self.config.limits) {
            return None;
        }
        match asked.token {
            Some(token) => self.allocations.redeem(token, user),
            None => self.allocations.find_port(asked.address, asked.port, &self.config),
        }
    }

    fn open(
        &mut self,
        now: Instant,
        request: &Request<'_>,
        asked: &Asked,
        relay: SocketAddr,
    ) -> u32 {
        let opening = Opening {
            transaction: request.message.transaction(),
            fingerprint: request.message.has_fingerprint(),
            lifetime: asked.lifetime,
            wanted: asked.port,
            redeemed: asked.token.is_some(),
            token: None,
            additional_refused: asked.additional,
        };
        let wish = Wish {
            client: request.client,
            source: request.source,
            relay,
            username: request.username,
            signature: request.signature.clone(),
            opening,
            binding: self.config.relay.ports.is_some(),
        };
        self.allocations.insert(wish, now)
    }

    /// Keeps the port behind the allocation's for a second one.
    pub(super) fn reserve_next(&mut self, now: Instant, key: u32) {
        let Some(held) = self.allocations.get(key) else { return };
        let (relay, participant) = (held.relay, Box::<str>::from(held.participant()));
        let token = self.allocations.reserve(relay, &participant, now);
        if let Some(held) = self.allocations.get_mut(key) {
            held.opening.token = Some(token);
        }
    }

    /// The allocation is there: tells it.
    pub(super) fn allocated(&mut self, key: u32) -> Option<Answer> {
        let held = self.allocations.get(key)?;
        let answer = success(held);
        let opened = Event::AllocationOpened {
            participant: held.participant().into(),
            source: Redacted(held.source),
            relay: held.relay,
            tcp: matches!(held.client, Client::Stream(_)),
        };
        self.counters.opened += 1;
        self.tell(opened);
        Some(answer)
    }

    /// In the order of RFC 8656 §7.2.
    fn asked(&self, request: &Request<'_>) -> Result<Asked, Refusal> {
        let message = &request.message;
        match message.attribute(types::REQUESTED_TRANSPORT) {
            Some([UDP, _, _, _]) => {}
            Some([_, _, _, _]) => return Err(Refusal::code(442)),
            _ => return Err(Refusal::code(400)),
        }
        let family = family(message, types::REQUESTED_ADDRESS_FAMILY)?;
        let additional = family_of_second(message)?;
        let port = self.wanted_port(message)?;
        let token = message.attribute(types::RESERVATION_TOKEN);
        let token = token.map(<[u8; 8]>::try_from).transpose().map_err(|_| Refusal::code(400))?;
        let contradicts = (token.is_some() && (family.is_some() || port != Wanted::Any))
            || (additional && (family.is_some() || token.is_some() || port == Wanted::Pair));
        if contradicts {
            return Err(Refusal::code(400));
        }
        let relay = &self.config.relay;
        let address = match family.unwrap_or(IPV4) {
            IPV4 => relay.ipv4.map(IpAddr::V4),
            _ => relay.ipv6.map(IpAddr::V6),
        };
        let lifetime = granted(lifetime_in(request)?);
        let address = match (address, token) {
            // The token decides the family.
            (None, Some(_)) => IpAddr::from([0; 4]),
            (address, _) => address.ok_or(Refusal::code(440))?,
        };
        if port == Wanted::Pair && !self.allocations.may_reserve() {
            return Err(Refusal::code(508));
        }
        Ok(Asked { address, port, token, lifetime, additional })
    }

    fn wanted_port(&self, message: &Message<'_>) -> Result<Wanted, Refusal> {
        match message.attribute(types::EVEN_PORT) {
            None => Ok(Wanted::Any),
            Some([bits]) if bits & RESERVE_NEXT != 0 => Ok(Wanted::Pair),
            Some([_]) => Ok(Wanted::Even),
            Some(_) => Err(Refusal::code(400)),
        }
    }
}

/// The answer to the request that opened an allocation, the same each time.
pub(super) fn success(held: &Allocation) -> Answer {
    let opening = &held.opening;
    let mut answer = Answer::success(Method::Allocate, opening.transaction)
        .with_address(types::XOR_RELAYED_ADDRESS, held.relay)
        .with_address(types::XOR_MAPPED_ADDRESS, canonical(held.source))
        .with_number(types::LIFETIME, opening.lifetime);
    if let Some(token) = opening.token {
        answer = answer.with(types::RESERVATION_TOKEN, &token);
    }
    if opening.additional_refused {
        // Family, and 440 (RFC 8656 §18.13).
        answer = answer.with(types::ADDRESS_ERROR_CODE, &[IPV6, 0, 4, 40]);
    }
    answer
}

fn family(message: &Message<'_>, kind: u16) -> Result<Option<u8>, Refusal> {
    match message.attribute(kind) {
        None => Ok(None),
        Some([family @ (IPV4 | IPV6), _, _, _]) => Ok(Some(*family)),
        Some([_, _, _, _]) => Err(Refusal::code(440)),
        Some(_) => Err(Refusal::code(400)),
    }
}

/// Whether a second address, of IPv6, is asked for.
fn family_of_second(message: &Message<'_>) -> Result<bool, Refusal> {
    match message.attribute(types::ADDITIONAL_ADDRESS_FAMILY) {
        None => Ok(false),
        Some([IPV6, _, _, _]) => Ok(true),
        Some(_) => Err(Refusal::code(400)),
    }
}

/// REQUESTED-TRANSPORT: the protocol number (RFC 8656 §18.8).
const UDP: u8 = 17;

/// EVEN-PORT: the next port is to be reserved (RFC 8656 §18.7).
const RESERVE_NEXT: u8 = 0x80;
