//! The sockets of relayed addresses, where `--turn-ports` gives them some.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use mio::{Interest, Registry};
use roomcast_net::udp::{Outbox, RecvBatch, Socket};
use roomcast_turn::BindError;
use rustc_hash::FxHashMap;
use slab::Slab;

use super::token;
use crate::stats::Traffic;

/// The sockets of one shard's relayed addresses, and what is to leave by them.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    slots: Slab<Slot>,
    by_relay: FxHashMap<SocketAddr, usize>,
    outbox: Outbox<usize>,
    /// Those on which something may wait, each once.
    readable: VecDeque<usize>,
    not_taken: u64,
}

#[derive(Debug)]
struct Slot {
    socket: Socket,
    relay: SocketAddr,
    is_readable: bool,
}

impl Sockets {
    /// Gives a relayed address a socket: on that address if it is one of this machine, else (it is the
    /// outer one of a NAT) on all addresses of its family.
    pub(super) fn bind(&mut self, registry: &Registry, relay: SocketAddr) -> Result<(), BindError> {
        let mut socket = bind(relay).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => BindError::Taken,
            _ => {
                tracing::warn!(%error, "no socket for a relayed address");
                BindError::Refused
            }
        })?;
        let entry = self.slots.vacant_entry();
        registry
            .register(&mut socket, token::of_socket(entry.key()), Interest::READABLE)
            .map_err(|_| BindError::Refused)?;
        self.by_relay.insert(relay, entry.key());
        entry.insert(Slot { socket, relay, is_readable: false });
        Ok(())
    }

    pub(super) fn unbind(&mut self, registry: &Registry, relay: SocketAddr) {
        if let Some(key) = self.by_relay.remove(&relay)
            && let Some(mut slot) = self.slots.try_remove(key)
        {
            self.readable.retain(|readable| *readable != key);
            // It is closed right after this.
            let _ = registry.deregister(&mut slot.socket);
        }
    }

    /// Something may wait on this socket.
    pub(super) fn ready(&mut self, key: usize) {
        if let Some(slot) = self.slots.get_mut(key)
            && !std::mem::replace(&mut slot.is_readable, true)
        {
            self.readable.push_back(key);
        }
    }

    /// How many sockets have something waiting, perhaps.
    pub(super) fn readable(&self) -> usize {
        self.readable.len()
    }

    /// A socket on which something may wait; it has to be said again if it still does.
    pub(super) fn next_readable(&mut self) -> Option<usize> {
        let key = self.readable.pop_front()?;
        self.slots.get_mut(key)?.is_readable = false;
        Some(key)
    }

    /// Reads one batch from a socket. Returns its relayed address if there was something.
    pub(super) fn receive(&mut self, key: usize, batch: &mut RecvBatch) -> Option<SocketAddr> {
        let slot = self.slots.get_mut(key)?;
        match slot.socket.recv(batch) {
            Ok(0) => None,
            Ok(_) => Some(slot.relay),
            Err(error) => {
                tracing::debug!(%error, "receiving at a relayed address failed");
                None
            }
        }
    }

    /// One datagram from a relayed address to a peer, to be sent by [`Sockets::send`].
    pub(super) fn push(&mut self, relay: SocketAddr, peer: SocketAddr, contents: &[u8]) {
        let pushed = self
            .by_relay
            .get(&relay)
            .map(|key| self.outbox.push_parts(*key, peer, None, &[contents]));
        if !matches!(pushed, Some(Ok(()))) {
            self.not_taken += 1;
        }
    }

    /// Sends what was pushed.
    pub(super) fn send(&mut self, traffic: &mut Traffic) {
        traffic.socket_full += std::mem::take(&mut self.not_taken);
        if self.outbox.is_empty() {
            return;
        }
        let slots = &mut self.slots;
        self.outbox.drain_sockets(|key, group| {
            if let Some(slot) = slots.get_mut(key) {
                let sent = slot.socket.send(&group);
                traffic.count_sent(&group, sent);
            }
        });
    }
}

fn bind(relay: SocketAddr) -> io::Result<Socket> {
    match Socket::bind_one_family(relay, BUFFER_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            let any = match relay {
                SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
            };
            Socket::bind_one_family(SocketAddr::new(any, relay.port()), BUFFER_BYTES)
        }
        other => other,
    }
}

/// Bytes that a socket asks of the kernel in each direction: an eighth of what the one port has, for
/// one participant instead of a shard of them.
const BUFFER_BYTES: usize = 512 * 1024;
