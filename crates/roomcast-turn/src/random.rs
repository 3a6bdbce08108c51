//! Numbers from a seed.

use crate::stun::KeyedHash;

/// SplitMix64. Who sees its numbers can go on with them: each use has a sequence of its own.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A sequence that says nothing about those for other uses.
    pub(crate) fn new(key: &KeyedHash, seed: u64, purpose: &str) -> Self {
        let mut data = seed.to_be_bytes().to_vec();
        data.extend_from_slice(purpose.as_bytes());
        let hash = key.sha256(&data);
        Self(hash.first_chunk().map_or(seed, |first| u64::from_be_bytes(*first)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A transaction of an indication.
    pub(crate) fn transaction(&mut self) -> [u8; 12] {
        let mut transaction = [0; 12];
        let (left, right) = transaction.split_at_mut(8);
        left.copy_from_slice(&self.next().to_be_bytes());
        right.copy_from_slice(&(self.next() as u32).to_be_bytes());
        transaction
    }
}
