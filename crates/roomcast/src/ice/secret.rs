//! The secret from which TURN passwords are made: configured, or made at first start and kept.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use roomcast_turn::Secret;

use crate::config::TurnSecret;

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
    let made = || -> io::Result<String> {
        match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            // It was never written to the end.
            Ok(_) => fs::remove_file(&path)?,
            Err(_) => {}
        }
        let text = crate::secret::Secret::random().reveal();
        write(&path, &text)?;
        Ok(text)
    };
    made().map(Secret::new).map_err(|source| SecretError { path: path.clone(), source })
}

/// The same, but nothing is made.
pub(super) fn kept(configured: Option<&TurnSecret>, data: &Path) -> io::Result<Secret> {
    match configured {
        Some(TurnSecret(text)) => Ok(Secret::new(text.clone())),
        None => fs::read_to_string(data.join(FILE)).map(|text| Secret::new(text.trim())),
    }
}

const FILE: &str = "turn-secret";

/// A new file, so that it is its owner's from the first byte on.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_secret_is_kept_for_its_owner_and_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = load(None, folder.path()).unwrap();
        assert_eq!(load(None, folder.path()).unwrap(), first);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(load(None, other.path()).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_configured_secret_is_not_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let configured = TurnSecret("s3cret".into());
        assert_eq!(load(Some(&configured), folder.path()).unwrap(), Secret::new("s3cret"));
        assert!(!folder.path().join(FILE).exists());
    }

    #[test]
    fn a_half_written_secret_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "").unwrap();
        let made = load(None, folder.path()).unwrap();
        assert_eq!(load(None, folder.path()).unwrap(), made);
        assert_ne!(made, Secret::new(""));
    }
}
