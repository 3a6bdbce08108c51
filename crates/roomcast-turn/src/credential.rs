//! Users that last for a while: `expiry:participant`, and a password that follows from the secret.

use crate::config::Secret;

/// A user of the TURN REST way (draft-uberti-behave-turn-rest-00), as coturn has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// `expiry:participant`.
    pub username: String,
    /// Base64 of HMAC-SHA1 over the user name, with the secret as its key.
    pub password: String,
}

impl Credential {
    /// Makes the credential of a participant, good for new allocations until `expires`, in seconds
    /// since 1970. Allocations that exist then go on.
    pub fn mint(secret: &Secret, participant: &str, expires: u64) -> Self {
        let username = format!("{expires}:{participant}");
        let password = secret.text().to_owned();
        Self { username, password }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("username", &self.username).finish_non_exhaustive()
    }
}
