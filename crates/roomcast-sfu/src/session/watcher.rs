//! A subscriber session in which the peer offers: a player that speaks WHEP, say. Its receiving
//! sections are all the slots that there ever are, and it hears nothing of changes: what is most
//! wanted is in the first slot of its kind, what comes second in the second. A player that is told
//! nothing can tell a screen from a camera by this order alone, so it is kept by moving publications
//! when the list changes, and what follows in a slot goes on with the numbers of what was there.

use str0m::Rtc;

use super::peer_offer::{PeerOffer, accept};
use super::subscriber::{Slot, Subscriber};
use super::subscription::Subscription;
use crate::command::WantedPublication;
use crate::event::RefusedReason;
use crate::ids::PublicationId;
use crate::media::MediaKind;

impl Subscriber {
    /// One whose peer offers.
    pub(crate) fn watcher(estimates: bool) -> Self {
        let mut watcher = Self::new(estimates);
        watcher.listed = Some(Vec::new());
        watcher
    }

    /// Takes the peer's offer.
    pub(crate) fn watch(
        &mut self,
        rtc: &mut Rtc,
        offer: &PeerOffer,
    ) -> Result<String, RefusedReason> {
        let answer = accept(rtc, offer)?;
        for (mid, kind) in offer.flowing() {
            let is_known = self.slots.iter().any(|slot| slot.mid == mid);
            let is_sending = rtc.media(mid).is_some_and(|media| media.direction().is_sending());
            if is_sending && !is_known {
                let subscription = Subscription::default();
                let (publication, agreed) = (None, None);
                self.slots.push(Slot { mid, kind, publication, agreed, subscription });
            }
        }
        if self.slots.is_empty() { Err(RefusedReason::Unusable) } else { Ok(answer) }
    }

    /// Whether the peer offers.
    pub(crate) fn watches(&self) -> bool {
        self.listed.is_some()
    }

    /// Keeps the list, and returns that part of it for which there are slots.
    pub(super) fn list(&mut self, listed: Vec<WantedPublication>) -> Vec<WantedPublication> {
        let first = |kind| {
            let slots = self.slots.iter().filter(|slot| slot.kind == kind).count();
            listed.iter().filter(move |w| w.kind == kind).take(slots).copied()
        };
        let seated = first(MediaKind::Video).chain(first(MediaKind::Audio)).collect();
        self.listed = Some(listed);
        seated
    }

    /// Puts what is wanted into the slots, in order. Returns the slots that something else was in.
    pub(super) fn seat(&mut self) -> Vec<(usize, PublicationId)> {
        let mut left = Vec::new();
        for kind in [MediaKind::Video, MediaKind::Audio] {
            let mut wanted = self.wanted.iter().filter(|w| w.kind == kind).map(|w| w.publication);
            let slots = (0..).zip(&mut self.slots).filter(|(_, slot)| slot.kind == kind);
            for (index, slot) in slots {
                let next = wanted.next();
                if slot.publication != next {
                    left.extend(slot.publication.map(|publication| (index, publication)));
                    slot.subscription.stop();
                    slot.publication = next;
                }
                // The peer has agreed to whatever comes.
                slot.agreed = next;
            }
        }
        left
    }
}
