//! A shard's thread: wait, work a turn, count; over and over.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Registry};
use roomcast_net::udp::Socket;
use roomcast_sfu::{Event, ShardConfig};

use crate::Stats;
use crate::mailbox::{Letters, Mailbox, mailbox};
use crate::relay::Taken;
use crate::relay::token::{BELL, SOCKET};
use crate::running::Running;

/// What all threads of an engine share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub mailboxes: Vec<Mailbox>,
    /// One for each shard, written once a second.
    pub stats: Vec<Mutex<Stats>>,
    /// The relayed addresses that somebody has.
    pub taken: Arc<Taken>,
    pub stop: AtomicBool,
}

/// A thread's belongings before it has its cores.
pub(crate) struct Worker {
    poll: Poll,
    pub(crate) socket: Socket,
    pub(crate) letters: Letters,
    /// For the sockets and connections of the relay.
    pub(crate) registry: Registry,
}

/// What the cores of a thread have to know.
pub(crate) struct Cores {
    pub(crate) media: ShardConfig,
    /// `None`: nothing is relayed.
    pub(crate) relay: Option<roomcast_turn::Config>,
    /// The port of `media` and of the relay.
    pub(crate) port: u16,
}

impl Worker {
    pub(crate) fn prepare(mut socket: Socket) -> io::Result<(Mailbox, Self)> {
        let poll = Poll::new()?;
        poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let (mailbox, letters) = mailbox(poll.registry(), BELL)?;
        let registry = poll.registry().try_clone()?;
        Ok((mailbox, Self { poll, socket, letters, registry }))
    }

    /// Runs until the engine is dropped.
    pub(crate) fn run(self, cores: Cores, shared: &Shared, events: &impl Fn(Event)) {
        let Self { mut poll, socket, letters, registry } = self;
        let mut running = Running::new(cores, socket, letters, registry, shared, events);
        let mut ready = Events::with_capacity(MAX_READY);
        let mut next_count = Instant::now();
        let mut is_behind = false;
        while !shared.stop.load(Ordering::Relaxed) {
            let wait = running.patience(is_behind, next_count);
            if let Err(error) = poll.poll(&mut ready, Some(wait))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "a shard cannot wait for its socket");
                return;
            }
            is_behind = running.turn(&ready);
            if Instant::now() >= next_count {
                running.count();
                next_count = Instant::now() + STATS_INTERVAL;
            }
        }
    }
}

/// How old the counters may be.
const STATS_INTERVAL: Duration = Duration::from_secs(1);

/// Sockets and connections that one wait may report; the others are reported by the next.
const MAX_READY: usize = 256;
