//! The media sessions of one room, as the engine counts them.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::State;
use roomcast_engine as engine;
use roomcast_engine::{LayerReport, SessionReport, TrackReport};
use roomcast_protocol::{ErrorCode, RoomName};
use roomcast_room::{ParticipantRecord, SessionId};
use serde::Serialize;
use tokio::sync::oneshot;
use utoipa::ToSchema;

use super::participants::records;
use super::{Api, Asker, Listing, Page, Path, Query, Refused, room_name, words};
use crate::rooms::Look;

/// A media session. Its counters only rise: who reads twice makes rates of them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// A number in text: it has 64 bits.
    session: String,
    participant: String,
    /// The participant's name.
    name: String,
    #[schema(schema_with = words::session_kind)]
    kind: &'static str,
    #[schema(schema_with = words::session_state)]
    state: &'static str,
    /// Absent before any media went.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = words::session_path)]
    path: Option<&'static str>,
    /// To the peer and back.
    #[serde(skip_serializing_if = "Option::is_none")]
    round_trip_ms: Option<f64>,
    /// What the network to the peer of a subscriber session is found to carry, in bits per second.
    /// Absent where nothing tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<u64>,
    bytes_in: u64,
    bytes_out: u64,
    packets_in: u64,
    packets_out: u64,
    /// RTP packets of the peer that were missing.
    lost_in: u64,
    /// RTP packets that the peer did not get.
    lost_out: u64,
    /// Resends that were asked for.
    nacks: u64,
    /// Key frames that the node asked of the peer.
    key_frames_asked: u64,
    /// Key frames that the peer asked for.
    key_frames_wanted: u64,
    tracks: Vec<TrackView>,
}

/// One publication within a session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Track)]
struct TrackView {
    publication: u64,
    /// Absent before its first packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = words::codec)]
    codec: Option<&'static str>,
    /// Of RTP payloads, without resends.
    bytes: u64,
    packets: u64,
    lost: u64,
    /// Unevenness of arrival (RFC 3550, 6.4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    jitter_ms: Option<f64>,
    /// Key frames that began.
    key_frames: u64,
    /// Those that come in, or the one that is sent; empty where layers have no names.
    layers: Vec<LayerView>,
}

/// One layer of a publication.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Layer)]
struct LayerView {
    /// Its name in the session description (RFC 8851).
    rid: String,
    /// In pixels, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u16>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u16>,
    /// Lately, in bits per second.
    bitrate: u64,
}

/// Lists the media sessions of a room. A page is one of participants: each has two sessions at most,
/// and those by links alone have none.
#[utoipa::path(get, path = "/rooms/{room}/sessions", tag = "sessions",
    operation_id = "listSessions",
    params(("room" = String, Path, description = "The room's name"), Page),
    responses((status = 200, description = "The sessions of a page of participants",
        body = Listing<SessionView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    asker: Asker,
    Path(room): Path<String>,
    Query(page): Query<Page>,
) -> Result<axum::Json<Listing<SessionView>>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    let limit = page.limit()?;
    let records = records(&api, &room, &page, limit + 1).await?;
    let page = Listing::of(records, limit, |record| record.participant.0.clone());
    let mut reports = reports(&api, &room).await?;
    let mut items = Vec::new();
    for record in &page.items {
        let sessions = [record.sessions.publisher, record.sessions.subscriber];
        for session in sessions.into_iter().flatten() {
            // The engine may not have it yet, or not any more.
            items.extend(reports.remove(&session).map(|report| view(record, report)));
        }
    }
    Ok(axum::Json(Listing { items, next: page.next }))
}

async fn reports(api: &Api, room: &RoomName) -> Result<HashMap<SessionId, SessionReport>, Refused> {
    let Some(look) = api.directory.look(room, Look::Room).await? else {
        return Ok(HashMap::new());
    };
    let (reply, answer) = oneshot::channel();
    api.engine.report(look.number, move |reports| {
        let _ = reply.send(reports);
    });
    let message = "the media threads have too much to do; try again in a moment";
    let reports = answer.await.map_err(|_| Refused::new(ErrorCode::NodeFull, message))?;
    Ok(reports.into_iter().map(|report| (SessionId(report.session.0), report)).collect())
}

fn view(record: &ParticipantRecord, report: SessionReport) -> SessionView {
    SessionView {
        session: report.session.0.to_string(),
        participant: record.participant.0.clone(),
        name: record.name.clone(),
        kind: match report.kind {
            engine::SessionKind::Publisher => "publisher",
            engine::SessionKind::Subscriber => "subscriber",
        },
        state: match report.state {
            engine::SessionState::New => "new",
            engine::SessionState::Up => "up",
            engine::SessionState::Lost => "lost",
        },
        path: report.path.map(|path| match path {
            engine::Path::Direct => "direct",
            engine::Path::Relayed { tcp: false } => "relay",
            engine::Path::Relayed { tcp: true } => "relay-tcp",
        }),
        round_trip_ms: report.round_trip.map(milliseconds),
        available: report.available,
        bytes_in: report.bytes_in,
        bytes_out: report.bytes_out,
        packets_in: report.packets_in,
        packets_out: report.packets_out,
        lost_in: report.lost_in,
        lost_out: report.lost_out,
        nacks: report.nacks,
        key_frames_asked: report.key_frames_asked,
        key_frames_wanted: report.key_frames_wanted,
        tracks: report.tracks.into_iter().map(TrackView::from).collect(),
    }
}

impl From<TrackReport> for TrackView {
    fn from(report: TrackReport) -> Self {
        Self {
            publication: report.publication.0,
            codec: report.codec.map(|codec| match codec {
                engine::Codec::Opus => "opus",
                engine::Codec::Vp8 => "vp8",
                engine::Codec::Vp9 => "vp9",
                engine::Codec::H264 => "h264",
                engine::Codec::Av1 => "av1",
            }),
            bytes: report.bytes,
            packets: report.packets,
            lost: report.lost,
            jitter_ms: report.jitter.map(milliseconds),
            key_frames: report.key_frames,
            layers: report.layers.into_iter().map(LayerView::from).collect(),
        }
    }
}

impl From<LayerReport> for LayerView {
    fn from(LayerReport { rid, size, bitrate }: LayerReport) -> Self {
        Self { rid, width: size.map(|(w, _)| w), height: size.map(|(_, h)| h), bitrate }
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
