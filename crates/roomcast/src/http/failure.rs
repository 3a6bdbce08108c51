//! What a request gets that cannot be served: the same codes as over the WebSocket.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use roomcast_protocol::{ErrorCode, Refusal};

/// For programs: `{code, message}`.
pub(crate) fn json(refusal: &Refusal) -> Response {
    let mut response = (status(refusal), Json(refusal)).into_response();
    if let Some((name, value)) = advice(refusal.code) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What goes with a status: how to say who one is (RFC 6750 section 3), or when to come back.
fn advice(code: ErrorCode) -> Option<(HeaderName, &'static str)> {
    match code {
        ErrorCode::TokenMissing => Some((header::WWW_AUTHENTICATE, "Bearer")),
        ErrorCode::TokenInvalid | ErrorCode::TokenExpired => {
            Some((header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""))
        }
        ErrorCode::RateLimited => Some((header::RETRY_AFTER, RETRY_AFTER)),
        _ => None,
    }
}

/// Seconds after which one who was too fast may come back.
const RETRY_AFTER: &str = "3";

/// For whoever asked: a small page for a browser that wants to show one, else JSON.
pub(crate) fn page_or_json(headers: &HeaderMap, refusal: &Refusal) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        (status(refusal), Html(PAGE.replace("{message}", &escaped(&refusal.message))))
            .into_response()
    } else {
        json(refusal)
    }
}

const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>Roomcast</title>\
<h1>Roomcast</h1><p>{message}</p><p><a href=\"/\">Go to the start page</a></p></html>\n";

fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
