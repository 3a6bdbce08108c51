//! Which pairs a room wants to be linked: the rule of its topology.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use roomcast_protocol::Topology;
use roomcast_protocol::limits::MAX_LINKS;
use roomcast_protocol::link::NoLink;

use super::pair::Key;
use crate::roster::{Arrival, Roster};

/// Time for which a room must have been small before `auto` takes it back to links: who leaves and
/// comes again within it costs nobody a change.
pub const TOPOLOGY_CALM: Duration = Duration::from_secs(20);

/// What a room is like, as far as its topology depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How its media is to travel.
    pub(crate) topology: Topology,
    /// With `auto`: whether it travels by links now.
    pub(crate) by_links: bool,
    /// Whether there are few enough for everyone to be linked with everyone.
    pub(crate) small: bool,
}

/// The pairs that are to be linked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Whether that is everyone with everyone, so that nobody needs the node for what they say.
    pub(crate) mesh: bool,
    pub(crate) linked: BTreeSet<Key>,
    /// All pairs that could be linked, when there are few enough to tell them why they are not.
    pub(crate) listed: BTreeSet<Key>,
    /// Why a pair that could be linked is not to be.
    pub(crate) otherwise: NoLink,
}

impl Wish {
    /// Which pairs a room of this shape wants.
    pub(crate) fn of(shape: Shape, roster: &Roster) -> Self {
        let countable = roster.len() <= MAX_LINKS + 1;
        let listed = if countable { every_pair(roster) } else { BTreeSet::new() };
        let (everyone, linked, otherwise) = match shape.topology {
            Topology::Sfu => (false, BTreeSet::new(), NoLink::Setting),
            Topology::Auto if !shape.by_links => (false, BTreeSet::new(), NoLink::Size),
            Topology::Auto => (true, listed.clone(), NoLink::Size),
            Topology::P2p if shape.small => (true, listed.clone(), NoLink::Size),
            Topology::P2p => (false, pairs_of_the_stage(roster), NoLink::Size),
        };
        let all_can = roster.linkable_len() == roster.len() && roster.len() > 1;
        Self { mesh: everyone && countable && all_can, linked, listed, otherwise }
    }

    /// Why a pair is not to be linked; nothing if it is.
    pub(crate) fn unwanted(&self, key: Key) -> Option<NoLink> {
        (!self.linked.contains(&key)).then_some(self.otherwise)
    }
}

fn every_pair(roster: &Roster) -> BTreeSet<Key> {
    let earlier = |later: Arrival| roster.linkable().take_while(move |who| *who < later);
    let pairs = roster.linkable().flat_map(|later| earlier(later).map(move |who| (who, later)));
    pairs.filter_map(|(who, later)| Key::of(who, later)).collect()
}

/// Everyone on stage with those who came first, as many as may be. It looks at no more than that,
/// however large the audience is.
fn pairs_of_the_stage(roster: &Roster) -> BTreeSet<Key> {
    let mut links: BTreeMap<Arrival, usize> = BTreeMap::new();
    let mut pairs = BTreeSet::new();
    for (on_stage, _) in roster.stage().filter(|(_, participant)| participant.links) {
        for other in roster.linkable() {
            let has = |who: &Arrival| links.get(who).copied().unwrap_or(0);
            if has(&on_stage) >= MAX_LINKS {
                break;
            }
            let Some(key) = Key::of(on_stage, other) else { continue };
            if has(&other) < MAX_LINKS && pairs.insert(key) {
                *links.entry(on_stage).or_default() += 1;
                *links.entry(other).or_default() += 1;
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use roomcast_protocol::server::Role;
    use roomcast_protocol::{DisplayName, ParticipantId};

    use super::*;
    use crate::participant::Participant;

    fn roster(hosts: usize, viewers: usize, without_links: usize) -> Roster {
        let mut roster = Roster::default();
        let viewers = hosts + viewers;
        for n in 0..viewers + without_links {
            let role = if n < hosts { Role::Host } else { Role::Viewer };
            let name = DisplayName::parse("someone").unwrap();
            let id = ParticipantId(n.to_string());
            let newcomer = Participant::new(id, name, role, n.to_string());
            let who = roster.add(newcomer);
            roster.set_links(who, n < viewers);
        }
        roster
    }

    fn wish(topology: Topology, by_links: bool, roster: &Roster) -> Wish {
        let small = roster.len() <= 4;
        Wish::of(Shape { topology, by_links, small }, roster)
    }

    #[test]
    fn a_small_room_wants_everyone_linked_with_everyone_who_can() {
        let four = roster(1, 3, 0);
        for topology in [Topology::Auto, Topology::P2p] {
            let wish = wish(topology, true, &four);
            assert_eq!((wish.linked.len(), wish.mesh), (6, true));
        }
        let mixed = wish(Topology::Auto, true, &roster(1, 2, 1));
        assert_eq!((mixed.linked.len(), mixed.mesh), (3, false));
        assert!(!wish(Topology::Auto, true, &roster(1, 0, 0)).mesh, "alone");
    }

    #[test]
    fn a_room_by_the_node_says_why() {
        let four = roster(1, 3, 0);
        let by_setting = wish(Topology::Sfu, true, &four);
        let by_size = wish(Topology::Auto, false, &four);
        for (wish, why) in [(by_setting, NoLink::Setting), (by_size, NoLink::Size)] {
            assert!(wish.linked.is_empty() && !wish.mesh);
            assert_eq!((wish.listed.len(), wish.otherwise), (6, why));
        }
    }

    #[test]
    fn a_larger_room_by_links_has_those_of_the_stage_up_to_the_bound() {
        let nine = roster(1, 8, 0);
        let wish_of_nine = wish(Topology::P2p, true, &nine);
        assert_eq!((wish_of_nine.linked.len(), wish_of_nine.mesh), (8, false));
        let crowd = roster(2, 5_000, 5_000);
        let wish = wish(Topology::P2p, true, &crowd);
        assert_eq!((wish.linked.len(), wish.listed.len()), (2 * MAX_LINKS - 1, 0));
        let latest = wish.linked.iter().map(|key| key.later).max();
        assert_eq!(latest, Some(Arrival(17)), "who comes later gets the node");
    }
}
