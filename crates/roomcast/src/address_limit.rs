//! How often something may happen for one address, or for another key.

use std::hash::Hash;
use std::num::NonZeroU32;

use governor::clock::DefaultClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::prefix::Prefix;

/// A rate for each address prefix.
pub(crate) type AddressLimit = KeyedLimit<Prefix>;

/// A rate for each key.
#[derive(Debug)]
pub(crate) struct KeyedLimit<K: Hash + Eq + Copy> {
    quota: Quota,
    limiter: RateLimiter<K, HashMapStateStore<K>, DefaultClock>,
    /// Keys at which the table is next cleared of those that are within their rate again.
    prune_at: usize,
}

/// Keys below which the table is not looked through.
const MIN_PRUNE: usize = 1_024;

/// Keys that the table holds. Beyond it, it starts afresh: who can use so many addresses is not
/// stopped by a limit for each.
const MAX_KEYS: usize = 65_536;

impl<K: Hash + Eq + Copy> KeyedLimit<K> {
    /// A limit of `per_second`, and `burst` at once after a pause. Zero counts as one.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst));
        Self { quota, limiter: RateLimiter::hashmap(quota), prune_at: MIN_PRUNE }
    }

    /// Whether one more is within the limit. It counts if it is.
    pub(crate) fn allows(&mut self, key: K) -> bool {
        if self.limiter.len() >= self.prune_at {
            self.prune();
        }
        self.limiter.check_key(&key).is_ok()
    }

    fn prune(&mut self) {
        self.limiter.retain_recent();
        if self.limiter.len() >= MAX_KEYS {
            self.limiter = RateLimiter::hashmap(self.quota);
        }
        self.prune_at = (self.limiter.len() * 2).clamp(MIN_PRUNE, MAX_KEYS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_more_does_not_and_others_do() {
        let mut limit = AddressLimit::new(1, 5);
        let (one, other) =
            (Prefix::of("192.0.2.1".parse().unwrap()), Prefix::of("192.0.2.2".parse().unwrap()));
        let passed = (0..20).filter(|_| limit.allows(one)).count();
        assert!((5..20).contains(&passed), "{passed}");
        assert!(limit.allows(other));
    }
}
