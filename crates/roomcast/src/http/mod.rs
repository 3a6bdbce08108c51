//! HTTP: pages, health, metrics, and the door to signaling.

mod assets;
pub(crate) mod failure;
mod modules;
pub(crate) mod origin;
mod page;
mod qr;
mod sdk;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::registry::Registry;
use roomcast_protocol::{ErrorCode, Refusal};
use tower_http::compression::CompressionLayer;

pub(crate) use assets::Assets;

use crate::api::{self, Api};
use crate::auth::{Cors, Gate};
use crate::metrics;
use crate::whip::{self, Doors, Residents};
use crate::ws::{self, Signaling};

/// What the handlers need.
#[derive(Clone)]
pub(crate) struct Pages {
    pub(crate) api: Api,
    pub(crate) assets: Assets,
    pub(crate) registry: Arc<Registry>,
    pub(crate) signaling: Signaling,
    pub(crate) gate: Gate,
    pub(crate) residents: Residents,
    /// For players on pages of other sites.
    pub(crate) players: Cors,
}

impl FromRef<Pages> for Assets {
    fn from_ref(pages: &Pages) -> Self {
        pages.assets.clone()
    }
}

impl FromRef<Pages> for Arc<Registry> {
    fn from_ref(pages: &Pages) -> Self {
        Self::clone(&pages.registry)
    }
}

impl FromRef<Pages> for Signaling {
    fn from_ref(pages: &Pages) -> Self {
        pages.signaling.clone()
    }
}

impl FromRef<Pages> for Gate {
    fn from_ref(pages: &Pages) -> Self {
        pages.gate.clone()
    }
}

impl FromRef<Pages> for Doors {
    fn from_ref(pages: &Pages) -> Self {
        Self {
            signaling: pages.signaling.clone(),
            gate: pages.gate.clone(),
            residents: pages.residents.clone(),
        }
    }
}

/// All of the outside surface.
pub(crate) fn router(pages: Pages) -> Router {
    let api = pages.signaling.sites.clone().around(api::router(pages.api.clone()));
    Router::new()
        .nest("/api/v1", api)
        .route("/", get(assets::room))
        // The name itself is for the page; it is one segment, whatever stands in it.
        .route("/r/{room}", get(assets::room))
        .route("/admin", get(assets::dashboard))
        .route("/api", get(assets::api))
        .route("/embed/{room}", get(sdk::embed))
        .route("/sdk/{file}", get(sdk::library))
        .route("/ws", get(ws::upgrade))
        .merge(pages.players.clone().around(whip::router()))
        .route("/v/{version}/{*path}", get(assets::versioned))
        .route("/qr.svg", get(qr::picture))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .fallback(get(assets::asset).fallback(assets::not_found))
        .layer(map_response(with_security_headers))
        .layer(CompressionLayer::new())
        .with_state(pages)
}

async fn ready(State(signaling): State<Signaling>) -> Response {
    if *signaling.going_down.borrow() {
        return failure::json(&Refusal::new(ErrorCode::ShuttingDown, "the node is going down"));
    }
    "ready\n".into_response()
}

async fn scrape(State(registry): State<Arc<Registry>>) -> Response {
    match metrics::render(&registry) {
        Ok(text) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What holds unless a handler said otherwise.
async fn with_security_headers(mut response: Response) -> Response {
    for (name, value) in SECURITY_HEADERS {
        let name = HeaderName::from_static(name);
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

const SECURITY_HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; \
         media-src 'self' blob:; style-src 'self'; script-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    ),
    ("x-content-type-options", "nosniff"),
    // The name of a room is part of its address, and nobody else's business.
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
         picture-in-picture=(self), autoplay=(self)",
    ),
];
