//! Loss between a socket and its peer, as a bad network makes it.

/// Drops datagrams by chance: the same ones in each run with the same seed and the same datagrams.
#[derive(Debug, Clone)]
pub(super) struct Loss {
    /// Of 2^32 datagrams, so many are dropped.
    share: u64,
    state: u64,
}

impl Loss {
    /// Drops nothing.
    pub(super) fn none() -> Self {
        Self { share: 0, state: 0 }
    }

    /// Drops `percent` (0 to 100) of the datagrams that come to the peer of this number.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of 2^32 is a number"
    )]
    pub(super) fn new(percent: f64, seed: u64, peer: usize) -> Self {
        let share = (percent.clamp(0.0, 100.0) / 100.0 * (1_u64 << 32) as f64) as u64;
        Self { share, state: mixed(seed ^ mixed(peer as u64)) }
    }

    /// Whether the next datagram is dropped.
    pub(super) fn takes(&mut self) -> bool {
        if self.share == 0 {
            return false;
        }
        self.state = self.state.wrapping_add(STEP);
        mixed(self.state) >> 32 < self.share
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): good enough for dice, and the same on every machine.
fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    fn dropped(percent: f64, seed: u64, peer: usize) -> Vec<bool> {
        let mut loss = Loss::new(percent, seed, peer);
        (0..100_000).map(|_| loss.takes()).collect()
    }

    #[test]
    fn as_many_are_dropped_as_was_asked_for() {
        for percent in [0.0, 0.5, 5.0, 100.0] {
            let count = dropped(percent, 1, 7).iter().filter(|dropped| **dropped).count();
            let share = count as f64 / 1_000.0;
            assert!((share - percent).abs() <= percent * 0.1, "{share} of {percent}");
        }
    }

    #[test]
    fn a_seed_repeats_them_and_each_peer_has_its_own() {
        assert_eq!(dropped(5.0, 1, 0), dropped(5.0, 1, 0));
        assert_ne!(dropped(5.0, 1, 0), dropped(5.0, 2, 0));
        assert_ne!(dropped(5.0, 1, 0), dropped(5.0, 1, 1));
    }
}
