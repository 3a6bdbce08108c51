//! Which packets of a stream came, and how many did not.

/// Counts of the streams of one publication, one after another.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Arrivals {
    /// The stream that is counted, and its highest number.
    newest: Option<(u32, u64)>,
    /// Packets that were sent, as their numbers tell.
    pub expected: u64,
    /// Those of them that came in time.
    came: u64,
}

impl Arrivals {
    /// A packet of this stream came.
    pub(crate) fn came(&mut self, stream: u32, seq: u64) {
        let highest = self.newest.filter(|(newest, _)| *newest == stream).map(|(_, seq)| seq);
        match highest {
            Some(highest) if seq <= highest => {
                // What comes later has been asked for again: it was lost.
                self.came += u64::from(highest - seq <= REORDERING);
                return;
            }
            // A larger step is a stream that was begun anew by the same name.
            Some(highest) if seq - highest <= MAX_STEP => self.expected += seq - highest,
            _ => self.expected += 1,
        }
        self.came += 1;
        self.newest = Some((stream, seq));
    }

    /// Packets that did not come in time.
    pub(crate) fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.came)
    }
}

/// Packets by which one may come late without being lost, the same as TCP allows (RFC 5681 §3.2). What
/// is sent again comes after a round trip, when the next frame has passed.
const REORDERING: u64 = 3;

/// Packets that can be missing at once: seconds of a high bit rate.
const MAX_STEP: u64 = 3_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_lost_and_what_comes_a_little_late_is_not() {
        let mut arrivals = Arrivals::default();
        for seq in [10, 11, 13, 12, 14, 20, 21, 30] {
            arrivals.came(0, seq);
        }
        assert_eq!((arrivals.expected, arrivals.lost()), (21, 13));
        arrivals.came(0, 15);
        assert_eq!(arrivals.lost(), 13, "it was sent again");
        arrivals.came(0, 27);
        assert_eq!(arrivals.lost(), 12);
    }

    #[test]
    fn another_stream_and_a_great_step_are_no_loss() {
        let mut arrivals = Arrivals::default();
        for (stream, seq) in [(0, 5), (1, 70_000), (1, 90_000), (1, 90_001)] {
            arrivals.came(stream, seq);
        }
        assert_eq!((arrivals.expected, arrivals.lost()), (4, 0));
    }
}
