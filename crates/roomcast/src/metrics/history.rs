//! The last hour in figures: sampled every ten seconds into a ring, for graphs.
//!
//! It reads what `/metrics` tells, so that nobody needs a monitoring system to see what happened.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use roomcast_engine::{DropCause, Engine, Stats};
use tokio::sync::watch;

use super::Metrics;
use crate::wall_clock::unix_ms;

/// How far apart the points are.
pub(crate) const EVERY: Duration = Duration::from_secs(10);

/// Points that are kept: an hour.
const POINTS: usize = 360;

/// One moment, and what happened in the [`EVERY`] before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    /// In milliseconds since 1970.
    pub(crate) at: u64,
    /// Rooms in use.
    pub(crate) rooms: u64,
    /// Participants in all rooms.
    pub(crate) participants: u64,
    /// Media sessions.
    pub(crate) sessions: u64,
    /// Bits a second that came in.
    pub(crate) bits_in: u64,
    /// Bits a second that went out.
    pub(crate) bits_out: u64,
    /// Datagrams that this node dropped for want of room.
    pub(crate) lost: u64,
    /// Cores that the media threads kept busy; `None` where the system does not tell.
    pub(crate) cpu: Option<f64>,
}

/// The ring. Clones share it; the lock is held for a copy.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    points: Arc<Mutex<VecDeque<Point>>>,
}

impl History {
    /// Begins to sample. It ends when the node goes down.
    pub(crate) fn start(
        engine: Engine,
        metrics: Metrics,
        going_down: watch::Receiver<bool>,
    ) -> Self {
        let history = Self::default();
        tokio::spawn(history.clone().sample(engine, metrics, going_down));
        history
    }

    /// Oldest first.
    pub(crate) fn points(&self) -> Vec<Point> {
        let points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        points.iter().copied().collect()
    }

    async fn sample(self, engine: Engine, metrics: Metrics, mut going_down: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.tick().await;
        let mut before = engine.stats();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = going_down.wait_for(|down| *down) => return,
            }
            let after = engine.stats();
            self.keep(point(&before, &after, &metrics));
            before = after;
        }
    }

    fn keep(&self, point: Point) {
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        if points.len() >= POINTS {
            points.pop_front();
        }
        points.push_back(point);
    }
}

fn point(before: &Stats, after: &Stats, metrics: &Metrics) -> Point {
    let gauge = |value: i64| u64::try_from(value).unwrap_or(0);
    let cpu_us = after.cpu_us.saturating_sub(before.cpu_us);
    Point {
        at: unix_ms(),
        rooms: gauge(metrics.rooms.get()),
        participants: gauge(metrics.participants.get()),
        sessions: after.sessions,
        bits_in: bits_a_second(before.bytes_in, after.bytes_in),
        bits_out: bits_a_second(before.bytes_out, after.bytes_out),
        lost: dropped(after).saturating_sub(dropped(before)),
        cpu: (after.cpu_us > 0).then(|| Duration::from_micros(cpu_us).div_duration_f64(EVERY)),
    }
}

fn bits_a_second(before: u64, after: u64) -> u64 {
    after.saturating_sub(before).saturating_mul(8) / EVERY.as_secs()
}

/// Datagrams that were good, but for which a queue or a socket had no room.
pub(crate) fn dropped(stats: &Stats) -> u64 {
    let by_us = [DropCause::ShardQueueFull, DropCause::SocketFull];
    stats.drops.iter().filter(|(cause, _)| by_us.contains(cause)).map(|(_, count)| count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_tells_rates_of_the_ten_seconds_before_it() {
        let before = Stats { bytes_in: 1_000, cpu_us: 1_000_000, ..Stats::default() };
        let after = Stats {
            bytes_in: 126_000,
            cpu_us: 6_000_000,
            sessions: 3,
            drops: vec![(DropCause::SocketFull, 4), (DropCause::Muted, 100)],
            ..Stats::default()
        };
        let point = point(&before, &after, &Metrics::default());
        assert_eq!((point.bits_in, point.bits_out, point.lost), (100_000, 0, 4));
        assert_eq!((point.sessions, point.cpu), (3, Some(0.5)));
    }

    #[test]
    fn an_hour_is_kept_and_no_more() {
        let history = History::default();
        let metrics = Metrics::default();
        for sessions in 0..500 {
            let after = Stats { sessions, ..Stats::default() };
            history.keep(point(&Stats::default(), &after, &metrics));
        }
        let points = history.points();
        assert_eq!((points.len(), points.last().unwrap().sessions), (POINTS, 499));
        assert_eq!(points[0].cpu, None);
    }
}
