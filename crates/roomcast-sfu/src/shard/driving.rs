//! Running sessions: when their time comes and when there is something for them, and taking in what
//! comes out of them.

use std::time::{Duration, Instant};

use super::Shard;
use crate::session::{Fault, Happening, Session};
use crate::timers::Entry;
use crate::transmit::Transmits;

impl Shard {
    /// Sessions look after their own time.
    pub(super) fn timeout(&mut self, now: Instant, sink: &mut impl Transmits) {
        while let Some(entry) = self.timers.pop_due(now) {
            let key = entry.key;
            let Some(session) = self.sessions.get(key) else { continue };
            if session.id != entry.session || session.scheduled != Some(entry.at) {
                continue;
            }
            if let Some(reason) = session.given_up(now) {
                self.close(key, Some(reason));
                continue;
            }
            let looks_again = session.next_look().is_some_and(|at| at <= now);
            if looks_again {
                self.plan_later(key);
            }
            let Some(session) = self.sessions.get(key) else { continue };
            if session.deadline() <= now {
                self.drive(key, |session, scratch| session.advance(now, sink, scratch));
            }
            if let Some(session) = self.sessions.get_mut(key).filter(|s| s.id == entry.session) {
                session.scheduled = None;
                // A deadline that has passed again already would be looked after without end.
                self.schedule(key, now + MIN_PAUSE);
            }
        }
    }

    /// Makes sure that a session is looked after at its deadline, but not before `earliest`.
    pub(super) fn schedule(&mut self, key: usize, earliest: Instant) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        let at = session.deadline().max(earliest);
        if session.scheduled.is_none_or(|scheduled| at < scheduled) {
            session.scheduled = Some(at);
            self.timers.schedule(Entry { at, session: session.id, key });
        }
    }

    /// Runs a session and keeps what comes out of it.
    pub(super) fn drive(
        &mut self,
        key: usize,
        run: impl FnOnce(&mut Session, &mut Vec<Happening>) -> Result<(), Fault>,
    ) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        let outcome = run(session, &mut self.scratch);
        self.driven(key, &outcome);
    }

    /// Keeps what came out of a session that was driven, and what this means for its deadline.
    pub(super) fn driven(&mut self, key: usize, outcome: &Result<(), Fault>) {
        let by_peer = self.scratch.iter().any(|h| matches!(h, Happening::ClosedByPeer));
        let Some(session) = self.sessions.get(key) else { return };
        let (id, created) = (session.id, session.created);
        let reason = session.broken_because(by_peer);
        self.happenings.extend(self.scratch.drain(..).map(|h| (id, key, h)));
        match outcome {
            Ok(()) => self.schedule(key, created),
            Err(Fault::Refused) => {
                self.counters.refused += 1;
                self.schedule(key, created);
            }
            Err(Fault::Broken) => self.close(key, Some(reason)),
        }
    }

    /// Looks at everything that inputs have led to, until nothing is left.
    pub(super) fn settle(&mut self, now: Instant, sink: &mut impl Transmits) {
        loop {
            if let Some((id, key, happening)) = self.happenings.pop_front() {
                if self.sessions.get(key).is_some_and(|s| s.id == id) {
                    self.happened(now, key, happening, sink);
                }
            } else if let Some(message) = self.inbox.pop_front() {
                let own = self.config.id;
                self.message(now, own, message, sink);
            } else {
                return;
            }
        }
    }
}

/// The pause between two looks at a session that nothing else happens to. No timer of a session is
/// finer.
const MIN_PAUSE: Duration = Duration::from_millis(1);
