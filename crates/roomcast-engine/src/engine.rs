//! The handle by which the control plane speaks to the shards.

use std::any::Any;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use roomcast_net::tcp::Stream;
use roomcast_net::udp::Socket;
use roomcast_sfu::{Command, Event, Identity, SessionReport, ShardConfig, ShardId};
use roomcast_turn::{Redacted, RelayConfig};

use crate::mailbox::{Letter, Mailbox};
use crate::relay::{Arrival, Taken, unix_seconds};
use crate::report::Asked;
use crate::worker::{Cores, Shared, Worker};
use crate::{Config, Stats};

/// A running engine. Clones share it; the threads end when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Counts connections, which go to the shards in turn.
    next: AtomicUsize,
}

impl Engine {
    /// Binds the sockets and starts the shards. `events` is called from the shards' threads, once
    /// for each event, and must not block. Where the platform cannot share a port among sockets,
    /// there is one shard.
    ///
    /// # Errors
    /// Most often that the port is taken or may not be used.
    pub fn start(
        config: &Config,
        events: impl Fn(Event) + Send + Clone + 'static,
    ) -> io::Result<Self> {
        let sockets = Socket::bind_group(config.listen, config.shards.max(1))?;
        let identity = Identity::generate().map_err(io::Error::other)?;
        let shards = u16::try_from(sockets.len()).unwrap_or(u16::MAX);
        let may_fragment = sockets.iter().any(Socket::may_fragment);
        let (mut mailboxes, mut workers) = (Vec::new(), Vec::new());
        for socket in sockets {
            let (mailbox, worker) = Worker::prepare(socket)?;
            mailboxes.push(mailbox);
            workers.push(worker);
        }
        let cores = Plan { config, identity, shards, may_fragment }.cores();
        let shared = Arc::new(Shared {
            mailboxes,
            stats: (0..shards).map(|_| Mutex::new(Stats::default())).collect(),
            taken: Arc::new(Taken::new(relay_config(config), shards)),
            stop: AtomicBool::new(false),
        });
        let mut threads = Vec::new();
        for (worker, cores) in workers.into_iter().zip(cores) {
            let (shared, events) = (Arc::clone(&shared), events.clone());
            let thread = std::thread::Builder::new()
                .name(format!("shard-{}", cores.media.id.0))
                .spawn(move || worker.run(cores, &shared, &events))?;
            threads.push(thread);
        }
        let next = AtomicUsize::new(0);
        Ok(Self { inner: Arc::new(Inner { shared, threads: Mutex::new(threads), next }) })
    }

    /// Gives a command to the shard of its session. Never blocks.
    pub fn command(&self, command: Command) {
        let mailboxes = &self.inner.shared.mailboxes;
        let shards = u16::try_from(mailboxes.len()).unwrap_or(u16::MAX);
        let shard = roomcast_sfu::opened_at(command.session(), shards);
        let Some(mailbox) = mailboxes.get(usize::from(shard.0)) else { return };
        if mailbox.put(Letter::Command(command)).is_err() {
            tracing::error!(shard = shard.0, "the control queue of a shard is full");
        }
        mailbox.ring();
    }

    /// Gives a client of the relay that came by TCP or TLS to the next shard, for as long as it is
    /// connected. `place` is dropped when it is gone. Never blocks. Without a relay, or when the shard
    /// has too much to do, the connection is closed.
    pub fn serve(&self, stream: Stream, place: impl Any + Send + Sync) {
        // One that is gone already has no addresses.
        let (Ok(remote), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return };
        let mailboxes = &self.inner.shared.mailboxes;
        let next = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let Some(mailbox) = mailboxes.get(next % mailboxes.len().max(1)) else { return };
        let arrival = Arrival { stream, remote, local, read: Vec::new(), place: Box::new(place) };
        if mailbox.put(Letter::Arrived(Box::new(arrival))).is_err() {
            tracing::error!("the control queue of a shard is full");
        }
        mailbox.ring();
    }

    /// A participant left: what it relays by this node ends. Never blocks.
    pub fn revoke(&self, participant: &str) {
        let participant: Arc<str> = participant.into();
        for mailbox in &self.inner.shared.mailboxes {
            if mailbox.put(Letter::Revoke(Arc::clone(&participant))).is_err() {
                tracing::error!("the control queue of a shard is full");
            }
            mailbox.ring();
        }
    }

    /// Asks how the sessions of a room fare whose number is the upper half of their ids. Never blocks;
    /// `reply` is called once, from a shard's thread, and must not block. It is dropped without a call
    /// when a shard has too much to do, or when the engine ends.
    pub fn report(&self, room: u32, reply: impl FnOnce(Vec<SessionReport>) + Send + 'static) {
        let Some(mailbox) = self.inner.shared.mailboxes.first() else { return };
        if mailbox.put(Letter::Asked(Asked::new(room, reply))).is_err() {
            tracing::error!("the control queue of a shard is full");
        }
        mailbox.ring();
    }

    /// The newest copy of the counters, at most a second old.
    pub fn stats(&self) -> Stats {
        let mut sum = Stats::default();
        for stats in &self.inner.shared.stats {
            sum.add(&stats.lock().unwrap_or_else(PoisonError::into_inner));
        }
        sum
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.mailboxes.iter().for_each(Mailbox::ring);
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a shard's thread had panicked");
            }
        }
    }
}

/// What the shards begin with.
struct Plan<'a> {
    config: &'a Config,
    identity: Identity,
    shards: u16,
    may_fragment: bool,
}

impl Plan<'_> {
    fn cores(&self) -> Vec<Cores> {
        let port = self.config.listen.port();
        let nonce_key = std::array::from_fn(|_| fastrand::u8(..));
        let started = (Instant::now(), unix_seconds());
        (0..self.shards)
            .map(|shard| Cores {
                media: self.media(shard, port),
                relay: self.relay(shard, nonce_key, started),
                port,
            })
            .collect()
    }

    fn media(&self, shard: u16, port: u16) -> ShardConfig {
        let candidates = self.config.candidates.iter();
        ShardConfig {
            id: ShardId(shard),
            shards: self.shards,
            identity: self.identity.clone(),
            candidates: candidates.map(|ip| SocketAddr::new(*ip, port)).collect(),
            max_sessions: self.config.max_sessions_per_shard,
            seed: fastrand::u64(..),
        }
    }

    fn relay(
        &self,
        shard: u16,
        nonce_key: [u8; 32],
        started: (Instant, u64),
    ) -> Option<roomcast_turn::Config> {
        let turn = self.config.turn.as_ref()?;
        Some(roomcast_turn::Config {
            shard,
            shards: self.shards,
            realm: turn.realm.clone(),
            secret: turn.secret.clone(),
            nonce_key: Redacted(nonce_key),
            relay: RelayConfig { dont_fragment: !self.may_fragment, ..turn.relay.clone() },
            policy: turn.policy.clone(),
            limits: turn.limits,
            started,
            seed: fastrand::u64(..),
        })
    }
}

fn relay_config(config: &Config) -> RelayConfig {
    config.turn.as_ref().map(|turn| turn.relay.clone()).unwrap_or_default()
}
