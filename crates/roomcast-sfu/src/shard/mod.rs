//! One shard: the sessions that it owns, the publications that it knows, and its part of the
//! directory. It never waits for another shard; they exchange [`ShardMessage`]s.
//!
//! - `datagrams`: from a datagram to its session, wherever that is.
//! - `paths`: the addresses of a session.
//! - `commands`: what the control plane wants.
//! - `offers`: what peers offer.
//! - `messages`: what other shards say.
//! - `sessions`: opening, moving, closing.
//! - `driving`: running sessions and taking in what comes out of them.
//! - `media`: from a packet to the subscribers.
//! - `planning`: from what a network carries to what is sent.
//! - `demand`: from what is taken to the publisher.
//! - `interest`: who has to do with a publication.
//! - `key_frames`: from a wish to the publisher.
//! - `reports`: how sessions fare.

mod commands;
mod datagrams;
mod demand;
mod driving;
mod interest;
mod key_frames;
mod media;
mod messages;
mod offers;
mod paths;
mod planning;
mod reports;
mod sessions;

pub use sessions::opened_at;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use rustc_hash::FxHashMap;
use slab::Slab;

use crate::command::Command;
use crate::counters::Counters;
use crate::directory::{Directory, keeper};
use crate::event::Event;
use crate::ids::{PublicationId, SessionId, ShardId};
use crate::message::{Message, ShardMessage};
use crate::publication::{Publication, SlotKey};
use crate::session::{Happening, Identity, Session, Setup};
use crate::strangers::Strangers;
use crate::timers::Timers;
use crate::transmit::Transmits;

/// What a shard has to know.
#[derive(Debug, Clone)]
pub struct ShardConfig {
    /// Which one it is.
    pub id: ShardId,
    /// How many there are.
    pub shards: u16,
    /// The certificate of the node.
    pub identity: Identity,
    /// The addresses that browsers are told to send to.
    pub candidates: Vec<SocketAddr>,
    /// Sessions that may be open at once among those that are [opened at](opened_at) this shard.
    /// Where they live is up to the network, so a shard may own more than these.
    pub max_sessions: usize,
    /// A random number, for the tables that strangers reach.
    pub seed: u64,
}

/// What happens to a shard.
#[derive(Debug)]
pub enum Input<'a> {
    /// The control plane commands.
    Command(Command),
    /// A datagram landed at this shard's socket.
    Datagram {
        /// Where it came from.
        source: SocketAddr,
        /// The address to which it was sent, where the platform tells.
        destination: Option<IpAddr>,
        /// All of it.
        contents: &'a [u8],
    },
    /// Another shard says something.
    Message {
        /// Which shard.
        from: ShardId,
        /// What.
        message: ShardMessage,
    },
    /// The deadline has come.
    Timeout,
}

/// What a shard wants done, other than sending datagrams.
#[derive(Debug)]
pub enum Output {
    /// Tell the control plane.
    Event(Event),
    /// Tell another shard.
    Message {
        /// Which shard: never this one.
        to: ShardId,
        /// What.
        message: ShardMessage,
    },
}

/// The media core of one thread.
///
/// Give it every input with [`Shard::handle`]; after a batch of inputs call [`Shard::flush`] once, then
/// [`Shard::poll`] until it returns `None`, and wait until [`Shard::deadline`].
#[derive(Debug)]
pub struct Shard {
    config: ShardConfig,
    setup: Setup,
    // In boxes: a session is of ten kilobytes, and the slab keeps room for twice as many as there are.
    sessions: Slab<Box<Session>>,
    by_id: FxHashMap<SessionId, usize>,
    by_ufrag: FxHashMap<String, usize>,
    routes: FxHashMap<SocketAddr, Route>,
    /// Sessions of this shard that were opened elsewhere.
    adopted: usize,
    /// Sessions that were opened here and adopted elsewhere.
    moved: FxHashMap<SessionId, ShardId>,
    publications: Slab<Publication>,
    publication_keys: FxHashMap<PublicationId, usize>,
    directory: Directory,
    strangers: Strangers,
    timers: Timers,
    /// Publications with packets since the last flush.
    touched: Vec<(usize, u8)>,
    catching_up: Vec<SlotKey>,
    catch_up_at: Option<Instant>,
    /// Publications of this shard whose publisher is to be asked for a key frame.
    asking: Vec<PublicationId>,
    /// Sessions whose plan is to be made anew.
    planning: Vec<(SessionId, usize)>,
    /// Publications of which subscribers of this shard take other layers than before.
    demanding: Vec<PublicationId>,
    /// Publications that come in here, for which there may be news of what is taken.
    demanded: Vec<PublicationId>,
    /// What came out of sessions and has not been looked at.
    happenings: VecDeque<(SessionId, usize, Happening)>,
    scratch: Vec<Happening>,
    /// Messages of this shard to itself: its part of the directory is one among others.
    inbox: VecDeque<Message>,
    outputs: VecDeque<Output>,
    counters: Counters,
}

/// Where datagrams of an address go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Session(usize),
    Shard(ShardId),
}

impl Shard {
    /// A shard without sessions.
    pub fn new(config: ShardConfig, now: Instant) -> Self {
        let setup =
            Setup { identity: config.identity.clone(), candidates: config.candidates.clone() };
        Self {
            strangers: Strangers::new(now, config.seed),
            config,
            setup,
            sessions: Slab::new(),
            by_id: FxHashMap::default(),
            by_ufrag: FxHashMap::default(),
            routes: FxHashMap::default(),
            adopted: 0,
            moved: FxHashMap::default(),
            publications: Slab::new(),
            publication_keys: FxHashMap::default(),
            directory: Directory::default(),
            timers: Timers::default(),
            touched: Vec::new(),
            catching_up: Vec::new(),
            catch_up_at: None,
            asking: Vec::new(),
            planning: Vec::new(),
            demanding: Vec::new(),
            demanded: Vec::new(),
            happenings: VecDeque::new(),
            scratch: Vec::new(),
            inbox: VecDeque::new(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Takes one input. Datagrams that it leads to at once go to `sink`.
    pub fn handle(&mut self, now: Instant, input: Input<'_>, sink: &mut impl Transmits) {
        match input {
            Input::Command(command) => self.command(now, command, sink),
            Input::Datagram { source, destination, contents } => {
                self.datagram(now, source, destination, contents, sink);
            }
            Input::Message { from, message } => self.message(now, from, message.0, sink),
            Input::Timeout => self.timeout(now, sink),
        }
        self.settle(now, sink);
    }

    /// Forwards the packets that came in since the last flush, publication by publication and
    /// subscriber by subscriber, so that those for one destination come one after another.
    pub fn flush(&mut self, now: Instant, sink: &mut impl Transmits) {
        self.forward_fresh(now, sink);
        self.settle(now, sink);
        self.make_plans(now);
        if self.catch_up_at.is_some_and(|at| at <= now) {
            self.catch_up(now, sink);
        }
        self.ask_for_key_frames(now, sink);
        self.tell_demand(now);
        self.settle(now, sink);
    }

    /// The next thing to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] and [`Shard::flush`] are due.
    pub fn deadline(&self) -> Option<Instant> {
        let key_frames = self.asking.iter().filter_map(|id| {
            self.publications.get(*self.publication_keys.get(id)?)?.key_frames.deadline()
        });
        let held = self
            .touched
            .iter()
            .filter_map(|(key, layer)| self.publications.get(*key)?.held_until(*layer));
        let others = self.catch_up_at.into_iter().chain(self.demand_deadline());
        self.timers.next().into_iter().chain(others).chain(key_frames).chain(held).min()
    }

    /// A copy of the counters.
    pub fn counters(&self) -> Counters {
        let subscribers = self.publications.iter().map(|(_, p)| p.subscribers.len() as u64).sum();
        let here = self.publications.iter().filter(|(_, p)| p.origin.is_some()).count() as u64;
        Counters {
            sessions: self.sessions.len() as u64,
            publications: here,
            subscriptions: subscribers,
            ..self.counters.clone()
        }
    }

    /// Whether nothing is left of any session, publication or address. A shard without sessions that
    /// is not empty has leaked.
    pub fn is_empty(&self) -> bool {
        let sessions = self.sessions.is_empty() && self.by_id.is_empty() && self.moved.is_empty();
        let publications = self.publications.is_empty() && self.publication_keys.is_empty();
        let addresses = self.by_ufrag.is_empty() && self.routes.is_empty();
        let work = self.touched.is_empty() && self.catching_up.is_empty() && self.asking.is_empty();
        sessions && publications && addresses && work && self.directory.is_empty()
    }

    /// Entries among the timers, for tests: a few for each session.
    #[doc(hidden)]
    pub fn scheduled(&self) -> usize {
        self.timers.len()
    }

    /// Sends a message, to itself as well.
    fn tell(&mut self, to: ShardId, message: Message) {
        if to == self.config.id {
            self.inbox.push_back(message);
        } else {
            self.outputs.push_back(Output::Message { to, message: ShardMessage(message) });
        }
    }

    fn tell_keeper_of(&mut self, publication: PublicationId, message: Message) {
        self.tell(keeper(publication, self.config.shards), message);
    }

    fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}
