//! What str0m finds out every few seconds about a session: round trips, jitter, loss.

use std::time::Duration;

use str0m::bwe::Bitrate;
use str0m::media::Mid;
use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};

/// The newest of everything.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub round_trip: Option<Duration>,
    media: Vec<(Mid, MediaFigures)>,
}

/// The newest of one media section.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct MediaFigures {
    /// Resends that were asked for.
    pub nacks: u64,
    /// What the peer says it did not get.
    pub lost: u64,
    /// In RTP ticks.
    pub jitter: Option<u32>,
}

/// News for [`Figures`].
#[derive(Debug)]
pub(crate) enum News {
    Peer(Box<PeerStats>),
    Received(Box<MediaIngressStats>),
    Sent(Box<MediaEgressStats>),
}

impl News {
    /// What str0m says of a peer, as far as it is believed.
    pub(crate) fn of_peer(stats: PeerStats) -> Self {
        let bwe_tx = stats.bwe_tx.map(|estimate| Bitrate::from(bounded(estimate)));
        Self::Peer(Box::new(PeerStats { bwe_tx, ..stats }))
    }

    /// The share of packets that the peer did not get lately, from 0 to 1.
    pub(crate) fn loss(&self) -> Option<f32> {
        match self {
            Self::Peer(peer) => peer.egress_loss_fraction,
            Self::Sent(stats) => stats.loss,
            Self::Received(_) => None,
        }
    }
}

impl Figures {
    pub(crate) fn take(&mut self, news: &News) {
        match news {
            News::Peer(peer) => self.round_trip = peer.rtt.or(self.round_trip),
            News::Received(stats) => {
                self.round_trip = stats.rtt.or(self.round_trip);
                let figures =
                    MediaFigures { nacks: stats.nacks, lost: 0, jitter: Some(stats.jitter) };
                self.put(stats.mid, figures);
            }
            News::Sent(stats) => {
                self.round_trip = stats.rtt.or(self.round_trip);
                let remote = stats.remote.as_ref();
                let figures = MediaFigures {
                    nacks: stats.nacks,
                    lost: remote.map_or(0, |remote| remote.packets_lost),
                    jitter: remote.map(|remote| remote.jitter),
                };
                self.put(stats.mid, figures);
            }
        }
    }

    /// Those of a media section.
    pub(crate) fn of(&self, mid: Mid) -> MediaFigures {
        self.media.iter().find(|(known, _)| *known == mid).map(|(_, f)| *f).unwrap_or_default()
    }

    /// Those of all sections.
    pub(crate) fn all(&self) -> impl Iterator<Item = &MediaFigures> {
        self.media.iter().map(|(_, figures)| figures)
    }

    fn put(&mut self, mid: Mid, figures: MediaFigures) {
        match self.media.iter_mut().find(|(known, _)| *known == mid) {
            Some((_, known)) => *known = figures,
            // As many as the session has media sections.
            None => self.media.push((mid, figures)),
        }
    }
}

/// An estimate in bits per second, as far as it is believed. By itself it has no bound: a probe that went
/// out in a burst counts for as much as it was sent at, if the peer says that it came so.
pub(crate) fn bounded(estimate: Bitrate) -> u64 {
    estimate.as_u64().min(MOST)
}

/// A picture of 3 Mbit/s in each media section of a session.
const MOST: u64 = 200_000_000;
