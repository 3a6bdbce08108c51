//! A turn of a shard's thread: take in, forward, send, tell.

use std::io;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use mio::{Events, Registry};
use roomcast_net::cpu::thread_cpu_time;
use roomcast_net::udp::{RecvBatch, Socket};
use roomcast_sfu::{Event, Input, Output, Shard, ShardId, ShardMessage};
use roomcast_turn::Input as RelayInput;

use crate::demultiplex::To;
use crate::mailbox::{Letter, Letters};
use crate::outgoing::Outgoing;
use crate::relay::token::SOCKET;
use crate::relay::{Landed, Media, Relay};
use crate::report::Asked;
use crate::worker::{Cores, Shared};

/// The thread at work.
pub(crate) struct Running<'a, F> {
    shard: Shard,
    relay: Option<Relay>,
    id: ShardId,
    /// Whether something may wait at the socket.
    is_readable: bool,
    letters: Letters,
    batch: RecvBatch,
    outgoing: Outgoing,
    shared: &'a Shared,
    events: &'a F,
    /// Shards that got a letter in this turn and have to be woken.
    rung: Vec<bool>,
}

impl<'a, F: Fn(Event)> Running<'a, F> {
    pub(crate) fn new(
        cores: Cores,
        socket: Socket,
        letters: Letters,
        registry: Registry,
        shared: &'a Shared,
        events: &'a F,
    ) -> Self {
        let shards = shared.mailboxes.len();
        Self {
            id: cores.media.id,
            shard: Shard::new(cores.media, Instant::now()),
            relay: cores.relay.map(|config| Relay::new(config, registry)),
            is_readable: true,
            letters,
            batch: RecvBatch::new(),
            outgoing: Outgoing::new(socket, shards, shared.taken.clone(), cores.port),
            rung: vec![false; shards],
            shared,
            events,
        }
    }

    /// How long to wait; not at all when there is work.
    pub(crate) fn patience(&mut self, is_behind: bool, next_count: Instant) -> Duration {
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
        let relay = self.relay.as_ref().and_then(Relay::deadline);
        let deadline = self.shard.deadline().into_iter().chain(relay).fold(next_count, Ord::min);
        deadline.saturating_duration_since(Instant::now())
    }

    /// One turn of work. Returns whether more is waiting.
    pub(crate) fn turn(&mut self, ready: &Events) -> bool {
        if let Some(relay) = &mut self.relay {
            ready.iter().for_each(|event| relay.ready(event));
        }
        self.is_readable |= ready.iter().any(|event| event.token() == SOCKET);
        let has_letters = self.open_letters();
        for _ in 0..BATCHES_A_TURN {
            if !self.is_readable {
                break;
            }
            self.is_readable = self.receive();
            self.finish();
        }
        self.receive_relayed();
        let now = Instant::now();
        if self.shard.deadline().is_some_and(|deadline| deadline <= now) {
            self.shard.handle(now, Input::Timeout, &mut self.outgoing);
        }
        self.finish();
        has_letters || self.is_readable || self.relay.as_ref().is_some_and(Relay::is_behind)
    }

    /// Opens what is in the mailbox. Returns whether there may be more.
    fn open_letters(&mut self) -> bool {
        for _ in 0..LETTERS_A_TURN {
            let Some(letter) = self.letters.next() else { return false };
            self.open(letter, Instant::now());
        }
        true
    }

    fn open(&mut self, letter: Letter, now: Instant) {
        let (shard, outgoing) = (&mut self.shard, &mut self.outgoing);
        let mut media = Media { shard, outgoing };
        match (letter, &mut self.relay) {
            (Letter::Command(command), _) => {
                media.shard.handle(now, Input::Command(command), media.outgoing);
            }
            (Letter::Message { from, message }, _) => {
                media.shard.handle(now, Input::Message { from, message }, media.outgoing);
            }
            (Letter::Asked(asked), _) => self.tell_of_sessions(asked, now),
            (Letter::Relayed(parcel), Some(relay)) => relay.deliver(now, &parcel, &mut media),
            (Letter::Arrived(arrival), Some(relay)) => relay.arrive(now, *arrival, &mut media),
            (Letter::Revoke(participant), Some(relay)) => {
                let participant = &*participant;
                relay.handle(now, RelayInput::Revoke { participant }, &mut media);
            }
            (Letter::Landed(landed), Some(relay)) => {
                let Landed { source, destination, contents } = &*landed;
                let (source, destination) = (*source, *destination);
                let input = RelayInput::Datagram { source, destination, contents };
                relay.handle(now, input, &mut media);
            }
            // Nobody sends these to a shard that does not relay.
            (_, None) => {}
        }
    }

    /// Adds what is to be said of this shard's sessions, and passes the question on.
    fn tell_of_sessions(&mut self, mut asked: Asked, now: Instant) {
        let taken = &self.shared.taken;
        let concerned = |session| asked.concerns(session);
        let sessions = self.shard.report(now, concerned, &|remote| taken.path(remote));
        asked.add(sessions);
        let next = usize::from(self.id.0) + 1;
        if next < self.shared.mailboxes.len() {
            self.put(next, Letter::Asked(asked), false);
        } else {
            asked.answer();
        }
    }

    /// Takes in one batch. Returns whether more may wait.
    fn receive(&mut self) -> bool {
        match self.outgoing.socket.recv(&mut self.batch) {
            Ok(0) => return false,
            Ok(count) => self.outgoing.traffic.packets_in += count as u64,
            Err(error) => {
                tracing::debug!(%error, "receiving failed");
                return error.kind() == io::ErrorKind::Interrupted;
            }
        }
        let now = Instant::now();
        let mut landed = Vec::new();
        let mut media = Media { shard: &mut self.shard, outgoing: &mut self.outgoing };
        for datagram in self.batch.datagrams() {
            media.outgoing.traffic.bytes_in += datagram.contents.len() as u64;
            let (source, destination) = (datagram.source, datagram.destination_ip);
            let contents = &*datagram.contents;
            match &mut self.relay {
                Some(relay) if To::of(contents) == To::Relay => {
                    if let Some(shard) = relay.elsewhere(source, destination, contents) {
                        let contents = Box::from(contents);
                        landed.push((shard, Landed { source, destination, contents }));
                        continue;
                    }
                    let input = RelayInput::Datagram { source, destination, contents };
                    relay.handle(now, input, &mut media);
                }
                _ => {
                    let input = Input::Datagram { source, destination, contents };
                    media.shard.handle(now, input, media.outgoing);
                }
            }
        }
        for (shard, landed) in landed {
            self.put(usize::from(shard), Letter::Landed(Box::new(landed)), true);
        }
        self.batch.may_leave_more()
    }

    /// Takes in what came by connections and at relayed addresses, and does what is due there.
    fn receive_relayed(&mut self) {
        let Some(relay) = &mut self.relay else { return };
        let mut media = Media { shard: &mut self.shard, outgoing: &mut self.outgoing };
        let now = Instant::now();
        relay.receive(now, &mut self.batch, &mut media);
        relay.pass(now, &mut media);
    }

    /// Forwards what came in, sends what is to be sent, tells what is to be told.
    fn finish(&mut self) {
        let now = Instant::now();
        self.shard.flush(now, &mut self.outgoing);
        self.relay_what_waits(now);
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

    /// Hands over what goes to relayed addresses: here, or to the shards that hold them.
    fn relay_what_waits(&mut self, now: Instant) {
        let Some(relay) = &mut self.relay else { return };
        let own = usize::from(self.id.0);
        let mut media = Media { shard: &mut self.shard, outgoing: &mut self.outgoing };
        if let Some(parcel) = media.outgoing.parcels.get_mut(own)
            && !parcel.is_empty()
        {
            let mut parcel = std::mem::take(parcel);
            relay.deliver(now, &parcel, &mut media);
            parcel.clear();
            if let Some(place) = media.outgoing.parcels.get_mut(own) {
                *place = parcel;
            }
        }
        relay.settle(now, &self.shared.taken, &mut media);
        while let Some((shard, arrival)) = self.relay.as_mut().and_then(Relay::next_leaving) {
            self.put(usize::from(shard), Letter::Arrived(Box::new(arrival)), false);
        }
        for shard in 0..self.outgoing.parcels.len() {
            let Some(parcel) = self.outgoing.parcels.get_mut(shard) else { continue };
            if shard != own && !parcel.is_empty() {
                let parcel = std::mem::take(parcel);
                self.put(shard, Letter::Relayed(parcel), true);
            }
        }
    }

    fn send(&mut self) {
        if let Some(relay) = &mut self.relay {
            relay.send(&mut self.outgoing.traffic);
        }
        self.outgoing.leave();
    }

    fn tell(&mut self, to: ShardId, message: ShardMessage) {
        let is_media = message.is_media();
        self.put(usize::from(to.0), Letter::Message { from: self.id, message }, is_media);
    }

    fn put(&mut self, shard: usize, letter: Letter, is_media: bool) {
        let Some(mailbox) = self.shared.mailboxes.get(shard) else { return };
        if mailbox.put(letter).is_err() {
            if is_media {
                self.outgoing.traffic.shard_queue_full += 1;
            } else {
                tracing::error!(shard, "the control queue of a shard is full");
            }
        }
        if let Some(rung) = self.rung.get_mut(shard) {
            *rung = true;
        }
    }

    /// Copies the counters out, and tells the relay what the wall clock says.
    pub(crate) fn count(&mut self) {
        // A socket from which reading failed may not be reported again: it is tried now and then.
        self.is_readable = true;
        let mut media = Media { shard: &mut self.shard, outgoing: &mut self.outgoing };
        if let Some(relay) = &mut self.relay {
            relay.tell_time(Instant::now(), &mut media);
        }
        let relayed = self.relay.as_ref().map(Relay::counters).unwrap_or_default();
        let stats = self.outgoing.traffic.stats(&self.shard.counters(), relayed, thread_cpu_time());
        if let Some(slot) = self.shared.stats.get(usize::from(self.id.0)) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = stats;
        }
    }
}

/// Letters taken in one turn, so that datagrams are not left to wait.
const LETTERS_A_TURN: usize = 1_024;

/// Receive calls in one turn, so that letters and timers are not left to wait.
const BATCHES_A_TURN: usize = 16;
