//! Two participants who can hold a link, and how each receives the other.

use roomcast_protocol::Path;
use roomcast_protocol::link::NoLink;

use crate::roster::Arrival;

/// Which pair: the one who came earlier, and the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) earlier: Arrival,
    pub(crate) later: Arrival,
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Earlier,
    Later,
}

impl Key {
    /// The pair of two; none for someone alone.
    pub(crate) fn of(one: Arrival, other: Arrival) -> Option<Self> {
        let (earlier, later) = (one.min(other), one.max(other));
        (earlier != later).then_some(Self { earlier, later })
    }

    /// Which of the two this is.
    pub(crate) fn side(self, who: Arrival) -> Side {
        if who == self.earlier { Side::Earlier } else { Side::Later }
    }

    /// The one at a side.
    pub(crate) fn at(self, side: Side) -> Arrival {
        match side {
            Side::Earlier => self.earlier,
            Side::Later => self.later,
        }
    }
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Earlier, Self::Later];

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Earlier => Self::Later,
            Self::Later => Self::Earlier,
        }
    }
}

/// How it stands between two participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The number of the link that is held, or was held last.
    pub(crate) number: u32,
    /// Whether both are asked to hold the link.
    pub(crate) held: bool,
    /// Whether the link could not be made or broke, and nobody has asked for another.
    failed: bool,
    /// Why the room wants no link here, if it wants none.
    unwanted: Option<NoLink>,
    /// By which path each receives the other, the earlier first.
    earlier_receives: Path,
    later_receives: Path,
}

impl Pair {
    /// A pair of which at least one has just come: nothing has to be kept running.
    pub(crate) fn fresh(unwanted: Option<NoLink>) -> Self {
        let path = if unwanted.is_some() { Path::Node } else { Path::Link };
        Self {
            number: 0,
            held: false,
            failed: false,
            unwanted,
            earlier_receives: path,
            later_receives: path,
        }
    }

    /// A pair that was by the node until now.
    pub(crate) fn by_node(unwanted: Option<NoLink>) -> Self {
        Self { earlier_receives: Path::Node, later_receives: Path::Node, ..Self::fresh(unwanted) }
    }

    /// The path that both are to receive by, in the end.
    pub(crate) fn wanted(&self) -> Path {
        if self.failed || self.unwanted.is_some() { Path::Node } else { Path::Link }
    }

    /// Why no link is held, if none is.
    pub(crate) fn why(&self) -> Option<NoLink> {
        let failed = self.failed.then_some(NoLink::Failed);
        if self.held { None } else { self.unwanted.or(failed) }
    }

    /// Whether the room wants a link here, or why not.
    pub(crate) fn want(&mut self, unwanted: Option<NoLink>) {
        self.unwanted = unwanted;
    }

    /// By which path one side receives the other.
    pub(crate) fn receives(&self, side: Side) -> Path {
        match side {
            Side::Earlier => self.earlier_receives,
            Side::Later => self.later_receives,
        }
    }

    /// Notes by which path one side receives the other. The path by link is believed only while
    /// there is a link.
    pub(crate) fn set_receives(&mut self, side: Side, path: Path) {
        if path == Path::Link && !self.held {
            return;
        }
        match side {
            Side::Earlier => self.earlier_receives = path,
            Side::Later => self.later_receives = path,
        }
    }

    /// Whether the node must bring the other's publications to this side. It also does so while a
    /// change is under way, in either direction.
    pub(crate) fn needs_node(&self, side: Side) -> bool {
        self.wanted() == Path::Node || self.receives(side) == Path::Node
    }

    /// The link cannot be used: both receive by the node from now on.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
        self.give_up();
    }

    /// The link is not held any longer, whoever still receives by it.
    pub(crate) fn give_up(&mut self) {
        self.held = false;
        (self.earlier_receives, self.later_receives) = (Path::Node, Path::Node);
    }

    /// Another link is to be made, if the room wants one here. Whether it does.
    pub(crate) fn renew(&mut self) -> bool {
        if self.unwanted.is_some() {
            return false;
        }
        (self.failed, self.held) = (false, false);
        true
    }

    /// Takes the next step towards what is wanted. `publishes` says of each side whether there is
    /// anything to receive from it: where there is nothing, nothing has to be waited for.
    pub(crate) fn settle(
        &mut self,
        publishes: impl Fn(Side) -> bool,
        number: impl FnOnce() -> u32,
    ) {
        let wanted = self.wanted();
        if wanted == Path::Link && !self.held {
            (self.held, self.number) = (true, number());
        }
        for side in Side::BOTH {
            if !publishes(side.other()) {
                self.set_receives(side, wanted);
            }
        }
        if self.wanted() == Path::Node && !self.is_leaving() {
            self.held = false;
        }
    }

    /// Whether a link is held only until its receivers have the other path.
    pub(crate) fn is_leaving(&self) -> bool {
        let by_link = Side::BOTH.iter().any(|side| self.receives(*side) == Path::Link);
        self.held && self.wanted() == Path::Node && by_link
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(mut pair: Pair, publishing: bool) -> Pair {
        pair.settle(|_| publishing, || 7);
        pair
    }

    #[test]
    fn newcomers_need_no_node_and_those_who_change_keep_it_until_they_receive() {
        let fresh = settled(Pair::fresh(None), true);
        assert!(fresh.held && Side::BOTH.iter().all(|side| !fresh.needs_node(*side)));
        let mut changing = settled(Pair::by_node(None), true);
        assert!(changing.held && changing.needs_node(Side::Earlier));
        changing.set_receives(Side::Earlier, Path::Link);
        assert!(!changing.needs_node(Side::Earlier) && changing.needs_node(Side::Later));
    }

    #[test]
    fn a_link_that_is_not_wanted_any_more_is_held_until_both_receive_otherwise() {
        let mut pair = settled(Pair::fresh(None), true);
        pair.want(Some(NoLink::Size));
        pair = settled(pair, true);
        assert!(pair.is_leaving() && pair.held && pair.why().is_none());
        assert!(pair.needs_node(Side::Earlier) && pair.needs_node(Side::Later));
        for side in Side::BOTH {
            pair.set_receives(side, Path::Node);
        }
        pair = settled(pair, true);
        assert_eq!((pair.held, pair.why()), (false, Some(NoLink::Size)));
    }

    #[test]
    fn nothing_is_waited_for_where_nothing_is_published() {
        let mut pair = settled(Pair::fresh(None), false);
        pair.want(Some(NoLink::Setting));
        assert!(!settled(pair, false).held);
        assert!(!settled(Pair::by_node(None), false).needs_node(Side::Later));
    }

    #[test]
    fn a_failed_pair_stays_by_the_node_until_another_link_is_asked_for() {
        let mut pair = settled(Pair::fresh(None), true);
        pair.fail();
        pair = settled(pair, true);
        assert_eq!((pair.held, pair.why()), (false, Some(NoLink::Failed)));
        assert!(pair.renew());
        pair = settled(pair, true);
        assert!(pair.held && pair.needs_node(Side::Earlier));
        pair.want(Some(NoLink::Size));
        assert!(!pair.renew());
    }
}
