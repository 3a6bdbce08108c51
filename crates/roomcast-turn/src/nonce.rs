//! Nonces that need no memory: a time, and a hash over it and the client's address.

use std::net::{IpAddr, SocketAddr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::stun::KeyedHash;

/// Makes and checks nonces.
#[derive(Debug)]
pub(crate) struct Nonces(KeyedHash);

/// What a nonce of a request is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nonce {
    /// This node gave it to this address, lately.
    Fresh {
        /// Whether password algorithms were offered with it.
        algorithms: bool,
    },
    /// This node gave it to this address, some time ago.
    Stale,
    /// Not of this node, or not for this address.
    Foreign,
}

impl Nonces {
    pub(crate) fn new(key: KeyedHash) -> Self {
        Self(key)
    }

    /// A nonce for a client, with or without the mark that password algorithms are offered
    /// (RFC 8489 §9.2).
    pub(crate) fn issue(&self, unix: u64, client: SocketAddr, algorithms: bool) -> String {
        let time = unix as u32;
        let mut raw = [0; RAW];
        let (left, right) = raw.split_at_mut(TIME);
        left.copy_from_slice(&time.to_be_bytes());
        right.copy_from_slice(&self.hash(time, client, algorithms));
        let mut nonce = String::from(if algorithms { MARK } else { "" });
        STANDARD_NO_PAD.encode_string(raw, &mut nonce);
        nonce
    }

    pub(crate) fn check(&self, unix: u64, client: SocketAddr, nonce: &[u8]) -> Nonce {
        let marked = nonce.strip_prefix(MARK.as_bytes());
        let algorithms = marked.is_some();
        let mut raw = [0; RAW];
        let read = STANDARD_NO_PAD.decode_slice(marked.unwrap_or(nonce), &mut raw);
        let Some((time, hash)) = raw.split_first_chunk::<TIME>().filter(|_| read == Ok(RAW)) else {
            return Nonce::Foreign;
        };
        let time = u32::from_be_bytes(*time);
        if hash != self.hash(time, client, algorithms) {
            return Nonce::Foreign;
        }
        match unix.checked_sub(u64::from(time)) {
            Some(age) if age <= LIFETIME => Nonce::Fresh { algorithms },
            _ => Nonce::Stale,
        }
    }

    fn hash(&self, time: u32, client: SocketAddr, algorithms: bool) -> [u8; HASH] {
        let mut data = Vec::with_capacity(32);
        data.extend(time.to_be_bytes());
        data.push(u8::from(algorithms));
        match client.ip() {
            IpAddr::V4(ip) => data.extend(ip.octets()),
            IpAddr::V6(ip) => data.extend(ip.octets()),
        }
        data.extend(client.port().to_be_bytes());
        self.0.sha256(&data).first_chunk().copied().unwrap_or_default()
    }
}

/// The beginning of a nonce that offers password algorithms: the cookie and the first of 24 bits.
const MARK: &str = "obMatJos2gAAA";

/// Bytes of the time.
const TIME: usize = 4;
/// Bytes of the hash: enough against guessing over a network, and short, because strangers get it.
const HASH: usize = 8;
/// A multiple of three: no bits are left over.
const RAW: usize = TIME + HASH;

/// Seconds after which a nonce is stale: once an hour at least (RFC 8656 §5).
pub(crate) const LIFETIME: u64 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    fn client(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn a_nonce_holds_for_its_client_and_an_hour() {
        let nonces = Nonces::new(KeyedHash::new("key"));
        for algorithms in [false, true] {
            let nonce = nonces.issue(10_000, client(1), algorithms);
            let check = |unix, client| nonces.check(unix, client, nonce.as_bytes());
            assert_eq!(check(10_000, client(1)), Nonce::Fresh { algorithms });
            assert_eq!(check(13_600, client(1)), Nonce::Fresh { algorithms });
            assert_eq!(check(13_601, client(1)), Nonce::Stale);
            assert_eq!(check(9_999, client(1)), Nonce::Stale);
            assert_eq!(check(10_000, client(2)), Nonce::Foreign);
        }
    }

    #[test]
    fn the_mark_cannot_be_taken_off() {
        let nonces = Nonces::new(KeyedHash::new("key"));
        let nonce = nonces.issue(10_000, client(1), true);
        let unmarked = nonce.strip_prefix(MARK).unwrap();
        assert_eq!(nonces.check(10_000, client(1), unmarked.as_bytes()), Nonce::Foreign);
    }

    #[test]
    fn what_is_no_nonce_is_foreign() {
        let nonces = Nonces::new(KeyedHash::new("key"));
        for wrong in ["", "x", MARK, "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAA", "!!!!"] {
            assert_eq!(nonces.check(10_000, client(1), wrong.as_bytes()), Nonce::Foreign);
        }
    }
}
