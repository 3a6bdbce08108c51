//! What a request gets that is refused: a problem body (RFC 9457), with the code of Roomcast in it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use roomcast_protocol::{Blame, ErrorCode, Refusal};
use serde::Serialize;

use super::endpoint;

/// A refusal as an answer.
#[derive(Debug)]
pub(super) struct Problem(pub(super) Refusal);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

/// The members of RFC 9457 section 3.1, and those of every other refusal of the node.
#[derive(Serialize)]
struct Body<'a> {
    /// There is nothing to say beyond the status.
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(flatten)]
    refusal: &'a Refusal,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(refusal) = self;
        let status = status(refusal.code);
        let body = Body {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: &refusal.message,
            refusal: &refusal,
        };
        let Ok(text) = serde_json::to_string(&body) else { return status.into_response() };
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response();
        for (name, value) in further_headers(refusal.code) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What belongs to a status by RFC 9110: how to ask otherwise, or when again.
fn further_headers(code: ErrorCode) -> Vec<(header::HeaderName, &'static str)> {
    match code {
        ErrorCode::TokenMissing => vec![(header::WWW_AUTHENTICATE, "Bearer")],
        ErrorCode::TokenInvalid | ErrorCode::TokenExpired => {
            vec![(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")]
        }
        ErrorCode::MediaTypeUnsupported => vec![endpoint::ACCEPT_POST, endpoint::ACCEPT_PATCH],
        ErrorCode::ShuttingDown => vec![(header::RETRY_AFTER, RETRY_AFTER)],
        _ if code.blame() == Blame::Limit => vec![(header::RETRY_AFTER, RETRY_AFTER)],
        _ => Vec::new(),
    }
}

const MEDIA_TYPE: &str = "application/problem+json";

/// Seconds after which trying again may help.
const RETRY_AFTER: &str = "3";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_bears_the_members_of_the_standard_and_the_code() {
        let refusal = Refusal::new(ErrorCode::RoomFull, "the room is \"full\"");
        let response = Problem(refusal).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[header::RETRY_AFTER], "3");
        let body = axum::body::to_bytes(response.into_body(), 4_096).await.unwrap();
        let expected = serde_json::json!({
            "type": "about:blank", "title": "Service Unavailable", "status": 503,
            "detail": "the room is \"full\"",
            "code": "room-full", "message": "the room is \"full\"",
        });
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), expected);
    }

    #[test]
    fn who_is_not_known_is_told_how_to_say_it() {
        let refusal = Refusal::new(ErrorCode::TokenMissing, "who are you?");
        let response = Problem(refusal).into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
}
