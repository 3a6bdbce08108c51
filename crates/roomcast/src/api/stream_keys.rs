//! Stream keys of one room: list, make, renew, remove.

use axum::extract::State;
use axum::http::StatusCode;
use roomcast_protocol::{DisplayName, ErrorCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Api, Asker, Json, Listing, Path, Refused, room_name};
use crate::auth::{KeyId, StreamKey};
use crate::secret::Secret;

/// A stream key: with it, a program publishes in its room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StreamKey)]
pub(crate) struct StreamKeyView {
    id: String,
    /// Who publishes with it goes by this name, unless they say another.
    name: String,
    /// Whether who comes with it takes the place of one who is still publishing with it.
    takeover: bool,
    /// In milliseconds since 1970.
    created_at: u64,
    /// In milliseconds since 1970, to the minute; absent before its first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<u64>,
}

/// A stream key with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamKeyWithSecret)]
pub(crate) struct WholeStreamKey {
    #[serde(flatten)]
    view: StreamKeyView,
    /// What goes into the encoder as its bearer token. It is shown this once.
    key: String,
}

/// Lists the stream keys of a room, the oldest first: there are twenty at most.
#[utoipa::path(get, path = "/rooms/{room}/stream-keys", tag = "stream keys",
    operation_id = "listStreamKeys",
    params(("room" = String, Path, description = "The room's name")),
    responses((status = 200, description = "The keys", body = Listing<StreamKeyView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<axum::Json<Listing<StreamKeyView>>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    // A room that is not there has no keys, and says so.
    api.directory.find(&room).await?;
    let keys = api.gate.keys().stream_keys(&room).await?;
    Ok(axum::Json(Listing::whole(keys.into_iter().map(StreamKeyView::from).collect())))
}

/// What a new stream key is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStreamKey {
    /// `Stream` unless said otherwise.
    #[schema(min_length = 1, max_length = 64)]
    name: Option<String>,
    /// Whether who comes with it takes the place of one who is still publishing with it: yes unless
    /// said otherwise.
    takeover: Option<bool>,
}

/// Makes a stream key.
#[utoipa::path(post, path = "/rooms/{room}/stream-keys", tag = "stream keys",
    operation_id = "makeStreamKey",
    params(("room" = String, Path, description = "The room's name")),
    request_body = NewStreamKey,
    responses((status = 201, description = "The new key", body = WholeStreamKey)))]
pub(super) async fn make(
    State(api): State<Api>,
    asker: Asker,
    Path(room): Path<String>,
    Json(wish): Json<NewStreamKey>,
) -> Result<(StatusCode, axum::Json<WholeStreamKey>), Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    let name = DisplayName::parse(wish.name.as_deref().unwrap_or("Stream"))?;
    let takeover = wish.takeover.unwrap_or(true);
    let made = api.gate.keys().new_stream_key(&room, &name, takeover).await?;
    Ok((StatusCode::CREATED, axum::Json(made.into())))
}

/// Gives a stream key another secret; the old one does not fit any more.
#[utoipa::path(post, path = "/rooms/{room}/stream-keys/{id}/renew", tag = "stream keys",
    operation_id = "renewStreamKey",
    params(("room" = String, Path, description = "The room's name"),
        ("id" = String, Path, description = "The key's id")),
    responses((status = 200, description = "The key with its new secret",
        body = WholeStreamKey)))]
pub(super) async fn renew(
    State(api): State<Api>,
    asker: Asker,
    Path((room, id)): Path<(String, String)>,
) -> Result<axum::Json<WholeStreamKey>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    let id = KeyId::parse(&id).ok_or_else(unknown)?;
    let renewed = api.gate.keys().renew_stream_key(&room, &id).await?;
    Ok(axum::Json(renewed.ok_or_else(unknown)?.into()))
}

/// Removes a stream key. Who publishes with it goes on, and does not come back.
#[utoipa::path(delete, path = "/rooms/{room}/stream-keys/{id}", tag = "stream keys",
    operation_id = "removeStreamKey",
    params(("room" = String, Path, description = "The room's name"),
        ("id" = String, Path, description = "The key's id")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn remove(
    State(api): State<Api>,
    asker: Asker,
    Path((room, id)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    let id = KeyId::parse(&id).ok_or_else(unknown)?;
    if api.gate.keys().remove_stream_key(&room, &id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(unknown())
}

fn unknown() -> Refused {
    Refused::new(ErrorCode::NotFound, "the room has no stream key of this id (any more)")
}

impl From<StreamKey> for StreamKeyView {
    fn from(key: StreamKey) -> Self {
        let StreamKey { id, room: _, name, takeover, created_at, last_used_at } = key;
        Self { id: id.to_string(), name, takeover, created_at, last_used_at }
    }
}

impl From<(StreamKey, Secret)> for WholeStreamKey {
    fn from((key, secret): (StreamKey, Secret)) -> Self {
        Self { view: key.into(), key: secret.reveal() }
    }
}
