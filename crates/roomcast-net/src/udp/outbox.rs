//! Collects what is to be sent during one receive batch, and gives it out in groups.
//!
//! A system call is the greatest part of the cost of a packet, and one call sends many packets if
//! they have one destination and one size. So nothing is sent while a batch is worked on; it is put
//! here, and leaves when the batch is done. Pure: no socket, no clock.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};

use rustc_hash::FxBuildHasher;

use super::group::{Group, MAX_DATAGRAM_BYTES, MAX_GROUP_BYTES, MAX_GROUP_SEGMENTS};

/// Datagrams that wait to be sent, by destination. Order is kept for each destination, not among
/// several. `S` tells from which of several sockets they are to leave; with one there is nothing to
/// tell.
#[derive(Debug)]
pub struct Outbox<S = ()> {
    /// The first `used` of them are filled, in the order of their first datagram; those behind are
    /// empty buffers for later.
    queues: Vec<Queue<S>>,
    used: usize,
    /// Where the queue of a destination is. Not keyed against collisions: what a stranger could
    /// gain by them is bounded by what one receive batch holds.
    index: HashMap<(S, SocketAddr), usize, FxBuildHasher>,
    /// The queue of the last push: most pushes go to the same destination as the one before.
    last: usize,
    /// What waits in all queues.
    bytes: usize,
}

/// Why a datagram was not taken. It is dropped; what waits is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// [`MAX_DESTINATION_BYTES`] or [`MAX_DESTINATIONS`] are reached.
    #[error("too much waits to be sent")]
    Full,
    /// It is empty, or longer than [`MAX_DATAGRAM_BYTES`].
    #[error("no datagram can be of this size")]
    Size,
}

impl Outbox {
    /// An empty one for one socket.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a copy of a datagram behind the others for `destination`.
    ///
    /// # Errors
    /// [`NotTaken`] says why it was dropped.
    pub fn push(
        &mut self,
        destination: SocketAddr,
        source_ip: Option<IpAddr>,
        contents: &[u8],
    ) -> Result<(), NotTaken> {
        self.push_parts((), destination, source_ip, &[contents])
    }

    /// Gives out everything that waits, destination by destination in the order of their first
    /// datagram, and is empty afterwards.
    pub fn drain(&mut self, mut send: impl FnMut(Group<'_>)) {
        self.drain_sockets(|(), group| send(group));
    }
}

impl<S: Copy + Eq + Hash> Outbox<S> {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Puts a datagram that consists of `parts` behind the others from `socket` to `destination`.
    ///
    /// # Errors
    /// [`NotTaken`] says why it was dropped.
    pub fn push_parts(
        &mut self,
        socket: S,
        destination: SocketAddr,
        source_ip: Option<IpAddr>,
        parts: &[&[u8]],
    ) -> Result<(), NotTaken> {
        let len = parts.iter().map(|part| part.len()).sum();
        self.push_filled(socket, (destination, source_ip), len, |queue| {
            parts.iter().for_each(|part| queue.extend_from_slice(part));
            true
        })
    }

    /// Has a datagram of `len` bytes written behind the others from `socket` to a destination, to leave
    /// from the address beside it. `fill` adds exactly these bytes to what it gets, and says whether they
    /// are to be sent; if it adds others, they are not.
    ///
    /// # Errors
    /// [`NotTaken`] says why it was dropped; `fill` was not called then.
    pub fn push_filled(
        &mut self,
        socket: S,
        (destination, source_ip): (SocketAddr, Option<IpAddr>),
        len: usize,
        fill: impl FnOnce(&mut Vec<u8>) -> bool,
    ) -> Result<(), NotTaken> {
        if !(1..=MAX_DATAGRAM_BYTES).contains(&len) {
            return Err(NotTaken::Size);
        }
        let at = self.queue_of(socket, destination).ok_or(NotTaken::Full)?;
        self.last = at;
        let taken = self.queues[at].push(source_ip, len, fill);
        self.bytes += taken.unwrap_or(0);
        taken.map(|_| ())
    }

    /// Bytes that wait for all destinations together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the last datagram that was taken waits for this destination.
    #[must_use]
    pub fn ends_with(&self, socket: S, destination: SocketAddr) -> bool {
        let last = self.queues[..self.used].get(self.last);
        last.is_some_and(|queue| queue.destination == destination && queue.socket == socket)
    }

    /// Like [`Outbox::drain`], and tells the socket of each group.
    pub fn drain_sockets(&mut self, mut send: impl FnMut(S, Group<'_>)) {
        for queue in &mut self.queues[..self.used] {
            queue.groups().for_each(|group| send(queue.socket, group));
            queue.clear();
        }
        self.used = 0;
        self.last = 0;
        self.bytes = 0;
        self.index.clear();
        if self.queues.len() > KEPT_QUEUES {
            self.queues.truncate(KEPT_QUEUES);
            self.index.shrink_to(KEPT_QUEUES);
        }
    }

    fn queue_of(&mut self, socket: S, destination: SocketAddr) -> Option<usize> {
        if self.ends_with(socket, destination) {
            return Some(self.last);
        }
        if let Some(at) = self.index.get(&(socket, destination)) {
            return Some(*at);
        }
        if self.used == MAX_DESTINATIONS {
            return None;
        }
        let at = self.used;
        match self.queues.get_mut(at) {
            Some(queue) => (queue.socket, queue.destination) = (socket, destination),
            None => self.queues.push(Queue::new(socket, destination)),
        }
        self.index.insert((socket, destination), at);
        self.used += 1;
        Some(at)
    }
}

impl<S> Default for Outbox<S> {
    fn default() -> Self {
        Self { queues: Vec::new(), used: 0, index: HashMap::default(), last: 0, bytes: 0 }
    }
}

/// Bytes that may wait for one destination: what the kernel would take in its send buffer. More
/// would be lost there anyway.
pub const MAX_DESTINATION_BYTES: usize = super::socket::SOCKET_BUFFER_BYTES;

/// Destinations that datagrams may wait for: several times what one shard serves.
pub const MAX_DESTINATIONS: usize = 16_384;

/// Queues that are kept for later use: the viewers whom one shard serves on an ordinary day.
const KEPT_QUEUES: usize = 1_024;

/// Bytes of a buffer that is kept: a frame of 8 Mbit/s at 30 frames a second. With [`KEPT_QUEUES`]
/// this makes 32 MiB at the very most.
const KEPT_BYTES: usize = 32 * 1024;

/// What waits for one destination.
#[derive(Debug)]
struct Queue<S> {
    socket: S,
    destination: SocketAddr,
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

/// A group within the bytes of a queue. It begins where the one before ends.
#[derive(Debug)]
struct Span {
    source_ip: Option<IpAddr>,
    segment_size: usize,
    /// How many datagrams are in it.
    segments: usize,
    len: usize,
}

impl<S> Queue<S> {
    fn new(socket: S, destination: SocketAddr) -> Self {
        Self { socket, destination, bytes: Vec::new(), spans: Vec::new() }
    }

    fn push(
        &mut self,
        source_ip: Option<IpAddr>,
        len: usize,
        fill: impl FnOnce(&mut Vec<u8>) -> bool,
    ) -> Result<usize, NotTaken> {
        let begin = self.bytes.len();
        if begin + len > MAX_DESTINATION_BYTES {
            return Err(NotTaken::Full);
        }
        if !fill(&mut self.bytes) || self.bytes.len() != begin + len {
            self.bytes.truncate(begin);
            return Ok(0);
        }
        match self.spans.last_mut() {
            Some(span) if span.takes(source_ip, len) => {
                span.segments += 1;
                span.len += len;
            }
            _ => self.spans.push(Span { source_ip, segment_size: len, segments: 1, len }),
        }
        Ok(len)
    }

    fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let mut rest = &self.bytes[..];
        self.spans.iter().map(move |span| {
            let (contents, behind) = rest.split_at(span.len);
            rest = behind;
            Group {
                destination: self.destination,
                source_ip: span.source_ip,
                segment_size: span.segment_size,
                contents,
            }
        })
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.spans.clear();
        self.spans.shrink_to(KEPT_BYTES / size_of::<Span>());
    }
}

impl Span {
    /// Whether a datagram of `len` bytes may be the next one of this group.
    fn takes(&self, source_ip: Option<IpAddr>, len: usize) -> bool {
        // A datagram shorter than the others can only be the last one.
        let complete = self.len < self.segments * self.segment_size;
        !complete
            && len <= self.segment_size
            && self.segments < MAX_GROUP_SEGMENTS
            && self.len + len <= MAX_GROUP_BYTES
            && self.source_ip == source_ip
    }
}
