//! Programs that may not come back yet. A person who was removed reads why; a program reconnects by
//! itself within seconds, and would undo what a host has done.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use roomcast_protocol::{Client, ErrorCode, Identity, Refusal};

/// For how long a program stays out: longer than most encoders go on trying.
pub const BAR_TIME: Duration = Duration::from_secs(10 * 60);

/// Programs that are kept out of one room at a time; the oldest may come back sooner.
const MAX_BARS: usize = 64;

/// Who stays out, and until when.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    bars: VecDeque<(Identity, Client, Instant)>,
}

impl Bars {
    /// Keeps a program out. Pages come back by a link that everyone has, so there is no use in it.
    pub(crate) fn add(&mut self, identity: Option<&Identity>, client: Client, now: Instant) {
        let Some(identity) = identity.filter(|_| client != Client::Page) else { return };
        if self.bars.len() >= MAX_BARS {
            self.bars.pop_front();
        }
        self.bars.push_back((identity.clone(), client, now + BAR_TIME));
    }

    /// Whether a program may come in.
    pub(crate) fn check(
        &self,
        identity: Option<&Identity>,
        client: Client,
        now: Instant,
    ) -> Result<(), Refusal> {
        let keeps_out = |(barred, kind, until): &(Identity, Client, Instant)| {
            Some(barred) == identity && *kind == client && now < *until
        };
        if !self.bars.iter().any(keeps_out) {
            return Ok(());
        }
        let minutes = BAR_TIME.as_secs() / 60;
        let message = format!(
            "a host has sent this program away; it may come back {minutes} minutes after that, or \
             at once with another key"
        );
        Err(Refusal::new(ErrorCode::Removed, message))
    }
}
