//! What a request asks for, apart from its body.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use roomcast_protocol::limits::MAX_DESCRIPTION_BYTES;
use roomcast_protocol::{DisplayName, ErrorCode, Refusal, RoomName};
use serde::Deserialize;
use tokio::time::timeout;

use super::Protocol;
use super::offer::Scene;
use super::problem::Problem;
use super::residents::Address;
use crate::connections::Visitor;
use crate::prefix::Prefix;
use crate::ws;

/// How long a body may take to come: a description at the speed of a telephone line.
const BODY_TIME_LIMIT: Duration = Duration::from_secs(10);

/// A request for a room or a session of it.
pub(super) struct Asked {
    pub(super) protocol: Protocol,
    /// Where it comes from.
    pub(super) prefix: Prefix,
    pub(super) headers: HeaderMap,
    pub(super) uri: Uri,
    /// Under which name and port the client reached the node.
    pub(super) host: Arc<str>,
    pub(super) room: RoomName,
    /// The last part of the path, for a session.
    session: Option<String>,
    query: Wishes,
}

/// What the query of an endpoint may say. Whatever else stands there is not for this node.
#[derive(Debug, Default, Deserialize)]
struct Wishes {
    /// The name to show.
    name: Option<String>,
    /// What the first section is: `camera` or `screen`.
    source: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<Vec<String>>::from_request_parts(parts, state).await;
        let mut path = path.map_err(|_| malformed("the path is not text"))?.0.into_iter();
        let room = RoomName::parse(&path.next().unwrap_or_default())?;
        let query = Query::<Wishes>::try_from_uri(&parts.uri);
        let Query(query) = query.map_err(|_| malformed("the query cannot be read"))?;
        let (Some(protocol), Some(visitor)) =
            (parts.extensions.get::<Protocol>(), parts.extensions.get::<Arc<Visitor>>())
        else {
            return Err(Refusal::new(ErrorCode::Internal, "the request lost its origin").into());
        };
        Ok(Self {
            protocol: *protocol,
            prefix: visitor.prefix(),
            host: ws::asked_host(&parts.headers, &parts.uri),
            headers: parts.headers.clone(),
            uri: parts.uri.clone(),
            room,
            session: path.next(),
            query,
        })
    }
}

impl Asked {
    /// The name that the client wants to be shown.
    pub(super) fn name(&self) -> Result<Option<DisplayName>, Refusal> {
        self.query.name.as_deref().map(DisplayName::parse).transpose()
    }

    /// What it sends.
    pub(super) fn scene(&self) -> Result<Scene, Refusal> {
        match self.query.source.as_deref() {
            None | Some("camera") => Ok(Scene::Camera),
            Some("screen") => Ok(Scene::Screen),
            Some(_) => Err(malformed("source is camera or screen")),
        }
    }

    /// The session that is meant.
    pub(super) fn address(self) -> Address {
        let session = self.session.unwrap_or_default();
        Address { protocol: self.protocol, room: self.room, session }
    }

    /// Reads a body that is no larger than a description may be.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`], or [`ErrorCode::Malformed`] when it does not come in time.
    pub(super) async fn body(&self, body: Body) -> Result<Vec<u8>, Refusal> {
        let too_large = || {
            let message = format!("a body may have {MAX_DESCRIPTION_BYTES} bytes at most");
            Refusal::new(ErrorCode::TooLarge, message)
        };
        let announced = self.headers.get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > MAX_DESCRIPTION_BYTES) {
            return Err(too_large());
        }
        match timeout(BODY_TIME_LIMIT, to_bytes(body, MAX_DESCRIPTION_BYTES)).await {
            Ok(Ok(bytes)) => Ok(bytes.into()),
            Ok(Err(_)) => Err(too_large()),
            Err(_elapsed) => Err(malformed("the body did not come in time")),
        }
    }
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(ErrorCode::Malformed, message)
}
