//! All pairs of a room, and whose they are.

use std::collections::{BTreeMap, BTreeSet};

use super::pair::{Key, Pair};
use crate::roster::Arrival;

/// The pairs that have, had or could have a link. Bounded by [`super::Wish`]: all pairs of a small
/// room, or [`roomcast_protocol::limits::MAX_LINKS`] for each participant on stage.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    pairs: BTreeMap<Key, Pair>,
    partners: BTreeMap<Arrival, BTreeSet<Arrival>>,
}

impl Pairs {
    /// The pair of two participants.
    pub(crate) fn between(&self, one: Arrival, other: Arrival) -> Option<(Key, &Pair)> {
        let key = Key::of(one, other)?;
        Some((key, self.pairs.get(&key)?))
    }

    /// The same, to be changed.
    pub(crate) fn between_mut(&mut self, one: Arrival, other: Arrival) -> Option<(Key, &mut Pair)> {
        let key = Key::of(one, other)?;
        Some((key, self.pairs.get_mut(&key)?))
    }

    /// One pair, to be changed.
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Pair> {
        self.pairs.get_mut(&key)
    }

    /// Whether there is this pair.
    pub(crate) fn contains(&self, key: Key) -> bool {
        self.pairs.contains_key(&key)
    }

    /// The pairs of one participant with the other of each, in the order of arrival.
    pub(crate) fn of(&self, who: Arrival) -> impl Iterator<Item = (Arrival, Key, &Pair)> {
        let partners = self.partners.get(&who).into_iter().flatten();
        partners.filter_map(move |other| {
            let (key, pair) = self.between(who, *other)?;
            Some((*other, key, pair))
        })
    }

    /// Every pair.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        self.pairs.keys().copied()
    }

    /// Everyone who has a pair.
    pub(crate) fn participants(&self) -> impl Iterator<Item = Arrival> {
        self.partners.keys().copied()
    }

    /// Adds a pair.
    pub(crate) fn insert(&mut self, key: Key, pair: Pair) {
        self.pairs.insert(key, pair);
        self.partners.entry(key.earlier).or_default().insert(key.later);
        self.partners.entry(key.later).or_default().insert(key.earlier);
    }

    /// Forgets a pair.
    pub(crate) fn remove(&mut self, key: Key) {
        if self.pairs.remove(&key).is_none() {
            return;
        }
        for (who, other) in [(key.earlier, key.later), (key.later, key.earlier)] {
            let Some(partners) = self.partners.get_mut(&who) else { continue };
            partners.remove(&other);
            if partners.is_empty() {
                self.partners.remove(&who);
            }
        }
    }

    /// Forgets the pairs of one participant, which come back.
    pub(crate) fn remove_all_of(&mut self, who: Arrival) -> Vec<Key> {
        let keys: Vec<Key> = self.of(who).map(|(_, key, _)| key).collect();
        keys.iter().for_each(|key| self.remove(*key));
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_from_both_sides_and_leave_nothing_behind() {
        let mut pairs = Pairs::default();
        let [ann, bob, cleo] = [1, 2, 3].map(Arrival);
        for (one, other) in [(ann, bob), (cleo, ann), (bob, cleo)] {
            pairs.insert(Key::of(one, other).unwrap(), Pair::fresh(None));
        }
        assert!(pairs.between(bob, ann).is_some() && pairs.between(ann, ann).is_none());
        assert_eq!(pairs.of(ann).map(|(other, _, _)| other).collect::<Vec<_>>(), [bob, cleo]);
        assert_eq!(pairs.remove_all_of(ann).len(), 2);
        assert_eq!(pairs.participants().collect::<Vec<_>>(), [bob, cleo]);
        pairs.remove_all_of(cleo);
        assert_eq!((pairs.participants().count(), pairs.keys().count()), (0, 0));
    }
}
