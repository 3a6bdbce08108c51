//! Signaling: the WebSocket at `/ws`.
//!
//! Each connection is one task ([`connection`]). A page of another site may not open one in a
//! visitor's name, and a program without a browser sends no `Origin` at all.

mod allowance;
mod bucket;
mod connection;
mod join;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use roomcast_protocol::limits::MAX_MESSAGE_BYTES;
use roomcast_protocol::{ErrorCode, Refusal};
use roomcast_room::ConnectionId;
use tokio::sync::{mpsc, watch};

use self::connection::Connection;
use crate::auth::{Cors, Gate};
use crate::connections::Visitor;
use crate::http::failure;
use crate::metrics::Metrics;
use crate::rooms::Directory;

/// What every connection is given.
#[derive(Debug, Clone)]
pub(crate) struct Signaling {
    pub(crate) directory: Directory,
    pub(crate) gate: Gate,
    pub(crate) metrics: Metrics,
    /// Turns true when the node goes down.
    pub(crate) going_down: watch::Receiver<bool>,
    /// Whose pages may connect beside the node's own.
    pub(crate) sites: Cors,
    pub(crate) last_connection: Arc<AtomicU64>,
    /// Held by every connection: the node waits until all are gone.
    pub(crate) _alive: mpsc::Sender<()>,
}

/// `GET /ws`.
pub(crate) async fn upgrade(
    State(signaling): State<Signaling>,
    Extension(visitor): Extension<Arc<Visitor>>,
    headers: HeaderMap,
    uri: Uri,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    if !signaling.sites.admits(&headers, &uri) {
        let message = "a page of another site may not connect here; --cors lets it";
        return failure::json(&Refusal::new(ErrorCode::Forbidden, message));
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let asked_host = asked_host(&headers, &uri);
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MAX_READ_BYTES)
        .max_frame_size(MAX_READ_BYTES)
        .on_upgrade(move |socket| {
            let number = signaling.last_connection.fetch_add(1, Ordering::Relaxed);
            let id = ConnectionId(number + 1);
            Connection::new(socket, id, visitor, asked_host, signaling).run()
        })
}

/// The host and port that the client asked, by HTTP/1.1 or HTTP/2; empty when it named none.
pub(crate) fn asked_host(headers: &HeaderMap, uri: &Uri) -> Arc<str> {
    let named = headers.get(HOST).and_then(|host| host.to_str().ok());
    named.or(uri.authority().map(Authority::as_str)).unwrap_or_default().into()
}

/// Bytes read at once: most messages fit, and ten thousand connections cost little.
const READ_BUFFER: usize = 4 * 1024;

/// Messages beyond this are not even read; those between [`MAX_MESSAGE_BYTES`] and this are read,
/// so that the answer arrives before the connection closes.
const MAX_READ_BYTES: usize = 2 * MAX_MESSAGE_BYTES;
