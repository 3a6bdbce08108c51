//! The relay of one shard.

use std::collections::VecDeque;
use std::time::Instant;

use crate::config::Config;
use crate::counters::Counters;
use crate::input::Input;
use crate::output::Output;
use crate::transmit::Transmits;

/// The STUN/TURN server of one shard.
///
/// Give it every input with [`Server::handle`], then call [`Server::poll`] until it returns `None`,
/// and wait until [`Server::deadline`].
#[derive(Debug)]
pub struct Server {
    config: Config,
    outputs: VecDeque<Output>,
    counters: Counters,
}

impl Server {
    /// A server without allocations.
    pub fn new(config: Config, _now: Instant) -> Self {
        Self { config, outputs: VecDeque::new(), counters: Counters::default() }
    }

    /// Takes an input. What is to be sent because of it goes to `transmits` at once.
    pub fn handle(&mut self, _now: Instant, _input: Input<'_>, _transmits: &mut impl Transmits) {
        let _ = &self.config;
    }

    /// The next thing that is to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// What was counted until now.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Whether nothing is kept for anybody: no allocation, no reserved port and no connection.
    pub fn is_empty(&self) -> bool {
        true
    }
}
