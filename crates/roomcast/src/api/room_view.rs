//! Rooms and what is on their stage, in JSON.

use roomcast_protocol::server::{Publication, Role, RoomState, StageMember};
use roomcast_protocol::{Client, RoomKind, Source, Topology};
use serde::Serialize;
use utoipa::ToSchema;

use super::struggling::StrugglersView;
use super::words;
use crate::rooms::Found;
use crate::store::KeptRoom;

/// A room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Room)]
pub(crate) struct RoomView {
    /// Its name, which is also the last part of its link.
    pub(super) name: String,
    #[schema(schema_with = words::room_kind)]
    kind: RoomKind,
    /// Whether anything is published.
    live: bool,
    /// Since when, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    live_since: Option<u64>,
    /// Whether it is held in memory: somebody is there, or was a moment ago.
    in_use: bool,
    /// Participants who are connected or may still resume.
    participants: usize,
    /// Hosts and speakers among them.
    on_stage: usize,
    /// Those who wait to be let in.
    waiting: usize,
    /// Whether newcomers are refused.
    locked: bool,
    /// Whether newcomers wait until a host lets them in.
    waiting_room: bool,
    /// Whether participants other than hosts may chat.
    chat_open: bool,
    #[schema(schema_with = words::topology)]
    topology: Topology,
    /// Whether media is to travel by relays only.
    relay_only: bool,
}

/// A room with its stage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RoomWithStage)]
pub(crate) struct StagedRoom {
    #[serde(flatten)]
    room: RoomView,
    /// Hosts and speakers, in the order in which they came.
    stage: Vec<StageMemberView>,
    struggling: StrugglersView,
}

/// Someone on stage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StageMember)]
struct StageMemberView {
    participant: String,
    name: String,
    #[schema(schema_with = words::role)]
    role: Role,
    #[schema(schema_with = words::client)]
    client: Client,
    /// False while the connection is lost and may still be resumed.
    connected: bool,
    publications: Vec<PublicationView>,
}

/// One track that is published.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Publication)]
pub(crate) struct PublicationView {
    publication: u64,
    #[schema(schema_with = words::source)]
    pub(super) source: Source,
    /// Whether its owner muted it.
    muted: bool,
    /// Whether a host or operator muted it.
    muted_by_host: bool,
}

impl RoomView {
    /// `topology`: how media travels unless a host chose.
    pub(crate) fn of(found: Found, topology: Topology) -> Self {
        StagedRoom::of(found, topology).room
    }

    fn at_rest(kept: &KeptRoom, topology: Topology) -> Self {
        let KeptRoom { name, chat_open, settings } = kept;
        Self {
            name: name.to_string(),
            kind: settings.kind,
            live: false,
            live_since: None,
            in_use: false,
            participants: 0,
            on_stage: 0,
            waiting: 0,
            locked: settings.locked,
            waiting_room: settings.waiting_room,
            chat_open: *chat_open,
            topology: settings.topology.unwrap_or(topology),
            relay_only: settings.relay_only,
        }
    }

    fn in_use(state: &RoomState, participants: usize, waiting: usize) -> Self {
        Self {
            name: state.name.clone(),
            kind: state.kind,
            live: state.live,
            live_since: state.live_since,
            in_use: true,
            participants,
            on_stage: state.stage.len(),
            waiting,
            locked: state.locked,
            waiting_room: state.waiting_room,
            chat_open: state.chat_open,
            topology: state.topology,
            relay_only: state.relay_only,
        }
    }
}

impl StagedRoom {
    /// `topology`: how media travels unless a host chose.
    pub(crate) fn of(found: Found, topology: Topology) -> Self {
        let Some(look) = found.look else {
            let room = RoomView::at_rest(&found.kept, topology);
            return Self { room, stage: Vec::new(), struggling: StrugglersView::default() };
        };
        let room = RoomView::in_use(&look.state, look.participants, look.waiting);
        let stage = look.state.stage.into_iter().map(StageMemberView::from).collect();
        Self { room, stage, struggling: StrugglersView::of(look.struggling, look.standings) }
    }
}

impl From<StageMember> for StageMemberView {
    fn from(member: StageMember) -> Self {
        Self {
            participant: member.participant.0,
            name: member.name,
            role: member.role,
            client: member.client,
            connected: member.connected,
            publications: member.publications.into_iter().map(PublicationView::from).collect(),
        }
    }
}

impl From<Publication> for PublicationView {
    fn from(publication: Publication) -> Self {
        let Publication { publication, source, muted, muted_by_host } = publication;
        Self { publication: publication.0, source, muted, muted_by_host }
    }
}
