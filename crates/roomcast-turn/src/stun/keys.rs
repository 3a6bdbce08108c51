//! Keys of users, and signatures with them (RFC 8489 §9.2, §14.5, §14.6).

use stun_types::attribute::{MessageIntegrity, MessageIntegritySha256};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, ShortTermCredentials,
};
use subtle::ConstantTimeEq;

use super::message::Message;

/// From a password to a key (RFC 8489 §18.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordAlgorithm {
    Md5,
    Sha256,
}

/// The key of a user.
#[derive(Clone)]
pub(crate) struct Key {
    pub algorithm: PasswordAlgorithm,
    key: IntegrityKey,
}

impl Key {
    pub(crate) fn new(
        username: &str,
        realm: &str,
        password: String,
        algorithm: PasswordAlgorithm,
    ) -> Self {
        let user = LongTermKeyCredentials::new(username.to_owned(), password, realm.to_owned());
        let key = user.make_key(match algorithm {
            PasswordAlgorithm::Md5 => IntegrityAlgorithm::Sha1,
            PasswordAlgorithm::Sha256 => IntegrityAlgorithm::Sha256,
        });
        Self { algorithm, key }
    }

    #[cfg(test)]
    pub(crate) fn short_term(password: &str) -> Self {
        let key = ShortTermCredentials::new(password.to_owned()).make_key();
        Self { algorithm: PasswordAlgorithm::Md5, key }
    }

    /// A key that signs as the message is signed, if the message is signed with this key. The
    /// stronger signature decides where there are two.
    pub(crate) fn verifies(&self, message: &Message<'_>) -> Option<Signature> {
        let sha256 = message.integrity_sha256.is_some();
        let signed = message.integrity_sha256.or(message.integrity)?;
        let head = message.head_with_length(signed.at + 4 + signed.value.len())?;
        let data = [head.as_slice(), message.body_until(signed.at)?];
        let right = if sha256 {
            let right = MessageIntegritySha256::compute(&data, &self.key).ok()?;
            right.ct_eq(signed.value)
        } else {
            let right = MessageIntegrity::compute(&data, &self.key).ok()?;
            right.ct_eq(signed.value)
        };
        bool::from(right).then(|| Signature { key: self.clone(), sha256 })
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?})", self.algorithm)
    }
}

/// How answers to a user are signed.
#[derive(Debug, Clone)]
pub(crate) struct Signature {
    pub key: Key,
    /// By MESSAGE-INTEGRITY-SHA256 instead of MESSAGE-INTEGRITY.
    pub sha256: bool,
}

impl Signature {
    pub(super) fn key(&self) -> &IntegrityKey {
        &self.key.key
    }

    pub(super) fn algorithm(&self) -> IntegrityAlgorithm {
        if self.sha256 { IntegrityAlgorithm::Sha256 } else { IntegrityAlgorithm::Sha1 }
    }
}

/// HMAC with a text as its key.
#[derive(Clone)]
pub(crate) struct KeyedHash(IntegrityKey);

impl KeyedHash {
    pub(crate) fn new(key: &str) -> Self {
        Self(ShortTermCredentials::new(key.to_owned()).make_key())
    }

    pub(crate) fn sha1(&self, data: &[u8]) -> [u8; 20] {
        MessageIntegrity::compute(&[data], &self.0).unwrap_or_default()
    }

    pub(crate) fn sha256(&self, data: &[u8]) -> [u8; 32] {
        MessageIntegritySha256::compute(&[data], &self.0).unwrap_or_default()
    }
}

impl std::fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyedHash(..)")
    }
}
