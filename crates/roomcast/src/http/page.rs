//! The page, and the addresses under which it loads the client.
//!
//! The client is some fifty modules. Found one after the other and asked for anew at each visit, they
//! cost a distant viewer a second; so the page of a binary names all of them at once, under an address
//! that holds a hash of them all. What is behind that address never changes, and a browser that has it
//! does not ask again. From a folder on disk the page is served as it is.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

use super::assets::{Embedded, tag};

/// The page of the embedded client.
pub(super) struct Page {
    pub(super) html: String,
    /// An entity tag, with its quotes.
    pub(super) tag: String,
    /// Names this version of the client in its addresses.
    pub(super) version: String,
}

pub(super) static PAGE: LazyLock<Page> = LazyLock::new(|| {
    let version = version();
    let index = Embedded::get("index.html").map(|file| file.data.into_owned()).unwrap_or_default();
    let html = addressed(&String::from_utf8_lossy(&index), &version);
    Page { tag: tag(&Sha256::digest(&html)), html, version }
});

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

/// The page with the addresses of one version, and with a hint for each module.
fn addressed(index: &str, version: &str) -> String {
    let root = format!("/v/{version}");
    let mut hints = String::new();
    for module in Embedded::iter().filter(|path| path.ends_with(".js") && path != "main.js") {
        let _ = writeln!(hints, "    <link rel=\"modulepreload\" href=\"{root}/{module}\">");
    }
    index
        .replace("href=\"/style/", &format!("href=\"{root}/style/"))
        .replace("src=\"/main.js\"", &format!("src=\"{root}/main.js\""))
        .replace("  </head>", &format!("{hints}  </head>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_and_style_is_named_under_one_version() {
        let root = format!("/v/{}", PAGE.version);
        for path in Embedded::iter().filter(|p| p.ends_with(".js") || p.ends_with(".css")) {
            assert!(PAGE.html.contains(&format!("\"{root}/{path}\"")), "{path}");
        }
        assert!(!PAGE.html.contains("\"/main.js\"") && !PAGE.html.contains("\"/style/"));
    }
}
