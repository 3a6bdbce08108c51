//! Wrong host keys, counted by address: who tries many is not listened to for a while.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::prefix::Prefix;

/// Wrong host keys of the last [`WINDOW`].
#[derive(Debug, Default)]
pub(super) struct Failures {
    by_prefix: HashMap<Prefix, Count>,
}

#[derive(Debug)]
struct Count {
    since: Instant,
    failures: u32,
}

/// A person who mistypes needs no more tries than this in [`WINDOW`].
pub(super) const MAX_FAILURES: u32 = 20;

/// How long a failure is remembered.
pub(super) const WINDOW: Duration = Duration::from_secs(60);

/// Addresses remembered. Beyond it the oldest knowledge is dropped: keys of 256 bits are not
/// guessed in the meantime.
const MAX_PREFIXES: usize = 10_000;

impl Failures {
    /// Whether this address has failed too often lately.
    pub(super) fn blocks(&self, prefix: Prefix, now: Instant) -> bool {
        self.by_prefix
            .get(&prefix)
            .is_some_and(|count| count.failures >= MAX_FAILURES && !is_over(count, now))
    }

    /// Counts one.
    pub(super) fn count(&mut self, prefix: Prefix, now: Instant) {
        if self.by_prefix.len() >= MAX_PREFIXES {
            self.by_prefix.retain(|_, count| !is_over(count, now));
            if self.by_prefix.len() >= MAX_PREFIXES {
                self.by_prefix.clear();
            }
        }
        let count = self.by_prefix.entry(prefix).or_insert(Count { since: now, failures: 0 });
        if is_over(count, now) {
            *count = Count { since: now, failures: 0 };
        }
        count.failures += 1;
    }
}

fn is_over(count: &Count, now: Instant) -> bool {
    now.saturating_duration_since(count.since) > WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_blocked_for_a_window_and_others_are_not() {
        let mut failures = Failures::default();
        let (bad, good) =
            (Prefix::of("192.0.2.1".parse().unwrap()), Prefix::of("192.0.2.2".parse().unwrap()));
        let start = Instant::now();
        for _ in 0..MAX_FAILURES {
            assert!(!failures.blocks(bad, start));
            failures.count(bad, start);
        }
        assert!(failures.blocks(bad, start) && !failures.blocks(good, start));
        let later = start + WINDOW + Duration::from_millis(1);
        assert!(!failures.blocks(bad, later));
        failures.count(bad, later);
        assert!(!failures.blocks(bad, later));
    }

    #[test]
    fn the_table_is_bounded() {
        let mut failures = Failures::default();
        let now = Instant::now();
        for number in 0..30_000_u32 {
            failures.count(Prefix::of(std::net::Ipv4Addr::from(number).into()), now);
        }
        assert!(failures.by_prefix.len() <= MAX_PREFIXES);
    }
}
