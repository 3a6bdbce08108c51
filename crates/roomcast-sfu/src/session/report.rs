//! How a session fares.

use super::{Half, Session};
use crate::report::{PathOf, SessionKind, SessionReport, SessionState};

impl Session {
    /// What an operator is told of it.
    pub(crate) fn report(&self, path_of: PathOf<'_>) -> SessionReport {
        let kind = match &self.half {
            Half::Publisher(_) => SessionKind::Publisher,
            Half::Subscriber(_) => SessionKind::Subscriber,
        };
        let state = match (self.connected, self.lost) {
            (false, _) => SessionState::New,
            (true, None) => SessionState::Up,
            (true, Some(_)) => SessionState::Lost,
        };
        let newest = self.addresses.iter().max_by_key(|address| address.checked);
        SessionReport {
            session: self.id,
            kind,
            state,
            path: newest.map(|address| path_of(address.remote)),
            round_trip: None,
            bytes_in: 0,
            bytes_out: 0,
            packets_in: 0,
            packets_out: 0,
            lost_in: 0,
            lost_out: 0,
            nacks: 0,
            key_frames_asked: 0,
            key_frames_wanted: 0,
            tracks: Vec::new(),
        }
    }
}
