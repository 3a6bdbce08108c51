//! The certificate that is made at first start.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::TlsError;
use crate::config::TlsFiles;

/// What stands in a made certificate, beside it, so that it need not be taken apart again.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    names: Vec<String>,
    /// Seconds since 1970.
    expires: i64,
}

/// The files of a certificate for `names` in `folder`: those that are there if they still do, else
/// new ones.
pub(super) fn files(folder: &Path, names: Vec<String>) -> Result<TlsFiles, TlsError> {
    let keeping = |source| TlsError::Keeping { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(keeping)?;
    let files = paths(folder);
    if !still_good(folder, &files, &names) {
        let (cert, key, contents) = make(names)?;
        write_key(&files.key, &key).map_err(keeping)?;
        fs::write(&files.cert, cert).map_err(keeping)?;
        let contents = serde_json::to_vec(&contents).map_err(io::Error::from).map_err(keeping)?;
        fs::write(folder.join(CONTENTS), contents).map_err(keeping)?;
    }
    Ok(files)
}

/// Where the files are.
pub(super) fn paths(folder: &Path) -> TlsFiles {
    TlsFiles { cert: folder.join("certificate.pem"), key: folder.join("key.pem") }
}

const CONTENTS: &str = "certificate.json";

/// Browsers distrust certificates that live longer than about this.
const LIFETIME: Duration = Duration::days(397);

/// A node may run this long without a start, at which a new certificate could be made.
const RENEWAL: Duration = Duration::days(30);

fn still_good(folder: &Path, files: &TlsFiles, names: &[String]) -> bool {
    let contents = fs::read(folder.join(CONTENTS))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Contents>(&bytes).ok());
    let Some(contents) = contents else { return false };
    let renewal = (OffsetDateTime::now_utc() + RENEWAL).unix_timestamp();
    files.cert.exists()
        && files.key.exists()
        && contents.expires > renewal
        && names.iter().all(|name| contents.names.contains(name))
}

fn make(names: Vec<String>) -> Result<(String, String, Contents), TlsError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.clone())?;
    params.distinguished_name.push(DnType::CommonName, "Roomcast");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = OffsetDateTime::now_utc();
    // Clocks on a LAN differ.
    params.not_before = now - Duration::days(1);
    params.not_after = now + LIFETIME - Duration::days(1);
    let expires = params.not_after.unix_timestamp();
    let cert = params.self_signed(&key)?;
    Ok((cert.pem(), key.serialize_pem(), Contents { names, expires }))
}

fn write_key(path: &Path, pem: &str) -> io::Result<()> {
    // A new file, so that the mode holds from its first byte on.
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(pem.as_bytes())
}
