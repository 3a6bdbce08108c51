//! One allocation: a client, a relayed address, permissions and channels (RFC 8656 §2).

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::bandwidth::Bucket;
use crate::clock::Tick;
use crate::counters::Traffic;
use crate::credential::User;
use crate::input::Client;
use crate::policy::Route;
use crate::ports::Wanted;
use crate::stun::{Signature, Transaction};

/// One allocation.
#[derive(Debug)]
pub(crate) struct Allocation {
    /// Tells it from others that had its place in the table.
    pub serial: u32,
    pub client: Client,
    /// The client's address.
    pub source: SocketAddr,
    pub relay: SocketAddr,
    pub username: Box<str>,
    pub signature: Signature,
    pub opening: Opening,
    /// Whether its socket is still being bound; sockets are tried so many times.
    pub binding: Option<u8>,
    pub expires: Instant,
    /// The earliest of its timers.
    pub scheduled: Instant,
    permissions: Vec<Permission>,
    channels: Vec<Channel>,
    /// From the client, and to it.
    pub buckets: [Bucket; 2],
    pub to_peers: Traffic,
    pub to_client: Traffic,
}

/// What the Allocate request asked for: it may be repeated, and is answered the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opening {
    pub transaction: Transaction,
    pub fingerprint: bool,
    pub lifetime: u32,
    pub wanted: Wanted,
    /// The port was reserved before: no other will do.
    pub redeemed: bool,
    /// RESERVATION-TOKEN of the next port.
    pub token: Option<[u8; 8]>,
    /// It asked for a second address of the other family as well, which is not given.
    pub additional_refused: bool,
}

/// Peers of this address may send.
#[derive(Debug, Clone, Copy)]
struct Permission {
    peer: IpAddr,
    expires: Tick,
}

/// A number that stands for a peer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Channel {
    pub number: u16,
    expires: Tick,
    // A socket address would take 12 bytes more.
    address: IpAddr,
    port: u16,
    pub route: Route,
}

impl Channel {
    pub(crate) fn peer(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }

    fn is_to(&self, peer: SocketAddr) -> bool {
        self.port == peer.port() && self.address == peer.ip()
    }
}

/// Why a channel cannot be bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelError {
    /// The number stands for another peer, or the peer has another number.
    Conflict,
    /// There are too many.
    Full,
}

/// A new allocation, but for what the table adds.
#[derive(Debug)]
pub(crate) struct Wish<'a> {
    pub client: Client,
    pub source: SocketAddr,
    pub relay: SocketAddr,
    pub username: &'a str,
    pub signature: Signature,
    pub opening: Opening,
    pub binding: bool,
}

impl Allocation {
    pub(crate) fn new(wish: Wish<'_>, serial: u32, now: Instant) -> Self {
        let expires = now + Duration::from_secs(u64::from(wish.opening.lifetime));
        Self {
            serial,
            client: wish.client,
            source: wish.source,
            relay: wish.relay,
            username: wish.username.into(),
            signature: wish.signature,
            opening: wish.opening,
            binding: wish.binding.then_some(0),
            expires,
            scheduled: expires,
            permissions: Vec::new(),
            channels: Vec::new(),
            buckets: [Bucket::default(); 2],
            to_peers: Traffic::default(),
            to_client: Traffic::default(),
        }
    }

    pub(crate) fn participant(&self) -> &str {
        User::read(&self.username).map_or(&self.username, |user| user.participant)
    }

    pub(crate) fn permits(&self, peer: IpAddr, tick: Tick) -> bool {
        self.permissions.iter().any(|held| held.peer == peer && tick < held.expires)
    }

    /// Makes or renews permissions: all of them or, if there are too many, none.
    pub(crate) fn permit(&mut self, peers: &[IpAddr], tick: Tick) -> bool {
        self.permissions.retain(|held| tick < held.expires);
        let is_new = |peer: &IpAddr| self.permissions.iter().all(|held| held.peer != *peer);
        let added = peers.iter().filter(|peer| is_new(peer)).count();
        if self.permissions.len() + added > MAX_PERMISSIONS {
            return false;
        }
        if self.permissions.capacity() < self.permissions.len() + added {
            self.permissions.reserve_exact(added.next_multiple_of(PERMISSIONS_AT_ONCE));
        }
        let expires = tick.after(PERMISSION_LIFETIME);
        for peer in peers {
            match self.permissions.iter_mut().find(|held| held.peer == *peer) {
                Some(held) => held.expires = expires,
                None => self.permissions.push(Permission { peer: *peer, expires }),
            }
        }
        true
    }

    /// The peer for which a number stands.
    pub(crate) fn channel(&self, number: u16, tick: Tick) -> Option<&Channel> {
        self.channels.iter().find(|held| held.number == number && tick < held.expires)
    }

    /// The number that stands for a peer.
    pub(crate) fn channel_to(&self, peer: SocketAddr, tick: Tick) -> Option<u16> {
        let mut channels = self.channels.iter();
        channels.find(|held| held.is_to(peer) && tick < held.expires).map(|held| held.number)
    }

    /// Binds or renews a channel, and renews the permission of its peer (RFC 8656 §12.2).
    pub(crate) fn bind(
        &mut self,
        number: u16,
        peer: SocketAddr,
        route: Route,
        tick: Tick,
    ) -> Result<(), ChannelError> {
        self.channels.retain(|held| tick < held.expires);
        let mut channels = self.channels.iter();
        let held = channels.position(|held| held.number == number || held.is_to(peer));
        let expires = tick.after(CHANNEL_LIFETIME);
        let (address, port) = (peer.ip(), peer.port());
        let channel = Channel { number, expires, address, port, route };
        match held.and_then(|at| self.channels.get(at)) {
            Some(held) if held.number != number || !held.is_to(peer) => {
                return Err(ChannelError::Conflict);
            }
            None if self.channels.len() >= MAX_CHANNELS => return Err(ChannelError::Full),
            _ => {}
        }
        if !self.permit(&[peer.ip()], tick) {
            return Err(ChannelError::Full);
        }
        match held.and_then(|at| self.channels.get_mut(at)) {
            Some(held) => *held = channel,
            None => self.channels.push(channel),
        }
        Ok(())
    }
}

/// RFC 8656 §9.
pub(crate) const PERMISSION_LIFETIME: Duration = Duration::from_secs(300);
/// RFC 8656 §12.
pub(crate) const CHANNEL_LIFETIME: Duration = Duration::from_secs(600);

/// Browsers ask for one for each candidate of the other side. 24 bytes each.
const MAX_PERMISSIONS: usize = 24;
/// Most need only a few, and doubling would take more than the bound.
const PERMISSIONS_AT_ONCE: usize = 8;
/// One for each candidate that is in use. 32 bytes each.
const MAX_CHANNELS: usize = 16;
