//! The words of the media engine and those of rooms: one for the other.

use roomcast_engine as engine;
use roomcast_engine::{ClosedReason, Event, RefusedReason};
use roomcast_protocol::server::OfferedTrack;
use roomcast_protocol::{
    Codec, ErrorCode, MediaKind, Preference, PublicationId, PublicationTrouble, PublishedLayer,
    Quality, Reception, Refusal, Standing,
};
use roomcast_room::{MediaCommand, MediaEvent, Patience, SessionId, Track};

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
        Event::LayersWanted { session, publication, layers } => (
            id(session),
            MediaEvent::LayersWanted {
                session: id(session),
                publication: PublicationId(publication.0),
                layers,
            },
        ),
        Event::Reception { session, reception } => (
            id(session),
            MediaEvent::Reception { session: id(session), reception: reception_of(reception) },
        ),
        Event::Outgrown { session } => (id(session), MediaEvent::Outgrown { session: id(session) }),
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

fn reception_of(reception: engine::Reception) -> Reception {
    let engine::Reception { standing, available, loss_percent } = reception;
    Reception {
        standing: match standing {
            engine::Standing::Good => Standing::Good,
            engine::Standing::Limited => Standing::Limited,
            engine::Standing::Poor => Standing::Poor,
        },
        available: available.map(|bits| u32::try_from(bits).unwrap_or(u32::MAX)),
        loss_percent,
    }
}

/// A command in the engine's words.
pub(super) fn to_engine(command: MediaCommand) -> engine::Command {
    match command {
        MediaCommand::Publish { session, sdp, tracks, patience } => engine::Command::Publish {
            session: session_id(session),
            offer: sdp,
            tracks: tracks.into_iter().map(track_of).collect(),
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
        MediaCommand::Prefer { session, preferences } => engine::Command::Prefer {
            session: session_id(session),
            preferences: preferences.into_iter().map(preference_of).collect(),
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

fn track_of(track: Track) -> engine::PublishedTrack {
    let layer = |PublishedLayer { rid, bitrate, width, height }| engine::OfferedLayer {
        rid,
        bitrate: bitrate.into(),
        size: size_of(width, height),
    };
    engine::PublishedTrack {
        mid: track.mid,
        publication: publication_id(track.publication),
        layers: track.layers.into_iter().map(layer).collect(),
    }
}

fn preference_of(preference: Preference) -> engine::Preference {
    engine::Preference {
        publication: publication_id(preference.publication),
        quality: match preference.quality {
            Quality::Auto => engine::Quality::Auto,
            Quality::Low => engine::Quality::Low,
            Quality::Medium => engine::Quality::Medium,
            Quality::High => engine::Quality::High,
            Quality::Paused => engine::Quality::Paused,
        },
        size: size_of(preference.width, preference.height),
        spotlight: preference.spotlight,
    }
}

/// A size of which one side is 0 is not known.
fn size_of(width: u16, height: u16) -> Option<(u16, u16)> {
    (width > 0 && height > 0).then_some((width, height))
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
    fn what_is_said_about_quality_arrives_in_the_words_of_the_engine() {
        let preference = Preference {
            publication: PublicationId(7),
            quality: Quality::Paused,
            width: 640,
            height: 0,
            spotlight: true,
        };
        let session = SessionId(9);
        let prefer = MediaCommand::Prefer { session, preferences: vec![preference] };
        let expected = engine::Preference {
            publication: engine::PublicationId(7),
            quality: engine::Quality::Paused,
            size: None,
            spotlight: true,
        };
        let engine::Command::Prefer { session, preferences } = to_engine(prefer) else {
            panic!("another command");
        };
        assert_eq!((session.0, preferences), (9, vec![expected]));
        let layer = PublishedLayer { rid: "q".into(), bitrate: 150_000, width: 320, height: 180 };
        let track = Track { mid: "0".into(), publication: PublicationId(7), layers: vec![layer] };
        let [layer] = &track_of(track).layers[..] else { panic!("not one layer") };
        assert_eq!(
            (layer.rid.as_str(), layer.bitrate, layer.size),
            ("q", 150_000, Some((320, 180)))
        );
    }

    #[test]
    fn what_the_engine_says_about_quality_arrives_in_the_words_of_the_room() {
        let session = engine::SessionId(9);
        let reception = engine::Reception {
            standing: engine::Standing::Limited,
            available: Some(u64::MAX),
            loss_percent: 3,
        };
        let (_, event) = to_room(Event::Reception { session, reception }).unwrap();
        let MediaEvent::Reception { session: SessionId(9), reception } = event else {
            panic!("another event");
        };
        let session = engine::SessionId(9);
        let expected = (Standing::Limited, Some(u32::MAX), 3);
        assert_eq!((reception.standing, reception.available, reception.loss_percent), expected);
        let publication = engine::PublicationId(7);
        let wanted = Event::LayersWanted { session, publication, layers: vec!["q".into()] };
        let Some((_, MediaEvent::LayersWanted { publication, layers, .. })) = to_room(wanted)
        else {
            panic!("another event");
        };
        assert_eq!((publication, layers), (PublicationId(7), vec!["q".to_owned()]));
    }

    #[test]
    fn every_refusal_has_a_code() {
        assert_eq!(refused(RefusedReason::Invalid).code, ErrorCode::SdpInvalid);
        assert_eq!(refused(RefusedReason::Unusable).code, ErrorCode::SdpUnusable);
        assert_eq!(refused(RefusedReason::StaleOffer).code, ErrorCode::OfferStale);
        assert_eq!(refused(RefusedReason::Full).code, ErrorCode::NodeFull);
        assert_eq!(closed(ClosedReason::Timeout).code, ErrorCode::MediaTimeout);
    }
}
