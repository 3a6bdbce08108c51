//! Rooms: list, make, look into, change, end.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{ClientMessage, ErrorCode, RoomKind, Topology};
use roomcast_room::Settings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::room_view::{RoomView, StagedRoom};
use super::{Api, Asker, Json, Listing, Page, Path, Query, Refused, room_name, words};
use crate::rooms::{Found, Made};
use crate::store::KeptRoom;

/// Lists rooms by name: those in use, and those that are only kept.
#[utoipa::path(get, path = "/rooms", tag = "rooms", operation_id = "listRooms", params(Page),
    responses((status = 200, description = "A page of rooms", body = Listing<RoomView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    asker: Asker,
    Query(page): Query<Page>,
) -> Result<axum::Json<Listing<RoomView>>, Refused> {
    api.node_operator(&asker).await?;
    let limit = page.limit()?;
    let after = page.after.as_deref().map(room_name).transpose()?;
    let found = api.directory.list(after, limit + 1).await?;
    let rooms = found.into_iter().map(|found| RoomView::of(found, api.bounds.topology)).collect();
    Ok(axum::Json(Listing::of(rooms, limit, |room: &RoomView| room.name.clone())))
}

/// What a new room is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRoom {
    /// Its name, which is also the last part of its link.
    #[schema(min_length = 1, max_length = 64, example = "physics-101")]
    name: String,
    /// `live` unless said otherwise. It does not change.
    #[schema(schema_with = words::maybe_room_kind)]
    kind: Option<RoomKind>,
    /// Whether newcomers are refused.
    locked: Option<bool>,
    /// Whether newcomers wait until a host lets them in.
    waiting_room: Option<bool>,
    /// As the node is configured unless said otherwise.
    #[schema(schema_with = words::maybe_topology)]
    topology: Option<Topology>,
    /// Whether media is to travel by relays only.
    relay_only: Option<bool>,
    /// Whether participants other than hosts may chat: yes unless said otherwise.
    chat_open: Option<bool>,
}

/// A room that was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MadeRoom {
    #[serde(flatten)]
    room: StagedRoom,
    /// The secret that makes its bearer a host. It is shown this once.
    host_key: String,
}

/// Makes a room. Asked again for the same, it answers with the room that is there, without its key.
#[utoipa::path(post, path = "/rooms", tag = "rooms", operation_id = "makeRoom",
    request_body = NewRoom,
    responses(
        (status = 201, description = "The new room and its host key", body = MadeRoom,
            headers(("location" = String, description = "Where it is"))),
        (status = 200, description = "It was there already, and is the same", body = StagedRoom),
        (status = 409, description = "A room of this name is there, and is different"),
    ))]
pub(super) async fn make(
    State(api): State<Api>,
    asker: Asker,
    Json(wish): Json<NewRoom>,
) -> Result<Response, Refused> {
    api.node_operator(&asker).await?;
    let plan = wish.plan()?;
    match api.directory.make(plan.clone()).await? {
        Made::New(host_key) => {
            let location = format!("/api/v1/rooms/{}", path_segment(plan.name.as_str()));
            let room = StagedRoom::of(Found { kept: plan, look: None }, api.bounds.topology);
            let made = MadeRoom { room, host_key: host_key.reveal() };
            Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(made))
                .into_response())
        }
        Made::Was(kept) if wish.fits(&kept) => {
            let found = api.directory.find(&kept.name).await?;
            Ok(axum::Json(StagedRoom::of(found, api.bounds.topology)).into_response())
        }
        Made::Was(_) => {
            let message = "a room of this name is there already, with other settings";
            Err(Refused::new(ErrorCode::RoomExists, message))
        }
    }
}

impl NewRoom {
    fn plan(&self) -> Result<KeptRoom, Refused> {
        let settings = Settings {
            kind: self.kind.unwrap_or_default(),
            topology: self.topology,
            relay_only: self.relay_only.unwrap_or_default(),
            locked: self.locked.unwrap_or_default(),
            waiting_room: self.waiting_room.unwrap_or_default(),
        };
        let chat_open = self.chat_open.unwrap_or(true);
        Ok(KeptRoom { name: room_name(&self.name)?, chat_open, settings })
    }

    /// Whether a room that is there is what was asked for. What was not named may be as it is.
    fn fits(&self, kept: &KeptRoom) -> bool {
        let KeptRoom { name: _, chat_open, settings } = kept;
        self.kind.is_none_or(|kind| kind == settings.kind)
            && self.locked.is_none_or(|locked| locked == settings.locked)
            && self.waiting_room.is_none_or(|waiting| waiting == settings.waiting_room)
            && self.topology.is_none_or(|topology| Some(topology) == settings.topology)
            && self.relay_only.is_none_or(|relay_only| relay_only == settings.relay_only)
            && self.chat_open.is_none_or(|open| open == *chat_open)
    }
}

/// Text as one segment of a path (RFC 3986 section 3.3).
fn path_segment(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(byte.into());
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}

/// Tells how a room stands.
#[utoipa::path(get, path = "/rooms/{room}", tag = "rooms", operation_id = "getRoom",
    params(("room" = String, Path, description = "The room's name")),
    responses((status = 200, description = "The room", body = StagedRoom)))]
pub(super) async fn find(
    State(api): State<Api>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<axum::Json<StagedRoom>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    let found = api.directory.find(&room).await?;
    Ok(axum::Json(StagedRoom::of(found, api.bounds.topology)))
}

/// What is to be different. What is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RoomChange {
    /// Whether newcomers are refused.
    locked: Option<bool>,
    /// Whether newcomers wait until a host lets them in.
    waiting_room: Option<bool>,
    #[schema(schema_with = words::maybe_topology)]
    topology: Option<Topology>,
    /// Whether media is to travel by relays only.
    relay_only: Option<bool>,
    /// Whether participants other than hosts may chat.
    chat_open: Option<bool>,
}

/// Changes the settings of a room.
#[utoipa::path(patch, path = "/rooms/{room}", tag = "rooms", operation_id = "changeRoom",
    params(("room" = String, Path, description = "The room's name")), request_body = RoomChange,
    responses((status = 200, description = "The room as it is now", body = StagedRoom)))]
pub(super) async fn change(
    State(api): State<Api>,
    asker: Asker,
    Path(room): Path<String>,
    Json(change): Json<RoomChange>,
) -> Result<axum::Json<StagedRoom>, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    let RoomChange { locked, waiting_room, topology, relay_only, chat_open } = change;
    let settings = SettingsChange { locked, waiting_room, topology, relay_only };
    if settings != SettingsChange::default() {
        api.directory.operate(&room, ClientMessage::Settings(settings)).await?;
    }
    if let Some(open) = chat_open {
        api.directory.operate(&room, ClientMessage::ChatOpen { open }).await?;
    }
    let found = api.directory.find(&room).await?;
    Ok(axum::Json(StagedRoom::of(found, api.bounds.topology)))
}

/// Ends a room: everyone is told, and its name, chat, host key and stream keys are forgotten.
#[utoipa::path(delete, path = "/rooms/{room}", tag = "rooms", operation_id = "endRoom",
    params(("room" = String, Path, description = "The room's name")),
    responses((status = 204, description = "It is over")))]
pub(super) async fn end(
    State(api): State<Api>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<StatusCode, Refused> {
    let room = room_name(&room)?;
    api.room_operator(&asker, &room).await?;
    api.directory.operate(&room, ClientMessage::End).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment_of_the_path() {
        assert_eq!(path_segment("Größe 1/2?"), "Gr%C3%B6%C3%9Fe%201%2F2%3F");
    }

    #[test]
    fn a_room_that_is_there_fits_when_it_is_what_was_named() {
        let wish = |text: &str| serde_json::from_str::<NewRoom>(text).unwrap();
        let kept = wish(r#"{"name": "a", "locked": true}"#).plan().unwrap();
        for same in [r#"{"name": "a"}"#, r#"{"name": "a", "kind": "live", "locked": true}"#] {
            assert!(wish(same).fits(&kept), "{same}");
        }
        for other in [r#"{"name": "a", "locked": false}"#, r#"{"name": "a", "topology": "p2p"}"#] {
            assert!(!wish(other).fits(&kept), "{other}");
        }
    }
}
