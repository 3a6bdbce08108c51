//! What a request gets that is not carried out: the same codes as everywhere.

use axum::response::{IntoResponse, Response};
use roomcast_protocol::{ErrorCode, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::failure;

/// A refusal as the answer to a request of the API.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Refusal);

impl Refused {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Refusal::new(code, message))
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        failure::json(&self.0)
    }
}

/// Why a request was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    /// A stable code: what programs look at. All of them are in `docs/ERRORS.md`.
    #[schema(example = "room-unknown")]
    code: String,
    /// What happened and what to do next, in English, for a person.
    message: String,
}
