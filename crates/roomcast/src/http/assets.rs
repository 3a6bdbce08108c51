//! The web client: from inside the binary, or from a folder on disk while it is being made.
//!
//! The folder's files are served under the root, each with an entity tag; tests and tool files are
//! not part of the client. A path can only name a file below the folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use roomcast_protocol::{ErrorCode, Refusal};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use super::failure;
use super::page::{API, DASHBOARD, Page, ROOM, VERSION};
use super::sdk::FOR_ALL_SITES;

#[derive(RustEmbed)]
#[folder = "../../web"]
#[exclude = ".*"]
#[exclude = "*/.*"]
#[exclude = "node_modules/*"]
#[exclude = "tests/*"]
#[exclude = "test/*"]
#[exclude = "*.test.js"]
#[exclude = "*.d.ts"]
#[exclude = "package*.json"]
#[exclude = "*config*.json"]
#[exclude = "*.md"]
pub(super) struct Embedded;

/// Where the client's files come from.
#[derive(Debug, Clone)]
pub(crate) enum Assets {
    /// Inside the binary.
    Embedded,
    /// This folder, read anew for each request; what it lacks is taken from the binary.
    Folder(Arc<Path>),
}

struct Asset {
    bytes: axum::body::Bytes,
    /// With its quotes.
    tag: String,
}

impl Assets {
    /// The embedded client, or the one in a folder.
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        folder.map_or(Self::Embedded, |folder| Self::Folder(folder.into()))
    }

    /// Whether a file of the client is the one inside the binary.
    pub(super) async fn is_from_binary(&self, path: &str) -> bool {
        self.in_folder(path).await.is_none()
    }

    async fn find(&self, path: &str) -> Option<Asset> {
        if !is_part_of_client(path) {
            return None;
        }
        self.in_folder(path).await.or_else(|| embedded(path))
    }

    async fn in_folder(&self, path: &str) -> Option<Asset> {
        let Self::Folder(folder) = self else { return None };
        let file = folder.join(path.split('/').collect::<PathBuf>());
        let read = tokio::task::spawn_blocking(move || std::fs::read(file));
        let bytes = read.await.ok()?.ok()?;
        let tag = tag(&Sha256::digest(&bytes));
        Some(Asset { bytes: bytes.into(), tag })
    }
}

fn embedded(path: &str) -> Option<Asset> {
    let file = Embedded::get(path)?;
    let tag = tag(&file.metadata.sha256_hash());
    let bytes = match file.data {
        std::borrow::Cow::Borrowed(bytes) => bytes.into(),
        std::borrow::Cow::Owned(bytes) => bytes.into(),
    };
    Some(Asset { bytes, tag })
}

/// `GET /` and `GET /r/{room}`.
pub(super) async fn room(State(assets): State<Assets>, headers: HeaderMap) -> Response {
    page(&assets, &ROOM, &headers).await
}

/// `GET /admin`.
pub(super) async fn dashboard(State(assets): State<Assets>, headers: HeaderMap) -> Response {
    page(&assets, &DASHBOARD, &headers).await
}

/// `GET /api`.
pub(super) async fn api(State(assets): State<Assets>, headers: HeaderMap) -> Response {
    page(&assets, &API, &headers).await
}

/// One of the pages.
pub(super) async fn page(assets: &Assets, page: &'static Page, headers: &HeaderMap) -> Response {
    match assets.in_folder(page.file).await {
        Some(asset) => answer(page.file, asset, ASK_EACH_TIME, headers),
        None => {
            let asset = Asset { bytes: page.html.as_str().into(), tag: page.tag.clone() };
            answer(page.file, asset, ASK_EACH_TIME, headers)
        }
    }
}

/// A file that the node made.
pub(super) fn made(path: &str, text: &str, headers: &HeaderMap) -> Response {
    let asset = Asset { bytes: text.to_owned().into(), tag: tag(&Sha256::digest(text)) };
    answer(path, asset, ASK_EACH_TIME, headers)
}

/// Every other path.
pub(super) async fn asset(State(assets): State<Assets>, headers: HeaderMap, uri: Uri) -> Response {
    current(&assets, uri.path().trim_start_matches('/'), &headers).await
}

/// A file as it is now.
pub(super) async fn current(assets: &Assets, path: &str, headers: &HeaderMap) -> Response {
    serve(assets, path, ASK_EACH_TIME, headers).await
}

/// `GET /v/{version}/{path}`: a file of the client as a page of that version names it. A page that was
/// loaded before the node was replaced gets the file of today, but is not told to keep it.
pub(super) async fn versioned(
    State(assets): State<Assets>,
    headers: HeaderMap,
    UrlPath((version, path)): UrlPath<(String, String)>,
) -> Response {
    let is_current = matches!(assets, Assets::Embedded) && version == *VERSION;
    let caching = if is_current { KEEP } else { ASK_EACH_TIME };
    serve(&assets, &path, caching, &headers).await
}

/// Keep it, but ask each time whether it is still the one.
const ASK_EACH_TIME: &str = "no-cache";

/// What never changes need not be asked for again: for a year, the most that is customary.
const KEEP: &str = "public, max-age=31536000, immutable";

/// There is nothing here, whatever was to be done with it.
pub(super) async fn not_found(headers: HeaderMap) -> Response {
    missing(&headers)
}

async fn serve(assets: &Assets, path: &str, caching: &str, headers: &HeaderMap) -> Response {
    match assets.find(path).await {
        Some(asset) => answer(path, asset, caching, headers),
        None => missing(headers),
    }
}

fn answer(path: &str, asset: Asset, caching: &str, headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let caching = [(header::ETAG, asset.tag.clone()), (header::CACHE_CONTROL, caching.to_owned())];
    if known.is_some_and(|known| known.contains(&asset.tag)) {
        return (StatusCode::NOT_MODIFIED, caching, FOR_ALL_SITES).into_response();
    }
    let mut kind = mime_guess::from_path(path).first_or_octet_stream().to_string();
    if kind.starts_with("text/") || kind == "application/json" {
        kind.push_str("; charset=utf-8");
    }
    (caching, FOR_ALL_SITES, [(header::CONTENT_TYPE, kind)], asset.bytes).into_response()
}

fn missing(headers: &HeaderMap) -> Response {
    let refusal = Refusal::new(ErrorCode::NotFound, "There is no such page.");
    failure::page_or_json(headers, &refusal)
}

/// Plain names only: with these, a path cannot lead out of the folder, and files of tools stay
/// inside. No file of the client needs an escaped or a hidden name.
fn is_part_of_client(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let named = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
    let tools = ["node_modules/", "tests/", "test/", "package", "tsconfig", "jsconfig"];
    path.split('/').all(named)
        && !tools.iter().any(|tool| path.starts_with(tool))
        && ![".test.js", ".d.ts", ".md"].iter().any(|ending| path.ends_with(ending))
}

pub(super) fn tag(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    // 64 bits tell the versions of one file apart.
    let mut tag = String::from("\"");
    for byte in hash.iter().take(8) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_below_the_folder_are_part_of_the_client() {
        for good in ["index.html", "lib/signaling.js", "elements/video-tile.js", "style.css"] {
            assert!(is_part_of_client(good), "{good}");
        }
        for bad in [
            "",
            "..",
            "../Cargo.toml",
            "lib/../../Cargo.toml",
            "lib//x.js",
            "/etc/passwd",
            "lib\\x.js",
            "%2e%2e/x",
            ".git/config",
            "lib/.env",
            "C:x",
            "node_modules/a.js",
            "package.json",
            "tsconfig.json",
            "lib/signaling.test.js",
        ] {
            assert!(!is_part_of_client(bad), "{bad}");
        }
    }

    #[test]
    fn tests_and_tool_files_are_not_embedded() {
        assert_eq!(Embedded::iter().find(|path| !is_part_of_client(path)), None);
    }
}
