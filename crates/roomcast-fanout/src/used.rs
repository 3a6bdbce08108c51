//! Which numbers of a stream have been used, so that none is used twice: see
//! [`Protection`](crate::Protection).

/// The newest [`REMEMBERED`] numbers of one stream. What is older counts as used.
#[derive(Debug, Clone)]
pub struct Used {
    /// The number behind the newest.
    end: u64,
    /// One bit for each number before `end`, in a ring.
    bits: [u64; WORDS],
}

impl Used {
    /// Uses a number, if it was not used before.
    pub fn take(&mut self, index: u64) -> bool {
        if index >= self.end {
            self.forget_up_to(index);
        } else if self.end - index > REMEMBERED {
            return false;
        }
        let bit = 1 << (index % 64);
        let Some(word) = self.bits.get_mut(word_of(index)) else { return false };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Makes room for the numbers up to `index`.
    fn forget_up_to(&mut self, index: u64) {
        if index - self.end >= REMEMBERED {
            self.bits = [0; WORDS];
        } else {
            for number in self.end..=index {
                if let Some(word) = self.bits.get_mut(word_of(number)) {
                    *word &= !(1 << (number % 64));
                }
            }
        }
        self.end = index + 1;
    }
}

impl Default for Used {
    fn default() -> Self {
        Self { end: 0, bits: [0; WORDS] }
    }
}

fn word_of(index: u64) -> usize {
    (index / 64) as usize % WORDS
}

/// Packets that come later than this are of no use: four seconds of 2.5 Mbit/s.
const REMEMBERED: u64 = 1_024;

const WORDS: usize = (REMEMBERED / 64) as usize;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_number_is_used_twice_and_late_ones_can_be_used() {
        let mut used = Used::default();
        assert!(used.take(5) && !used.take(5) && used.take(3) && !used.take(3));
        assert!(used.take(5 + REMEMBERED) && used.take(6) && !used.take(5));
        assert!(used.take(10 * REMEMBERED) && !used.take(6), "too old to tell");
        assert!(used.take(10 * REMEMBERED - 1) && !used.take(10 * REMEMBERED));
    }

    #[test]
    fn whatever_comes_each_number_is_used_once_at_most() {
        let mut random = 88_172_645_463_325_252_u64;
        let (mut used, mut taken, mut newest) = (Used::default(), HashSet::new(), 0_u64);
        for _ in 0..100_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let index = (newest + random % 40).saturating_sub(random >> 32 & 0x7FF);
            let is_late = newest.saturating_sub(index) >= REMEMBERED;
            assert_eq!(used.take(index), !is_late && taken.insert(index), "{index}, {newest}");
            newest = newest.max(index);
        }
    }
}
