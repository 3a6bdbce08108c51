//! Data between clients and peers: Send and Data (RFC 8656 §11), ChannelData (§12). The packet
//! path: nothing here allocates or hashes a text.

use std::net::SocketAddr;
use std::time::Instant;

use crate::clock::Tick;
use crate::input::Client;
use crate::policy::Route;
use crate::server::Server;
use crate::stun::{HEADER, MAGIC_COOKIE, Message, XorAddress, is_unknown, read_address, types};
use crate::transmit::Transmits;

impl Server {
    /// ChannelData of a client.
    pub(super) fn channel_data(
        &mut self,
        now: Instant,
        client: Client,
        contents: &[u8],
        transmits: &mut impl Transmits,
    ) {
        let Some((number, payload)) = read_channel_data(contents) else {
            self.counters.malformed += 1;
            return;
        };
        let tick = self.clock.tick(now);
        let key = self.allocations.of_client(&client);
        let channel = key.and_then(|key| self.allocations.get(key)?.channel(number, tick));
        let (Some(key), Some(channel)) = (key, channel) else {
            self.counters.not_permitted += 1;
            return;
        };
        let (peer, route) = (channel.peer(), channel.route);
        self.forward(tick, key, peer, route, payload, transmits);
    }

    /// A Send indication of a client. Faults are not answered (RFC 8656 §11.2).
    pub(super) fn send_indication(
        &mut self,
        now: Instant,
        client: Client,
        message: &Message<'_>,
        transmits: &mut impl Transmits,
    ) {
        let dont_fragment = self.keeps_whole();
        let mut kinds = message.attributes().map(|(kind, _)| kind);
        let understood = kinds.all(|kind| !is_unknown(kind, dont_fragment));
        let peer = message.attribute(types::XOR_PEER_ADDRESS);
        let peer = peer.and_then(|value| read_address(value, &message.transaction()));
        let payload = message.attribute(types::DATA);
        let (Some(peer), Some(payload), true) = (peer, payload, understood) else {
            self.counters.malformed += 1;
            return;
        };
        let tick = self.clock.tick(now);
        let key = self.allocations.of_client(&client);
        let permits = |key: &u32| {
            self.allocations.get(*key).is_some_and(|held| held.permits(peer.ip(), tick))
        };
        let route = self.config.policy.route(peer, &self.config.relay, self.config.shards);
        let (Some(key), Some(route)) = (key.filter(permits), route) else {
            self.counters.not_permitted += 1;
            return;
        };
        self.forward(tick, key, peer, route, payload, transmits);
    }

    /// From a client to a peer.
    fn forward(
        &mut self,
        tick: Tick,
        key: u32,
        peer: SocketAddr,
        route: Route,
        payload: &[u8],
        transmits: &mut impl Transmits,
    ) {
        let Some(held) = self.allocations.get_mut(key) else { return };
        let [from_client, _] = &mut held.buckets;
        if !from_client.admits(tick, payload.len(), self.config.limits.bytes_per_second) {
            self.counters.over_bandwidth += 1;
            return;
        }
        held.to_peers.count(payload.len());
        self.counters.to_peers.count(payload.len());
        let relay = held.relay;
        match route {
            Route::Node => transmits.to_node(relay, peer, payload),
            Route::Outside => transmits.to_peer(relay, peer, payload),
            Route::Relay { shard } if shard == self.config.shard => {
                self.deliver(tick, peer, relay, payload, transmits);
            }
            Route::Relay { .. } => transmits.to_relay(relay, peer, payload),
        }
    }

    /// A datagram that reached a relayed address.
    pub(super) fn relayed(
        &mut self,
        now: Instant,
        relay: SocketAddr,
        peer: SocketAddr,
        payload: &[u8],
        transmits: &mut impl Transmits,
    ) {
        let tick = self.clock.tick(now);
        self.deliver(tick, relay, peer, payload, transmits);
    }

    /// From a peer to the client of a relayed address: by a channel, if one is bound.
    fn deliver(
        &mut self,
        tick: Tick,
        relay: SocketAddr,
        peer: SocketAddr,
        payload: &[u8],
        transmits: &mut impl Transmits,
    ) {
        let key = self.allocations.of_relay(relay);
        let held = key.and_then(|key| self.allocations.get_mut(key));
        let held = held.filter(|held| held.binding.is_none() && held.permits(peer.ip(), tick));
        let Some(held) = held.filter(|_| payload.len() <= MAX_PAYLOAD) else {
            self.counters.unwanted += 1;
            return;
        };
        let [_, to_client] = &mut held.buckets;
        if !to_client.admits(tick, payload.len(), self.config.limits.bytes_per_second) {
            self.counters.over_bandwidth += 1;
            return;
        }
        held.to_client.count(payload.len());
        self.counters.to_clients.count(payload.len());
        let (client, channel) = (held.client, held.channel_to(peer, tick));
        let padding = payload.len().next_multiple_of(4) - payload.len();
        match channel {
            Some(number) => {
                let head = channel_head(number, payload.len());
                // ChannelData is padded on streams only (RFC 8656 §12.5).
                let padding = if matches!(client, Client::Stream(_)) { padding } else { 0 };
                transmits.to_client(client, &head, payload, padding);
            }
            None => {
                let head = DataHead::new(self.transactions.transaction(), peer, payload.len());
                transmits.to_client(client, head.bytes(), payload, padding);
            }
        }
    }
}

/// Number and payload; over UDP padding may follow, and on streams it does.
fn read_channel_data(contents: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = contents.split_first_chunk::<4>()?;
    let [n0, n1, l0, l1] = *head;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    let padded = rest.len() <= length.next_multiple_of(4);
    let payload = rest.get(..length).filter(|_| padded)?;
    Some((u16::from_be_bytes([n0, n1]), payload))
}

fn channel_head(number: u16, length: usize) -> [u8; 4] {
    let [n0, n1] = number.to_be_bytes();
    let [l0, l1] = (length as u16).to_be_bytes();
    [n0, n1, l0, l1]
}

/// A Data indication up to its payload: header, XOR-PEER-ADDRESS, and the head of DATA.
struct DataHead {
    bytes: [u8; MAX_DATA_HEAD],
    length: usize,
}

impl DataHead {
    fn new(transaction: [u8; 12], peer: SocketAddr, payload: usize) -> Self {
        let address = XorAddress::new(peer, &transaction);
        let address = address.bytes();
        let attributes = 4 + address.len() + 4 + payload.next_multiple_of(4);
        let mut head = Self { bytes: [0; MAX_DATA_HEAD], length: 0 };
        head.push(&DATA_INDICATION.to_be_bytes());
        head.push(&(attributes as u16).to_be_bytes());
        head.push(&MAGIC_COOKIE.to_be_bytes());
        head.push(&transaction);
        head.push(&types::XOR_PEER_ADDRESS.to_be_bytes());
        head.push(&(address.len() as u16).to_be_bytes());
        head.push(address);
        head.push(&types::DATA.to_be_bytes());
        head.push(&(payload as u16).to_be_bytes());
        head
    }

    fn push(&mut self, part: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.length..self.length + part.len()) {
            place.copy_from_slice(part);
            self.length += part.len();
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The class of an indication, and method 7.
const DATA_INDICATION: u16 = 0x0017;

/// With an address of IPv6.
const MAX_DATA_HEAD: usize = HEADER + 4 + 20 + 4;

/// The length of a Data indication is a number of 16 bits. A UDP datagram may be longer than this
/// by some bytes, but no network carries it.
const MAX_PAYLOAD: usize = 65_500;
