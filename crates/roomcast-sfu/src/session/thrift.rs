//! How much less than planned is sent while that is a little too much for the network.
//!
//! The steps of a plan are far from each other, and what a layer takes swings by more than is left free
//! on a network that it nearly fills. Between two steps there is another way to send less: a slower pace,
//! at which frames that others do without wait for too long, and are left out. So a queue that stands is
//! taken away before it becomes a reason to fall.

/// Percent of what is planned.
#[derive(Debug)]
pub(crate) struct Thrift(u64);

impl Thrift {
    /// A report has come: a queue stands, or it does not.
    pub(crate) fn turn(&mut self, queue_stands: bool) {
        self.0 = if queue_stands {
            (self.0 * (100 - DOWN) / 100).max(LEAST)
        } else {
            (self.0 + UP).min(FULL)
        };
    }

    /// How much of what is planned is sent; `None`: all.
    pub(crate) fn percent(&self) -> Option<u64> {
        (self.0 < FULL).then_some(self.0)
    }
}

impl Default for Thrift {
    fn default() -> Self {
        Self(FULL)
    }
}

/// With eight reports a second a queue of a tenth of a second is gone within one.
const DOWN: u64 = 3;

/// So much more with each report, until all is sent.
const UP: u64 = 1;

/// Less is left to the plan: half the frames go with it, or a layer.
const LEAST: u64 = 65;

/// A little more than what is planned, so that a queue has to stand for some reports until less is sent.
const FULL: u64 = 105;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_sent_while_a_queue_stands_and_all_again_when_it_is_gone() {
        let mut thrift = Thrift::default();
        assert_eq!(thrift.percent(), None);
        for _ in 0..100 {
            thrift.turn(true);
        }
        assert_eq!(thrift.percent(), Some(LEAST));
        for _ in 0..=(FULL - LEAST) {
            thrift.turn(false);
        }
        assert_eq!(thrift.percent(), None);
    }
}
