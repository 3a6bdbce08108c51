//! How many datagrams of addresses without a session are looked at: enough for a lecture hall behind
//! one address, not enough to keep a shard from its sessions.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::time::Instant;

use rustc_hash::FxHasher;

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

    /// Whether a datagram from this address may be looked at.
    pub(crate) fn admits(&mut self, now: Instant, address: IpAddr) -> bool {
        let index = self.bucket_of(address);
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

    fn bucket_of(&self, address: IpAddr) -> usize {
        let mut hasher = FxHasher::default();
        self.seed.hash(&mut hasher);
        match address {
            IpAddr::V4(v4) => v4.octets().hash(&mut hasher),
            // One customer has a /64 at least.
            IpAddr::V6(v6) => v6.octets().first_chunk::<8>().hash(&mut hasher),
        }
        (hasher.finish() >> 32) as usize % BUCKETS
    }
}

/// A power of two that fits a cache level: 16 KiB a shard.
const BUCKETS: usize = 1_024;

/// A browser sends a check every 50 ms for each of its few candidate pairs until one is answered;
/// this is a hundred browsers at once behind one address.
const PER_SECOND: f32 = 5_000.0;

/// Two seconds' worth: a class that opens its links at the bell.
const BURST: f32 = 10_000.0;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_flood_from_one_address_leaves_others_alone() {
        let now = Instant::now();
        let mut strangers = Strangers::new(now, 7);
        let flood = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let admitted = (0..50_000).filter(|_| strangers.admits(now, flood)).count();
        assert_eq!(admitted, BURST as usize);
        let others = (0..100).map(|i| IpAddr::V4(Ipv4Addr::new(198, 51, 100, i)));
        let others = others.filter(|a| strangers.admits(now, *a)).count();
        assert!(others >= 98, "{others}");
    }
}
