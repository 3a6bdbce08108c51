//! Messages from the node to a client.

mod ice;
mod room;

pub use ice::IceServer;
pub use room::{
    AudienceMember, ChatMessage, NamedParticipant, OfferedTrack, Publication, Role, RoomState,
    SessionKind, StageMember, SubscriptionState,
};

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Refusal};
use crate::ids::{ParticipantId, PublicationId};
use crate::link::{LinkEntry, LinkSignal, Stream};
use crate::media::{Codec, Source};
use crate::quality::{Reception, Struggling};
use crate::trouble::PublicationTrouble;

/// What the node says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ServerMessage {
    /// The answer to `join`.
    Welcome(Box<Welcome>),
    /// A request was carried out.
    Ok {
        /// The id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u32>,
    },
    /// A request was refused. Nothing else has changed; the connection stays open.
    Error {
        /// The id of the request, where it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u32>,
        /// Why.
        #[serde(flatten)]
        refusal: Refusal,
    },
    /// The room after a change: who is on stage and with what, and the settings.
    Room(RoomState),
    /// How many watch. Sent at most once a second.
    AudienceCount {
        /// Viewers who are connected.
        count: u32,
    },
    /// Someone said something.
    Chat {
        /// The message.
        message: ChatMessage,
    },
    /// The answer to `publish`.
    Published {
        /// The id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u32>,
        /// The whole session description.
        sdp: String,
    },
    /// The answer to `watch`.
    Watching {
        /// The id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u32>,
        /// The whole session description.
        sdp: String,
    },
    /// The node offers (or offers anew) the subscriber session; the client answers with `answer`.
    Offer {
        /// The number of this offer. It rises with each offer to this participant, over all of its
        /// sessions; a later one makes it void.
        offer: u32,
        /// The whole session description.
        sdp: String,
        /// What each media section that sends carries.
        tracks: Vec<OfferedTrack>,
        /// Whether this opens a new subscriber session: drop the peer connection of an older one.
        /// Stays so until an offer of the session was answered.
        fresh: bool,
    },
    /// Whether a publication reaches this participant.
    Subscription {
        /// Which publication.
        publication: PublicationId,
        /// How it stands.
        state: SubscriptionState,
        /// The codec in which it is published, once that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        codec: Option<Codec>,
    },
    /// The node closed one of this participant's sessions. The client may open it again.
    SessionClosed {
        /// Which one.
        session: SessionKind,
        /// Why.
        #[serde(flatten)]
        refusal: Refusal,
    },
    /// The answer to `audience`.
    AudiencePage {
        /// The id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u32>,
        /// The participants, in the order in which they came.
        participants: Vec<AudienceMember>,
        /// Whether more come behind the last one.
        more: bool,
    },
    /// The answer to `ping`.
    Pong {
        /// The id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u32>,
    },
    /// The answer to `join` while a host has to let the client in: `welcome` without `re` or a
    /// `goodbye` with `denied` follows.
    Waiting {
        /// The id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u32>,
    },
    /// The role of this participant has changed.
    Role {
        /// What they may do now.
        role: Role,
    },
    /// A host has lowered this participant's hand.
    HandLowered,
    /// The links that this participant is to hold: the whole list, after each change.
    Links {
        /// Whether everyone in the room is in this list and can hold links.
        mesh: bool,
        /// Whether this participant has to publish at the node, because someone receives it there.
        node: bool,
        /// The others. Close a link that is not listed any more or whose number has changed.
        links: Vec<LinkEntry>,
    },
    /// What the other side of a link says.
    Link {
        /// The other side.
        from: ParticipantId,
        /// The number of the link.
        link: u32,
        /// What it says.
        #[serde(flatten)]
        signal: LinkSignal,
    },
    /// Data of a participant to whom there is no link.
    Direct {
        /// Who sent it.
        from: ParticipantId,
        /// What it belongs to.
        stream: Stream,
        /// The data.
        data: String,
    },
    /// To hosts: the raised hands.
    Hands {
        /// Those who raised them, the longest up first.
        hands: Vec<NamedParticipant>,
    },
    /// To hosts: who waits to be let in.
    WaitingList {
        /// The first who came first.
        participants: Vec<NamedParticipant>,
    },
    /// To the owner of a publication and to hosts: something is wrong with it, or not any more.
    PublicationTrouble {
        /// Whose publication.
        participant: ParticipantId,
        /// Which of them.
        source: Source,
        /// What is wrong.
        trouble: PublicationTrouble,
        /// Whether that is over.
        over: bool,
    },
    /// To the owner of a publication that is sent in several layers: those that someone takes, or may
    /// take at once. The others need not be encoded.
    Layers {
        /// Which publication.
        source: Source,
        /// The `a=rid`s of the layers.
        wanted: Vec<String>,
    },
    /// How what the node sends reaches this participant, after a change.
    Reception(Reception),
    /// To hosts: whose reception is not good, after a change.
    Struggling {
        /// The worst first, [`crate::limits::MAX_STRUGGLING`] at most.
        participants: Vec<Struggling>,
        /// How many there are in all.
        count: u32,
    },
    /// New credentials, before the old ones run out.
    IceServers {
        /// The whole list.
        ice_servers: Vec<IceServer>,
    },
    /// The last message of a connection: it is closed, and this is why.
    Goodbye {
        /// What the client may do next depends on this: `left`, `replaced`, `removed`,
        /// `denied` and `room-ended` are final; after `shutting-down`, `slow-reader` and `rate-limited` it may
        /// come back.
        code: ErrorCode,
        /// The same for a person.
        message: String,
    },
}

/// The answer to `join`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub re: Option<u32>,
    /// The version of the protocol that is spoken from here on.
    pub version: u32,
    /// The node's program and version, for bug reports.
    pub server: String,
    /// Who this client is.
    pub participant: ParticipantId,
    /// The name it goes by.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The secret with which a later `join` takes up this participant again, for
    /// [`Welcome::resume_seconds`] after the connection is lost.
    pub resume: String,
    /// For how long.
    pub resume_seconds: u32,
    /// Whether an earlier participant was taken up: its sessions and publications are still there.
    pub resumed: bool,
    /// The host key: only for the one whose `join` opened the room, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_key: Option<String>,
    /// The room.
    pub room: RoomState,
    /// How many watch.
    pub audience: u32,
    /// The last messages, oldest first, as many as fit into
    /// [`crate::limits::MAX_CHAT_HISTORY_BYTES`].
    pub chat: Vec<ChatMessage>,
    /// Where others reach this node, the best first: an origin (`scheme://host:port`) each, to which
    /// the room's path is added. Told to hosts only; empty when the node knows none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// ICE servers for links, and for sessions that cannot reach the node otherwise.
    pub ice_servers: Vec<IceServer>,
}
