//! All allocations of a shard: by client, by relayed address, counted for each user and address.

use std::borrow::Borrow;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use slab::Slab;

use crate::allocation::{Allocation, Wish};
use crate::config::{Config, Limits};
use crate::input::Client;
use crate::ports::{Holder, Ports, Wanted, next_of};
use crate::prefix::Prefix;
use crate::random::Random;
use crate::reserved::token_of;
use crate::stun::KeyedHash;
use crate::timers::{Timer, Timers};

/// All allocations of a shard, and the ports that are reserved.
#[derive(Debug)]
pub(crate) struct Allocations {
    held: Slab<Allocation>,
    by_client: FxHashMap<Client, u32>,
    by_user: FxHashMap<Box<str>, u32>,
    by_address: FxHashMap<Prefix, u32>,
    ports: Ports,
    reservations: FxHashMap<[u8; 8], Reservation>,
    tokens: Random,
    shard: u16,
    shards: u16,
    /// Of the next allocation.
    serial: u32,
    pub timers: Timers,
}

/// A port that waits for its second allocation (RFC 8656 §7.2).
#[derive(Debug)]
struct Reservation {
    relay: SocketAddr,
    participant: Box<str>,
}

impl Allocations {
    pub(crate) fn new(config: &Config, key: &KeyedHash) -> Self {
        let random = |purpose| Random::new(key, config.seed, purpose);
        Self {
            held: Slab::new(),
            by_client: FxHashMap::default(),
            by_user: FxHashMap::default(),
            by_address: FxHashMap::default(),
            ports: Ports::new(config.shard, config.shards, random("ports")),
            reservations: FxHashMap::default(),
            tokens: random("tokens"),
            shard: config.shard,
            shards: config.shards,
            serial: 0,
            timers: Timers::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.reservations.is_empty()
    }

    pub(crate) fn of_client(&self, client: &Client) -> Option<u32> {
        self.by_client.get(client).copied()
    }

    pub(crate) fn of_relay(&self, relay: SocketAddr) -> Option<u32> {
        match self.ports.holder(relay)? {
            Holder::Allocation(key) => Some(key),
            Holder::Reserved => None,
        }
    }

    pub(crate) fn of_participant(&self, participant: &str) -> Vec<u32> {
        let held = self.held.iter().filter(|(_, held)| held.participant() == participant);
        held.map(|(key, _)| key as u32).collect()
    }

    pub(crate) fn get(&self, key: u32) -> Option<&Allocation> {
        self.held.get(key as usize)
    }

    pub(crate) fn get_mut(&mut self, key: u32) -> Option<&mut Allocation> {
        self.held.get_mut(key as usize)
    }

    /// Whether one more may be had.
    pub(crate) fn is_full(&self, limits: &Limits) -> bool {
        self.held.len() >= limits.total as usize
    }

    /// Whether the user and the address may have one more.
    pub(crate) fn within_quota(&self, user: &str, source: IpAddr, limits: &Limits) -> bool {
        let of_user = self.by_user.get(user).copied().unwrap_or_default();
        let of_address = self.by_address.get(&Prefix::of(source)).copied().unwrap_or_default();
        of_user < limits.per_user && of_address < limits.per_address
    }

    pub(crate) fn find_port(
        &mut self,
        address: IpAddr,
        wanted: Wanted,
        config: &Config,
    ) -> Option<SocketAddr> {
        self.ports.find(address, wanted, &config.relay, &config.policy.node)
    }

    pub(crate) fn insert(&mut self, wish: Wish<'_>, now: Instant) -> u32 {
        self.serial = self.serial.wrapping_add(1);
        let allocation = Allocation::new(wish, self.serial, now);
        let (client, relay) = (allocation.client, allocation.relay);
        *self.by_user.entry(allocation.participant().into()).or_default() += 1;
        *self.by_address.entry(Prefix::of(allocation.source.ip())).or_default() += 1;
        let (at, serial) = (allocation.expires, allocation.serial);
        let key = self.held.insert(allocation) as u32;
        self.by_client.insert(client, key);
        self.ports.take(relay, Holder::Allocation(key));
        self.timers.schedule(at, Timer::Allocation { key, serial });
        self.tidy_timers();
        key
    }

    fn tidy_timers(&mut self) {
        if !self.timers.are_many() {
            return;
        }
        let (held, reservations) = (&self.held, &self.reservations);
        self.timers.retain(|timer| match timer {
            Timer::Allocation { key, serial } => {
                held.get(*key as usize).is_some_and(|held| held.serial == *serial)
            }
            Timer::Reservation { token } => reservations.contains_key(token),
            Timer::Stream(_) => true,
        });
    }

    pub(crate) fn remove(&mut self, key: u32) -> Option<Allocation> {
        let allocation = self.held.try_remove(key as usize)?;
        self.by_client.remove(&allocation.client);
        self.ports.free(allocation.relay);
        count_down(&mut self.by_user, allocation.participant());
        count_down(&mut self.by_address, &Prefix::of(allocation.source.ip()));
        Some(allocation)
    }

    /// Gives an allocation another port, or `None` if there is none.
    pub(crate) fn move_port(
        &mut self,
        key: u32,
        wanted: Wanted,
        config: &Config,
    ) -> Option<SocketAddr> {
        let old = self.get(key)?.relay;
        let relay = self.find_port(old.ip(), wanted, config)?;
        self.ports.free(old);
        self.ports.take(relay, Holder::Allocation(key));
        self.get_mut(key)?.relay = relay;
        Some(relay)
    }

    /// Lets an allocation live for so long from now on.
    pub(crate) fn refresh(&mut self, key: u32, now: Instant, lifetime: Duration) {
        let Some(allocation) = self.held.get_mut(key as usize) else { return };
        allocation.expires = now + lifetime;
        if allocation.expires < allocation.scheduled {
            allocation.scheduled = allocation.expires;
            let timer = Timer::Allocation { key, serial: allocation.serial };
            self.timers.schedule(allocation.expires, timer);
        }
    }

    /// Whether the allocation of a timer has expired. One that was put off gets a new timer.
    pub(crate) fn has_expired(&mut self, key: u32, serial: u32, now: Instant) -> bool {
        let held = self.held.get_mut(key as usize);
        let Some(allocation) = held.filter(|held| held.serial == serial) else { return false };
        if allocation.expires <= now {
            return true;
        }
        // A timer before the earliest one that counts is void: that one is still to come.
        if allocation.scheduled <= now {
            allocation.scheduled = allocation.expires;
            self.timers.schedule(allocation.expires, Timer::Allocation { key, serial });
        }
        false
    }

    /// Whether the client has one.
    pub(crate) fn serves(&self, client: Client) -> bool {
        self.by_client.contains_key(&client)
    }

    /// Whether another port may be kept for somebody.
    pub(crate) fn may_reserve(&self) -> bool {
        self.reservations.len() < MAX_RESERVATIONS
    }

    /// Keeps the second port of a pair for whoever comes with the token.
    pub(crate) fn reserve(
        &mut self,
        relay: SocketAddr,
        participant: &str,
        now: Instant,
    ) -> [u8; 8] {
        let token = token_of(self.shard, self.shards, self.tokens.next());
        let relay = next_of(relay);
        self.ports.take(relay, Holder::Reserved);
        self.reservations.insert(token, Reservation { relay, participant: participant.into() });
        self.timers.schedule(now + RESERVATION_LIFETIME, Timer::Reservation { token });
        token
    }

    /// The port that was kept for the token, which is void then.
    pub(crate) fn redeem(&mut self, token: [u8; 8], participant: &str) -> Option<SocketAddr> {
        let held = self.reservations.get(&token);
        held.filter(|held| *held.participant == *participant)?;
        self.release(token)
    }

    /// Lets a reserved port go.
    pub(crate) fn release(&mut self, token: [u8; 8]) -> Option<SocketAddr> {
        let reservation = self.reservations.remove(&token)?;
        self.ports.free(reservation.relay);
        Some(reservation.relay)
    }
}

fn count_down<K, Q>(counts: &mut FxHashMap<K, u32>, key: &Q)
where
    K: Borrow<Q> + Hash + Eq,
    Q: Hash + Eq + ?Sized,
{
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// RFC 8656 §7.2.
const RESERVATION_LIFETIME: Duration = Duration::from_secs(30);

/// Nobody may take all ports by giving back the first of each pair. Only old programs reserve.
const MAX_RESERVATIONS: usize = 64;
