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
    /// A report has come: a queue stands, a deep one even, or there is none.
    pub(crate) fn turn(&mut self, queue: Option<Depth>) {
        let down = |by: u64| (self.0 * (100 - by) / 100).max(LEAST);
        self.0 = match queue {
            Some(Depth::Shallow) => down(DOWN),
            Some(Depth::Deep) => down(DOWN_FROM_DEEP),
            None => (self.0 + UP).min(FULL),
        };
    }

    /// How much of what is planned is sent; `None`: all.
    pub(crate) fn percent(&self) -> Option<u64> {
        (self.0 < FULL).then_some(self.0)
    }
}

/// Of a queue that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Shallow,
    Deep,
}

impl Default for Thrift {
    fn default() -> Self {
        Self(FULL)
    }
}

/// With eight turns a second a queue of a tenth of a second is gone within one.
const DOWN: u64 = 3;

/// A deep one is about to run over.
const DOWN_FROM_DEEP: u64 = 10;

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
            thrift.turn(Some(Depth::Shallow));
        }
        assert_eq!(thrift.percent(), Some(LEAST));
        for _ in 0..=(FULL - LEAST) {
            thrift.turn(None);
        }
        assert_eq!(thrift.percent(), None);
    }

    #[test]
    fn from_a_deep_queue_it_turns_faster() {
        let after_three = |depth| {
            let mut thrift = Thrift::default();
            (0..3).for_each(|_| thrift.turn(Some(depth)));
            thrift.percent()
        };
        assert!(after_three(Depth::Deep) < after_three(Depth::Shallow));
    }
}
