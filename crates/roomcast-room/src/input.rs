//! What a room is told.

use std::time::Instant;

use roomcast_protocol::server::{ChatMessage, OfferedTrack};
use roomcast_protocol::{
    ClientMessage, Codec, DisplayName, ParticipantId, PublicationId, PublicationTrouble, Reception,
    Refusal, Request, RoomName, Topology,
};

use crate::admission::Admission;
use crate::settings::Settings;

/// One WebSocket connection, chosen by the shell, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// One media session, chosen by the room: its number in the upper half, a counter in the lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For deadlines.
    pub monotonic: Instant,
    /// For people: milliseconds since 1970.
    pub unix_ms: u64,
}

/// How a room begins: newly opened, or taken from the store after a restart of the node.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its name.
    pub name: RoomName,
    /// Whether it is newly opened.
    pub fresh: bool,
    /// A number that no other room of this run of the node has or had. Session ids have it in their
    /// upper half, publication ids above their lowest 21 bits.
    pub number: u32,
    /// Whether participants other than hosts may chat.
    pub chat_open: bool,
    /// What hosts have chosen.
    pub settings: Settings,
    /// How its media is to travel unless a host has chosen.
    pub topology: Topology,
    /// Receivers of one publisher up to which [`Topology::Auto`] uses links.
    pub p2p_max_links: usize,
    /// The last messages, oldest first.
    pub chat: Vec<ChatMessage>,
    /// Participants that it may have.
    pub max_participants: usize,
    /// The node's program and version, for `welcome`.
    pub server: String,
    /// Where others reach the node, for a host's `welcome`.
    pub origins: Vec<String>,
}

/// Something that happened outside the room.
#[derive(Debug, Clone)]
pub enum Input {
    /// A connection sent a valid `join` for this room.
    Join(Join),
    /// A connection that joined sent another request.
    Request {
        /// The connection.
        connection: ConnectionId,
        /// The request.
        request: Request,
    },
    /// A connection is gone. Its participant may resume within the grace period.
    Disconnected {
        /// The connection.
        connection: ConnectionId,
    },
    /// An operator of the node wants something done, with the right to moderate. Answered by
    /// [`crate::Output::Operated`].
    Operate {
        /// Chosen by the shell, for the answer.
        ticket: u64,
        /// What is wanted, as a host would say it.
        message: ClientMessage,
    },
    /// The media engine reports.
    Media(MediaEvent),
    /// The node goes down: everyone is told, nothing is forgotten in the store.
    Shutdown,
}

/// A `join` whose name has been checked and whose secrets have been verified by the shell.
#[derive(Debug, Clone)]
pub struct Join {
    /// The connection that asks.
    pub connection: ConnectionId,
    /// The id of the request, for the answer.
    pub re: Option<u32>,
    /// The name to go by.
    pub name: DisplayName,
    /// With which right they come.
    pub admission: Admission,
    /// The host key to hand out, when this `join` opened the room.
    pub host_key: Option<String>,
    /// Whether the client can hold links.
    pub links: bool,
    /// The resume token that came with it, as sent.
    pub resume: Option<String>,
    /// The id to use if this becomes a new participant: random, unique.
    pub fresh_participant: ParticipantId,
    /// The resume token to use from now on: random, secret.
    pub fresh_resume: String,
}

/// What the media engine reports about a session of this room.
#[derive(Debug, Clone)]
pub enum MediaEvent {
    /// The answer to [`crate::MediaCommand::Publish`] or [`crate::MediaCommand::Watch`].
    Published {
        /// The session.
        session: SessionId,
        /// The SDP answer.
        sdp: String,
    },
    /// A session description was refused.
    Refused {
        /// The session.
        session: SessionId,
        /// Whether there is no such session (any more).
        gone: bool,
        /// Why.
        refusal: Refusal,
    },
    /// A subscriber session offers.
    Offer {
        /// The subscriber session.
        session: SessionId,
        /// The number of the offer within the session, from 1.
        offer: u32,
        /// The SDP offer.
        sdp: String,
        /// What its media sections carry.
        tracks: Vec<OfferedTrack>,
    },
    /// A session's media is up.
    Connected {
        /// The session.
        session: SessionId,
    },
    /// A subscription began to be served, or cannot be decoded by its receiver.
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
    /// Something is wrong with a publication as it comes in, or not any more.
    PublicationTrouble {
        /// The publisher session.
        session: SessionId,
        /// The publication.
        publication: PublicationId,
        /// What is wrong.
        trouble: PublicationTrouble,
        /// Whether that is over.
        over: bool,
    },
    /// Which layers of a publication anyone takes, or may take at once, has changed.
    LayersWanted {
        /// The publisher session.
        session: SessionId,
        /// The publication.
        publication: PublicationId,
        /// The `a=rid`s of all of them.
        layers: Vec<String>,
    },
    /// How what is sent to a receiver arrives has changed.
    Reception {
        /// The subscriber session.
        session: SessionId,
        /// How it is now.
        reception: Reception,
    },
    /// A subscriber session has come to receive what another one, opened now, would receive in the
    /// quality that fits. It goes on until it is closed.
    Outgrown {
        /// The session.
        session: SessionId,
    },
    /// A session ended by itself.
    Closed {
        /// The session.
        session: SessionId,
        /// Why.
        refusal: Refusal,
    },
}
