//! Publications of one room: list, mute.

use axum::extract::State;
use axum::http::StatusCode;
use roomcast_protocol::{ClientMessage, ParticipantId, Source};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::room_view::PublicationView;
use super::{Api, Asker, Json, Listing, Path, Refused, room_name, words};

/// A publication and whose it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedPublication {
    participant: String,
    /// The participant's name.
    name: String,
    #[serde(flatten)]
    publication: PublicationView,
}

/// Lists what is published in a room: all of it, since a stage is small.
#[utoipa::path(get, path = "/rooms/{room}/publications", tag = "publications",
    operation_id = "listPublications",
    params(("room" = String, Path, description = "The room's name")),
    responses((status = 200, description = "The publications",
        body = Listing<OwnedPublication>)))]
pub(super) async fn list(
    State(api): State<Api>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<axum::Json<Listing<OwnedPublication>>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    let stage = api.directory.find(&room).await?.look.map(|look| look.state.stage);
    let mut items = Vec::new();
    for member in stage.unwrap_or_default() {
        for publication in member.publications {
            items.push(OwnedPublication {
                participant: member.participant.0.clone(),
                name: member.name.clone(),
                publication: publication.into(),
            });
        }
    }
    Ok(axum::Json(Listing::whole(items)))
}

/// Whether a publication is stopped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Muting {
    /// Whether its forwarding is stopped. Its owner cannot resume it then.
    muted: bool,
}

/// Which publication.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    room: String,
    participant: String,
    source: Source,
}

/// Stops or resumes the forwarding of a publication.
#[utoipa::path(put, path = "/rooms/{room}/participants/{participant}/publications/{source}",
    tag = "publications", operation_id = "mutePublication",
    params(("room" = String, Path, description = "The room's name"),
        ("participant" = String, Path, description = "The participant's id"),
        ("source" = inline(words::SourceWord), Path, description = "Which of the participant's")),
    request_body = Muting,
    responses((status = 204, description = "It is so now")))]
pub(super) async fn mute(
    State(api): State<Api>,
    asker: Asker,
    Path(which): Path<Which>,
    Json(Muting { muted }): Json<Muting>,
) -> Result<StatusCode, Refused> {
    let room = room_name(&which.room)?;
    api.room_operator(&asker, &room).await?;
    super::participants::record(&api, &room, &which.participant).await?;
    let (participant, source) = (ParticipantId(which.participant), which.source);
    api.directory.operate(&room, ClientMessage::Mute { participant, source, muted }).await?;
    Ok(StatusCode::NO_CONTENT)
}
