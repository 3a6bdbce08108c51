//! TLS: the operator's certificate, or one made at first start and kept in the data folder.
//!
//! A made certificate names this machine, its addresses and the public ones. It is made anew when
//! one of them is missing from it or when it soon expires.

mod made;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::TlsFiles;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file does not hold what it should.
    #[error("{path} holds no usable {what}: {fault}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// What is wrong.
        fault: String,
    },
    /// Certificate and key do not fit each other, or are of a kind that cannot be used.
    #[error("the certificate {path} cannot be used with its key: {source}")]
    Unfit {
        /// The certificate's file.
        path: PathBuf,
        /// What the TLS library says.
        source: rustls::Error,
    },
    /// A certificate could not be made.
    #[error("no certificate could be made: {0}")]
    Making(#[from] rcgen::Error),
    /// A made certificate could not be kept.
    #[error("the certificate cannot be kept in {path}: {source}")]
    Keeping {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Where a made certificate is kept in a data folder.
pub(crate) fn made_files(data: &Path) -> TlsFiles {
    made::paths(&made_folder(data))
}

fn made_folder(data: &Path) -> PathBuf {
    data.join("tls")
}

/// What accepts TLS connections: with the operator's files if given, else with a made certificate
/// for `names`.
pub(crate) fn acceptor(
    files: Option<&TlsFiles>,
    data: &Path,
    names: Vec<String>,
) -> Result<TlsAcceptor, TlsError> {
    let files = match files {
        Some(files) => files.clone(),
        None => made::files(&made_folder(data), names)?,
    };
    let certificates = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad_file(&files.cert, "certificate", &error))?;
    if certificates.is_empty() {
        let error = rustls::pki_types::pem::Error::NoItemsFound;
        return Err(bad_file(&files.cert, "certificate", &error));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| bad_file(&files.key, "private key", &error))?;
    let unfit = |source| TlsError::Unfit { path: files.cert.clone(), source };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn bad_file(path: &Path, what: &'static str, error: &rustls::pki_types::pem::Error) -> TlsError {
    TlsError::File { path: path.to_owned(), what, fault: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_certificate_is_kept_and_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let cert = folder.path().join("tls/certificate.pem");
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        acceptor(None, folder.path(), names(&["localhost", "192.0.2.1"])).unwrap();
        let first = std::fs::read(&cert).unwrap();
        acceptor(None, folder.path(), names(&["localhost"])).unwrap();
        assert_eq!(std::fs::read(&cert).unwrap(), first);
        acceptor(None, folder.path(), names(&["localhost", "192.0.2.2"])).unwrap();
        assert_ne!(std::fs::read(&cert).unwrap(), first);
    }

    #[cfg(unix)]
    #[test]
    fn the_made_key_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        acceptor(None, folder.path(), vec!["localhost".into()]).unwrap();
        let key = std::fs::metadata(folder.path().join("tls/key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_certificate_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let cert = folder.path().join("bad.pem");
        std::fs::write(&cert, "nonsense").unwrap();
        let files = TlsFiles { cert: cert.clone(), key: folder.path().join("none.pem") };
        let error = acceptor(Some(&files), folder.path(), Vec::new()).err().unwrap();
        assert!(error.to_string().contains("bad.pem"), "{error}");
    }
}
