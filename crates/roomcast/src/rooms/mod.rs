//! The rooms of this node: who finds them, the task of each, and the way of media events to them.
//!
//! The [`directory`] is one task that owns the table of rooms and verifies host keys. Each room in
//! use is one [`task`] that owns its state machine. Both speak by bounded queues; a room waits for
//! no connection.

mod counted;
mod directory;
mod entry;
mod happenings;
mod ice;
mod look;
mod media;
mod members;
mod operate;
mod outbox;
mod task;
mod translate;
mod troubles;

use std::sync::Arc;

use roomcast_engine::Engine;
use roomcast_protocol::Topology;
use tokio::sync::{mpsc, watch};

pub(crate) use directory::Directory;
pub(crate) use entry::Entry;
pub(crate) use happenings::Happenings;
pub(crate) use ice::IceServers;
pub(crate) use look::Look;
pub(crate) use media::{Routed, events};
pub(crate) use operate::{Found, Made};
pub(crate) use outbox::{Inbox, Outbox, outbox};
pub(crate) use task::{Mail, RoomMailbox};
pub(crate) use troubles::{Trouble, Troubles};

use crate::metrics::Metrics;
use crate::store::Store;

/// What every room is given.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) metrics: Metrics,
    /// The way of media events: rooms are made known here.
    pub(crate) routes: mpsc::Sender<Routed>,
    /// Where others reach this node, the best first.
    pub(crate) origins: Arc<[String]>,
    /// What clients are told to use for links, and where nothing else gets through.
    pub(crate) ice_servers: Arc<dyn IceServers>,
    /// Who hears what happens in rooms.
    pub(crate) happenings: Arc<dyn Happenings>,
    /// Why media did not get through, as clients tell it.
    pub(crate) troubles: Troubles,
    /// How a room's media travels unless its host chooses.
    pub(crate) topology: Topology,
    /// Receivers of one publisher up to which [`Topology::Auto`] uses links.
    pub(crate) p2p_max_links: usize,
    pub(crate) max_participants: usize,
    pub(crate) max_rooms: usize,
    /// Turns true when the node goes down.
    pub(crate) going_down: watch::Receiver<bool>,
}

/// The node's program and version, for `welcome`.
const SERVER: &str = concat!("roomcast/", env!("CARGO_PKG_VERSION"));
