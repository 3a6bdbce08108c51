//! The half of a session in which a browser receives: the node offers, the browser answers.
//!
//! The media sections are *slots*: a slot whose publication has stopped is offered as inactive and
//! taken by the next publication of the same kind, so that a session never grows beyond what it
//! carried at its fullest. One offer is open at a time; what changes meanwhile goes into the next.
//!
//! A watcher offers by itself: see `watcher`.

use std::time::Instant;

use rustc_hash::FxHashSet;
use str0m::Rtc;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind as Str0mKind, Mid};

use super::MAX_DESCRIPTION;
use super::bandwidth::Bandwidth;
use super::figures::News;
use super::redundancy::Redundancy;
use super::subscription::{Stage, Subscription};
use crate::command::WantedPublication;
use crate::event::{Event, OfferedTrack, RefusedReason};
use crate::ids::{PublicationId, SessionId};
use crate::media::MediaKind;
use crate::quality::Preference;

/// What a subscriber session is to receive, and how far the browser has agreed.
#[derive(Debug, Default)]
pub(crate) struct Subscriber {
    pub(super) wanted: Vec<WantedPublication>,
    pub slots: Vec<Slot>,
    /// What a watcher would receive if it had sections for all; `None`: the node offers.
    pub(super) listed: Option<Vec<WantedPublication>>,
    pending: Option<Pending>,
    /// Offers made so far: the number of the newest.
    offers: u32,
    restart_ice: bool,
    /// Whether any media was sent.
    pub served: bool,
    /// Whether it finds out what the network carries: settled when it is opened.
    pub estimates: bool,
    /// Whether it was told that it should.
    pub(super) is_outgrown: bool,
    /// How good pictures are to be.
    pub preferences: Vec<Preference>,
    pub bandwidth: Bandwidth,
    redundancy: Redundancy,
}

/// What a new list means for publications.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Not wanted any more.
    pub gone: Vec<WantedPublication>,
    /// Not wanted before.
    pub new: Vec<WantedPublication>,
    /// Slots that carry another publication now, with the one that they carried.
    pub left: Vec<(usize, PublicationId)>,
}

/// A media section that the browser has agreed to.
#[derive(Debug)]
pub(crate) struct Slot {
    pub mid: Mid,
    pub kind: MediaKind,
    pub publication: Option<PublicationId>,
    /// The publication that the browser was last told of and agreed to.
    pub(super) agreed: Option<PublicationId>,
    pub subscription: Subscription,
}

/// An offer that has not been answered.
struct Pending {
    offer: Offer,
    token: SdpPendingOffer,
    added: Vec<(Mid, WantedPublication)>,
    /// For each slot that existed: the publication that was offered in it.
    offered: Vec<Option<PublicationId>>,
}

/// An offer to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub number: u32,
    pub description: String,
    pub tracks: Vec<OfferedTrack>,
    /// The ufrag under which the browser's checks will come after an ICE restart.
    pub restarted_ufrag: Option<String>,
}

impl Subscriber {
    /// One to which the node offers.
    pub(crate) fn new(estimates: bool) -> Self {
        Self { estimates, ..Self::default() }
    }

    /// Sets what is to be received.
    pub(crate) fn want(&mut self, mut wanted: Vec<WantedPublication>) -> Changed {
        let mut seen = FxHashSet::default();
        wanted.retain(|w| seen.insert(w.publication));
        if self.listed.is_some() {
            wanted = self.list(wanted);
        }
        wanted.truncate(MAX_SLOTS);
        let gone: Vec<_> = self.wanted.iter().filter(|w| !wanted.contains(w)).copied().collect();
        let new: Vec<_> = wanted.iter().filter(|w| !self.wanted.contains(w)).copied().collect();
        for slot in &mut self.slots {
            if slot.publication.is_some_and(|p| gone.iter().any(|g| g.publication == p)) {
                slot.publication = None;
                slot.subscription.stop();
            }
        }
        self.wanted = wanted;
        let left = if self.listed.is_some() { self.seat() } else { Vec::new() };
        Changed { gone, new, left }
    }

    /// Whether it has come to receive what it cannot choose from without an estimate. Says so once;
    /// a watcher, who has to make do with its one session, never.
    pub(crate) fn outgrows(&mut self) -> bool {
        let can_be_replaced = !self.estimates && self.listed.is_none();
        can_be_replaced && !std::mem::replace(&mut self.is_outgrown, true)
    }

    /// Says how good pictures are to be.
    pub(crate) fn prefer(&mut self, mut preferences: Vec<Preference>) {
        preferences.truncate(MAX_SLOTS);
        self.preferences = preferences;
    }

    /// Sends as many earlier packets with each packet of sound as the loss calls for: that of all
    /// packets, by transport-wide feedback, or that of sound, by its receiver reports.
    pub(crate) fn protect(&mut self, now: Instant, news: &News) {
        let is_sound = |slot: &Slot| slot.kind == MediaKind::Audio;
        let share = match news {
            News::Peer(peer) => peer.egress_loss_fraction,
            News::Sent(sent) => {
                let slot = self.slots.iter().find(|slot| slot.mid == sent.mid);
                sent.loss.filter(|_| slot.is_some_and(is_sound))
            }
            News::Received(_) => None,
        };
        if let Some(share) = share {
            let is_congested = self.bandwidth.is_congested(now);
            let lost = if is_congested { 0.0 } else { share };
            let level = self.redundancy.lost(now, lost);
            // To send more would lose more.
            let level = if is_congested { 0 } else { level };
            let sounds = self.slots.iter_mut().filter(|slot| is_sound(slot));
            sounds.for_each(|slot| slot.subscription.redundancy = level);
        }
    }

    /// Has str0m send pictures at once: what has to wait does so here, see `pace`.
    pub(crate) fn send_at_once(&self, rtc: &mut Rtc) {
        for slot in self.slots.iter().filter(|slot| slot.kind == MediaKind::Video) {
            if let Some(stream) = rtc.direct_api().stream_tx_by_mid(slot.mid, None) {
                stream.set_unpaced(true);
            }
        }
    }

    /// Everything that is wanted.
    pub(crate) fn wanted(&self) -> &[WantedPublication] {
        &self.wanted
    }

    /// Restarts ICE with the next offer. Returns the one that has to be answered before, if any.
    pub(crate) fn restart_ice(&mut self) -> Option<Offer> {
        self.restart_ice = true;
        self.pending.as_ref().map(|pending| pending.offer.clone())
    }

    /// The next offer, when one is due and none is open.
    pub(crate) fn offer(&mut self, rtc: &mut Rtc) -> Option<Offer> {
        if self.pending.is_some() || self.listed.is_some() {
            return None;
        }
        let unplaced = self.place();
        let mut changes = rtc.sdp_api();
        for slot in self.slots.iter().filter(|s| s.needs_offer()) {
            // Twice, or str0m finds nothing to offer where one publication took another's place.
            changes.set_direction(slot.mid, direction(slot.publication.is_none()));
            changes.set_direction(slot.mid, direction(slot.publication.is_some()));
        }
        let room = MAX_SLOTS.saturating_sub(self.slots.len());
        let added: Vec<_> = unplaced
            .into_iter()
            .take(room)
            .map(|w| {
                let kind = str0m_kind(w.kind);
                (changes.add_media(kind, Direction::SendOnly, None, None, None), w)
            })
            .collect();
        // Without a media section there is no transport to restart.
        let has_sections = !self.slots.is_empty() || !added.is_empty();
        let restart = std::mem::take(&mut self.restart_ice) && has_sections;
        let restarted_ufrag = restart.then(|| changes.ice_restart(true).ufrag);
        let (offer, token) = changes.apply()?;
        self.offers += 1;
        let offered = self.slots.iter().map(|s| s.publication).collect();
        let offer = Offer {
            number: self.offers,
            description: offer.to_sdp_string(),
            tracks: self.tracks(&added),
            restarted_ufrag,
        };
        self.pending = Some(Pending { offer: offer.clone(), token, added, offered });
        Some(offer)
    }

    /// Takes the browser's answer to the open offer.
    pub(crate) fn answer(
        &mut self,
        rtc: &mut Rtc,
        number: u32,
        answer: &str,
    ) -> Result<(), RefusedReason> {
        let is_open = |p: &mut Pending| p.offer.number == number;
        let pending = self.pending.take_if(is_open).ok_or(RefusedReason::StaleOffer)?;
        if answer.len() > MAX_DESCRIPTION {
            return Err(RefusedReason::Invalid);
        }
        let answer = SdpAnswer::from_sdp_string(answer).map_err(|_| RefusedReason::Invalid)?;
        rtc.sdp_api().accept_answer(pending.token, answer).map_err(|_| RefusedReason::Invalid)?;
        for (slot, offered) in self.slots.iter_mut().zip(pending.offered) {
            slot.agreed = offered;
        }
        for (mid, wanted) in pending.added {
            // It may have been taken back while the offer was open.
            let publication = Some(wanted.publication).filter(|_| self.wanted.contains(&wanted));
            self.slots.push(Slot {
                mid,
                kind: wanted.kind,
                publication,
                agreed: Some(wanted.publication),
                subscription: Subscription::default(),
            });
        }
        Ok(())
    }

    /// Slots that carry a publication, that the browser agreed to, and that are not served yet.
    pub(crate) fn ready(&self) -> Vec<usize> {
        let is_ready = |s: &Slot| {
            s.publication.is_some()
                && s.publication == s.agreed
                && s.subscription.stage == Stage::Idle
        };
        (0..).zip(&self.slots).filter(|(_, s)| is_ready(s)).map(|(index, _)| index).collect()
    }

    /// The publication of a media section, and the layer of it that is sent there.
    pub(crate) fn taken_by(&self, mid: Mid) -> Option<(PublicationId, u8)> {
        let slot = self.slots.iter().find(|s| s.mid == mid)?;
        Some((slot.publication?, slot.subscription.layer))
    }

    /// Puts wanted publications into free slots. Returns those for which there is none.
    fn place(&mut self) -> Vec<WantedPublication> {
        let mut unplaced = Vec::new();
        for wanted in &self.wanted {
            if self.slots.iter().any(|s| s.publication == Some(wanted.publication)) {
                continue;
            }
            let free =
                self.slots.iter_mut().find(|s| s.publication.is_none() && s.kind == wanted.kind);
            match free {
                Some(slot) => slot.publication = Some(wanted.publication),
                None => unplaced.push(*wanted),
            }
        }
        unplaced
    }

    fn tracks(&self, added: &[(Mid, WantedPublication)]) -> Vec<OfferedTrack> {
        let placed = self.slots.iter().filter_map(|s| Some((s.mid, s.publication?)));
        let added = added.iter().map(|(mid, w)| (*mid, w.publication));
        placed
            .chain(added)
            .map(|(mid, publication)| OfferedTrack { mid: mid.to_string(), publication })
            .collect()
    }
}

impl Offer {
    /// What the control plane is told.
    pub(crate) fn event(self, session: SessionId) -> Event {
        Event::Offered {
            session,
            offer: self.number,
            description: self.description,
            tracks: self.tracks,
        }
    }
}

impl Slot {
    /// Whether the browser has to be told. Also when one publication took the place of another: the
    /// SDP stays the same then, but not what it carries.
    fn needs_offer(&self) -> bool {
        self.publication != self.agreed
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("offer", &self.offer.number).finish_non_exhaustive()
    }
}

fn direction(is_sending: bool) -> Direction {
    if is_sending { Direction::SendOnly } else { Direction::Inactive }
}

fn str0m_kind(kind: MediaKind) -> Str0mKind {
    match kind {
        MediaKind::Audio => Str0mKind::Audio,
        MediaKind::Video => Str0mKind::Video,
    }
}

/// Media sections of one session: a stage of sixteen with all four sources each.
pub(super) const MAX_SLOTS: usize = 64;
