//! What handlers take out of a request. What does not fit is refused with our codes.

use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use roomcast_protocol::{ErrorCode, RoomName};
use serde::de::DeserializeOwned;

use super::refused::Refused;

/// Bytes of a request's body: a hundred times what an honest one has.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// A body in JSON. A field that there is not is refused by the types themselves.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(bad_body(&rejection)),
        }
    }
}

fn bad_body(rejection: &JsonRejection) -> Refused {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            let message = "the body must be JSON, and its content-type application/json";
            Refused::new(ErrorCode::MediaTypeUnsupported, message)
        }
        JsonRejection::BytesRejection(unread) => unread_body(unread),
        other => Refused::new(ErrorCode::Malformed, other.body_text()),
    }
}

/// A body that did not arrive whole.
pub(super) fn unread_body(rejection: &BytesRejection) -> Refused {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let message = format!("a body may have {MAX_BODY_BYTES} bytes at most");
        return Refused::new(ErrorCode::TooLarge, message);
    }
    Refused::new(ErrorCode::Malformed, "the body did not arrive")
}

/// What stands in the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(Refused::new(ErrorCode::Malformed, rejection.body_text())),
        }
    }
}

/// What stands behind the question mark.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Refused::new(ErrorCode::Malformed, rejection.body_text())),
        }
    }
}

/// A room's name as it stands in a path.
pub(crate) fn room_name(text: &str) -> Result<RoomName, Refused> {
    RoomName::parse(text).map_err(Refused)
}
