//! Participants of one room: list, look at, change, remove.

use axum::extract::State;
use axum::http::StatusCode;
use roomcast_protocol::server::Role;
use roomcast_protocol::{
    Client, ClientMessage, Codec, ErrorCode, ParticipantId, PublicationTrouble, RoomName, Source,
};
use roomcast_room::ParticipantRecord;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::grants::GrantsView;
use super::room_view::PublicationView;
use super::{Api, Asker, Json, Listing, Page, Path, Query, Refused, room_name, words};
use crate::rooms::Look;

/// A participant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Participant)]
pub(crate) struct ParticipantView {
    participant: String,
    name: String,
    #[schema(schema_with = words::role)]
    role: Role,
    #[schema(schema_with = words::client)]
    client: Client,
    /// Who they are to whoever gave them their token.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    /// False while the connection is lost and may still be resumed.
    connected: bool,
    /// Whether their right to chat was taken.
    silenced: bool,
    /// Whether their hand is up.
    hand: bool,
    /// What they may do at most.
    grants: GrantsView,
    publications: Vec<PublicationView>,
    /// What is wrong with their publications.
    troubles: Vec<PublicationTroubleView>,
}

/// What is wrong with a publication.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicationTrouble)]
struct PublicationTroubleView {
    #[schema(schema_with = words::source)]
    source: Source,
    #[schema(schema_with = words::publication_trouble)]
    kind: &'static str,
    /// With `undecodable`: the codec that no receiver there decodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = words::codec)]
    codec: Option<Codec>,
    /// With `loss`: packets of a hundred that get lost on the way to the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u8>,
}

/// Lists the participants of a room in the order in which they came.
#[utoipa::path(get, path = "/rooms/{room}/participants", tag = "participants",
    operation_id = "listParticipants",
    params(("room" = String, Path, description = "The room's name"), Page),
    responses((status = 200, description = "A page of participants",
        body = Listing<ParticipantView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    asker: Asker,
    Path(room): Path<String>,
    Query(page): Query<Page>,
) -> Result<axum::Json<Listing<ParticipantView>>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    let limit = page.limit()?;
    let records = records(&api, &room, &page, limit + 1).await?;
    let items = records.into_iter().map(ParticipantView::from).collect();
    Ok(axum::Json(Listing::of(items, limit, |item: &ParticipantView| item.participant.clone())))
}

/// Participants of a page.
///
/// # Errors
/// [`ErrorCode::RoomUnknown`], and [`ErrorCode::ParticipantUnknown`] when the page begins behind someone
/// who has left.
pub(super) async fn records(
    api: &Api,
    room: &RoomName,
    page: &Page,
    limit: usize,
) -> Result<Vec<ParticipantRecord>, Refused> {
    let after = page.after.clone().map(ParticipantId);
    let question = |reply| Look::Participants { after, limit, reply };
    let records = api.directory.look(room, question).await?;
    match (records, &page.after) {
        // The room may be only kept: then nobody is there.
        (None, _) => api.directory.find(room).await.map(|_| Vec::new()).map_err(Refused),
        (Some(records), Some(after)) if records.is_empty() => {
            record(api, room, after).await.map(|_| records)
        }
        (Some(records), _) => Ok(records),
    }
}

/// One participant.
pub(super) async fn record(
    api: &Api,
    room: &RoomName,
    id: &str,
) -> Result<ParticipantRecord, Refused> {
    let question = |reply| Look::Participant(ParticipantId(id.to_owned()), reply);
    let record = match api.directory.look(room, question).await? {
        Some(record) => record,
        None => api.directory.find(room).await.map(|_| None)?,
    };
    let message = "this participant is not in the room (any more)";
    record.ok_or_else(|| Refused::new(ErrorCode::ParticipantUnknown, message))
}

/// Tells how a participant stands.
#[utoipa::path(get, path = "/rooms/{room}/participants/{participant}", tag = "participants",
    operation_id = "getParticipant",
    params(("room" = String, Path, description = "The room's name"),
        ("participant" = String, Path, description = "The participant's id")),
    responses((status = 200, description = "The participant", body = ParticipantView)))]
pub(super) async fn find(
    State(api): State<Api>,
    asker: Asker,
    Path((room, participant)): Path<(String, String)>,
) -> Result<axum::Json<ParticipantView>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    Ok(axum::Json(record(&api, &room, &participant).await?.into()))
}

/// What is to be different. What is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParticipantChange {
    /// `speaker` brings on stage, `viewer` takes off it.
    #[schema(schema_with = words::maybe_audience_role)]
    role: Option<AudienceRole>,
    /// Whether their right to chat is taken.
    silenced: Option<bool>,
}

/// The roles that can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AudienceRole {
    Speaker,
    Viewer,
}

/// Brings a participant on stage or takes them off it, silences them or lets them speak.
#[utoipa::path(patch, path = "/rooms/{room}/participants/{participant}", tag = "participants",
    operation_id = "changeParticipant",
    params(("room" = String, Path, description = "The room's name"),
        ("participant" = String, Path, description = "The participant's id")),
    request_body = ParticipantChange,
    responses((status = 200, description = "The participant as it is now",
        body = ParticipantView)))]
pub(super) async fn change(
    State(api): State<Api>,
    asker: Asker,
    Path((room, participant)): Path<(String, String)>,
    Json(change): Json<ParticipantChange>,
) -> Result<axum::Json<ParticipantView>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    // A room that is not in use is not taken up for somebody who cannot be there.
    record(&api, &room, &participant).await?;
    let id = || ParticipantId(participant.clone());
    if let Some(role) = change.role {
        let on = role == AudienceRole::Speaker;
        api.directory.operate(&room, ClientMessage::Stage { participant: id(), on }).await?;
    }
    if let Some(silenced) = change.silenced {
        let message = ClientMessage::Silence { participant: id(), silenced };
        api.directory.operate(&room, message).await?;
    }
    Ok(axum::Json(record(&api, &room, &participant).await?.into()))
}

/// Removes a participant from the room.
#[utoipa::path(delete, path = "/rooms/{room}/participants/{participant}", tag = "participants",
    operation_id = "removeParticipant",
    params(("room" = String, Path, description = "The room's name"),
        ("participant" = String, Path, description = "The participant's id")),
    responses((status = 204, description = "They are gone")))]
pub(super) async fn remove(
    State(api): State<Api>,
    asker: Asker,
    Path((room, participant)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    record(&api, &room, &participant).await?;
    let participant = ParticipantId(participant);
    api.directory.operate(&room, ClientMessage::Remove { participant }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<ParticipantRecord> for ParticipantView {
    fn from(record: ParticipantRecord) -> Self {
        Self {
            participant: record.participant.0,
            name: record.name,
            role: record.role,
            client: record.client,
            identity: record.identity.map(|identity| identity.as_str().to_owned()),
            connected: record.connected,
            silenced: record.silenced,
            hand: record.hand,
            grants: record.grants.into(),
            publications: record.publications.into_iter().map(PublicationView::from).collect(),
            troubles: record.troubles.into_iter().map(PublicationTroubleView::from).collect(),
        }
    }
}

impl From<(Source, PublicationTrouble)> for PublicationTroubleView {
    fn from((source, trouble): (Source, PublicationTrouble)) -> Self {
        let (kind, codec, percent) = match trouble {
            PublicationTrouble::NoKeyFrame => ("no-key-frame", None, None),
            PublicationTrouble::BFrames => ("b-frames", None, None),
            PublicationTrouble::Undecodable { codec } => ("undecodable", Some(codec), None),
            PublicationTrouble::Loss { percent } => ("loss", None, Some(percent)),
        };
        Self { source, kind, codec, percent }
    }
}
