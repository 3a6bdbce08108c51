//! A shard's thread: wait, take in, forward, send, tell; over and over.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};
use roomcast_net::cpu::thread_cpu_time;
use roomcast_net::udp::{Outbox, RecvBatch, Socket};
use roomcast_sfu::{Event, Input, Output, Shard, ShardConfig, ShardId, Transmits};

use crate::Stats;
use crate::mailbox::{Letter, Letters, Mailbox, mailbox};
use crate::stats::Traffic;

/// What all threads of an engine share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub mailboxes: Vec<Mailbox>,
    /// One for each shard, written once a second.
    pub stats: Vec<Mutex<Stats>>,
    pub stop: AtomicBool,
}

/// A thread's belongings before it has a media core.
pub(crate) struct Worker {
    poll: Poll,
    socket: Socket,
    letters: Letters,
}

/// The thread at work.
struct Running<'a, F> {
    shard: Shard,
    id: ShardId,
    socket: Socket,
    letters: Letters,
    batch: RecvBatch,
    outgoing: Outgoing,
    traffic: Traffic,
    shared: &'a Shared,
    events: &'a F,
    /// Shards that got a letter in this turn and have to be woken.
    rung: Vec<bool>,
}

/// Collects what the core sends.
struct Outgoing {
    outbox: Outbox,
    not_taken: u64,
}

impl Worker {
    pub(crate) fn prepare(mut socket: Socket) -> io::Result<(Mailbox, Self)> {
        let poll = Poll::new()?;
        poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let (mailbox, letters) = mailbox(poll.registry(), BELL)?;
        Ok((mailbox, Self { poll, socket, letters }))
    }

    /// Runs until the engine is dropped.
    pub(crate) fn run(mut self, config: ShardConfig, shared: &Shared, events: &impl Fn(Event)) {
        let id = config.id;
        let mut running = Running {
            id,
            shard: Shard::new(config, Instant::now()),
            socket: self.socket,
            letters: self.letters,
            batch: RecvBatch::new(),
            outgoing: Outgoing { outbox: Outbox::new(), not_taken: 0 },
            traffic: Traffic::default(),
            rung: vec![false; shared.mailboxes.len()],
            shared,
            events,
        };
        let mut ready = Events::with_capacity(4);
        let mut next_stats = Instant::now();
        let mut is_behind = false;
        while !shared.stop.load(Ordering::Relaxed) {
            let wait = running.patience(is_behind, next_stats);
            if let Err(error) = self.poll.poll(&mut ready, Some(wait))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "a shard cannot wait for its socket");
                return;
            }
            is_behind = running.turn();
            if Instant::now() >= next_stats {
                running.publish_stats();
                next_stats = Instant::now() + STATS_INTERVAL;
            }
        }
    }
}

impl<F: Fn(Event)> Running<'_, F> {
    /// How long to wait; not at all when there is work.
    fn patience(&mut self, is_behind: bool, next_stats: Instant) -> Duration {
        let Some(mailbox) = self.shared.mailboxes.get(usize::from(self.id.0)) else {
            return Duration::ZERO;
        };
        mailbox.falling_asleep();
        // What was put in before the bell could ring.
        if let Some(letter) = self.letters.next() {
            mailbox.awake();
            self.open(letter, Instant::now());
            return Duration::ZERO;
        }
        if is_behind {
            mailbox.awake();
            return Duration::ZERO;
        }
        let deadline = self.shard.deadline().map_or(next_stats, |d| d.min(next_stats));
        deadline.saturating_duration_since(Instant::now())
    }

    /// One turn of work. Returns whether more is waiting.
    fn turn(&mut self) -> bool {
        let mut has_letters = true;
        for _ in 0..LETTERS_A_TURN {
            let Some(letter) = self.letters.next() else {
                has_letters = false;
                break;
            };
            self.open(letter, Instant::now());
        }
        let mut has_datagrams = true;
        for _ in 0..BATCHES_A_TURN {
            if !self.receive() {
                has_datagrams = false;
                break;
            }
            self.finish();
        }
        let now = Instant::now();
        if self.shard.deadline().is_some_and(|deadline| deadline <= now) {
            self.shard.handle(now, Input::Timeout, &mut self.outgoing);
        }
        self.finish();
        has_letters || has_datagrams
    }

    fn open(&mut self, letter: Letter, now: Instant) {
        let input = match letter {
            Letter::Command(command) => Input::Command(command),
            Letter::Message { from, message } => Input::Message { from, message },
        };
        self.shard.handle(now, input, &mut self.outgoing);
    }

    /// Takes in one batch. Returns whether there was any.
    fn receive(&mut self) -> bool {
        match self.socket.recv(&mut self.batch) {
            Ok(0) => return false,
            Ok(count) => self.traffic.packets_in += count as u64,
            Err(error) => {
                tracing::debug!(%error, "receiving failed");
                return error.kind() == io::ErrorKind::Interrupted;
            }
        }
        let now = Instant::now();
        for datagram in self.batch.datagrams() {
            self.traffic.bytes_in += datagram.contents.len() as u64;
            let input = Input::Datagram {
                source: datagram.source,
                destination: datagram.destination_ip,
                contents: datagram.contents,
            };
            self.shard.handle(now, input, &mut self.outgoing);
        }
        true
    }

    /// Forwards what came in, sends what is to be sent, tells what is to be told.
    fn finish(&mut self) {
        self.shard.flush(Instant::now(), &mut self.outgoing);
        self.send();
        while let Some(output) = self.shard.poll() {
            match output {
                Output::Event(event) => (self.events)(event),
                Output::Message { to, message } => self.tell(to, message),
            }
        }
        for (mailbox, rung) in self.shared.mailboxes.iter().zip(&mut self.rung) {
            if std::mem::take(rung) {
                mailbox.ring();
            }
        }
    }

    fn send(&mut self) {
        if self.outgoing.outbox.is_empty() {
            return;
        }
        let (socket, traffic) = (&mut self.socket, &mut self.traffic);
        self.outgoing.outbox.drain(|group| {
            let sent = socket.send(&group);
            traffic.sends += sent.calls as u64;
            traffic.packets_out += sent.datagrams as u64;
            traffic.bytes_out +=
                group.datagrams().take(sent.datagrams).map(<[u8]>::len).sum::<usize>() as u64;
            traffic.socket_full += (group.datagrams().len() - sent.datagrams) as u64;
        });
    }

    fn tell(&mut self, to: ShardId, message: roomcast_sfu::ShardMessage) {
        let index = usize::from(to.0);
        let Some(mailbox) = self.shared.mailboxes.get(index) else { return };
        let is_media = message.is_media();
        if mailbox.put(Letter::Message { from: self.id, message }).is_err() {
            if is_media {
                self.traffic.shard_queue_full += 1;
            } else {
                tracing::error!(shard = to.0, "the control queue of a shard is full");
            }
        }
        if let Some(rung) = self.rung.get_mut(index) {
            *rung = true;
        }
    }

    fn publish_stats(&mut self) {
        self.traffic.socket_full += std::mem::take(&mut self.outgoing.not_taken);
        let stats = self.traffic.stats(&self.shard.counters(), thread_cpu_time());
        if let Some(slot) = self.shared.stats.get(usize::from(self.id.0)) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = stats;
        }
    }
}

impl Transmits for Outgoing {
    fn push(&mut self, destination: SocketAddr, source: IpAddr, contents: &[u8]) {
        if self.outbox.push(destination, Some(source), contents).is_err() {
            self.not_taken += 1;
        }
    }
}

const SOCKET: Token = Token(0);
const BELL: Token = Token(1);

/// How old the counters may be.
const STATS_INTERVAL: Duration = Duration::from_secs(1);

/// Letters taken in one turn, so that datagrams are not left to wait.
const LETTERS_A_TURN: usize = 1_024;

/// Receive calls in one turn, so that letters and timers are not left to wait.
const BATCHES_A_TURN: usize = 16;
