//! Datagrams on their way to relayed addresses, one behind the other.

use std::net::SocketAddr;

/// Datagrams that go to relayed addresses of one shard, in the order in which they were sent.
#[derive(Debug, Default)]
pub(crate) struct Parcel {
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Entry {
    relay: SocketAddr,
    peer: SocketAddr,
    len: usize,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Relayed<'a> {
    /// The relayed address.
    pub(crate) relay: SocketAddr,
    /// Who sent it.
    pub(crate) peer: SocketAddr,
    /// All of it.
    pub(crate) contents: &'a [u8],
}

/// [`MAX_PARCEL_BYTES`] are reached; the datagram is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Parcel {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts a copy of a datagram behind the others.
    pub(crate) fn push(
        &mut self,
        relay: SocketAddr,
        peer: SocketAddr,
        contents: &[u8],
    ) -> Result<(), Full> {
        if self.bytes.len() + contents.len() > MAX_PARCEL_BYTES {
            return Err(Full);
        }
        self.entries.push(Entry { relay, peer, len: contents.len() });
        self.bytes.extend_from_slice(contents);
        Ok(())
    }

    /// All of them, in order.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = Relayed<'_>> {
        let mut rest = &self.bytes[..];
        self.entries.iter().map(move |entry| {
            let (contents, behind) = rest.split_at(entry.len);
            rest = behind;
            Relayed { relay: entry.relay, peer: entry.peer, contents }
        })
    }

    /// Empties it, and keeps the room for what an ordinary turn sends.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.entries.shrink_to(KEPT_BYTES / size_of::<Entry>());
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
    }
}

/// Bytes of one parcel: a picture of 100 kB for each of eighty relayed viewers. It is sent off every
/// turn.
const MAX_PARCEL_BYTES: usize = 8 * 1024 * 1024;

/// Room that is kept from turn to turn.
const KEPT_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_order_until_it_is_full() {
        let (relay, peer) = ("192.0.2.1:1".parse().unwrap(), "192.0.2.2:2".parse().unwrap());
        let mut parcel = Parcel::default();
        for contents in [&b"one"[..], b"", b"three"] {
            parcel.push(relay, peer, contents).unwrap();
        }
        assert!(parcel.datagrams().map(|d| d.contents).eq([&b"one"[..], b"", b"three"]));
        let large = vec![0; MAX_PARCEL_BYTES];
        assert_eq!(parcel.push(relay, peer, &large), Err(Full));
        parcel.clear();
        assert!(parcel.is_empty());
        assert_eq!(parcel.push(relay, peer, &large), Ok(()));
    }
}
