//! Wrong keys and tokens, counted by address: who tries many is not listened to for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::prefix::Prefix;

/// Failures of the last [`WINDOW`]. Clones share the count; the lock is held for a moment.
#[derive(Debug, Clone)]
pub(crate) struct Failures {
    most: u32,
    table: Arc<Mutex<HashMap<Prefix, Count>>>,
}

#[derive(Debug)]
struct Count {
    since: Instant,
    failures: u32,
}

/// Wrong host keys: people choose some of them by themselves, so that they might be guessed. A person
/// who mistypes needs no more tries than this in [`WINDOW`].
pub(super) const MAX_GUESSES: u32 = 20;

/// Wrong API keys, stream keys and tokens: nobody guesses them, but each costs a look into the store,
/// and behind one address there may be a whole school.
pub(super) const MAX_STRANGERS: u32 = 600;

/// How long a failure is remembered.
const WINDOW: Duration = Duration::from_secs(60);

/// Addresses remembered. Beyond it the oldest knowledge is dropped: keys of 256 bits are not
/// guessed in the meantime.
const MAX_PREFIXES: usize = 10_000;

impl Failures {
    /// None yet, of `most` in a [`WINDOW`].
    pub(super) fn new(most: u32) -> Self {
        Self { most, table: Arc::default() }
    }

    /// Whether this address has failed too often lately.
    pub(crate) fn blocks(&self, prefix: Prefix, now: Instant) -> bool {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.get(&prefix).is_some_and(|count| count.failures >= self.most && !is_over(count, now))
    }

    /// Counts one.
    pub(crate) fn count(&self, prefix: Prefix, now: Instant) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= MAX_PREFIXES {
            table.retain(|_, count| !is_over(count, now));
            if table.len() >= MAX_PREFIXES {
                table.clear();
            }
        }
        let count = table.entry(prefix).or_insert(Count { since: now, failures: 0 });
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
        let failures = Failures::new(MAX_GUESSES);
        let (bad, good) =
            (Prefix::of("192.0.2.1".parse().unwrap()), Prefix::of("192.0.2.2".parse().unwrap()));
        let start = Instant::now();
        for _ in 0..MAX_GUESSES {
            assert!(!failures.blocks(bad, start));
            failures.clone().count(bad, start);
        }
        assert!(failures.blocks(bad, start) && !failures.blocks(good, start));
        let later = start + WINDOW + Duration::from_millis(1);
        assert!(!failures.blocks(bad, later));
        failures.count(bad, later);
        assert!(!failures.blocks(bad, later));
    }

    #[test]
    fn the_table_is_bounded() {
        let failures = Failures::new(MAX_GUESSES);
        let now = Instant::now();
        for number in 0..30_000_u32 {
            failures.count(Prefix::of(std::net::Ipv4Addr::from(number).into()), now);
        }
        assert!(failures.table.lock().unwrap().len() <= MAX_PREFIXES);
    }
}
