//! The directory: which rooms there are, and who enters them with which pass.
//!
//! One task owns the table of the rooms in use and looks the others up in the store. It hands each
//! `join` to its room itself, so that it knows how many a room has been given: a room may be put
//! away only when it has seen them all.

use std::collections::HashMap;
use std::time::Duration;

use roomcast_protocol::{ErrorCode, Refusal, RoomName};
use roomcast_room::{Admission, Join, Opening, Settings};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::entry::{Entry, FreshRoom};
use super::members::Member;
use super::operate::Operation;
use super::task::{self, Mail, RoomMailbox};
use super::{SERVER, Surroundings};
use crate::address_limit::AddressLimit;
use crate::auth::Failures;
use crate::secret::{Secret, SecretHash, random_participant};
use crate::store::{SavedRoom, Store, StoreFault};

/// The handle of the directory.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    pub(super) requests: mpsc::Sender<Request>,
    /// For what is asked about rooms that are only kept.
    pub(super) store: Store,
}

/// What the directory is asked.
#[derive(Debug)]
pub(super) enum Request {
    Enter {
        entry: Box<Entry>,
        reply: oneshot::Sender<Result<RoomMailbox, Refusal>>,
    },
    /// For operators: see [`super::operate`].
    Operation(Operation),
    /// A room is empty and has seen this many joins: may it be put away?
    Idle {
        number: u32,
        joins: u64,
        reply: oneshot::Sender<bool>,
    },
    /// A room has ended.
    Over {
        number: u32,
        reply: oneshot::Sender<()>,
    },
}

/// Requests that may wait. Who asks beyond it waits; joins are few beside everything else.
const QUEUE: usize = 1_024;

impl Directory {
    /// Starts it; wrong host keys are counted in `guesses`. It ends behind its last handle, when the last room is put away.
    pub(crate) fn start(surroundings: Surroundings, guesses: Failures) -> Self {
        let (requests, queue) = mpsc::channel(QUEUE);
        let store = surroundings.store.clone();
        let table = Table {
            surroundings,
            requests: requests.downgrade(),
            rooms: HashMap::new(),
            last_number: 0,
            guesses,
            openings: AddressLimit::new(OPENINGS_PER_SECOND, OPENINGS_BURST),
        };
        tokio::spawn(table.run(queue));
        Self { requests, store }
    }

    /// Brings a connection into a room, which then answers by the outbox.
    pub(crate) async fn enter(&self, entry: Entry) -> Result<RoomMailbox, Refusal> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Enter { entry: Box::new(entry), reply };
        if self.requests.send(request).await.is_err() {
            return Err(shutting_down());
        }
        answer.await.unwrap_or_else(|_| Err(shutting_down()))
    }
}

/// Rooms that one address may open: a festival at once, then one a second. It keeps a single visitor
/// from filling the store.
const OPENINGS_PER_SECOND: u32 = 1;
const OPENINGS_BURST: u32 = 300;

pub(super) struct Table {
    pub(super) surroundings: Surroundings,
    requests: mpsc::WeakSender<Request>,
    pub(super) rooms: HashMap<RoomName, InUse>,
    last_number: u32,
    /// Wrong host keys.
    guesses: Failures,
    openings: AddressLimit,
}

pub(super) struct InUse {
    number: u32,
    host_key: SecretHash,
    pub(super) mailbox: RoomMailbox,
    /// How many it was handed.
    joins: u64,
}

impl Table {
    async fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        while let Some(request) = queue.recv().await {
            match request {
                Request::Enter { entry, reply } => {
                    let _ = reply.send(self.enter(*entry).await);
                }
                Request::Operation(operation) => self.serve(operation).await,
                Request::Idle { number, joins, reply } => {
                    let idle = self.forget(number, |room| room.joins == joins);
                    let _ = reply.send(idle);
                }
                Request::Over { number, reply } => {
                    self.forget(number, |_| true);
                    let _ = reply.send(());
                }
            }
        }
    }

    fn forget(&mut self, number: u32, only_if: impl Fn(&InUse) -> bool) -> bool {
        let before = self.rooms.len();
        self.rooms.retain(|_, room| room.number != number || !only_if(room));
        self.rooms.len() < before
    }

    async fn enter(&mut self, entry: Entry) -> Result<RoomMailbox, Refusal> {
        if *self.surroundings.going_down.borrow() {
            return Err(shutting_down());
        }
        // A room whose task has failed is taken from the store anew.
        self.rooms.retain(|name, room| *name != entry.room || !room.mailbox.is_closed());
        let (admission, host_key) = match self.rooms.get(&entry.room).map(|room| room.host_key) {
            Some(host_key) => (entry.enter_existing(host_key, &self.guesses)?, None),
            None => self.bring_up(&entry).await?,
        };
        let Some(room) = self.rooms.get_mut(&entry.room) else { return Err(internal()) };
        let join = Join {
            connection: entry.connection,
            re: entry.re,
            name: entry.name,
            admission,
            host_key: host_key.map(Secret::reveal),
            links: entry.links,
            resume: entry.resume.map(Secret::reveal),
            fresh_participant: random_participant(),
            fresh_resume: Secret::random().reveal(),
        };
        let member = Member::new(entry.outbox, entry.asked_host);
        match room.mailbox.try_send(Mail::Join(join, member)) {
            Ok(()) => {
                room.joins += 1;
                Ok(room.mailbox.clone())
            }
            Err(TrySendError::Full(_)) => {
                Err(Refusal::new(ErrorCode::NodeFull, "the room is busy; try again in a moment"))
            }
            Err(TrySendError::Closed(_)) => Err(internal()),
        }
    }

    /// A room that is not in use: from the store, or new. With the host key to hand out.
    async fn bring_up(&mut self, entry: &Entry) -> Result<(Admission, Option<Secret>), Refusal> {
        let saved = self.surroundings.store.load(entry.room.clone()).await.map_err(store_fault)?;
        let Some(saved) = saved else { return self.open(entry).await };
        let admission = entry.enter_existing(saved.host_key, &self.guesses)?;
        self.check_room_left()?;
        self.begin(entry.room.clone(), saved, false).await;
        Ok((admission, None))
    }

    async fn open(&mut self, entry: &Entry) -> Result<(Admission, Option<Secret>), Refusal> {
        let FreshRoom { host_key, to_hand_out, admission } = entry.open_fresh()?;
        self.check_room_left()?;
        if !self.openings.allows(entry.prefix) {
            let message = "too many rooms were opened from this address; wait a moment";
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        let store = &self.surroundings.store;
        store.open_room(entry.room.clone(), host_key, entry.kind).await.map_err(store_fault)?;
        let settings = Settings { kind: entry.kind, ..Settings::default() };
        let saved = SavedRoom { host_key, chat_open: true, settings, chat: Vec::new() };
        self.begin(entry.room.clone(), saved, true).await;
        Ok((admission, to_hand_out))
    }

    pub(super) fn check_room_left(&self) -> Result<(), Refusal> {
        if self.rooms.len() < self.surroundings.max_rooms {
            return Ok(());
        }
        let message = "this node has as many rooms in use as it may have; try again later";
        Err(Refusal::new(ErrorCode::NodeFull, message))
    }

    /// Starts a room: a fresh one, or one that goes on.
    pub(super) async fn begin(&mut self, name: RoomName, saved: SavedRoom, fresh: bool) {
        // Zero is left out, so that a session id is never zero.
        self.last_number = self.last_number.wrapping_add(1).max(1);
        let opening = Opening {
            name: name.clone(),
            fresh,
            number: self.last_number,
            chat_open: saved.chat_open,
            settings: saved.settings,
            topology: self.surroundings.topology,
            p2p_max_links: self.surroundings.p2p_max_links,
            chat: saved.chat,
            max_participants: self.surroundings.max_participants,
            server: SERVER.to_owned(),
            origins: self.surroundings.origins.to_vec(),
        };
        let mailbox = task::start(opening, self.surroundings.clone(), self.requests.clone()).await;
        let room = InUse { number: self.last_number, host_key: saved.host_key, mailbox, joins: 0 };
        self.rooms.insert(name, room);
    }
}

/// How long a room without participants stays in memory: a host who reloads finds it warm.
pub(super) const IDLE: Duration = Duration::from_secs(60);

pub(super) fn shutting_down() -> Refusal {
    Refusal::new(ErrorCode::ShuttingDown, "the node is going down; come back in a moment")
}

fn internal() -> Refusal {
    Refusal::new(ErrorCode::Internal, "the room failed; try again")
}

pub(super) fn store_fault(fault: StoreFault) -> Refusal {
    let code = match fault {
        StoreFault::Failed => ErrorCode::Internal,
        StoreFault::Full => ErrorCode::NodeFull,
    };
    Refusal::new(code, fault.to_string())
}
