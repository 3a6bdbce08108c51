//! Media that did not get through, as clients told it: the last of it, for the operator's eyes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use roomcast_protocol::{ParticipantId, RoomName, TroubleCause, TroublePlace};

/// One report of a client.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    /// In milliseconds since 1970.
    pub(crate) at: u64,
    pub(crate) room: RoomName,
    pub(crate) participant: ParticipantId,
    pub(crate) place: TroublePlace,
    /// Who is at the other end of it, if it is a link.
    pub(crate) other: Option<ParticipantId>,
    pub(crate) cause: TroubleCause,
}

/// The ring. Clones share it; the lock is held for a copy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Troubles {
    last: Arc<Mutex<VecDeque<Trouble>>>,
}

/// Reports that are kept: more than a person reads, and the rest is in the log.
const KEPT: usize = 200;

impl Troubles {
    /// Keeps one; the oldest goes.
    pub(super) fn keep(&self, trouble: Trouble) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= KEPT {
            last.pop_front();
        }
        last.push_back(trouble);
    }

    /// Newest first.
    pub(crate) fn newest_first(&self) -> Vec<Trouble> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_reports_are_kept_newest_first() {
        let troubles = Troubles::default();
        for at in 0..300 {
            troubles.keep(Trouble {
                at,
                room: RoomName::parse("room").unwrap(),
                participant: ParticipantId("p".into()),
                place: TroublePlace::Link,
                other: None,
                cause: TroubleCause::NoUdp,
            });
        }
        let kept = troubles.newest_first();
        assert_eq!((kept.len(), kept[0].at, kept[199].at), (KEPT, 299, 100));
    }
}
