//! What is sent at most for a moment, whatever is estimated: because more was seen to be too much.

use std::time::{Duration, Instant};

/// In bits per second. It holds for a second.
#[derive(Debug, Default)]
pub(crate) struct Ceiling(Option<(Instant, u64)>);

/// Why less has to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooMuch {
    /// Frames wait for too long before they are sent.
    Stuck,
    /// A deep queue has come about within a few tenths of a second.
    Flood,
}

impl Ceiling {
    /// So much is sent, which is too much. Returns whether that is news.
    pub(crate) fn lower(&mut self, now: Instant, sent: u64, why: TooMuch) -> bool {
        let is_news = self.rate(now).is_none();
        if is_news {
            let rate = (sent / 100 * why.leaves()).max(LOWEST);
            self.0 = Some((now + HOLDS_FOR, rate));
        }
        is_news
    }

    /// What is sent at most now; `None`: there is no such bound.
    pub(crate) fn rate(&self, now: Instant) -> Option<u64> {
        self.0.filter(|(until, _)| now < *until).map(|(_, rate)| rate)
    }
}

impl TooMuch {
    /// Percent of what was sent: a step less, or, where the network carries only a part of it, less than
    /// that part is likely to be: 500 kbit/s after 3 Mbit/s are a sixth, and the queue has to run empty
    /// beside what is sent. What is carried is found again from below.
    fn leaves(self) -> u64 {
        match self {
            Self::Stuck => 75,
            Self::Flood => 12,
        }
    }
}

/// Sound and the lowest picture.
const LOWEST: u64 = 200_000;

/// What waits takes about as long to be sent, and the estimate as long to follow.
const HOLDS_FOR: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_for_a_second_and_is_not_lowered_meanwhile() {
        let (mut ceiling, now) = (Ceiling::default(), Instant::now());
        assert!(ceiling.lower(now, 2_500_000, TooMuch::Flood));
        assert_eq!(ceiling.rate(now), Some(300_000));
        assert!(!ceiling.lower(now + HOLDS_FOR / 2, 300_000, TooMuch::Stuck));
        assert_eq!(ceiling.rate(now + HOLDS_FOR), None);
    }

    #[test]
    fn sound_and_the_lowest_picture_are_left() {
        let (mut ceiling, now) = (Ceiling::default(), Instant::now());
        ceiling.lower(now, 400_000, TooMuch::Flood);
        assert_eq!(ceiling.rate(now), Some(LOWEST));
    }
}
