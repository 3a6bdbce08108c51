//! The handle by which the control plane speaks to the shards.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use roomcast_net::udp::Socket;
use roomcast_sfu::{Command, Event, Identity, ShardConfig, ShardId};

use crate::mailbox::{Letter, Mailbox};
use crate::worker::{Shared, Worker};
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
        let mut mailboxes = Vec::new();
        let mut starting = Vec::new();
        for socket in sockets {
            let (mailbox, worker) = Worker::prepare(socket)?;
            mailboxes.push(mailbox);
            starting.push(worker);
        }
        let stats = (0..shards).map(|_| Mutex::new(Stats::default())).collect();
        let shared = Arc::new(Shared { mailboxes, stats, stop: AtomicBool::new(false) });
        let port = config.listen.port();
        let candidates: Vec<_> =
            config.candidates.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        let mut threads = Vec::new();
        for (id, worker) in (0..shards).zip(starting) {
            let config = ShardConfig {
                id: ShardId(id),
                shards,
                identity: identity.clone(),
                candidates: candidates.clone(),
                max_sessions: config.max_sessions_per_shard,
                seed: fastrand::u64(..),
            };
            let (shared, events) = (Arc::clone(&shared), events.clone());
            let thread = std::thread::Builder::new()
                .name(format!("shard-{id}"))
                .spawn(move || worker.run(config, &shared, &events))?;
            threads.push(thread);
        }
        Ok(Self { inner: Arc::new(Inner { shared, threads: Mutex::new(threads) }) })
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
