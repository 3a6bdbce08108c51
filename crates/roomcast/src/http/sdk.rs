//! What other sites load from a node: `/sdk/roomcast.js`, `/sdk/client.js`, and the page for frames.
//!
//! These addresses stay; what they name changes with each version. So they are asked for each time, and
//! answer with a few lines that name the modules of today, which are kept for good. All modules are named
//! at once, because each step that a browser takes to find one costs it the way to the node and back.

use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

use super::assets::{self, Assets};
use super::modules::reached_from;
use super::page::{EMBED, VERSION};

/// The modules that other sites import.
pub(super) const ENTRIES: [&str; 2] = ["sdk/roomcast.js", "sdk/client.js"];

/// `GET /sdk/{file}`.
pub(super) async fn library(
    State(assets): State<Assets>,
    headers: HeaderMap,
    Path(file): Path<String>,
) -> Response {
    let path = format!("sdk/{file}");
    if ENTRIES.contains(&path.as_str()) && assets.is_from_binary(&path).await {
        return assets::made(&path, &naming(&path), &headers);
    }
    assets::current(&assets, &path, &headers).await
}

/// A module that is another one, by the address of its version.
fn naming(entry: &str) -> String {
    let root = format!("../v/{}", *VERSION);
    let mut text = String::new();
    for module in reached_from(entry).iter().filter(|module| *module != entry) {
        let _ = writeln!(text, "import '{root}/{module}';");
    }
    let _ = writeln!(text, "export * from '{root}/{entry}';");
    text
}

/// `GET /embed/{room}`: a page that any site may frame, and that may do nothing but play.
pub(super) async fn embed(State(assets): State<Assets>, headers: HeaderMap) -> Response {
    let page = assets::page(&assets, &EMBED, &headers).await;
    let own = EMBED_HEADERS
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    (own, page).into_response()
}

const EMBED_HEADERS: [(&str, &str); 2] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; \
         frame-ancestors *",
    ),
    (
        "permissions-policy",
        "camera=(), microphone=(), display-capture=(), fullscreen=(self), \
         picture-in-picture=(self), autoplay=(self)",
    ),
];

/// Files of the client are the same for everyone and hold no secret: any site may load them.
pub(super) const FOR_ALL_SITES: [(HeaderName, HeaderValue); 2] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_all_that_it_needs_at_once() {
        let text = naming("sdk/roomcast.js");
        let root = format!("../v/{}", *VERSION);
        assert!(text.contains(&format!("import '{root}/lib/clock.js';\n")));
        assert!(text.ends_with(&format!("export * from '{root}/sdk/roomcast.js';\n")));
        assert_eq!(text.matches("sdk/roomcast.js").count(), 1);
    }
}
