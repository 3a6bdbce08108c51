//! What one participant publishes: the publisher session, its unanswered offers, and the
//! publications, whose ids stay the same for the participant's life.

use std::collections::{BTreeMap, VecDeque};

use roomcast_protocol::client::{AnnouncedTrack, PublishedTrack};
use roomcast_protocol::{PublicationId, Source};

use crate::input::{ConnectionId, SessionId};
use crate::troubles::Troubles;

/// The publishing side of a participant.
#[derive(Debug, Default)]
pub(crate) struct Publisher {
    /// The session, from the first `publish` until it ends.
    pub(crate) session: Option<SessionId>,
    /// Offers that went to the media engine in this session, oldest first: it answers in order.
    pending: VecDeque<Pending>,
    /// One for each source that was ever named. Bounded by the number of sources.
    slots: BTreeMap<Source, Slot>,
    /// What is wrong with them.
    pub(crate) troubles: Troubles,
    /// The layers that the node takes of each source that it said so of, in this session.
    layers: BTreeMap<Source, Vec<String>>,
    /// Whether the media of the session has come up.
    pub(crate) is_up: bool,
    /// Whether the owner says what is published apart from how it travels.
    announces: bool,
}

/// What a source stands for, published or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) id: PublicationId,
    /// Whether its owner has announced it.
    announced: bool,
    /// Whether an answered offer brings it to the node.
    at_node: bool,
    /// Muted by its owner, who then sends silence or black; the node does nothing about it.
    pub(crate) muted: bool,
    /// Muted by a host: the node forwards nothing, also after the owner published anew.
    pub(crate) muted_by_host: bool,
}

/// An offer that the media engine has not answered yet.
#[derive(Debug)]
pub(crate) struct Pending {
    /// The connection that asked: the answer is for no other.
    pub(crate) connection: ConnectionId,
    /// The id of its request.
    pub(crate) re: Option<u32>,
    tracks: Vec<(Source, bool)>,
}

impl Pending {
    /// An offer of these tracks.
    pub(crate) fn new(
        connection: ConnectionId,
        re: Option<u32>,
        tracks: &[PublishedTrack],
    ) -> Self {
        let tracks = tracks.iter().map(|track| (track.source, track.muted)).collect();
        Self { connection, re, tracks }
    }
}

impl Publisher {
    /// What is published now.
    pub(crate) fn published(&self) -> impl Iterator<Item = (Source, Slot)> {
        let announces = self.announces;
        let published = self.slots.iter().filter(move |(_, slot)| slot.is_published(announces));
        published.map(|(source, slot)| (*source, *slot))
    }

    /// What is published now and can be had at the node.
    pub(crate) fn at_node(&self) -> impl Iterator<Item = (Source, Slot)> {
        self.published().filter(|(_, slot)| slot.at_node)
    }

    /// What a publication that is published shows or sounds.
    pub(crate) fn source_of(&self, publication: PublicationId) -> Option<Source> {
        let mut published = self.published();
        published.find_map(|(source, slot)| (slot.id == publication).then_some(source))
    }

    /// From now on just this is published, whatever comes to the node.
    pub(crate) fn announce(
        &mut self,
        tracks: &[AnnouncedTrack],
        mut fresh: impl FnMut() -> PublicationId,
    ) {
        self.announces = true;
        for track in tracks {
            self.id(track.source, &mut fresh);
        }
        for (source, slot) in &mut self.slots {
            let named = tracks.iter().find(|track| track.source == *source);
            slot.announced = named.is_some();
            slot.muted = named.is_some_and(|track| track.muted);
        }
    }

    /// The publication of a source, if it is published now.
    pub(crate) fn publication(&mut self, source: Source) -> Option<&mut Slot> {
        let announces = self.announces;
        self.slots.get_mut(&source).filter(|slot| slot.is_published(announces))
    }

    /// The id of a source: the one that it always had, or a new one.
    pub(crate) fn id(
        &mut self,
        source: Source,
        fresh: impl FnOnce() -> PublicationId,
    ) -> PublicationId {
        let slot = self.slots.entry(source).or_insert_with(|| Slot {
            id: fresh(),
            announced: false,
            at_node: false,
            muted: false,
            muted_by_host: false,
        });
        slot.id
    }

    /// Whether one more offer may wait for its answer.
    pub(crate) fn has_room(&self) -> bool {
        self.pending.len() < MAX_PENDING_PUBLISHES
    }

    /// Notes an offer that went to the media engine.
    pub(crate) fn wait(&mut self, pending: Pending) {
        self.pending.push_back(pending);
    }

    /// The oldest unanswered offer was taken: what it named is at the node, and nothing else.
    pub(crate) fn accept(&mut self) -> Option<Pending> {
        let pending = self.pending.pop_front()?;
        for (source, slot) in &mut self.slots {
            let named = pending.tracks.iter().find(|(named, _)| named == source);
            slot.at_node = named.is_some();
            if named.is_none() {
                self.layers.remove(source);
            }
            if !self.announces {
                slot.muted = named.is_some_and(|(_, muted)| *muted);
            }
        }
        Some(pending)
    }

    /// The oldest unanswered offer was refused: everything stays as it was.
    pub(crate) fn refuse(&mut self) -> Option<Pending> {
        self.pending.pop_front()
    }

    /// The session is over: forgets it with its unanswered offers, which come back. What was
    /// published stays so.
    pub(crate) fn end_session(&mut self) -> (Option<SessionId>, Vec<Pending>) {
        self.is_up = false;
        self.layers.clear();
        (self.session.take(), self.pending.drain(..).collect())
    }

    /// Notes which layers of a publication the node takes. Its source, if that is news.
    pub(crate) fn want_layers(
        &mut self,
        publication: PublicationId,
        wanted: &[String],
    ) -> Option<Source> {
        let mut slots = self.slots.iter();
        let source =
            slots.find_map(|(source, slot)| (slot.id == publication).then_some(*source))?;
        if self.layers.get(&source).is_some_and(|known| known == wanted) {
            return None;
        }
        self.layers.insert(source, wanted.to_vec());
        Some(source)
    }

    /// The layers that the node takes, as far as it has said so.
    pub(crate) fn wanted_layers(&self) -> impl Iterator<Item = (Source, &[String])> {
        self.layers.iter().map(|(source, wanted)| (*source, wanted.as_slice()))
    }

    /// Nothing is at the node any more: who does not announce publishes nothing then. Whether
    /// anything was.
    pub(crate) fn leave_node(&mut self) -> bool {
        let mut any = false;
        for slot in self.slots.values_mut() {
            any |= std::mem::replace(&mut slot.at_node, false);
        }
        any
    }

    /// Nothing is published any more, by no path. Whether anything was.
    pub(crate) fn stop(&mut self) -> bool {
        let any = self.published().next().is_some();
        self.slots.values_mut().for_each(|slot| slot.announced = false);
        any | self.leave_node()
    }

    /// Notes that the owner muted or unmuted a source that is published or about to be. Whether
    /// there is such a source.
    pub(crate) fn set_muted(&mut self, source: Source, muted: bool) -> bool {
        let mut found = false;
        for (offered, flag) in self.pending.iter_mut().flat_map(|p| &mut p.tracks) {
            if *offered == source {
                (*flag, found) = (muted, true);
            }
        }
        if let Some(slot) = self.publication(source) {
            (slot.muted, found) = (muted, true);
        }
        found
    }
}

impl Slot {
    fn is_published(&self, announces: bool) -> bool {
        if announces { self.announced } else { self.at_node }
    }
}

/// Offers of one publisher session that may wait for their answer. A page that switches two devices
/// at once makes two; more than this is a page that does not wait.
pub const MAX_PENDING_PUBLISHES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn track(mid: &str, source: Source) -> PublishedTrack {
        PublishedTrack { mid: mid.to_owned(), source, muted: false, layers: Vec::new() }
    }

    #[test]
    fn an_accepted_offer_replaces_what_was_published_and_keeps_ids() {
        let mut publisher = Publisher::default();
        let camera = publisher.id(Source::Camera, || PublicationId(1));
        publisher.id(Source::Screen, || PublicationId(2));
        publisher.wait(Pending::new(ConnectionId(1), Some(7), &[track("0", Source::Camera)]));
        publisher.wait(Pending::new(ConnectionId(1), Some(8), &[track("0", Source::Screen)]));
        assert!(publisher.published().next().is_none());
        assert_eq!(publisher.accept().unwrap().re, Some(7));
        assert_eq!(publisher.published().next().unwrap().1.id, camera);
        publisher.accept();
        assert_eq!(publisher.published().map(|(s, _)| s).collect::<Vec<_>>(), [Source::Screen]);
        assert_eq!(publisher.id(Source::Camera, || PublicationId(9)), camera);
    }

    #[test]
    fn what_is_announced_is_published_wherever_it_is() {
        let mut publisher = Publisher::default();
        let announce = |publisher: &mut Publisher, sources: &[Source]| {
            let track = |source: &Source| AnnouncedTrack { source: *source, muted: false };
            let tracks: Vec<_> = sources.iter().map(track).collect();
            publisher.announce(&tracks, || PublicationId(5));
        };
        announce(&mut publisher, &[Source::Camera]);
        assert_eq!((publisher.published().count(), publisher.at_node().count()), (1, 0));
        let two = [track("0", Source::Camera), track("1", Source::Screen)];
        publisher.id(Source::Screen, || PublicationId(6));
        publisher.wait(Pending::new(ConnectionId(1), None, &two));
        publisher.accept();
        assert_eq!((publisher.published().count(), publisher.at_node().count()), (1, 1));
        publisher.leave_node();
        assert_eq!((publisher.published().count(), publisher.at_node().count()), (1, 0));
        announce(&mut publisher, &[]);
        assert_eq!(publisher.published().count(), 0);
    }

    #[test]
    fn a_source_can_be_muted_while_its_offer_is_still_unanswered() {
        let mut publisher = Publisher::default();
        publisher.id(Source::Camera, || PublicationId(1));
        assert!(!publisher.set_muted(Source::Camera, true));
        publisher.wait(Pending::new(ConnectionId(1), None, &[track("0", Source::Camera)]));
        assert!(publisher.set_muted(Source::Camera, true));
        publisher.accept();
        assert!(publisher.publication(Source::Camera).unwrap().muted);
    }
}
