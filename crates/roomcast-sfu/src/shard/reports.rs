//! How sessions fare.

use std::time::Instant;

use super::Shard;
use crate::ids::{PublicationId, SessionId};
use crate::report::{LayerReport, PathOf, SessionReport};
use crate::session::Session;

impl Shard {
    /// The sessions of this shard for which `which` says yes, in no order.
    pub fn report(
        &self,
        now: Instant,
        which: impl Fn(SessionId) -> bool,
        path_of: PathOf<'_>,
    ) -> Vec<SessionReport> {
        let sessions = self.sessions.iter().map(|(_, session)| session);
        let reports = sessions.filter(|s| which(s.id)).map(|session| {
            let mut report = session.report(now, path_of);
            for track in &mut report.tracks {
                track.layers = self.layers_of(session, track.publication);
            }
            report
        });
        reports.collect()
    }

    /// The layers of a publication that come in by a session, or the one that is sent there, where
    /// layers have names.
    fn layers_of(&self, session: &Session, id: PublicationId) -> Vec<LayerReport> {
        let key = self.publication_keys.get(&id);
        let Some(publication) = key.and_then(|key| self.publications.get(*key)) else {
            return Vec::new();
        };
        let named = (0_u8..).zip(&publication.layers).filter_map(|(index, layer)| {
            let offered = publication.offered.get(usize::from(index))?;
            let (size, bitrate) = (layer.flow.size(), layer.flow.bitrate());
            let report = LayerReport { rid: offered.rid.clone(), size, bitrate };
            (layer.flow.is_flowing() && session.carries(id, index)).then_some(report)
        });
        named.collect()
    }
}
