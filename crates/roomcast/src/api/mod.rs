//! The HTTP API: `/api/v1`.
//!
//! Handlers take out of a request what they need, ask who owns it (the directory for rooms, the store
//! for keys, the engine for sessions) and put the answer into JSON. They decide nothing and hold
//! nothing. The description of the API ([`document`]) is made from them.

mod api_keys;
mod asker;
mod document;
mod extract;
mod grants;
mod listing;
mod participants;
mod publications;
mod receipts;
mod refused;
mod room_view;
mod rooms;
mod server;
mod sessions;
mod stream_keys;
mod struggling;
mod tokens;
mod words;

use std::future::ready;
use std::time::Instant;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use roomcast_engine::Engine;
use roomcast_protocol::{ErrorCode, RoomName, Topology};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use asker::Asker;
pub(crate) use extract::{Json, Path, Query, room_name};
pub(crate) use listing::{Listing, Page};
pub(crate) use refused::Refused;

use crate::auth::{Gate, Operator};
use crate::config::Config;
use crate::metrics::{History, Metrics};
use crate::rooms::{Directory, Troubles};
use crate::webhooks::{self, Webhooks};
use extract::MAX_BODY_BYTES;
use receipts::Receipts;

/// What the handlers ask.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) gate: Gate,
    pub(crate) directory: Directory,
    pub(crate) engine: Engine,
    pub(crate) metrics: Metrics,
    pub(crate) history: History,
    pub(crate) troubles: Troubles,
    pub(crate) webhooks: Webhooks,
    pub(crate) bounds: Bounds,
    pub(crate) started: Instant,
}

/// How much the node takes, as it was configured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Rooms in use.
    rooms: usize,
    /// Participants of one room.
    participants: usize,
    /// Receivers of one publisher up to which a room of topology `auto` uses links.
    links: usize,
    /// How media travels unless a host chooses.
    topology: Topology,
}

impl Bounds {
    /// Those of a configuration.
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            rooms: config.max_rooms,
            participants: config.max_participants,
            links: config.p2p_max_links.into(),
            topology: config.topology.into(),
        }
    }
}

impl Api {
    /// Refuses who may not do everything on this node.
    pub(crate) async fn node_operator(&self, asker: &Asker) -> Result<Operator, Refused> {
        Ok(self.gate.operator(asker.bearer.as_ref(), None).await?)
    }

    /// Refuses who may not do what a host may in this room.
    pub(crate) async fn room_operator(
        &self,
        asker: &Asker,
        room: &RoomName,
    ) -> Result<Operator, Refused> {
        Ok(self.gate.operator(asker.bearer.as_ref(), Some(room)).await?)
    }
}

/// Everything under `/api/v1`, with its description.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(api: Api) -> Router<S> {
    let memory = (Receipts::default(), api.clone());
    let (router, document) = operations().with_state(api).split_for_parts();
    let document = document::written(document).unwrap_or_else(|error| {
        tracing::error!(%error, "bug: the description of the API cannot be written");
        String::new()
    });
    router
        .route("/openapi.json", get(move || ready(document::serve(document.clone()))))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn_with_state(memory, receipts::remember))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(())
}

fn operations() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(document::head())
        .routes(routes!(server::status))
        .routes(routes!(server::hour))
        .routes(routes!(server::troubles))
        .routes(routes!(rooms::list, rooms::make))
        .routes(routes!(rooms::find, rooms::change, rooms::end))
        .routes(routes!(participants::list))
        .routes(routes!(participants::find, participants::change, participants::remove))
        .routes(routes!(publications::list))
        .routes(routes!(publications::mute))
        .routes(routes!(sessions::list))
        .routes(routes!(stream_keys::list, stream_keys::make))
        .routes(routes!(stream_keys::remove))
        .routes(routes!(stream_keys::renew))
        .routes(routes!(api_keys::list, api_keys::make))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(tokens::make))
        .merge(webhooks::http::router())
}

async fn unknown() -> Response {
    Refused::new(ErrorCode::NotFound, "the API has no such resource; see /api").into_response()
}

async fn not_allowed() -> Response {
    let message = "this resource does not know this method; see /api";
    Refused::new(ErrorCode::MethodNotAllowed, message).into_response()
}
