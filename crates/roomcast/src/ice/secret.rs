//! The secret from which TURN passwords are made: configured, or made at first start and kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use roomcast_turn::Secret;

use crate::config::TurnSecret;
use crate::secret_file;

/// A made secret could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[error("the secret of the relay cannot be kept in {path}: {source}")]
pub struct SecretError {
    path: PathBuf,
    source: io::Error,
}

/// The configured secret, or the one in the data folder, which is made if there is none.
pub(super) fn load(configured: Option<&TurnSecret>, data: &Path) -> Result<Secret, SecretError> {
    if let Some(TurnSecret(text)) = configured {
        return Ok(Secret::new(text.clone()));
    }
    let path = data.join(FILE);
    secret_file::load(&path).map(Secret::new).map_err(|source| SecretError { path, source })
}

/// The same, but nothing is made.
pub(super) fn kept(configured: Option<&TurnSecret>, data: &Path) -> io::Result<Secret> {
    match configured {
        Some(TurnSecret(text)) => Ok(Secret::new(text.clone())),
        None => fs::read_to_string(data.join(FILE)).map(|text| Secret::new(text.trim())),
    }
}

const FILE: &str = "turn-secret";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_secret_is_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = load(None, folder.path()).unwrap();
        assert_eq!(load(None, folder.path()).unwrap(), first);
        assert_eq!(kept(None, folder.path()).unwrap(), first);
    }

    #[test]
    fn a_configured_secret_is_not_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let configured = TurnSecret("s3cret".into());
        assert_eq!(load(Some(&configured), folder.path()).unwrap(), Secret::new("s3cret"));
        assert!(!folder.path().join(FILE).exists());
    }
}
