//! The relay of one shard.
//!
//! - `authentication`: who asks (RFC 8489 §9.2).
//! - `requests`: from a message to the method that it asks for, and answers.
//! - `allocate`: Allocate (RFC 8656 §7), and `sockets`: relayed addresses that have one.
//! - `refresh`: Refresh (§8), and how allocations end.
//! - `permissions`: CreatePermission (§10) and ChannelBind (§12).
//! - `relaying`: Send, Data and ChannelData (§11, §12). The packet path.
//! - `streams`: connections.

mod allocate;
mod authentication;
mod permissions;
mod refresh;
mod relaying;
mod requests;
mod sockets;
mod streams;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use rustc_hash::FxHashMap;

use crate::allocations::Allocations;
use crate::clock::Clock;
use crate::config::Config;
use crate::counters::Counters;
use crate::credential::Passwords;
use crate::input::{Client, Input, StreamId};
use crate::nonce::Nonces;
use crate::output::{Event, Output};
use crate::random::Random;
use crate::strangers::Strangers;
use crate::stun::KeyedHash;
use crate::timers::Timer;
use crate::transmit::Transmits;

/// The STUN/TURN server of one shard.
///
/// Give it every input with [`Server::handle`], then call [`Server::poll`] until it returns `None`,
/// and wait until [`Server::deadline`].
#[derive(Debug)]
pub struct Server {
    config: Config,
    clock: Clock,
    passwords: Passwords,
    nonces: Nonces,
    strangers: Strangers,
    allocations: Allocations,
    /// The clients of connections.
    streams: FxHashMap<StreamId, SocketAddr>,
    transactions: Random,
    outputs: VecDeque<Output>,
    counters: Counters,
}

impl Server {
    /// A server without allocations.
    pub fn new(config: Config, now: Instant) -> Self {
        let key = KeyedHash::new(&hexadecimal(&config.nonce_key.0));
        Self {
            clock: Clock::new(now, config.started),
            passwords: Passwords::new(&config.secret),
            strangers: Strangers::new(now, config.seed),
            allocations: Allocations::new(&config, &key),
            streams: FxHashMap::default(),
            transactions: Random::new(&key, config.seed, "transactions"),
            nonces: Nonces::new(key),
            outputs: VecDeque::new(),
            counters: Counters::default(),
            config,
        }
    }

    /// Takes an input. What is to be sent because of it goes to `transmits` at once.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, transmits: &mut impl Transmits) {
        match input {
            Input::Datagram { source, destination, contents } => {
                let client = Client::Udp { remote: source, local: destination };
                self.take(now, client, source, contents, transmits);
            }
            Input::Stream { stream, contents } => {
                // Not known: it was closed, and this was still on its way.
                let Some(source) = self.streams.get(&stream).copied() else { return };
                self.take(now, Client::Stream(stream), source, contents, transmits);
            }
            Input::Relayed { relay, peer, contents } => {
                self.relayed(now, relay, peer, contents, transmits);
            }
            Input::StreamOpened { stream, remote, local: _ } => {
                self.open_stream(now, stream, remote);
            }
            Input::StreamClosed { stream } => self.forget_stream(now, stream),
            Input::Bound { relay, result } => self.bound(now, relay, result, transmits),
            Input::Revoke { participant } => self.revoke(now, participant),
            Input::Clock { unix_seconds } => self.clock.set(now, unix_seconds),
            Input::Timeout => self.look_after(now),
        }
    }

    /// The next thing that is to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due. It may turn out that nothing was to be done.
    pub fn deadline(&self) -> Option<Instant> {
        self.allocations.timers.next()
    }

    /// What was counted until now.
    pub fn counters(&self) -> Counters {
        Counters {
            allocations: self.allocations.len() as u64,
            streams: self.streams.len() as u64,
            ..self.counters
        }
    }

    /// Whether the client has an allocation here.
    pub fn serves(&self, client: Client) -> bool {
        self.allocations.serves(client)
    }

    /// Whether nothing is kept for anybody: no allocation, no reserved port and no connection.
    pub fn is_empty(&self) -> bool {
        self.allocations.is_empty() && self.streams.is_empty()
    }

    /// ChannelData or STUN: the first two bits tell (RFC 8656 §12.4).
    fn take(
        &mut self,
        now: Instant,
        client: Client,
        source: SocketAddr,
        contents: &[u8],
        transmits: &mut impl Transmits,
    ) {
        if contents.first().is_some_and(|first| *first >= FIRST_OF_CHANNELS) {
            self.channel_data(now, client, contents, transmits);
        } else {
            self.stun(now, client, source, contents, transmits);
        }
    }

    fn look_after(&mut self, now: Instant) {
        while let Some(timer) = self.allocations.timers.pop_due(now) {
            match timer {
                Timer::Allocation { key, serial } => self.expire(now, key, serial),
                Timer::Reservation { token } => {
                    self.allocations.release(token);
                }
                Timer::Stream(stream) => self.dismiss_stream(stream),
            }
        }
    }

    fn tell(&mut self, event: Event) {
        // The engine polls after each input; a log line may be lost where it does not.
        let refusal = matches!(event, Event::Refused { .. });
        if !refusal || self.outputs.len() < MAX_REFUSALS_WAITING {
            self.outputs.push_back(Output::Event(event));
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Below are those of STUN.
const FIRST_OF_CHANNELS: u8 = 0x40;

/// Refusals are not told while so much waits to be polled.
const MAX_REFUSALS_WAITING: usize = 1_024;
