//! What is published, and which of its packets are measured.
//!
//! A track numbers its packets, and the window of the measurement is a range of these numbers. So
//! the publisher and every viewer agree exactly on what should have arrived, without a clock.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Every track of a run: two for each publisher.
#[derive(Debug)]
pub(crate) struct Tracks(Box<[Track]>);

/// One track. Written by its publisher and by the run, read by all viewers.
#[derive(Debug)]
pub(crate) struct Track {
    next: AtomicU32,
    first: AtomicU32,
    end: AtomicU32,
}

/// Picture or sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Video,
    Audio,
}

impl Tracks {
    pub(crate) fn new(publishers: u8) -> Self {
        Self((0..usize::from(publishers) * 2).map(|_| Track::new()).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many publishers there are.
    pub(crate) fn publishers(&self) -> usize {
        self.len() / 2
    }

    /// The number under which a track goes.
    pub(super) fn number(publisher: u8, kind: Kind) -> u8 {
        // At most 16 publishers.
        publisher * 2 + u8::from(kind == Kind::Audio)
    }

    pub(crate) fn kind(number: usize) -> Kind {
        if number.is_multiple_of(2) { Kind::Video } else { Kind::Audio }
    }

    pub(super) fn track(&self, number: u8) -> Option<&Track> {
        self.0.get(usize::from(number))
    }

    /// Begins the measurement of every track.
    pub(crate) fn open(&self) {
        for track in &self.0 {
            track.first.store(track.soon(), Relaxed);
        }
    }

    /// Ends it.
    pub(crate) fn close(&self) {
        for track in &self.0 {
            track.end.store(track.soon(), Relaxed);
        }
    }

    /// Whether everything that is measured was sent.
    pub(crate) fn passed(&self) -> bool {
        self.0.iter().all(|track| track.next.load(Relaxed) >= track.end.load(Relaxed))
    }

    /// How many packets of each track are measured.
    pub(crate) fn expected(&self) -> Vec<u64> {
        self.0.iter().map(|track| track.window().len() as u64).collect()
    }
}

impl Track {
    fn new() -> Self {
        Self {
            next: AtomicU32::new(0),
            first: AtomicU32::new(NOT_YET),
            end: AtomicU32::new(NOT_YET),
        }
    }

    /// The number of the next packet.
    pub(super) fn take_number(&self) -> u32 {
        self.next.fetch_add(1, Relaxed)
    }

    /// The numbers that are measured.
    pub(super) fn window(&self) -> Range<u32> {
        self.first.load(Relaxed)..self.end.load(Relaxed)
    }

    /// A number that will be sent soon, and was not yet when a viewer reads of it.
    fn soon(&self) -> u32 {
        self.next.load(Relaxed).saturating_add(MARGIN)
    }
}

const NOT_YET: u32 = u32::MAX;

/// More packets than a publisher sends at once, except for large key frames: the window begins and
/// ends with packets that are still to come.
const MARGIN: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lies_between_the_packets_after_opening_and_those_after_closing() {
        let tracks = Tracks::new(1);
        let track = tracks.track(Tracks::number(0, Kind::Video)).unwrap();
        assert!(track.window().is_empty());
        let send = |count| (0..count).for_each(|_| _ = track.take_number());
        send(10);
        tracks.open();
        assert_eq!(track.window().start, 10 + MARGIN);
        send(100);
        tracks.close();
        assert_eq!(tracks.expected(), [100, 0]);
        assert!(!tracks.passed());
    }

    #[test]
    fn tracks_of_several_publishers_do_not_collide() {
        let numbers: Vec<u8> = (0..3)
            .flat_map(|p| [Tracks::number(p, Kind::Video), Tracks::number(p, Kind::Audio)])
            .collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
        assert_eq!(Tracks::kind(4), Kind::Video);
        assert_eq!(Tracks::kind(5), Kind::Audio);
    }
}
