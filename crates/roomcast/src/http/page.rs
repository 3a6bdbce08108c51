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
use super::modules::reached_from;

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
pub(super) static ROOM: LazyLock<Page> = LazyLock::new(|| Page::new("index.html"));

/// The operator's dashboard.
pub(super) static DASHBOARD: LazyLock<Page> = LazyLock::new(|| Page::new("admin/index.html"));

/// What the HTTP API can do.
pub(super) static API: LazyLock<Page> = LazyLock::new(|| Page::new("api.html"));

/// A player, for frames of other sites.
pub(super) static EMBED: LazyLock<Page> = LazyLock::new(|| Page::new("embed.html"));

impl Page {
    fn new(file: &'static str) -> Self {
        let source = Embedded::get(file).map(|file| file.data.into_owned()).unwrap_or_default();
        let html = addressed(&String::from_utf8_lossy(&source), &VERSION);
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

/// A page with the addresses of one version, and with a hint for each module that its own one needs.
fn addressed(source: &str, version: &str) -> String {
    let root = format!("/v/{version}");
    let entry = entry(source);
    let mut hints = String::new();
    for module in reached_from(entry).iter().filter(|module| *module != entry) {
        let _ = writeln!(hints, "    <link rel=\"modulepreload\" href=\"{root}/{module}\">");
    }
    source
        .replace("href=\"/style/", &format!("href=\"{root}/style/"))
        .replace(MODULE, &format!("{MODULE}{root}"))
        .replace("  </head>", &format!("{hints}  </head>"))
}

/// The module that a page loads.
fn entry(source: &str) -> &str {
    let (_, rest) = source.split_once(MODULE).unwrap_or_default();
    rest.trim_start_matches('/').split('"').next().unwrap_or_default()
}

const MODULE: &str = "type=\"module\" src=\"";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::sdk;

    /// All pages, as they are served.
    fn pages() -> Vec<String> {
        let files = Embedded::iter().filter(|path| path.ends_with(".html"));
        let read = |path: String| Embedded::get(&path).unwrap().data.into_owned();
        files
            .map(|path| addressed(&String::from_utf8(read(path.into())).unwrap(), &VERSION))
            .collect()
    }

    #[test]
    fn every_module_belongs_to_a_page_or_to_the_library() {
        let (root, pages) = (format!("/v/{}", *VERSION), pages());
        for path in Embedded::iter().filter(|path| path.ends_with(".js")) {
            let in_a_page = pages.iter().any(|page| page.contains(&format!("\"{root}/{path}\"")));
            let in_library = sdk::ENTRIES.iter().any(|entry| reached_from(entry).contains(&*path));
            // Types alone are imported by nobody.
            assert!(in_a_page || in_library || path.ends_with("types.js"), "{path}");
        }
        assert!(ROOM.html.contains(&format!("src=\"{root}/main.js\"")));
        assert!(!ROOM.html.contains("/sdk/") && !ROOM.html.contains("/lib/whep.js"));
        assert!(EMBED.html.contains(&format!("href=\"{root}/lib/whep.js\"")));
    }

    #[test]
    fn every_style_is_named_by_a_page_and_none_without_a_version() {
        let (root, pages) = (format!("/v/{}", *VERSION), pages());
        for path in Embedded::iter().filter(|path| path.starts_with("style/")) {
            let named = |page: &String| page.contains(&format!("\"{root}/{path}\""));
            assert!(pages.iter().any(named), "{path}");
        }
        let modules = format!("src=\"{root}/");
        for page in pages {
            assert_eq!(page.matches("src=\"/").count(), page.matches(&modules).count());
            assert!(!page.contains("\"/style/"));
        }
    }
}
