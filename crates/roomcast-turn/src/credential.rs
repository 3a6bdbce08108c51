//! Users that last for a while: `expiry:participant`, and a password that follows from the secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config::Secret;
use crate::stun::{Key, KeyedHash, PasswordAlgorithm};

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
        let password = Passwords::new(secret).password(&username);
        Self { username, password }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("username", &self.username).finish_non_exhaustive()
    }
}

/// From a user name to its password.
#[derive(Debug)]
pub(crate) struct Passwords(KeyedHash);

impl Passwords {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(KeyedHash::new(secret.text()))
    }

    fn password(&self, username: &str) -> String {
        STANDARD.encode(self.0.sha1(username.as_bytes()))
    }

    pub(crate) fn key(&self, username: &str, realm: &str, algorithm: PasswordAlgorithm) -> Key {
        Key::new(username, realm, self.password(username), algorithm)
    }
}

/// A user name, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User<'a> {
    /// Seconds since 1970.
    pub expires: u64,
    /// What stands behind the colon; without one, all of it.
    pub participant: &'a str,
}

impl<'a> User<'a> {
    /// `None` if it does not begin with a number.
    pub(crate) fn read(username: &'a str) -> Option<Self> {
        let (expires, participant) = username.split_once(':').unwrap_or((username, username));
        let digits = !expires.is_empty() && expires.bytes().all(|byte| byte.is_ascii_digit());
        let expires = expires.parse().ok().filter(|_| digits)?;
        Some(Self { expires, participant })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_what_other_programs_of_the_rest_way_make() {
        // echo -n 1700000000:alice | openssl dgst -binary -sha1 -hmac s3cret | base64
        let minted = Credential::mint(&Secret::new("s3cret"), "alice", 1_700_000_000);
        assert_eq!(minted.username, "1700000000:alice");
        assert_eq!(minted.password, "TtElzSjT0GdnTQ9xdcRNxx96yQs=");
    }

    #[test]
    fn a_user_name_begins_with_a_number() {
        let user = User { expires: 12, participant: "a:b" };
        assert_eq!(User::read("12:a:b"), Some(user));
        assert_eq!(User::read("12"), Some(User { expires: 12, participant: "12" }));
        for wrong in ["", ":a", "notatime:alice", "+5:a", "-5:a", "1e3:a", "99999999999999999999:a"]
        {
            assert_eq!(User::read(wrong), None, "{wrong}");
        }
    }
}
