//! How sessions fare.

use std::time::Instant;

use super::Shard;
use crate::ids::SessionId;
use crate::report::{PathOf, SessionReport};

impl Shard {
    /// The sessions of this shard for which `which` says yes, in no order.
    pub fn report(
        &self,
        now: Instant,
        which: impl Fn(SessionId) -> bool,
        path_of: PathOf<'_>,
    ) -> Vec<SessionReport> {
        let sessions = self.sessions.iter().map(|(_, session)| session);
        sessions.filter(|s| which(s.id)).map(|s| s.report(now, path_of)).collect()
    }
}
