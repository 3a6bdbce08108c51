//! Clients that belong to another shard than the network takes them to.
//!
//! A client that redeems the port which another reserved for it (EVEN-PORT, RFC 8656 §7.1) has to be
//! served where that port is. Only old programs, with a pair of ports for RTP and RTCP, do so.

use std::net::{IpAddr, SocketAddr};

use roomcast_turn::reserved_at;
use rustc_hash::FxHashMap;

/// A client's datagram that landed elsewhere.
#[derive(Debug)]
pub(crate) struct Landed {
    pub(crate) source: SocketAddr,
    pub(crate) destination: Option<IpAddr>,
    pub(crate) contents: Box<[u8]>,
}

/// The clients of one shard's socket that other shards serve.
#[derive(Debug)]
pub(super) struct Moved {
    shard: u16,
    shards: u16,
    clients: FxHashMap<SocketAddr, u16>,
}

impl Moved {
    pub(super) fn new(shard: u16, shards: u16) -> Self {
        Self { shard, shards, clients: FxHashMap::default() }
    }

    /// The other shard that serves the client of a datagram, if one does. A client of this shard stays.
    pub(super) fn shard_of(
        &mut self,
        source: SocketAddr,
        contents: &[u8],
        is_here: impl FnOnce() -> bool,
    ) -> Option<u16> {
        if let Some(shard) = self.shard_of_message(contents)
            && !is_here()
        {
            if self.clients.len() >= MAX_MOVED {
                self.clients.clear();
            }
            self.clients.insert(source, shard);
        }
        // Mostly there are none.
        if self.clients.is_empty() { None } else { self.clients.get(&source).copied() }
    }

    /// The other shard to which this message has to go, if it has to.
    pub(super) fn shard_of_message(&self, message: &[u8]) -> Option<u16> {
        reserved_at(message, self.shards).filter(|shard| *shard != self.shard)
    }
}

/// Clients that are remembered. Beyond it they are forgotten, and old programs have to start afresh:
/// strangers can add to the table, and nobody else is in it.
const MAX_MOVED: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn redeeming(token: u64) -> Vec<u8> {
        let mut message = vec![0, 3, 0, 12, 0x21, 0x12, 0xA4, 0x42];
        message.extend([7; 12]);
        message.extend([0, 0x22, 0, 8]);
        message.extend(token.to_be_bytes());
        message
    }

    #[test]
    fn a_client_is_served_where_the_port_of_its_token_is() {
        let mut moved = Moved::new(0, 2);
        let (client, other) = ("192.0.2.1:1".parse().unwrap(), "192.0.2.1:2".parse().unwrap());
        let data = [0x40, 0, 0, 0];
        assert_eq!(moved.shard_of(client, &data, || false), None);
        assert_eq!(moved.shard_of(client, &redeeming(2), || false), None);
        assert_eq!(moved.shard_of(client, &redeeming(3), || true), None);
        assert_eq!(moved.shard_of(client, &redeeming(3), || false), Some(1));
        assert_eq!(moved.shard_of(client, &data, || false), Some(1));
        assert_eq!(moved.shard_of(other, &data, || false), None);
    }

    #[test]
    fn strangers_cannot_fill_the_memory() {
        let mut moved = Moved::new(0, 2);
        for port in 0..10_000 {
            let source = SocketAddr::from(([192, 0, 2, 1], port));
            moved.shard_of(source, &redeeming(1), || false);
        }
        assert!(moved.clients.len() <= MAX_MOVED);
    }
}
