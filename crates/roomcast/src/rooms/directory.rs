//! The directory: which rooms there are, and who may enter as a host.
//!
//! One task owns the table of the rooms in use and looks the others up in the store. It hands each
//! `join` to its room itself, so that it knows how many a room has been given: a room may be put
//! away only when it has seen them all.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use roomcast_protocol::{DisplayName, ErrorCode, Refusal, RoomKind, RoomName};
use roomcast_room::{Admission, ConnectionId, Join, Opening, Settings};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::failures::Failures;
use super::members::Member;
use super::task::{self, Mail, RoomMailbox};
use super::{Outbox, SERVER, Surroundings};
use crate::address_limit::AddressLimit;
use crate::prefix::Prefix;
use crate::secret::{Secret, SecretHash, random_participant};
use crate::store::{SavedRoom, StoreFault};

/// A `join` whose form has been checked.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) room: RoomName,
    pub(crate) name: DisplayName,
    pub(crate) open: bool,
    pub(crate) host_key: Option<Secret>,
    pub(crate) resume: Option<Secret>,
    pub(crate) links: bool,
    /// What kind of room to open.
    pub(crate) kind: RoomKind,
    pub(crate) re: Option<u32>,
    pub(crate) connection: ConnectionId,
    pub(crate) outbox: Outbox,
    /// Under which name and port the client reached the node.
    pub(crate) asked_host: Arc<str>,
    /// Where the connection comes from.
    pub(crate) prefix: Prefix,
}

/// The handle of the directory.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    requests: mpsc::Sender<Request>,
}

/// What the directory is asked.
#[derive(Debug)]
pub(super) enum Request {
    Enter {
        entry: Entry,
        reply: oneshot::Sender<Result<RoomMailbox, Refusal>>,
    },
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
    /// Starts it. It ends behind its last handle, when the last room is put away.
    pub(crate) fn start(surroundings: Surroundings) -> Self {
        let (requests, queue) = mpsc::channel(QUEUE);
        let table = Table {
            surroundings,
            requests: requests.downgrade(),
            rooms: HashMap::new(),
            last_number: 0,
            failures: Failures::default(),
            openings: AddressLimit::new(OPENINGS_PER_SECOND, OPENINGS_BURST),
        };
        tokio::spawn(table.run(queue));
        Self { requests }
    }

    /// Brings a connection into a room, which then answers by the outbox.
    pub(crate) async fn enter(&self, entry: Entry) -> Result<RoomMailbox, Refusal> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Enter { entry, reply };
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

struct Table {
    surroundings: Surroundings,
    requests: mpsc::WeakSender<Request>,
    rooms: HashMap<RoomName, InUse>,
    last_number: u32,
    failures: Failures,
    openings: AddressLimit,
}

struct InUse {
    number: u32,
    host_key: SecretHash,
    mailbox: RoomMailbox,
    /// How many it was handed.
    joins: u64,
}

/// With which right someone enters.
struct Pass {
    host: bool,
    /// To be handed out: the opener's.
    host_key: Option<Secret>,
}

impl Table {
    async fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        while let Some(request) = queue.recv().await {
            match request {
                Request::Enter { entry, reply } => {
                    let _ = reply.send(self.enter(entry).await);
                }
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
        let pass = match self.rooms.get(&entry.room).map(|room| room.host_key) {
            Some(host_key) => self.check(host_key, &entry)?,
            None => self.bring_up(&entry).await?,
        };
        let Some(room) = self.rooms.get_mut(&entry.room) else { return Err(internal()) };
        let join = Join {
            connection: entry.connection,
            re: entry.re,
            name: entry.name,
            admission: Admission::of_page(pass.host),
            host_key: pass.host_key.map(Secret::reveal),
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

    /// A room that is not in use: from the store, or new.
    async fn bring_up(&mut self, entry: &Entry) -> Result<Pass, Refusal> {
        let saved = self.surroundings.store.load(entry.room.clone()).await.map_err(store_fault)?;
        match saved {
            Some(saved) => {
                let pass = self.check(saved.host_key, entry)?;
                self.check_room_left()?;
                self.begin(entry.room.clone(), saved, false).await;
                Ok(pass)
            }
            None if entry.open => self.open(entry).await,
            None => {
                let message = "no room of this name is open; its host has to open it";
                Err(Refusal::new(ErrorCode::RoomUnknown, message))
            }
        }
    }

    async fn open(&mut self, entry: &Entry) -> Result<Pass, Refusal> {
        self.check_room_left()?;
        if !self.openings.allows(entry.prefix) {
            let message = "too many rooms were opened from this address; wait a moment";
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        let secret = Secret::random();
        let host_key = secret.hash();
        let store = &self.surroundings.store;
        store.open_room(entry.room.clone(), host_key, entry.kind).await.map_err(store_fault)?;
        let settings = Settings { kind: entry.kind, ..Settings::default() };
        let saved = SavedRoom { host_key, chat_open: true, settings, chat: Vec::new() };
        self.begin(entry.room.clone(), saved, true).await;
        Ok(Pass { host: true, host_key: Some(secret) })
    }

    fn check_room_left(&self) -> Result<(), Refusal> {
        if self.rooms.len() < self.surroundings.max_rooms {
            return Ok(());
        }
        let message = "this node has as many rooms in use as it may have; try again later";
        Err(Refusal::new(ErrorCode::NodeFull, message))
    }

    /// Starts a room: a fresh one, or one that goes on.
    async fn begin(&mut self, name: RoomName, saved: SavedRoom, fresh: bool) {
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

    /// With which right someone enters a room that exists.
    fn check(&mut self, expected: SecretHash, entry: &Entry) -> Result<Pass, Refusal> {
        let exists = || {
            let message = "a room of this name is open already; its host key opens it again";
            Refusal::new(ErrorCode::RoomExists, message)
        };
        let Some(host_key) = &entry.host_key else {
            return if entry.open {
                Err(exists())
            } else {
                Ok(Pass { host: false, host_key: None })
            };
        };
        let now = Instant::now();
        if self.failures.blocks(entry.prefix, now) {
            let message = "too many wrong host keys came from this address; wait a minute";
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        if expected.fits(host_key) {
            return Ok(Pass { host: true, host_key: None });
        }
        self.failures.count(entry.prefix, now);
        if entry.open {
            return Err(exists());
        }
        let message = "the host key is not the one of this room";
        Err(Refusal::new(ErrorCode::HostKeyInvalid, message))
    }
}

/// How long a room without participants stays in memory: a host who reloads finds it warm.
pub(super) const IDLE: Duration = Duration::from_secs(60);

fn shutting_down() -> Refusal {
    Refusal::new(ErrorCode::ShuttingDown, "the node is going down; come back in a moment")
}

fn internal() -> Refusal {
    Refusal::new(ErrorCode::Internal, "the room failed; try again")
}

fn store_fault(fault: StoreFault) -> Refusal {
    let code = match fault {
        StoreFault::Failed => ErrorCode::Internal,
        StoreFault::Full => ErrorCode::NodeFull,
    };
    Refusal::new(code, fault.to_string())
}
