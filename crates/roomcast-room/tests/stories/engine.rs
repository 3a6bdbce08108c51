//! A media engine without media: it checks what it is told, and answers at once unless it is held.

use std::collections::{BTreeMap, BTreeSet};

use roomcast_protocol::server::OfferedTrack;
use roomcast_protocol::{MediaKind, Preference, PublicationId};
use roomcast_room::{MediaCommand, MediaEvent, SessionId};

use crate::harness::ROOM_NUMBER;

#[derive(Default)]
pub(crate) struct Engine {
    /// While held, it says nothing by itself.
    pub(crate) held: bool,
    /// Whether made-up events may have confused it: it then checks no answers.
    pub(crate) lenient: bool,
    /// Sessions that it was told to open and not to close.
    open_sessions: BTreeSet<SessionId>,
    offers: BTreeMap<SessionId, Offer>,
    /// Sessions of watchers that were answered.
    answered: BTreeSet<SessionId>,
    preferred: BTreeMap<SessionId, Vec<Preference>>,
}

#[derive(Default)]
struct Offer {
    wanted: Vec<(PublicationId, MediaKind)>,
    number: u32,
    open: bool,
    outdated: bool,
    /// Whether the peer offers.
    watching: bool,
}

impl Engine {
    /// Carries out a command; what it says to it.
    pub(crate) fn obey(&mut self, command: &MediaCommand) -> Option<MediaEvent> {
        self.check_session(command);
        self.answer(command)
    }

    /// What a subscriber session is to receive now; nothing if it is closed.
    pub(crate) fn wanted(&self, session: SessionId) -> Option<Vec<PublicationId>> {
        let open = self.open_sessions.contains(&session);
        let offer = self.offers.get(&session).filter(|_| open)?;
        Some(offer.wanted.iter().map(|(publication, _)| *publication).collect())
    }

    /// How good its pictures are to be, as it was told last; nothing said is an empty list.
    pub(crate) fn preferred(&self, session: SessionId) -> Vec<Preference> {
        self.preferred.get(&session).cloned().unwrap_or_default()
    }

    /// Whether the peer offers in a session.
    pub(crate) fn watches(&self, session: SessionId) -> bool {
        self.offers.get(&session).is_some_and(|offer| offer.watching)
    }

    /// Something that a story has it say: a session may be gone by it.
    pub(crate) fn note(&mut self, event: &MediaEvent) {
        if let MediaEvent::Published { session, .. } = event {
            self.answered.insert(*session);
        }
        if let MediaEvent::Closed { session, .. }
        | MediaEvent::Refused { session, gone: true, .. } = event
        {
            self.answered.remove(session);
            self.open_sessions.remove(session);
            self.offers.remove(session);
        }
    }

    /// Commands are for sessions that were opened and not closed.
    fn check_session(&mut self, command: &MediaCommand) {
        let known = match command {
            MediaCommand::Publish { session, .. }
            | MediaCommand::Watch { session, .. }
            | MediaCommand::Subscribe { session, .. } => {
                self.open_sessions.insert(*session);
                true
            }
            MediaCommand::Close { session } => self.open_sessions.remove(session),
            MediaCommand::Answer { session, .. }
            | MediaCommand::RestartIce { session }
            | MediaCommand::Prefer { session, .. }
            | MediaCommand::Mute { session, .. } => self.open_sessions.contains(session),
        };
        assert!(known, "{command:?} for a session that is not open");
    }

    /// A media engine without media.
    fn answer(&mut self, command: &MediaCommand) -> Option<MediaEvent> {
        let (session, restart) = match command {
            MediaCommand::Publish { session, sdp, .. } => {
                let event = MediaEvent::Published { session: *session, sdp: format!("to {sdp}") };
                return (!self.held).then_some(event);
            }
            MediaCommand::Watch { session, publications, .. } => {
                let offer = self.offers.entry(*session).or_default();
                (offer.wanted, offer.watching) = (publications.clone(), true);
                let sdp = format!("answer of {}", session.0);
                let event = MediaEvent::Published { session: *session, sdp };
                return (!self.held).then_some(event);
            }
            MediaCommand::Subscribe { session, publications } => {
                for (PublicationId(id), _) in publications {
                    assert_eq!(id >> 21, u64::from(ROOM_NUMBER));
                }
                let offer = self.offers.entry(*session).or_default();
                offer.wanted = publications.clone();
                if offer.watching {
                    assert!(self.answered.contains(session), "a session that may be refused");
                    return None;
                }
                offer.outdated = true;
                (*session, false)
            }
            MediaCommand::Answer { session, offer, .. } => {
                let known = self.offers.get_mut(session)?;
                let expected = (known.number, known.open) == (*offer, true);
                assert!(expected || self.lenient, "an answer to another offer");
                known.open = false;
                (*session, false)
            }
            MediaCommand::RestartIce { session } => {
                assert!(!self.offers[session].watching, "the peer restarts it");
                (*session, true)
            }
            MediaCommand::Close { session } => {
                self.offers.remove(session);
                self.preferred.remove(session);
                return None;
            }
            MediaCommand::Prefer { session, preferences } => {
                self.preferred.insert(*session, preferences.clone());
                let wanted = self.wanted(*session).unwrap_or_default();
                let received = preferences.iter().all(|p| wanted.contains(&p.publication));
                assert!(received, "{preferences:?} beyond {wanted:?}");
                return None;
            }
            MediaCommand::Mute { .. } => return None,
        };
        self.offer(session, restart)
    }

    fn offer(&mut self, session: SessionId, restart: bool) -> Option<MediaEvent> {
        if self.held {
            return None;
        }
        let offer = self.offers.get_mut(&session)?;
        if !restart && (offer.open || !offer.outdated) {
            return None;
        }
        (offer.open, offer.outdated) = (true, false);
        offer.number += 1;
        let tracks = offer.wanted.iter().enumerate().map(|(mid, (publication, _))| OfferedTrack {
            mid: mid.to_string(),
            publication: *publication,
        });
        let (number, tracks) = (offer.number, tracks.collect());
        Some(MediaEvent::Offer {
            session,
            offer: number,
            sdp: format!("offer {number} of {}", session.0),
            tracks,
        })
    }
}
