//! How a session fares.

use std::time::{Duration, Instant};

use super::figures::MediaFigures;
use super::{Half, Publisher, Session, Subscriber};
use crate::command::Patience;
use crate::ids::PublicationId;
use crate::report::{PathOf, SessionKind, SessionReport, SessionState, TrackReport};

impl Session {
    /// What an operator is told of it.
    pub(crate) fn report(&self, now: Instant, path_of: PathOf<'_>) -> SessionReport {
        let (kind, tracks) = match &self.half {
            Half::Publisher(publisher) => (SessionKind::Publisher, self.came(publisher)),
            Half::Subscriber(subscriber) => (SessionKind::Subscriber, self.went(subscriber)),
        };
        let traffic = &self.traffic;
        let all = |of: fn(&MediaFigures) -> u64| self.figures.all().map(of).sum::<u64>();
        let is_publisher = kind == SessionKind::Publisher;
        let lost_in = tracks.iter().filter(|_| is_publisher).map(|t| t.lost).sum();
        SessionReport {
            session: self.id,
            kind,
            state: self.state(now),
            path: traffic.way.map(|way| path_of(way.to)),
            round_trip: self.figures.round_trip,
            available: self.available(),
            bytes_in: traffic.bytes_in,
            bytes_out: traffic.bytes_out,
            packets_in: traffic.packets_in,
            packets_out: traffic.packets_out,
            lost_in,
            lost_out: all(|figures| figures.lost),
            nacks: all(|figures| figures.nacks),
            key_frames_asked: self.key_frames_asked,
            key_frames_wanted: self.key_frames_wanted,
            tracks,
        }
    }

    /// Whether a layer of a publication comes in here, or is what is sent here of it.
    pub(crate) fn carries(&self, publication: PublicationId, layer: u8) -> bool {
        match &self.half {
            Half::Publisher(_) => true,
            Half::Subscriber(subscriber) => subscriber.slots.iter().any(|slot| {
                let choice = slot.subscription.choice();
                let is_sent = choice.is_some() && slot.subscription.layer == layer;
                slot.publication == Some(publication) && is_sent
            }),
        }
    }

    /// What the network to a subscriber is found to carry.
    fn available(&self) -> Option<u64> {
        match &self.half {
            Half::Subscriber(subscriber) => subscriber.bandwidth.available(),
            Half::Publisher(_) => None,
        }
    }

    fn state(&self, now: Instant) -> SessionState {
        let is_lost = match self.patience {
            Patience::Resumable => self.lost.is_some(),
            Patience::Brief => now > self.heard + SILENT,
        };
        match (self.connected, is_lost) {
            (false, _) => SessionState::New,
            (true, false) => SessionState::Up,
            (true, true) => SessionState::Lost,
        }
    }

    fn came(&self, publisher: &Publisher) -> Vec<TrackReport> {
        let track = |(mid, mut report): (_, TrackReport)| {
            let clock_rate = publisher.clock_rate(mid);
            report.jitter = jitter(self.figures.of(mid), clock_rate);
            report
        };
        publisher.tracks().map(track).collect()
    }

    fn went(&self, subscriber: &Subscriber) -> Vec<TrackReport> {
        let track = |slot: &super::Slot| {
            let figures = self.figures.of(slot.mid);
            let (sent, format) = (slot.subscription.sent(), slot.subscription.format());
            Some(TrackReport {
                publication: slot.publication?,
                codec: format.map(|f| f.codec),
                bytes: sent.bytes,
                packets: sent.packets,
                lost: figures.lost,
                jitter: jitter(figures, format.map(|f| f.clock_rate())),
                key_frames: sent.key_frames,
                layers: Vec::new(),
            })
        };
        subscriber.slots.iter().filter_map(track).collect()
    }
}

fn jitter(figures: MediaFigures, clock_rate: Option<u32>) -> Option<Duration> {
    let ticks = f64::from(figures.jitter?);
    Some(Duration::from_secs_f64(ticks / f64::from(clock_rate?)))
}

/// Whoever is there sends media, reports or checks at least this often.
const SILENT: Duration = Duration::from_secs(6);
