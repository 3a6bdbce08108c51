//! What a room adds to the gauges of the node.

use prometheus_client::metrics::gauge::Gauge;
use roomcast_room::{Room, Standings};

use crate::metrics::Metrics;

/// The share of one room. It is taken back when this is dropped, also when the room's task fails.
#[derive(Debug)]
pub(super) struct Counted {
    rooms: Gauge,
    participants: Gauge,
    limited: Gauge,
    poor: Gauge,
    /// What was added.
    share: (usize, Standings),
}

impl Counted {
    /// A room begins, with nobody in it.
    pub(super) fn new(metrics: &Metrics) -> Self {
        metrics.rooms.inc();
        Self {
            rooms: metrics.rooms.clone(),
            participants: metrics.participants.clone(),
            limited: metrics.limited(),
            poor: metrics.poor(),
            share: (0, Standings::default()),
        }
    }

    /// Counts the room as it stands now.
    pub(super) fn count(&mut self, room: &Room) {
        self.share_is((room.participant_count(), room.standings()));
    }

    fn share_is(&mut self, share: (usize, Standings)) {
        let ((before, were), (after, are)) = (std::mem::replace(&mut self.share, share), share);
        self.participants.inc_by(gauged(after) - gauged(before));
        self.limited.inc_by(gauged(are.limited) - gauged(were.limited));
        self.poor.inc_by(gauged(are.poor) - gauged(were.poor));
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.share_is((0, Standings::default()));
        self.rooms.dec();
    }
}

fn gauged(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_rooms_add_up_and_are_taken_back() {
        let metrics = Metrics::default();
        let gauges = || {
            [&metrics.rooms, &metrics.participants, &metrics.limited(), &metrics.poor()]
                .map(Gauge::get)
        };
        let (mut first, mut second) = (Counted::new(&metrics), Counted::new(&metrics));
        first.share_is((5, Standings { limited: 2, poor: 1 }));
        second.share_is((3, Standings { limited: 1, poor: 0 }));
        first.share_is((4, Standings { limited: 0, poor: 2 }));
        assert_eq!(gauges(), [2, 7, 1, 2]);
        drop(first);
        assert_eq!(gauges(), [1, 3, 1, 0]);
        drop(second);
        assert_eq!(gauges(), [0; 4]);
    }
}
