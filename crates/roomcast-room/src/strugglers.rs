//! Those whose reception is not good, and what hosts were told of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use roomcast_protocol::{Reception, ServerMessage, Standing, Struggling};

use crate::count::Verdict;
use crate::roster::Arrival;

/// Those who struggle now. Who does well is not in it and costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Strugglers {
    receptions: BTreeMap<Arrival, Reception>,
    /// How many of them do poorly.
    poor: usize,
    /// Whether the list may be another than the one that was looked at last.
    changed: bool,
    looked_at: Option<Instant>,
    told_list: Vec<Struggling>,
    told_count: u32,
}

impl Strugglers {
    /// Notes how someone's reception is.
    pub(crate) fn set(&mut self, who: Arrival, reception: Reception) {
        if reception.standing == Standing::Good {
            return self.remove(who);
        }
        let before = self.receptions.insert(who, reception);
        self.changed |= before != Some(reception);
        self.poor -= before.map_or(0, poorness);
        self.poor += poorness(reception);
    }

    /// Someone has gone, or has no session any more.
    pub(crate) fn remove(&mut self, who: Arrival) {
        let Some(before) = self.receptions.remove(&who) else { return };
        self.poor -= poorness(before);
        self.changed = true;
    }

    /// Someone may have another name.
    pub(crate) fn renamed(&mut self, who: Arrival) {
        self.changed |= self.receptions.contains_key(&who);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.receptions.len()
    }

    /// How many of them do poorly.
    pub(crate) fn poor(&self) -> usize {
        self.poor
    }

    /// The worst first, `limit` at most.
    pub(crate) fn worst(&self, limit: usize) -> Vec<(Arrival, Reception)> {
        let mut all: Vec<_> = self.receptions.iter().map(|(who, r)| (*who, *r)).collect();
        all.sort_unstable_by_key(|(who, reception)| {
            let available = reception.available.unwrap_or(u32::MAX);
            (Reverse(poorness(*reception)), Reverse(reception.loss_percent), available, *who)
        });
        all.truncate(limit);
        all
    }

    /// Whether the list has to be looked at now.
    pub(crate) fn judge(&mut self, now: Instant) -> Verdict {
        if !self.changed {
            return Verdict::Unchanged;
        }
        match self.looked_at.map(|at| at + STRUGGLING_INTERVAL) {
            Some(next) if next > now => Verdict::Wait(next),
            _ => {
                (self.changed, self.looked_at) = (false, Some(now));
                Verdict::Tell
            }
        }
    }

    /// Notes what hosts are to be told, and gives the message for it if that is news.
    pub(crate) fn news(&mut self, list: Vec<Struggling>) -> Option<ServerMessage> {
        let count = u32::try_from(self.receptions.len()).unwrap_or(u32::MAX);
        if (&self.told_list, self.told_count) == (&list, count) {
            return None;
        }
        (self.told_list, self.told_count) = (list, count);
        Some(self.message())
    }

    /// What a host must hear who has just come, if there is anything.
    pub(crate) fn for_newcomer(&self) -> Option<ServerMessage> {
        (self.told_count > 0).then(|| self.message())
    }

    fn message(&self) -> ServerMessage {
        let participants = self.told_list.clone();
        ServerMessage::Struggling { participants, count: self.told_count }
    }
}

fn poorness(reception: Reception) -> usize {
    usize::from(reception.standing == Standing::Poor)
}

/// Least time between two lists: figures move all the time, and nobody reads faster.
pub const STRUGGLING_INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn reception(standing: Standing, available: u32, loss_percent: u8) -> Reception {
        Reception { standing, available: Some(available), loss_percent }
    }

    #[test]
    fn the_worst_come_first_and_who_does_well_is_not_listed() {
        use Standing::{Good, Limited, Poor};
        let mut strugglers = Strugglers::default();
        for (who, reception) in [
            (1, reception(Limited, 400, 9)),
            (2, reception(Poor, 90, 1)),
            (3, reception(Poor, 100, 12)),
            (4, reception(Poor, 80, 1)),
            (5, reception(Good, 10, 50)),
        ] {
            strugglers.set(Arrival(who), reception);
        }
        let order = |strugglers: &Strugglers, limit| -> Vec<u64> {
            strugglers.worst(limit).into_iter().map(|(who, _)| who.0).collect()
        };
        assert_eq!(order(&strugglers, 9), [3, 4, 2, 1]);
        assert_eq!(order(&strugglers, 2), [3, 4]);
        assert_eq!((strugglers.len(), strugglers.poor()), (4, 3));
        strugglers.set(Arrival(3), reception(Good, 100, 0));
        strugglers.set(Arrival(4), reception(Limited, 100, 0));
        strugglers.remove(Arrival(1));
        strugglers.remove(Arrival(1));
        assert_eq!(order(&strugglers, 9), [2, 4]);
        assert_eq!((strugglers.len(), strugglers.poor()), (2, 1));
    }

    #[test]
    fn the_list_is_looked_at_after_a_change_and_at_most_once_a_second() {
        let start = Instant::now();
        let mut strugglers = Strugglers::default();
        let bad = reception(Standing::Limited, 400, 2);
        assert_eq!(strugglers.judge(start), Verdict::Unchanged);
        strugglers.set(Arrival(1), bad);
        assert_eq!(strugglers.judge(start), Verdict::Tell);
        strugglers.set(Arrival(1), bad);
        assert_eq!(strugglers.judge(start), Verdict::Unchanged);
        strugglers.remove(Arrival(1));
        let next = start + STRUGGLING_INTERVAL;
        assert_eq!(strugglers.judge(start), Verdict::Wait(next));
        assert_eq!(strugglers.judge(next), Verdict::Tell);
        strugglers.renamed(Arrival(1));
        assert_eq!(strugglers.judge(next), Verdict::Unchanged);
    }
}
