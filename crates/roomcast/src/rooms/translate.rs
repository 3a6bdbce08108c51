//! The words of the media engine and those of rooms: one for the other.

use roomcast_engine as engine;
use roomcast_engine::{ClosedReason, Event, RefusedReason};
use roomcast_protocol::server::OfferedTrack;
use roomcast_protocol::{Codec, ErrorCode, MediaKind, PublicationId, PublicationTrouble, Refusal};
use roomcast_room::{MediaCommand, MediaEvent, Patience, SessionId};

/// An event in the room's words.
pub(super) fn to_room(event: Event) -> Option<(SessionId, MediaEvent)> {
    let id = |session: engine::SessionId| SessionId(session.0);
    let (session, event) = match event {
        Event::Answered { session, answer } => {
            (id(session), MediaEvent::Published { session: id(session), sdp: answer })
        }
        Event::Refused { session, reason, gone, .. } => (
            id(session),
            MediaEvent::Refused { session: id(session), gone, refusal: refused(reason) },
        ),
        Event::Offered { session, offer, description, tracks } => {
            let tracks = tracks
                .into_iter()
                .map(|track| OfferedTrack {
                    mid: track.mid,
                    publication: PublicationId(track.publication.0),
                })
                .collect();
            let session = id(session);
            (session, MediaEvent::Offer { session, offer, sdp: description, tracks })
        }
        Event::Connected { session } => {
            (id(session), MediaEvent::Connected { session: id(session) })
        }
        // Subscribers hear of it by their own subscriptions.
        Event::PublicationStarted { .. } => return None,
        Event::LayersWanted { .. } | Event::Reception { .. } => return None,
        Event::PublicationTrouble { session, publication, trouble, over } => (
            id(session),
            MediaEvent::PublicationTrouble {
                session: id(session),
                publication: PublicationId(publication.0),
                trouble: trouble_of(trouble),
                over,
            },
        ),
        Event::Subscription { session, publication, decodable, codec } => (
            id(session),
            MediaEvent::Subscription {
                session: id(session),
                publication: PublicationId(publication.0),
                decodable,
                codec: codec_of(codec),
            },
        ),
        Event::Closed { session, reason } => {
            (id(session), MediaEvent::Closed { session: id(session), refusal: closed(reason) })
        }
    };
    Some((session, event))
}

fn refused(reason: RefusedReason) -> Refusal {
    let (code, message) = match reason {
        RefusedReason::Invalid => {
            (ErrorCode::SdpInvalid, "the session description cannot be read, or does not fit")
        }
        RefusedReason::Unusable => {
            (ErrorCode::SdpUnusable, "the session description offers nothing that is forwarded")
        }
        RefusedReason::StaleOffer => {
            (ErrorCode::OfferStale, "a later offer took the place of the one that is answered")
        }
        RefusedReason::Full => (ErrorCode::NodeFull, "this node has no room for another session"),
        RefusedReason::UnknownSession => (ErrorCode::OfferStale, "this session is over"),
    };
    Refusal::new(code, message)
}

fn closed(reason: ClosedReason) -> Refusal {
    let (code, message) = match reason {
        ClosedReason::Timeout => {
            (ErrorCode::MediaTimeout, "nothing came from this session for too long")
        }
        ClosedReason::ByPeer => (ErrorCode::MediaTimeout, "the browser closed this session"),
        ClosedReason::Failed => (ErrorCode::Internal, "this session failed"),
    };
    Refusal::new(code, message)
}

fn codec_of(codec: engine::Codec) -> Codec {
    match codec {
        engine::Codec::Opus => Codec::Opus,
        engine::Codec::Vp8 => Codec::Vp8,
        engine::Codec::Vp9 => Codec::Vp9,
        engine::Codec::H264 => Codec::H264,
        engine::Codec::Av1 => Codec::Av1,
    }
}

fn trouble_of(trouble: engine::PublicationTrouble) -> PublicationTrouble {
    use engine::PublicationTrouble as T;
    match trouble {
        T::NoKeyFrame => PublicationTrouble::NoKeyFrame,
        T::BFrames => PublicationTrouble::BFrames,
        T::Loss { percent } => PublicationTrouble::Loss { percent },
    }
}

/// A command in the engine's words.
pub(super) fn to_engine(command: MediaCommand) -> engine::Command {
    match command {
        MediaCommand::Publish { session, sdp, tracks, patience } => engine::Command::Publish {
            session: session_id(session),
            offer: sdp,
            tracks: tracks
                .into_iter()
                .map(|(mid, id)| engine::PublishedTrack {
                    mid,
                    publication: publication_id(id),
                    layers: Vec::new(),
                })
                .collect(),
            patience: patience_of(patience),
        },
        MediaCommand::Watch { session, sdp, publications, patience } => engine::Command::Watch {
            session: session_id(session),
            offer: sdp,
            publications: wanted(publications),
            patience: patience_of(patience),
        },
        MediaCommand::Subscribe { session, publications } => engine::Command::Subscribe {
            session: session_id(session),
            publications: wanted(publications),
        },
        MediaCommand::Answer { session, offer, sdp } => {
            engine::Command::Answer { session: session_id(session), offer, answer: sdp }
        }
        MediaCommand::RestartIce { session } => {
            engine::Command::RestartIce { session: session_id(session) }
        }
        MediaCommand::Mute { session, publication, muted } => engine::Command::Mute {
            session: session_id(session),
            publication: publication_id(publication),
            muted,
        },
        MediaCommand::Close { session } => engine::Command::Close { session: session_id(session) },
    }
}

fn session_id(session: SessionId) -> engine::SessionId {
    engine::SessionId(session.0)
}

fn publication_id(publication: PublicationId) -> engine::PublicationId {
    engine::PublicationId(publication.0)
}

fn wanted(publications: Vec<(PublicationId, MediaKind)>) -> Vec<engine::WantedPublication> {
    let one = |(publication, kind)| engine::WantedPublication {
        publication: publication_id(publication),
        kind: match kind {
            MediaKind::Audio => engine::MediaKind::Audio,
            MediaKind::Video => engine::MediaKind::Video,
        },
    };
    publications.into_iter().map(one).collect()
}

fn patience_of(patience: Patience) -> engine::Patience {
    match patience {
        Patience::Resumable => engine::Patience::Resumable,
        Patience::Brief => engine::Patience::Brief,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_code() {
        assert_eq!(refused(RefusedReason::Invalid).code, ErrorCode::SdpInvalid);
        assert_eq!(refused(RefusedReason::Unusable).code, ErrorCode::SdpUnusable);
        assert_eq!(refused(RefusedReason::StaleOffer).code, ErrorCode::OfferStale);
        assert_eq!(refused(RefusedReason::Full).code, ErrorCode::NodeFull);
        assert_eq!(closed(ClosedReason::Timeout).code, ErrorCode::MediaTimeout);
    }
}
