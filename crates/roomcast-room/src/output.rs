//! What a room wants done.

use std::time::Instant;

use roomcast_protocol::server::ChatMessage;
use roomcast_protocol::{
    MediaKind, ParticipantId, Preference, PublicationId, PublishedLayer, Refusal, ServerMessage,
    TroubleCause, TroublePlace,
};

use crate::happening::Happening;
use crate::input::{ConnectionId, SessionId};
use crate::settings::Settings;

/// Something that the outside must do, in the order in which it is polled.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send to one connection.
    Send {
        /// The connection.
        to: ConnectionId,
        /// The message.
        message: ServerMessage,
    },
    /// Send to every connection that has joined and is not closed.
    Broadcast {
        /// The message: written once, sent to all.
        message: ServerMessage,
    },
    /// Close a connection after what was sent to it.
    Close {
        /// The connection.
        connection: ConnectionId,
    },
    /// Command the media engine.
    Media(MediaCommand),
    /// Keep something in the store.
    Store(StoreCommand),
    /// A participant is gone for good: whatever was given to them is void.
    Departed {
        /// Who.
        participant: ParticipantId,
    },
    /// A participant's media did not get through: for the operator.
    Trouble {
        /// Whose.
        participant: ParticipantId,
        /// Which connection.
        place: TroublePlace,
        /// Who is at the other end of it, if it is a link.
        other: Option<ParticipantId>,
        /// Why, as far as the client can tell.
        cause: TroubleCause,
    },
    /// The answer to [`crate::Input::Operate`]: one to each.
    Operated {
        /// The number that came with it.
        ticket: u64,
        /// Whether it was done, or why not.
        result: Result<(), Refusal>,
    },
    /// Something happened that others may want to know of.
    Happened(Happening),
    /// The room is over: everyone was told. Forget it.
    Ended,
    /// Nothing more for now: call `handle_timeout` at this time, if nothing comes before.
    Timeout(Option<Instant>),
}

/// A command to the media engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaCommand {
    /// Open or renegotiate a publisher session.
    Publish {
        /// The session.
        session: SessionId,
        /// The browser's offer.
        sdp: String,
        /// What its media sections carry.
        tracks: Vec<Track>,
        /// How long it may be silent.
        patience: Patience,
    },
    /// Open or renegotiate a subscriber session in which the peer offers.
    Watch {
        /// The session.
        session: SessionId,
        /// The peer's offer.
        sdp: String,
        /// What it is to receive, in the order of preference, as in [`MediaCommand::Subscribe`].
        publications: Vec<(PublicationId, MediaKind)>,
        /// How long it may be silent.
        patience: Patience,
    },
    /// Open a subscriber session if it is not open; it is to receive just these. In a session that
    /// was opened by [`MediaCommand::Watch`] the first of each kind fill its sections.
    Subscribe {
        /// The session.
        session: SessionId,
        /// The whole list.
        publications: Vec<(PublicationId, MediaKind)>,
    },
    /// How good the pictures of a subscriber session are to be. It is open.
    Prefer {
        /// The session.
        session: SessionId,
        /// The whole list: each a picture that it is to receive.
        preferences: Vec<Preference>,
    },
    /// Answer an offer of a subscriber session.
    Answer {
        /// The session.
        session: SessionId,
        /// The number of the offer.
        offer: u32,
        /// The browser's answer.
        sdp: String,
    },
    /// Restart ICE in a subscriber session.
    RestartIce {
        /// The session.
        session: SessionId,
    },
    /// Stop or resume forwarding.
    Mute {
        /// The publisher session.
        session: SessionId,
        /// The publication.
        publication: PublicationId,
        /// Whether it is stopped.
        muted: bool,
    },
    /// Close a session.
    Close {
        /// The session.
        session: SessionId,
    },
}

/// What one media section of a publisher session carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// The `a=mid` of the media section.
    pub mid: String,
    /// The publication.
    pub publication: PublicationId,
    /// Its layers, as its owner describes them.
    pub layers: Vec<PublishedLayer>,
}

/// For how long a session may be silent before it is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Patience {
    /// As long as a page may take to change its network.
    Resumable,
    /// As short as can be told from a pause: nobody is there to mend it.
    Brief,
}

/// What outlives the node's run.
#[derive(Debug, Clone, PartialEq)]
pub enum StoreCommand {
    /// Append to the history, and keep the last [`roomcast_protocol::limits::CHAT_HISTORY`].
    Chat(ChatMessage),
    /// Whether the chat is open.
    ChatOpen(bool),
    /// What hosts have chosen.
    Settings(Settings),
    /// Forget the room, its chat and its host key.
    Remove,
}
