//! The node itself: how it stands, how the last hour was, and why media did not get through.

use axum::extract::State;
use roomcast_protocol::{TroubleCause, TroublePlace, limits};
use serde::Serialize;
use utoipa::ToSchema;

use super::asker::Asker;
use super::listing::Listing;
use super::refused::Refused;
use super::{Api, words};
use crate::metrics::history::{self, Point};
use crate::rooms::Trouble;

/// How the node stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Server {
    /// Of the program.
    version: &'static str,
    /// Seconds since it started.
    uptime_seconds: u64,
    /// Rooms in use.
    rooms: u64,
    /// Participants in all rooms.
    participants: u64,
    /// Media sessions.
    sessions: u64,
    limits: Limits,
    traffic: Traffic,
}

/// How much the node takes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Limits {
    /// Rooms in use.
    rooms: usize,
    /// Participants of one room.
    participants_per_room: usize,
    /// Participants on one stage.
    stage: usize,
    /// Receivers of one publisher up to which a room of topology `auto` uses links.
    links: usize,
}

/// Media datagrams since the start.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Traffic {
    bytes_in: u64,
    bytes_out: u64,
    packets_in: u64,
    packets_out: u64,
    /// RTP packets that were forwarded to subscribers.
    forwarded: u64,
    /// Dropped for want of room in a queue or a socket.
    lost: u64,
    /// Key frames that were asked of publishers.
    key_frames_asked: u64,
    /// Relayed addresses that somebody has now.
    relay_allocations: u64,
}

/// Tells how the node stands.
#[utoipa::path(get, path = "/server", tag = "server", operation_id = "getServer",
    responses((status = 200, description = "How the node stands", body = Server)))]
pub(super) async fn status(
    State(api): State<Api>,
    asker: Asker,
) -> Result<axum::Json<Server>, Refused> {
    api.node_operator(&asker).await?;
    let stats = api.engine.stats();
    let gauge = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(axum::Json(Server {
        version: env!("CARGO_PKG_VERSION"),
        uptime_seconds: api.started.elapsed().as_secs(),
        rooms: gauge(api.metrics.rooms.get()),
        participants: gauge(api.metrics.participants.get()),
        sessions: stats.sessions,
        limits: Limits {
            rooms: api.bounds.rooms,
            participants_per_room: api.bounds.participants,
            stage: limits::MAX_STAGE,
            links: api.bounds.links,
        },
        traffic: Traffic {
            bytes_in: stats.bytes_in,
            bytes_out: stats.bytes_out,
            packets_in: stats.packets_in,
            packets_out: stats.packets_out,
            forwarded: stats.forwarded,
            lost: history::dropped(&stats),
            key_frames_asked: stats.key_frames_asked,
            relay_allocations: stats.relay.allocations,
        },
    }))
}

/// The last hour.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hour {
    /// Seconds between two points.
    every: u64,
    /// Oldest first; 360 at most.
    points: Vec<PointView>,
}

/// One moment, and what happened since the one before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PointView {
    /// In milliseconds since 1970.
    at: u64,
    /// Rooms in use.
    rooms: u64,
    /// Participants in all rooms.
    participants: u64,
    /// Media sessions.
    sessions: u64,
    /// Bits a second of media that came in.
    bits_in: u64,
    /// Bits a second of media that went out.
    bits_out: u64,
    /// Datagrams that were dropped for want of room.
    lost: u64,
    /// Cores that the media threads kept busy; absent where the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu: Option<f64>,
}

/// Tells how the last hour was, in points for graphs.
#[utoipa::path(get, path = "/server/history", tag = "server", operation_id = "getServerHistory",
    responses((status = 200, description = "The last hour", body = Hour)))]
pub(super) async fn hour(
    State(api): State<Api>,
    asker: Asker,
) -> Result<axum::Json<Hour>, Refused> {
    api.node_operator(&asker).await?;
    let points = api.history.points().into_iter().map(PointView::from).collect();
    Ok(axum::Json(Hour { every: history::EVERY.as_secs(), points }))
}

impl From<Point> for PointView {
    fn from(point: Point) -> Self {
        let Point { at, rooms, participants, sessions, bits_in, bits_out, lost, cpu } = point;
        Self { at, rooms, participants, sessions, bits_in, bits_out, lost, cpu }
    }
}

/// Media that did not get through, as a client told it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TroubleView {
    /// In milliseconds since 1970.
    at: u64,
    /// The room's name.
    room: String,
    /// Whose media.
    participant: String,
    #[schema(schema_with = words::trouble_place)]
    place: TroublePlace,
    #[schema(schema_with = words::trouble_cause)]
    cause: TroubleCause,
    /// Who is at the other end, if it is a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<String>,
}

/// Tells why connections failed: the last 200 reports of clients, newest first.
#[utoipa::path(get, path = "/server/troubles", tag = "server", operation_id = "listTroubles",
    responses((status = 200, description = "The last reports", body = Listing<TroubleView>)))]
pub(super) async fn troubles(
    State(api): State<Api>,
    asker: Asker,
) -> Result<axum::Json<Listing<TroubleView>>, Refused> {
    api.node_operator(&asker).await?;
    let items = api.troubles.newest_first().into_iter().map(TroubleView::from).collect();
    Ok(axum::Json(Listing::whole(items)))
}

impl From<Trouble> for TroubleView {
    fn from(trouble: Trouble) -> Self {
        Self {
            at: trouble.at,
            room: trouble.room.to_string(),
            participant: trouble.participant.0,
            place: trouble.place,
            cause: trouble.cause,
            other: trouble.other.map(|other| other.0),
        }
    }
}
