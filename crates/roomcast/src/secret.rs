//! Secrets: host keys and resume tokens. They are compared in constant time and never printed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roomcast_protocol::limits::MAX_SECRET_CHARS;
use roomcast_protocol::{ErrorCode, ParticipantId, Refusal};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A secret in the clear. Its `Debug` form shows nothing of it.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    /// A new one of 256 random bits: 43 characters.
    pub(crate) fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// Takes one that came from outside; too long ones are refused unread.
    pub(crate) fn received(text: String) -> Result<Self, Refusal> {
        if text.len() > MAX_SECRET_CHARS {
            let message = format!("a key or token has {MAX_SECRET_CHARS} characters at most");
            return Err(Refusal::new(ErrorCode::Malformed, message));
        }
        Ok(Self(text))
    }

    /// Takes one that was made here, or whose length has been checked.
    pub(crate) fn trusted(text: String) -> Self {
        Self(text)
    }

    /// How many characters it has.
    pub(crate) fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// The secret itself, for its owner's eyes.
    pub(crate) fn reveal(self) -> String {
        self.0
    }

    /// What may be stored.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a secret. The secrets are random, so a slow hash would add nothing.
#[derive(Clone, Copy)]
pub(crate) struct SecretHash([u8; 32]);

impl SecretHash {
    /// Takes it from the store.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the store.
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether this is the hash of `secret`. Takes the same time wherever they differ.
    pub(crate) fn fits(&self, secret: &Secret) -> bool {
        self.0.ct_eq(&secret.hash().0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// A random id of 128 bits: two never meet.
pub(crate) fn random_participant() -> ParticipantId {
    ParticipantId(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_secret_alone() {
        let secret = Secret::random();
        assert!(secret.hash().fits(&secret));
        assert!(!secret.hash().fits(&Secret::random()));
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::received("open sesame".into()).unwrap();
        assert!(!format!("{secret:?} {:?}", secret.hash()).contains("sesame"));
        assert_eq!(secret.reveal(), "open sesame");
    }

    #[test]
    fn a_long_secret_is_refused() {
        let refusal = Secret::received("x".repeat(MAX_SECRET_CHARS + 1)).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::Malformed);
    }
}
