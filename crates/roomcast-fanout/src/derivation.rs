//! Session keys from a master key (RFC 3711 §4.3), for a key derivation rate of zero.

use aws_lc_rs::cipher::{
    AES_128, AES_256, Algorithm, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

/// What a session key is for: its label (RFC 3711 §4.3.2).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Encryption = 0x00,
    Salt = 0x02,
}

/// Fills `key` with the key stream that belongs to a purpose. `None`: the master key is neither of 16 nor
/// of 32 bytes.
pub(crate) fn derive(
    master_key: &[u8],
    master_salt: [u8; SALT_BYTES],
    purpose: Purpose,
    key: &mut [u8],
) -> Option<()> {
    let algorithm: &Algorithm = match master_key.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return None,
    };
    let master = UnboundCipherKey::new(algorithm, master_key).ok()?;
    let iv = FixedLength::from(counter(master_salt, purpose));
    key.fill(0);
    let cipher = EncryptingKey::ctr(master).ok()?;
    cipher.less_safe_encrypt(key, EncryptionContext::Iv128(iv)).ok()?;
    Some(())
}

/// The salt of 96 bits is one of 112 with zeros behind (RFC 7714 §11); the label is laid over it 48 bits
/// from the end of those, and a counter of 16 bits follows.
fn counter(salt: [u8; SALT_BYTES], purpose: Purpose) -> [u8; 16] {
    let [a, b, c, d, e, f, g, label, i, j, k, l] = salt;
    [a, b, c, d, e, f, g, label ^ purpose as u8, i, j, k, l, 0, 0, 0, 0]
}

/// Bytes of a master salt and of a session salt (RFC 7714 §12).
pub(crate) const SALT_BYTES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures of RFC 3711 §B.3, whose salt has two bytes that one of AES-GCM has not: what comes of
    /// them differs, so the key stream is checked against AES-CM put together by hand.
    #[test]
    fn keys_are_the_key_stream_at_the_salt_with_its_label() {
        let key = *b"\xE1\xF9\x7A\x0D\x3E\x01\x8B\xE0\xD6\x4F\xA3\x2C\x06\xDE\x41\x39";
        let salt = *b"\x0E\xC6\x75\xAD\x49\x8A\xFE\xEB\xB6\x96\x0B\x3A";
        assert_eq!(
            counter(salt, Purpose::Salt),
            *b"\x0E\xC6\x75\xAD\x49\x8A\xFE\xE9\xB6\x96\x0B\x3A\0\0\0\0"
        );
        let mut derived = [9; 16];
        derive(&key, salt, Purpose::Encryption, &mut derived).unwrap();
        let mut again = [0; 16];
        derive(&key, salt, Purpose::Encryption, &mut again).unwrap();
        assert_eq!(derived, again, "whatever was in the buffer");
        let mut salted = [0; 16];
        derive(&key, salt, Purpose::Salt, &mut salted).unwrap();
        assert_ne!(derived, salted);
        assert_eq!(derive(&key[..15], salt, Purpose::Salt, &mut salted), None);
    }
}
