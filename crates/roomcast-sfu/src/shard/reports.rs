//! How sessions fare.

use super::Shard;
use crate::ids::SessionId;
use crate::report::{PathOf, SessionReport};

impl Shard {
    /// The sessions of this shard for which `which` says yes, in no order.
    pub fn report(
        &self,
        which: impl Fn(SessionId) -> bool,
        path_of: PathOf<'_>,
    ) -> Vec<SessionReport> {
        let sessions = self.sessions.iter().map(|(_, session)| session);
        sessions.filter(|s| which(s.id)).map(|s| s.report(path_of)).collect()
    }
}
