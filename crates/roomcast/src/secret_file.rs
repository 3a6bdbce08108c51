//! Secrets that the node makes at its first start and keeps in the data folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::secret::Secret;

/// The secret in a file, which is made if there is none.
pub(crate) fn load(path: &Path) -> io::Result<String> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // It was never written to the end.
        Ok(_) => fs::remove_file(path)?,
        Err(_) => {}
    }
    let text = Secret::random().reveal();
    write(path, &text)?;
    Ok(text)
}

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
        let path = folder.path().join("secret");
        let first = load(&path).unwrap();
        assert_eq!(load(&path).unwrap(), first);
        assert_ne!(load(&folder.path().join("other")).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_half_written_secret_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "").unwrap();
        let made = load(&path).unwrap();
        assert_eq!(load(&path).unwrap(), made);
        assert!(!made.is_empty());
    }
}
