//! Media events on their way from the shards to the rooms, and the two vocabularies in between.

use std::collections::HashMap;

use roomcast_engine as engine;
use roomcast_engine::{ClosedReason, Event, RefusedReason};
use roomcast_protocol::server::OfferedTrack;
use roomcast_protocol::{Codec, ErrorCode, MediaKind, PublicationId, Refusal};
use roomcast_room::{MediaCommand, MediaEvent, SessionId};
use tokio::sync::mpsc;

/// What travels to the router.
#[derive(Debug)]
pub(crate) enum Routed {
    /// A room begins: its number, and where its events go.
    Opened(u32, mpsc::Sender<MediaEvent>),
    /// A room is over.
    Closed(u32),
    /// A shard reports.
    Event(Event),
}

/// Events of all rooms that may wait: each of 10,000 viewers is told of a new publication at once,
/// with several events each.
const QUEUE: usize = 65_536;

/// Events of one room that may wait.
pub(super) const ROOM_QUEUE: usize = 32_768;

/// Starts the router; it ends behind the last sender.
pub(crate) fn events() -> mpsc::Sender<Routed> {
    let (sender, queue) = mpsc::channel(QUEUE);
    tokio::spawn(route(queue));
    sender
}

async fn route(mut queue: mpsc::Receiver<Routed>) {
    let mut rooms = HashMap::new();
    while let Some(routed) = queue.recv().await {
        match routed {
            Routed::Opened(number, room) => {
                rooms.insert(number, room);
            }
            Routed::Closed(number) => {
                rooms.remove(&number);
            }
            Routed::Event(event) => {
                let Some((session, event)) = to_room(event) else { continue };
                // A room that is over closed its sessions; what they still say is of no interest.
                let Some(room) = rooms.get(&room_of(session)) else { continue };
                if let Err(mpsc::error::TrySendError::Full(_)) = room.try_send(event) {
                    tracing::error!(room = room_of(session), "bug: a room's media queue is full");
                }
            }
        }
    }
}

/// The room's number stands in the upper half of each of its session ids.
fn room_of(session: SessionId) -> u32 {
    u32::try_from(session.0 >> 32).unwrap_or_default()
}

/// An event in the room's words.
fn to_room(event: Event) -> Option<(SessionId, MediaEvent)> {
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
        Event::PublicationStarted { .. } | Event::PublicationTrouble { .. } => return None,
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

/// A command in the engine's words.
pub(super) fn to_engine(command: MediaCommand) -> engine::Command {
    let id = |session: SessionId| engine::SessionId(session.0);
    let publication_id = |publication: PublicationId| engine::PublicationId(publication.0);
    match command {
        MediaCommand::Publish { session, sdp, tracks, patience: _ } => engine::Command::Publish {
            session: id(session),
            offer: sdp,
            patience: engine::Patience::Resumable,
            tracks: tracks
                .into_iter()
                .map(|(mid, publication)| engine::PublishedTrack {
                    mid,
                    publication: publication_id(publication),
                })
                .collect(),
        },
        MediaCommand::Subscribe { session, publications } => engine::Command::Subscribe {
            session: id(session),
            publications: publications
                .into_iter()
                .map(|(publication, kind)| engine::WantedPublication {
                    publication: publication_id(publication),
                    kind: match kind {
                        MediaKind::Audio => engine::MediaKind::Audio,
                        MediaKind::Video => engine::MediaKind::Video,
                    },
                })
                .collect(),
        },
        MediaCommand::Watch { session, .. } => engine::Command::Close { session: id(session) },
        MediaCommand::Answer { session, offer, sdp } => {
            engine::Command::Answer { session: id(session), offer, answer: sdp }
        }
        MediaCommand::RestartIce { session } => {
            engine::Command::RestartIce { session: id(session) }
        }
        MediaCommand::Mute { session, publication, muted } => engine::Command::Mute {
            session: id(session),
            publication: publication_id(publication),
            muted,
        },
        MediaCommand::Close { session } => engine::Command::Close { session: id(session) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn events_reach_the_room_whose_number_their_session_bears() {
        let routes = events();
        let (first, mut at_first) = mpsc::channel(4);
        let (second, mut at_second) = mpsc::channel(4);
        for routed in [
            Routed::Opened(1, first),
            Routed::Opened(2, second),
            Routed::Event(Event::Connected { session: engine::SessionId((2 << 32) | 9) }),
            Routed::Event(Event::Connected { session: engine::SessionId((7 << 32) | 9) }),
            Routed::Closed(1),
            Routed::Event(Event::Connected { session: engine::SessionId((1 << 32) | 9) }),
        ] {
            routes.send(routed).await.unwrap();
        }
        drop(routes);
        let event = at_second.recv().await.unwrap();
        assert!(matches!(event, MediaEvent::Connected { session } if session.0 == (2 << 32) | 9));
        assert!(at_second.recv().await.is_none());
        assert!(at_first.recv().await.is_none());
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
