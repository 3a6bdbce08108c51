//! The connections of clients that reach the relay by TCP or TLS.

use std::any::Any;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use mio::{Interest, Registry};
use roomcast_net::tcp::Stream;
use roomcast_turn::{Frames, StreamId};
use slab::Slab;

use super::token;

/// A connection that a shard is to serve.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) stream: Stream,
    pub(crate) remote: SocketAddr,
    pub(crate) local: SocketAddr,
    /// What was read from it already, by another shard.
    pub(crate) read: Vec<u8>,
    /// Dropped with the connection: its place among those that the node allows.
    pub(crate) place: Box<dyn Any + Send + Sync>,
}

/// The connections of one shard.
#[derive(Debug, Default)]
pub(super) struct Streams {
    slots: Slab<Slot>,
    /// Counts all that ever were, so that none has the number of another.
    serial: u64,
    /// Those from which something may be read, each once.
    readable: VecDeque<usize>,
    /// Those to which something was pushed, each once.
    pushed: Vec<usize>,
    /// Those that have to be closed.
    broken: Vec<StreamId>,
    /// Messages that were dropped because a client reads too slowly.
    not_taken: u64,
}

#[derive(Debug)]
struct Slot {
    id: StreamId,
    stream: Stream,
    /// What was read, until it is whole messages.
    frames: Frames,
    is_readable: bool,
    is_pushed: bool,
    place: Box<dyn Any + Send + Sync>,
}

/// What a read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// So many bytes, and there may be more.
    Bytes(usize),
    /// Nothing for now.
    Nothing,
    /// The connection is over.
    End,
}

impl Streams {
    /// Takes a connection in. `None` if it is gone already.
    pub(super) fn open(&mut self, registry: &Registry, arrival: Arrival) -> Option<StreamId> {
        let Arrival { mut stream, place, .. } = arrival;
        let entry = self.slots.vacant_entry();
        let key = entry.key();
        self.serial += 1;
        let id = StreamId((self.serial << KEY_BITS) | (key as u64 & KEY_MASK));
        let interest = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut stream, token::of_stream(key), interest).ok()?;
        entry.insert(Slot {
            id,
            stream,
            frames: Frames::default(),
            // What was decrypted during the handshake waits, and the system does not know of it.
            is_readable: true,
            is_pushed: false,
            place,
        });
        self.readable.push_back(key);
        Some(id)
    }

    /// Gives a connection up that another shard is to serve.
    pub(super) fn leave(
        &mut self,
        registry: &Registry,
        id: StreamId,
        read: Vec<u8>,
    ) -> Option<Arrival> {
        let mut slot = self.take(registry, id)?;
        let _ = slot.stream.flush();
        let (remote, local) = (slot.stream.peer_addr().ok()?, slot.stream.local_addr().ok()?);
        Some(Arrival { stream: slot.stream, remote, local, read, place: slot.place })
    }

    /// Ends a connection, after a last attempt to send what waits.
    pub(super) fn close(&mut self, registry: &Registry, id: StreamId) -> bool {
        let Some(mut slot) = self.take(registry, id) else { return false };
        let _ = slot.stream.flush();
        true
    }

    fn take(&mut self, registry: &Registry, id: StreamId) -> Option<Slot> {
        let key = self.key_of(id)?;
        let mut slot = self.slots.try_remove(key)?;
        if slot.is_readable {
            self.readable.retain(|readable| *readable != key);
        }
        if slot.is_pushed {
            self.pushed.retain(|pushed| *pushed != key);
        }
        // It is closed after this, or registered elsewhere.
        let _ = registry.deregister(&mut slot.stream);
        Some(slot)
    }

    /// Something may be read, or sent again.
    pub(super) fn ready(&mut self, key: usize, is_readable: bool, is_writable: bool) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        if is_readable && !std::mem::replace(&mut slot.is_readable, true) {
            self.readable.push_back(key);
        }
        if is_writable && slot.stream.waiting() > 0 && !std::mem::replace(&mut slot.is_pushed, true)
        {
            self.pushed.push(key);
        }
    }

    /// How many connections have something to read, perhaps.
    pub(super) fn readable(&self) -> usize {
        self.readable.len()
    }

    /// Reads from the connection that has waited longest. It gets in line again if there may be more.
    pub(super) fn read_next(&mut self, into: &mut [u8]) -> Option<(StreamId, Read)> {
        let key = self.readable.pop_front()?;
        let slot = self.slots.get_mut(key)?;
        slot.is_readable = false;
        let read = match slot.stream.read(into) {
            Ok(0) => Read::End,
            Ok(count) => {
                slot.is_readable = true;
                self.readable.push_back(key);
                Read::Bytes(count)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Read::Nothing,
            Err(error) => {
                tracing::debug!(%error, "a connection of the relay broke");
                Read::End
            }
        };
        Some((slot.id, read))
    }

    /// Lends what cuts the bytes of a connection into messages; to be given back.
    pub(super) fn take_frames(&mut self, id: StreamId) -> Option<Frames> {
        self.slot(id).map(|slot| std::mem::take(&mut slot.frames))
    }

    /// Gives it back. A connection that was closed meanwhile needs it no more.
    pub(super) fn put_frames(&mut self, id: StreamId, frames: Frames) {
        if let Some(slot) = self.slot(id) {
            slot.frames = frames;
        }
    }

    /// Puts a message behind what waits for a client. Relayed data is dropped when too much waits; a
    /// client that does not even take answers is closed.
    pub(super) fn push(&mut self, id: StreamId, parts: &[&[u8]], is_data: bool) {
        let Some(key) = self.key_of(id) else { return };
        let Some(slot) = self.slots.get_mut(key) else { return };
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let bound = if is_data { MAX_WAITING_BYTES } else { MAX_WAITING_BYTES + ANSWER_BYTES };
        if slot.stream.waiting() + len > bound {
            if is_data {
                self.not_taken += 1;
            } else {
                self.broken.push(id);
            }
            return;
        }
        slot.stream.push(parts);
        if !std::mem::replace(&mut slot.is_pushed, true) {
            self.pushed.push(key);
        }
    }

    /// Sends what was pushed, as far as the clients take it. Returns how many messages were dropped
    /// since the last time.
    pub(super) fn flush(&mut self) -> u64 {
        for key in self.pushed.drain(..) {
            let Some(slot) = self.slots.get_mut(key) else { continue };
            slot.is_pushed = false;
            if slot.stream.flush().is_err() {
                self.broken.push(slot.id);
            }
        }
        std::mem::take(&mut self.not_taken)
    }

    /// A connection that has to be closed.
    pub(super) fn next_broken(&mut self) -> Option<StreamId> {
        self.broken.pop()
    }

    fn key_of(&self, id: StreamId) -> Option<usize> {
        let key = (id.0 & KEY_MASK) as usize;
        self.slots.get(key).filter(|slot| slot.id == id).map(|_| key)
    }

    fn slot(&mut self, id: StreamId) -> Option<&mut Slot> {
        let key = self.key_of(id)?;
        self.slots.get_mut(key)
    }
}

/// Bytes that may wait for a client in the clear: about a second of a camera, behind which newer
/// pictures are worth more than these. The system holds as much again.
const MAX_WAITING_BYTES: usize = 256 * 1024;

/// What is kept free for answers.
const ANSWER_BYTES: usize = 16 * 1024;

/// A number holds the place in the table in its lower bits, which is found without hashing.
const KEY_BITS: u32 = 24;
const KEY_MASK: u64 = (1 << KEY_BITS) - 1;
