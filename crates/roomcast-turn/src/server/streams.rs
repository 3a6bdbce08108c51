//! Connections: each is the 5-tuple of one client, for as long as it stands.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::input::{Client, StreamId};
use crate::output::{ClosedCause, Output};
use crate::server::Server;
use crate::timers::Timer;

impl Server {
    pub(super) fn open_stream(&mut self, now: Instant, stream: StreamId, remote: SocketAddr) {
        self.streams.insert(stream, remote);
        self.allocations.timers.schedule(now + PATIENCE, Timer::Stream(stream));
    }

    pub(super) fn forget_stream(&mut self, now: Instant, stream: StreamId) {
        self.streams.remove(&stream);
        if let Some(key) = self.allocations.of_client(&Client::Stream(stream)) {
            self.close(now, key, ClosedCause::StreamClosed);
        }
    }

    /// A connection on which nothing is allocated is of no use to anybody.
    pub(super) fn dismiss_stream(&mut self, stream: StreamId) {
        let idle = self.allocations.of_client(&Client::Stream(stream)).is_none();
        if idle && self.streams.remove(&stream).is_some() {
            self.outputs.push_back(Output::CloseStream { stream });
        }
    }

    /// Its allocation ended: another may be made.
    pub(super) fn stream_is_idle(&mut self, now: Instant, client: Client) {
        if let Client::Stream(stream) = client
            && self.streams.contains_key(&stream)
        {
            self.allocations.timers.schedule(now + PATIENCE, Timer::Stream(stream));
        }
    }
}

/// How long a connection may stand without an allocation: a browser makes one at once.
const PATIENCE: Duration = Duration::from_secs(30);
