//! The master secret of the data folder, from which API keys are derived.

use std::fmt;
use std::io;
use std::path::Path;

use aws_lc_rs::hmac;

use crate::secret::Secret;
use crate::secret_file;

/// From it follow secrets that need not be stored. `Debug` shows nothing of it.
#[derive(Clone)]
pub(crate) struct Master(hmac::Key);

const FILE: &str = "master-secret";

impl Master {
    /// The one in a data folder, which is made if there is none.
    pub(crate) fn load(data: &Path) -> io::Result<Self> {
        let text = secret_file::load(&data.join(FILE))?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }

    /// The secret of `id` for a purpose: 64 hexadecimal digits. Nothing about the others follows from
    /// one. A purpose is a fixed word without a colon.
    pub(crate) fn derive(&self, purpose: &str, id: &str) -> Secret {
        let tag = hmac::sign(&self.0, format!("{purpose}:{id}").as_bytes());
        Secret::trusted(hex(tag.as_ref()))
    }
}

/// Lowercase hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Master(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_derived_is_the_same_each_time_and_differs_by_id_purpose_and_folder() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secret =
            |folder: &Path, purpose, id| Master::load(folder).unwrap().derive(purpose, id).reveal();
        let first = secret(one.path(), "a", "1");
        assert_eq!(first.len(), 64);
        assert_eq!(first, secret(one.path(), "a", "1"));
        for different in [
            secret(one.path(), "a", "2"),
            secret(one.path(), "b", "1"),
            secret(other.path(), "a", "1"),
        ] {
            assert_ne!(first, different);
        }
    }
}
