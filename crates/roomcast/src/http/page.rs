//! The pages, and the addresses under which they load the client.
//!
//! The client is some fifty modules. Found one after the other and asked for anew at each visit, they
//! cost a distant viewer a second; so a page of a binary names all of its own at once, under an address
//! that holds a hash of them all. What is behind that address never changes, and a browser that has it
//! does not ask again. From a folder on disk the pages are served as they are.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

use super::assets::{Embedded, tag};

/// A page of the embedded client.
pub(super) struct Page {
    /// Its file, within the client's folder.
    pub(super) file: &'static str,
    pub(super) html: String,
    /// An entity tag, with its quotes.
    pub(super) tag: String,
}

/// Names this version of the client in its addresses.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(version);

/// The room, and the front page.
pub(super) static ROOM: LazyLock<Page> =
    LazyLock::new(|| Page::new("index.html", |module| !stands_apart(module)));

/// The operator's dashboard.
pub(super) static DASHBOARD: LazyLock<Page> =
    LazyLock::new(|| Page::new("admin/index.html", |module| module.starts_with("admin/")));

/// Folders of the client that the room's page does not load.
const APART: [&str; 2] = ["admin/", "sdk/"];

fn stands_apart(module: &str) -> bool {
    APART.iter().any(|folder| module.starts_with(folder))
}

impl Page {
    fn new(file: &'static str, is_own: impl Fn(&str) -> bool) -> Self {
        let source = Embedded::get(file).map(|file| file.data.into_owned()).unwrap_or_default();
        let html = addressed(&String::from_utf8_lossy(&source), &VERSION, is_own);
        Self { file, tag: tag(&Sha256::digest(&html)), html }
    }
}

/// A hash of the names and contents of all files.
fn version() -> String {
    let mut hash = Sha256::new();
    for path in Embedded::iter() {
        hash.update(path.as_bytes());
        hash.update(
            Embedded::get(&path).map(|file| file.metadata.sha256_hash()).unwrap_or_default(),
        );
    }
    // 64 bits tell the versions of one client apart.
    hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A page with the addresses of one version, and with a hint for each of its own modules.
fn addressed(source: &str, version: &str, is_own: impl Fn(&str) -> bool) -> String {
    let root = format!("/v/{version}");
    let mut hints = String::new();
    for module in Embedded::iter().filter(|path| path.ends_with(".js") && is_own(path)) {
        // The page loads it already.
        if !source.contains(&format!("src=\"/{module}\"")) {
            let _ = writeln!(hints, "    <link rel=\"modulepreload\" href=\"{root}/{module}\">");
        }
    }
    source
        .replace("href=\"/style/", &format!("href=\"{root}/style/"))
        .replace("type=\"module\" src=\"/", &format!("type=\"module\" src=\"{root}/"))
        .replace("  </head>", &format!("{hints}  </head>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_of_a_page_is_named_under_one_version() {
        let root = format!("/v/{}", *VERSION);
        for path in Embedded::iter().filter(|path| path.ends_with(".js")) {
            let named = |page: &Page| page.html.contains(&format!("\"{root}/{path}\""));
            assert_eq!(named(&ROOM), !stands_apart(&path), "{path}");
            assert_eq!(named(&DASHBOARD), path.starts_with("admin/"), "{path}");
        }
    }

    #[test]
    fn every_style_is_named_by_a_page_and_none_without_a_version() {
        let root = format!("/v/{}", *VERSION);
        for path in Embedded::iter().filter(|path| path.starts_with("style/")) {
            let named = |page: &Page| page.html.contains(&format!("\"{root}/{path}\""));
            assert!(named(&ROOM) || named(&DASHBOARD), "{path}");
        }
        for page in [&*ROOM, &*DASHBOARD] {
            assert!(!page.html.contains("src=\"/main.js\"") && !page.html.contains("\"/style/"));
        }
    }
}
