//! A link as a picture, for phones that are held up to a screen.

use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use roomcast_protocol::{ErrorCode, Refusal};
use serde::Deserialize;

use super::failure;

/// Longer links make a picture that phones cannot read from a few steps away.
const MAX_TEXT_BYTES: usize = 512;

/// Pixels, at least; it is drawn as large as the page wants it.
const LEAST_SIZE: u32 = 200;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    text: String,
}

/// `GET /qr.svg?text=…`: dark on light whatever the page looks like, since that is what phones read.
pub(super) async fn picture(Query(Asked { text }): Query<Asked>) -> Response {
    let code = (text.len() <= MAX_TEXT_BYTES).then(|| QrCode::new(&text).ok()).flatten();
    let Some(code) = code else {
        let message = format!("a QR code holds {MAX_TEXT_BYTES} bytes at most here");
        return failure::json(&Refusal::new(ErrorCode::TooLarge, message));
    };
    let image = code
        .render::<svg::Color<'_>>()
        .min_dimensions(LEAST_SIZE, LEAST_SIZE)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build();
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-cache")], image)
        .into_response()
}
