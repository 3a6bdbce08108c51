//! SRTP with AES-GCM (RFC 7714): one direction of one session.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};

use crate::derivation::{Purpose, SALT_BYTES, derive};

/// The protection profiles that are known here (RFC 7714 §14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `AEAD_AES_128_GCM`.
    Aes128Gcm,
    /// `AEAD_AES_256_GCM`.
    Aes256Gcm,
}

impl Profile {
    fn key_bytes(self) -> usize {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm => 32,
        }
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Aes128Gcm => &AES_128_GCM,
            Self::Aes256Gcm => &AES_256_GCM,
        }
    }
}

/// Encrypts what one side of a session sends.
///
/// A pair of SSRC and index must not come twice under one key: whoever got both packets could forge
/// others (RFC 7714 §16.2).
pub struct Protection {
    key: LessSafeKey,
    salt: [u8; SALT_BYTES],
}

impl Protection {
    /// From the keying material that DTLS exports: client's key, server's key, client's salt, server's salt
    /// (RFC 5764 §4.2). `is_client`: of the DTLS client. `None`: it is too short.
    #[must_use]
    pub fn new(profile: Profile, material: &[u8], is_client: bool) -> Option<Self> {
        let (keys, salts) = material.split_at_checked(2 * profile.key_bytes())?;
        let side = usize::from(!is_client);
        let master_key = keys.chunks_exact(profile.key_bytes()).nth(side)?;
        let master_salt = *salts.as_chunks().0.get(side)?;
        let mut key = [0; 32];
        let key = key.get_mut(..profile.key_bytes())?;
        derive(master_key, master_salt, Purpose::Encryption, key)?;
        let mut salt = [0; SALT_BYTES];
        derive(master_key, master_salt, Purpose::Salt, &mut salt)?;
        let key = LessSafeKey::new(UnboundKey::new(profile.algorithm(), key).ok()?);
        Some(Self { key, salt })
    }

    /// Encrypts `body` in place and returns the tag that belongs behind it. `header` is authenticated
    /// with it; `index` is the sequence number extended by its rollovers, below 2^48. `None`: the body is
    /// longer than AES-GCM allows.
    pub(crate) fn seal(
        &self,
        (ssrc, index): (u32, u64),
        header: &[u8],
        body: &mut [u8],
    ) -> Option<[u8; TAG_BYTES]> {
        let nonce = Nonce::assume_unique_for_key(self.nonce(ssrc, index));
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::from(header), body).ok()?;
        tag.as_ref().try_into().ok()
    }

    /// RFC 7714 §8.1: two zeros, SSRC, rollover counter and sequence number, laid over the salt.
    fn nonce(&self, ssrc: u32, index: u64) -> [u8; SALT_BYTES] {
        let place = (u128::from(ssrc) << 48) | u128::from(index & MAX_INDEX);
        let [_, _, _, _, place @ ..] = place.to_be_bytes();
        let mut nonce = self.salt;
        nonce.iter_mut().zip(place).for_each(|(salt, place)| *salt ^= place);
        nonce
    }
}

impl std::fmt::Debug for Protection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Protection")
    }
}

/// Bytes of the tag behind each packet (RFC 7714 §13.2).
pub(crate) const TAG_BYTES: usize = 16;

/// 32 bits of rollover counter and 16 of sequence number.
const MAX_INDEX: u64 = (1 << 48) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(key: &[u8], salt: [u8; SALT_BYTES]) -> Protection {
        let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
        Protection { key, salt }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(pair).collect()
    }

    /// RFC 7714 §16.1.1 and §16.2.1.
    #[test]
    fn packets_are_those_of_the_examples_of_the_standard() {
        let header = bytes("8040f17b 8041f8d3 5501a0b2");
        let plain = bytes(
            "47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573",
        );
        let examples = [
            (
                "00010203 04050607 08090a0b 0c0d0e0f",
                "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf
                 8833 899d7f27 beb16a91 52cf765e e4390cce",
            ),
            (
                "00010203 04050607 08090a0b 0c0d0e0f 10111213 14151617 18191a1b 1c1d1e1f",
                "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799
                 b87b 7aa3db36 dfffd6b0 f9bb7878 d7a76c13",
            ),
        ];
        for (key, expected) in examples {
            let salt = *b"\x51\x75\x69\x64\x20\x70\x72\x6F\x20\x71\x75\x6F";
            let protection = bare(&bytes(key), salt);
            let mut body = plain.clone();
            let tag = protection.seal((0x5501_A0B2, 0xF17B), &header, &mut body).unwrap();
            assert_eq!([&body[..], &tag[..]].concat(), bytes(expected));
        }
    }

    #[test]
    fn each_side_has_its_part_of_the_material() {
        let material: Vec<u8> = (0..56).collect();
        let client = Protection::new(Profile::Aes128Gcm, &material, true).unwrap();
        let server = Protection::new(Profile::Aes128Gcm, &material, false).unwrap();
        assert_ne!(client.salt, server.salt);
        let mut other = material.clone();
        other[16] ^= 1;
        other[55] ^= 1;
        let same = Protection::new(Profile::Aes128Gcm, &other, true).unwrap();
        assert_eq!(client.salt, same.salt, "what is the server's does not matter");
        let sealed = |protection: &Protection| {
            let mut body = [7; 20];
            let tag = protection.seal((1, 2), &[0x80; 12], &mut body).unwrap();
            (body, tag)
        };
        assert_eq!(sealed(&client), sealed(&same));
        assert_ne!(sealed(&client), sealed(&server));
        assert!(Protection::new(Profile::Aes256Gcm, &material, true).is_none());
        assert!(Protection::new(Profile::Aes128Gcm, &material[..55], false).is_none());
    }
}
