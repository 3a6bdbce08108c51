//! What the control plane is told.

use crate::ids::{PublicationId, SessionId};
use crate::media::Codec;
use crate::quality::Reception;
use crate::trouble::PublicationTrouble;

/// Something that happened to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The answer to [`crate::Command::Publish`] or [`crate::Command::Watch`].
    Answered {
        /// The publisher or the watching session.
        session: SessionId,
        /// The whole SDP answer.
        answer: String,
    },
    /// An offer or an answer of the browser could not be taken. A session that this was to open
    /// does not exist; one that existed before goes on as it was.
    Refused {
        /// The session.
        session: SessionId,
        /// The number of the offer, when an answer to it was refused.
        offer: Option<u32>,
        /// Why.
        reason: RefusedReason,
        /// Whether there is no such session (any more): it has to be opened anew.
        gone: bool,
    },
    /// A subscriber session offers; [`crate::Command::Answer`] is expected.
    Offered {
        /// The subscriber session.
        session: SessionId,
        /// The number of this offer, rising by one within the session, from 1. One that is open
        /// when ICE is to be restarted is repeated as it was; the restart follows its answer.
        offer: u32,
        /// The whole SDP offer.
        description: String,
        /// What each media section that sends carries.
        tracks: Vec<OfferedTrack>,
    },
    /// ICE and DTLS of a session are up.
    Connected {
        /// Either kind of session.
        session: SessionId,
    },
    /// The first packet of a publication came in, or its codec changed.
    PublicationStarted {
        /// The publisher session.
        session: SessionId,
        /// The publication.
        publication: PublicationId,
        /// The codec in which it is sent.
        codec: Codec,
    },
    /// A publisher does something that spoils its publication, or has ceased to. Told once each way.
    PublicationTrouble {
        /// The publisher session.
        session: SessionId,
        /// The publication.
        publication: PublicationId,
        /// What is wrong.
        trouble: PublicationTrouble,
        /// Whether it has ended.
        over: bool,
    },
    /// Which layers of a publication anyone takes, or may take at once, has changed. The others need
    /// not be sent. Only told of publications with several layers.
    LayersWanted {
        /// The publisher session.
        session: SessionId,
        /// The publication.
        publication: PublicationId,
        /// The `a=rid`s of the layers.
        layers: Vec<String>,
    },
    /// How what is sent to a subscriber session arrives has changed: in its standing, or by enough in
    /// its figures while the standing is not good.
    Reception {
        /// The subscriber session.
        session: SessionId,
        /// How it is now.
        reception: Reception,
    },
    /// A subscriber session was opened when all pictures came in one layer, so that it need not find out
    /// what its network carries; now one comes in several. Whoever wants the layer that fits opens
    /// another session in its place. Said once; it goes on with the best layers.
    Outgrown {
        /// The subscriber session.
        session: SessionId,
    },
    /// A subscription began to be served, or cannot be.
    Subscription {
        /// The subscriber session.
        session: SessionId,
        /// The publication.
        publication: PublicationId,
        /// Whether the receiver can decode it.
        decodable: bool,
        /// The codec in which it is published.
        codec: Codec,
    },
    /// The session is gone. Not sent for a session that a [`crate::Command::Close`] closed.
    Closed {
        /// Either kind of session.
        session: SessionId,
        /// Why.
        reason: ClosedReason,
    },
}

/// What a media section of an offer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedTrack {
    /// The `a=mid` of the media section.
    pub mid: String,
    /// The publication that it carries.
    pub publication: PublicationId,
}

/// Why a session description was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedReason {
    /// It cannot be parsed, or contradicts what was negotiated before.
    Invalid,
    /// It offers no media that can be received here, or no codec that is forwarded.
    Unusable,
    /// The offer that it answers is void.
    StaleOffer,
    /// The shard or the session has no room for it.
    Full,
    /// There is no such session (any more).
    UnknownSession,
}

/// Why a session ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedReason {
    /// Nothing came from the peer for too long: the network is gone, or it never was there.
    Timeout,
    /// The peer closed DTLS.
    ByPeer,
    /// The peer broke a protocol beyond repair, or the session's code failed.
    Failed,
}
