//! The relay of a shard: the core of `roomcast-turn` between the shard's socket, its media core, the
//! connections of clients, and sockets of relayed addresses where there are any.
//!
//! - `sink`: where each datagram goes that the core sends.
//! - `streams`: connections over TCP and TLS.
//! - `sockets`: sockets of relayed addresses.
//! - `taken`: which relayed addresses there are, for all shards.
//! - `parcel`: datagrams on their way to relayed addresses, within a shard and across.
//! - `moved`: clients that other shards serve.
//! - `log`: what the operator reads.

mod log;
mod moved;
mod parcel;
mod sink;
mod sockets;
mod streams;
mod taken;
pub(crate) mod token;

use std::net::{IpAddr, SocketAddr};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use mio::Registry;
use mio::event::Event as Readiness;
use roomcast_net::udp::RecvBatch;
use roomcast_turn::{
    Client, Config, Counters, Event, FrameError, Frames, Input, Output, Server, StreamId,
};

pub(crate) use moved::Landed;
use moved::Moved;
pub(crate) use parcel::Parcel;
pub(crate) use sink::Media;
use sink::Sink;
use sockets::Sockets;
pub(crate) use streams::Arrival;
use streams::{Read, Streams};
pub(crate) use taken::Taken;

use crate::stats::Traffic;

/// The relay of one shard. What leads to media gets the media core as [`Media`].
pub(crate) struct Relay {
    server: Server,
    streams: Streams,
    sockets: Sockets,
    registry: Registry,
    moved: Moved,
    /// Connections that go to other shards.
    leaving: Vec<(u16, Arrival)>,
    /// What a connection is read into.
    buffer: Box<[u8]>,
}

impl Relay {
    /// A relay whose sockets are registered with `registry`.
    pub(crate) fn new(config: Config, registry: Registry) -> Self {
        Self {
            moved: Moved::new(config.shard, config.shards),
            leaving: Vec::new(),
            server: Server::new(config, Instant::now()),
            streams: Streams::default(),
            sockets: Sockets::default(),
            registry,
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
        }
    }

    /// Takes one input.
    pub(crate) fn handle(&mut self, now: Instant, input: Input<'_>, media: &mut Media<'_>) {
        let Self { server, streams, sockets, .. } = self;
        server.handle(now, input, &mut Sink { now, media, streams, sockets });
    }

    /// The other shard that serves the client of a datagram, if one does.
    pub(crate) fn elsewhere(
        &mut self,
        source: SocketAddr,
        local: Option<IpAddr>,
        contents: &[u8],
    ) -> Option<u16> {
        // Whoever sends in the name of a client must not move what that client has.
        let is_here = || self.server.serves(Client::Udp { remote: source, local });
        self.moved.shard_of(source, contents, is_here)
    }

    /// A connection that another shard is to serve.
    pub(crate) fn next_leaving(&mut self) -> Option<(u16, Arrival)> {
        self.leaving.pop()
    }

    /// Takes datagrams to relayed addresses of this shard.
    pub(crate) fn deliver(&mut self, now: Instant, parcel: &Parcel, media: &mut Media<'_>) {
        for datagram in parcel.datagrams() {
            let parcel::Relayed { relay, peer, contents } = datagram;
            self.handle(now, Input::Relayed { relay, peer, contents }, media);
        }
    }

    /// Takes a connection over.
    pub(crate) fn arrive(&mut self, now: Instant, mut arrival: Arrival, media: &mut Media<'_>) {
        let (remote, local) = (arrival.remote, arrival.local);
        let read = std::mem::take(&mut arrival.read);
        if let Some(stream) = self.streams.open(&self.registry, arrival) {
            self.handle(now, Input::StreamOpened { stream, remote, local }, media);
            self.take_in(now, stream, &read, media);
        }
    }

    /// A socket or connection of the relay is ready.
    pub(crate) fn ready(&mut self, event: &Readiness) {
        match token::source(event.token()) {
            Some(token::Source::Socket(key)) => self.sockets.ready(key),
            Some(token::Source::Stream(key)) => {
                let is_readable = event.is_readable() || event.is_read_closed() || event.is_error();
                self.streams.ready(key, is_readable, event.is_writable());
            }
            None => {}
        }
    }

    /// Whether something may wait to be read.
    pub(crate) fn is_behind(&self) -> bool {
        self.sockets.readable() + self.streams.readable() > 0
    }

    /// Reads once from each socket and connection on which something may wait.
    pub(crate) fn receive(&mut self, now: Instant, batch: &mut RecvBatch, media: &mut Media<'_>) {
        for _ in 0..self.sockets.readable() {
            self.receive_relayed(now, batch, media);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        for _ in 0..self.streams.readable() {
            match self.streams.read_next(&mut buffer) {
                None | Some((_, Read::Nothing)) => {}
                Some((stream, Read::Bytes(count))) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    self.take_in(now, stream, bytes, media);
                }
                Some((stream, Read::End)) => self.close(now, stream, media),
            }
        }
        self.buffer = buffer;
    }

    fn receive_relayed(&mut self, now: Instant, batch: &mut RecvBatch, media: &mut Media<'_>) {
        let Some(key) = self.sockets.next_readable() else { return };
        let Some(relay) = self.sockets.receive(key, batch) else { return };
        for datagram in batch.datagrams() {
            let (peer, contents) = (datagram.source, &*datagram.contents);
            self.handle(now, Input::Relayed { relay, peer, contents }, media);
        }
        if batch.may_leave_more() {
            self.sockets.ready(key);
        }
    }

    fn take_in(&mut self, now: Instant, stream: StreamId, bytes: &[u8], media: &mut Media<'_>) {
        let Some(mut frames) = self.streams.take_frames(stream) else { return };
        let taken = self.take_messages(now, stream, &mut frames, bytes, media);
        match taken {
            Ok(None) => self.streams.put_frames(stream, frames),
            Ok(Some((shard, mut read))) => {
                read.extend_from_slice(frames.rest());
                if let Some(arrival) = self.streams.leave(&self.registry, stream, read) {
                    self.leaving.push((shard, arrival));
                }
                self.handle(now, Input::StreamClosed { stream }, media);
            }
            Err(fault) => {
                tracing::debug!(%fault, "a connection of the relay is closed");
                self.close(now, stream, media);
            }
        }
    }

    /// Takes the messages in, up to one that has to go to another shard: that shard, and the message.
    fn take_messages(
        &mut self,
        now: Instant,
        stream: StreamId,
        frames: &mut Frames,
        bytes: &[u8],
        media: &mut Media<'_>,
    ) -> Result<Option<(u16, Vec<u8>)>, FrameError> {
        frames.push(bytes)?;
        while let Some(contents) = frames.next()? {
            let is_here = self.server.serves(Client::Stream(stream));
            if let Some(shard) = self.moved.shard_of_message(contents).filter(|_| !is_here) {
                return Ok(Some((shard, contents.to_vec())));
            }
            self.handle(now, Input::Stream { stream, contents }, media);
        }
        Ok(None)
    }

    fn close(&mut self, now: Instant, stream: StreamId, media: &mut Media<'_>) {
        if self.streams.close(&self.registry, stream) {
            self.handle(now, Input::StreamClosed { stream }, media);
        }
    }

    /// Does what is due.
    pub(crate) fn pass(&mut self, now: Instant, media: &mut Media<'_>) {
        if self.server.deadline().is_some_and(|deadline| deadline <= now) {
            self.handle(now, Input::Timeout, media);
        }
    }

    /// When [`Relay::pass`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.server.deadline()
    }

    /// Tells the core what the wall clock says: users end by it.
    pub(crate) fn tell_time(&mut self, now: Instant, media: &mut Media<'_>) {
        self.handle(now, Input::Clock { unix_seconds: unix_seconds() }, media);
    }

    /// Does what the core wants done. Before anything is sent: an address that is answered with has to
    /// be there.
    pub(crate) fn settle(&mut self, now: Instant, taken: &Taken, media: &mut Media<'_>) {
        while let Some(stream) = self.streams.next_broken() {
            self.close(now, stream, media);
        }
        while let Some(output) = self.server.poll() {
            match output {
                Output::Bind { relay } => {
                    let result = self.sockets.bind(&self.registry, relay);
                    self.handle(now, Input::Bound { relay, result }, media);
                }
                Output::Unbind { relay } => self.sockets.unbind(&self.registry, relay),
                Output::CloseStream { stream } => self.close(now, stream, media),
                Output::Event(event) => {
                    match &event {
                        Event::AllocationOpened { relay, tcp, .. } => taken.open(*relay, *tcp),
                        Event::AllocationClosed { relay, .. } => taken.close(*relay),
                        Event::Refused { .. } => {}
                    }
                    log::tell(&event);
                }
            }
        }
    }

    /// Sends what waits for connections and at relayed addresses.
    pub(crate) fn send(&mut self, traffic: &mut Traffic) {
        traffic.socket_full += self.streams.flush();
        self.sockets.send(traffic);
    }

    pub(crate) fn counters(&self) -> Counters {
        self.server.counters()
    }
}

/// What the wall clock says, in seconds since 1970.
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Bytes that are read from a connection before the next one has its turn.
const READ_BYTES: usize = 64 * 1024;
