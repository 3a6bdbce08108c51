//! How many messages of addresses without an allocation are looked at.

use std::hash::{Hash, Hasher};
use std::time::Instant;

use rustc_hash::FxHasher;

use crate::prefix::Prefix;

/// Token buckets, by a hash of the address prefix. A fixed table: strangers get no memory.
#[derive(Debug)]
pub(crate) struct Strangers {
    buckets: Vec<Bucket>,
    /// Keeps others from choosing addresses that share a bucket with a victim's.
    seed: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f32,
    filled: Instant,
}

impl Strangers {
    pub(crate) fn new(now: Instant, seed: u64) -> Self {
        Self { buckets: vec![Bucket { tokens: BURST, filled: now }; BUCKETS], seed }
    }

    /// Whether a message from this prefix may be answered.
    pub(crate) fn admits(&mut self, now: Instant, prefix: Prefix) -> bool {
        let mut hasher = FxHasher::default();
        (self.seed, prefix).hash(&mut hasher);
        let index = (hasher.finish() >> 32) as usize % BUCKETS;
        let Some(bucket) = self.buckets.get_mut(index) else { return false };
        let elapsed = now.saturating_duration_since(bucket.filled).as_secs_f32();
        bucket.tokens = (bucket.tokens + elapsed * PER_SECOND).min(BURST);
        bucket.filled = now;
        let admits = bucket.tokens >= 1.0;
        if admits {
            bucket.tokens -= 1.0;
        }
        admits
    }
}

/// A power of two that fits a cache level: 24 KiB a shard.
const BUCKETS: usize = 1_024;

/// A hundred browsers a second behind one address, each with a few allocations to make; and not
/// more than 30 kB a second at a victim whose address was forged.
const PER_SECOND: f32 = 500.0;

/// A class that opens its links at the bell.
const BURST: f32 = 2_000.0;

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    #[test]
    fn a_flood_from_one_address_leaves_others_alone() {
        let now = Instant::now();
        let mut strangers = Strangers::new(now, 7);
        let flood = Prefix::of(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        let admitted = (0..50_000).filter(|_| strangers.admits(now, flood)).count();
        assert_eq!(admitted, BURST as usize);
        let others = (0..100).map(|i| Prefix::of(IpAddr::V4(Ipv4Addr::new(198, 51, 100, i))));
        let others = others.filter(|prefix| strangers.admits(now, *prefix)).count();
        assert!(others >= 98, "{others}");
    }
}
