//! Resume tokens: finding the participant of one without telling by the time it takes.
//!
//! Tokens are random with 128 bits or more, so that the hash that finds them gives nothing away that
//! helps to guess one; the token itself is then compared in full.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::roster::Arrival;

/// The participants by the hash of their resume token.
#[derive(Debug, Default)]
pub(crate) struct Index(BTreeSet<(u64, Arrival)>);

impl Index {
    /// Notes whose token this is.
    pub(crate) fn insert(&mut self, token: &str, who: Arrival) {
        self.0.insert((hash(token), who));
    }

    /// Forgets it.
    pub(crate) fn remove(&mut self, token: &str, who: Arrival) {
        self.0.remove(&(hash(token), who));
    }

    /// How many tokens are noted.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those whose token may be this one: compare each with [`same`].
    pub(crate) fn candidates(&self, token: &str) -> impl Iterator<Item = Arrival> {
        let hash = hash(token);
        self.0.range((hash, Arrival(0))..=(hash, Arrival(u64::MAX))).map(|(_, who)| *who)
    }
}

/// Whether two secrets are equal. Takes the same time wherever they differ; only their length shows.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

fn hash(token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_equal_secrets_are_the_same() {
        assert!(same("abc", "abc") && same("", ""));
        for (a, b) in [("abc", "abd"), ("abc", "xbc"), ("abc", "ab"), ("", "a")] {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn a_token_finds_its_participant_until_it_is_forgotten() {
        let mut index = Index::default();
        index.insert("one", Arrival(1));
        index.insert("two", Arrival(2));
        assert_eq!(index.candidates("two").collect::<Vec<_>>(), [Arrival(2)]);
        index.remove("two", Arrival(2));
        assert_eq!(index.candidates("two").count(), 0);
    }
}
