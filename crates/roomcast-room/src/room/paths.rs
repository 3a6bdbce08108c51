//! Which way media goes between each two: by their link, or through the node. Held up to date after
//! each input, so that a new path runs before an old one ends, and told to those whom it concerns.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use roomcast_protocol::limits::MAX_LINKS;
use roomcast_protocol::link::LinkEntry;
use roomcast_protocol::{Path, ServerMessage, Topology};

use super::Room;
use crate::links::{Key, Pair, Shape, Side, Wish};
use crate::roster::Arrival;
use crate::timer::Timer;

/// How long a link that is not wanted any more is held for those who do not say that they receive
/// by the node: time to negotiate a session and to hear a key frame, several times over.
pub const PATH_TIME_LIMIT: Duration = Duration::from_secs(10);

impl Room {
    /// Takes each pair a step towards what the room wants, and tells those who see a difference.
    pub(super) fn settle_links(&mut self, now: Instant) {
        let shape = self.shape(now);
        let wish = Wish::of(shape, &self.roster);
        let mut concerned: BTreeSet<Arrival> = self.pairs.participants().collect();
        self.make_pairs(&wish);
        self.settle_pairs(now, &wish);
        concerned.extend(self.pairs.participants());
        concerned.extend(self.roster.stage().map(|(who, _)| who));
        let to_be_told = std::mem::take(&mut self.to_be_told);
        for who in &to_be_told {
            if let Some(participant) = self.roster.get_mut(*who) {
                participant.settled = true;
            }
        }
        concerned.extend(to_be_told);
        for who in concerned {
            self.tell_links(who, wish.mesh);
        }
    }

    /// How the room's media is to travel.
    pub(super) fn topology(&self) -> Topology {
        self.settings.topology.unwrap_or(self.topology)
    }

    /// Whether the node has to bring what one publishes to the other.
    pub(super) fn needs_node(&self, receiver: Arrival, publisher: Arrival) -> bool {
        let pair = self.pairs.between(receiver, publisher);
        pair.is_none_or(|(key, pair)| pair.needs_node(key.side(receiver)))
    }

    /// Lets go of a link that was held for receivers who have not said anything.
    pub(super) fn give_up_link(&mut self, key: Key) {
        if let Some(pair) = self.pairs.get_mut(key) {
            pair.give_up();
        }
        self.reroute(key);
    }

    /// Forgets the pairs of someone who is gone, or who can hold no links any more.
    pub(super) fn forget_pairs(&mut self, who: Arrival) {
        for key in self.pairs.remove_all_of(who) {
            self.timers.cancel(Timer::Path(key));
            self.to_be_told.insert(key.at(key.side(who).other()));
            self.reroute(key);
        }
        self.links_changed = true;
    }

    /// Someone is back with a client that can hold no links.
    pub(super) fn forget_links(&mut self, who: Arrival) {
        self.forget_pairs(who);
        if let Some(participant) = self.roster.get_mut(who) {
            participant.undelivered.take();
        }
    }

    /// What the room is like now. In `auto` a room that grows leaves its links at once, and one that
    /// has become small comes back to them when it stays so.
    fn shape(&mut self, now: Instant) -> Shape {
        let receivers = self.roster.connected_len().saturating_sub(1);
        let small = receivers <= self.p2p_max_links && self.roster.len() <= MAX_LINKS + 1;
        let topology = self.topology();
        if topology != Topology::Auto {
            self.by_links = true;
        } else if !small {
            self.by_links = false;
        }
        if small && !self.by_links {
            if !self.timers.is_set(Timer::Calm) {
                self.timers.set(Timer::Calm, now + crate::links::TOPOLOGY_CALM);
            }
        } else {
            self.timers.cancel(Timer::Calm);
        }
        Shape { topology, by_links: self.by_links, small }
    }

    fn make_pairs(&mut self, wish: &Wish) {
        for key in wish.listed.union(&wish.linked).copied() {
            if self.pairs.contains(key) {
                continue;
            }
            let settled = |who| self.roster.get(who).is_some_and(|p| p.settled);
            let unwanted = wish.unwanted(key);
            let pair = match settled(key.earlier) && settled(key.later) {
                true => Pair::by_node(unwanted),
                false => Pair::fresh(unwanted),
            };
            self.pairs.insert(key, pair);
            self.reroute(key);
        }
    }

    fn settle_pairs(&mut self, now: Instant, wish: &Wish) {
        let keys: Vec<Key> = self.pairs.keys().collect();
        for key in keys {
            let Self { pairs, roster, last_link, .. } = self;
            let Some(pair) = pairs.get_mut(key) else { continue };
            let before = *pair;
            pair.want(wish.unwanted(key));
            let publishes = |side: Side| {
                let publisher = roster.get(key.at(side)).map(|p| &p.publisher);
                publisher.is_some_and(|publisher| publisher.published().next().is_some())
            };
            pair.settle(publishes, || {
                *last_link = last_link.wrapping_add(1);
                *last_link
            });
            let after = *pair;
            if before != after {
                self.reroute(key);
            }
            self.mind(now, key, after);
            if !after.held && !wish.listed.contains(&key) && !wish.linked.contains(&key) {
                self.pairs.remove(key);
            }
        }
    }

    /// The paths of a pair may have changed: what the node brings to the two has to be looked at.
    pub(super) fn reroute(&mut self, key: Key) {
        self.rerouted.extend([key.earlier, key.later]);
        self.links_changed = true;
    }

    /// Bounds the time for which a link is held that is not wanted any more.
    fn mind(&mut self, now: Instant, key: Key, pair: Pair) {
        let timer = Timer::Path(key);
        if !pair.is_leaving() {
            self.timers.cancel(timer);
        } else if !self.timers.is_set(timer) {
            self.timers.set(timer, now + PATH_TIME_LIMIT);
        }
    }

    /// Tells one participant the links to hold, if that has changed since they were told last, and
    /// what was said by link signaling while they were away.
    fn tell_links(&mut self, who: Arrival, mesh: bool) {
        let Some(participant) = self.roster.get(who) else { return };
        if !participant.links || participant.connection.is_none() {
            return;
        }
        let message = self.links_of(who, mesh);
        let Some(participant) = self.roster.get_mut(who) else { return };
        if participant.told_links.as_ref() != Some(&message) {
            participant.told_links = Some(message.clone());
            self.tell(who, message);
        }
        self.deliver(who);
    }

    fn links_of(&self, who: Arrival, mesh: bool) -> ServerMessage {
        let links = self.pairs.of(who).filter_map(|(other, key, pair)| {
            let participant = self.roster.get(other)?;
            Some(LinkEntry {
                participant: participant.id.clone(),
                name: participant.name.as_str().to_owned(),
                role: participant.role,
                silenced: participant.silenced || !participant.grants().chat,
                link: pair.number,
                polite: key.side(who) == Side::Later,
                path: if pair.held { Path::Link } else { Path::Node },
                why: pair.why(),
            })
        });
        ServerMessage::Links { mesh, node: self.is_needed_at_node(who), links: links.collect() }
    }

    /// Whether anyone receives this participant through the node.
    fn is_needed_at_node(&self, who: Arrival) -> bool {
        let by_link =
            self.pairs.of(who).filter(|(other, key, pair)| !pair.needs_node(key.side(*other)));
        let others = self.roster.len().saturating_sub(1);
        self.roster.get(who).is_some_and(|p| p.is_on_stage()) && by_link.count() < others
    }
}
