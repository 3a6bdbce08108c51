//! Where sessions and publications are: each shard keeps the part of the directory whose keys hash
//! to it, so that no table is shared and nobody locks.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::ids::{PublicationId, ShardId};

/// One shard's part of the directory.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    sessions: FxHashMap<String, ShardId>,
    publications: FxHashMap<PublicationId, Listing>,
}

/// A publication: where it comes in, and who has subscribers for it.
#[derive(Debug, Default)]
struct Listing {
    origin: Option<ShardId>,
    interested: Vec<ShardId>,
}

/// What a change means for the shards.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Forward {
    /// The shard where the publication comes in, or came in.
    pub origin: ShardId,
    /// The shard whose interest it has to know.
    pub interested: ShardId,
    /// Whether there is interest.
    pub on: bool,
}

/// The shard that keeps the directory entry of a key.
pub(crate) fn keeper(key: impl Hash, shards: u16) -> ShardId {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    // Fx leaves its entropy in the high bits.
    let hash = hasher.finish() >> 32;
    ShardId((hash % u64::from(shards.max(1))) as u16)
}

impl Directory {
    pub(crate) fn register(&mut self, ufrag: String, owner: ShardId) {
        self.sessions.insert(ufrag, owner);
    }

    /// Forgets a session, unless another shard has taken it over meanwhile.
    pub(crate) fn unregister(&mut self, ufrag: &str, owner: ShardId) {
        if self.sessions.get(ufrag) == Some(&owner) {
            self.sessions.remove(ufrag);
        }
    }

    pub(crate) fn owner(&self, ufrag: &str) -> Option<ShardId> {
        self.sessions.get(ufrag).copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.publications.is_empty()
    }

    pub(crate) fn origin(&self, publication: PublicationId) -> Option<ShardId> {
        self.publications.get(&publication)?.origin
    }

    /// The publication comes in at `origin` from now on: who has to be told what.
    pub(crate) fn published(
        &mut self,
        publication: PublicationId,
        origin: ShardId,
    ) -> Vec<Forward> {
        let listing = self.publications.entry(publication).or_default();
        let former = listing.origin.replace(origin).filter(|former| *former != origin);
        let off = former.into_iter().flat_map(|former| {
            listing.interested.iter().map(move |s| Forward {
                origin: former,
                interested: *s,
                on: false,
            })
        });
        let on = listing.interested.iter().map(|s| Forward { origin, interested: *s, on: true });
        off.chain(on).collect()
    }

    /// The publication does not come in at `origin` any more.
    pub(crate) fn unpublished(&mut self, publication: PublicationId, origin: ShardId) {
        if let Some(listing) = self.publications.get_mut(&publication)
            && listing.origin == Some(origin)
        {
            listing.origin = None;
            self.drop_if_unused(publication);
        }
    }

    /// A shard began or ceased to have subscribers: whom to tell.
    pub(crate) fn interest(
        &mut self,
        publication: PublicationId,
        shard: ShardId,
        on: bool,
    ) -> Option<Forward> {
        let listing = self.publications.entry(publication).or_default();
        listing.interested.retain(|s| *s != shard);
        if on {
            listing.interested.push(shard);
        }
        let origin = listing.origin;
        self.drop_if_unused(publication);
        origin.map(|origin| Forward { origin, interested: shard, on })
    }

    fn drop_if_unused(&mut self, publication: PublicationId) {
        let is_unused = |l: &Listing| l.origin.is_none() && l.interested.is_empty();
        if self.publications.get(&publication).is_some_and(is_unused) {
            self.publications.remove(&publication);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: PublicationId = PublicationId(7);
    const A: ShardId = ShardId(0);
    const B: ShardId = ShardId(1);
    const C: ShardId = ShardId(2);

    #[test]
    fn interest_waits_for_the_publication() {
        let mut directory = Directory::default();
        assert_eq!(directory.interest(P, B, true), None);
        assert_eq!(directory.published(P, A), [Forward { origin: A, interested: B, on: true }]);
    }

    #[test]
    fn a_publication_that_moves_takes_its_interest_along() {
        let mut directory = Directory::default();
        directory.published(P, A);
        assert_eq!(
            directory.interest(P, B, true),
            Some(Forward { origin: A, interested: B, on: true })
        );
        assert_eq!(
            directory.published(P, C),
            [
                Forward { origin: A, interested: B, on: false },
                Forward { origin: C, interested: B, on: true }
            ]
        );
        directory.unpublished(P, A);
        assert_eq!(directory.origin(P), Some(C), "the former origin has no say any more");
    }

    #[test]
    fn nothing_stays_behind() {
        let mut directory = Directory::default();
        directory.published(P, A);
        directory.interest(P, B, true);
        directory.unpublished(P, A);
        directory.interest(P, B, false);
        directory.register("u".into(), A);
        directory.unregister("u", B);
        assert_eq!(directory.owner("u"), Some(A));
        directory.unregister("u", A);
        assert!(directory.publications.is_empty() && directory.sessions.is_empty());
    }

    #[test]
    fn keys_spread_over_the_shards() {
        let mut counts = [0; 8];
        for i in 0..8_000u64 {
            counts[usize::from(keeper(format!("ufrag{i}"), 8).0)] += 1;
        }
        assert!(counts.iter().all(|c| (800..1_200).contains(c)), "{counts:?}");
    }
}
