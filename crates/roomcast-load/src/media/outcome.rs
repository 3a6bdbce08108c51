//! What a media thread hands back when it ends.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::count::Count;
use crate::args::Goal;
use crate::histogram::Histogram;

/// Everything that one thread saw.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// From sending to receiving, for every packet that was measured.
    pub(crate) latency: Histogram,
    /// One for each viewer of the thread.
    pub(crate) viewers: Vec<Joined>,
    /// When each publisher of the thread was asked for key frames.
    pub(crate) asked: Vec<Vec<Instant>>,
    /// Datagrams that this program itself could not send: they say that it was overloaded.
    pub(crate) unsent: u64,
    /// Datagrams that viewers lost because the run is to lose some.
    pub(crate) dropped: u64,
}

/// What one viewer saw. Times are counted from its `join`.
#[derive(Debug, Clone)]
pub(crate) struct Joined {
    /// When it sent `join`.
    pub(crate) at: Instant,
    /// ICE and DTLS were up.
    pub(crate) connected: Option<Duration>,
    /// The first packet of media came.
    pub(crate) first_packet: Option<Duration>,
    /// All packets of a key frame of every publisher had come.
    pub(crate) first_picture: Option<Duration>,
    /// By track.
    pub(crate) counts: Vec<Count>,
    /// By publisher: the layer of the newest packet of its picture.
    pub(crate) layers: Vec<Option<u8>>,
    /// Times that one layer of a picture followed another.
    pub(crate) switches: u64,
    /// Key frames that it asked for.
    pub(crate) key_frames_asked: u64,
    /// Times that ICE lost the node.
    pub(crate) disconnects: u64,
}

/// How far the run has come, for those who wait.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    pub(crate) publishers: AtomicU32,
    pub(crate) welcomed: AtomicU32,
    pub(crate) offered: AtomicU32,
    pub(crate) connected: AtomicU32,
    pub(crate) pictures: AtomicU32,
    /// Measured packets that arrived at anyone.
    pub(crate) packets: AtomicU64,
}

impl Reached {
    /// How many viewers have come so far.
    pub(crate) fn goal(&self, goal: Goal) -> u32 {
        match goal {
            Goal::Welcome => &self.welcomed,
            Goal::Offer => &self.offered,
            Goal::Connected => &self.connected,
            Goal::Picture => &self.pictures,
        }
        .load(Relaxed)
    }

    pub(crate) fn count(counter: &AtomicU32) {
        counter.fetch_add(1, Relaxed);
    }
}
