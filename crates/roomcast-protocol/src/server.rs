//! Messages from the node to a client.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Refusal};
use crate::ids::{ParticipantId, PublicationId};
use crate::media::{Codec, Source};

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
    /// The last message of a connection: it is closed, and this is why.
    Goodbye {
        /// What the client may do next depends on this: `left`, `replaced`, `removed` and
        /// `room-ended` are final; after `shutting-down`, `slow-reader` and `rate-limited` it may
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
    /// ICE servers for links; empty while all media goes through this node.
    pub ice_servers: Vec<IceServer>,
}

/// What a participant may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Publishes and moderates.
    Host,
    /// Publishes.
    Speaker,
    /// Watches and chats.
    Viewer,
}

/// A room, as everyone in it sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomState {
    /// Its name.
    pub name: String,
    /// Whether anything is published.
    pub live: bool,
    /// Since when, in milliseconds since 1970; absent while it is not live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_since: Option<u64>,
    /// Whether participants other than hosts may chat.
    pub chat_open: bool,
    /// Hosts and speakers who are connected or may still resume, in the order in which they came.
    pub stage: Vec<StageMember>,
}

/// Someone on stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageMember {
    /// Who.
    pub participant: ParticipantId,
    /// The name to show.
    pub name: String,
    /// Host or speaker.
    pub role: Role,
    /// False while the connection is lost and may still be resumed.
    pub connected: bool,
    /// What this participant publishes.
    pub publications: Vec<Publication>,
}

/// One track that is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    /// Its id.
    pub publication: PublicationId,
    /// What it shows or sounds.
    pub source: Source,
    /// Whether its owner muted it.
    pub muted: bool,
    /// Whether a host muted it: then only a host can change that.
    pub muted_by_host: bool,
}

/// What a media section of an offer carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedTrack {
    /// The `a=mid` of the media section.
    pub mid: String,
    /// The publication that it carries.
    pub publication: PublicationId,
}

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionState {
    /// Its packets are being sent.
    Playing,
    /// The client cannot decode the codec in which it is published.
    CodecUnsupported,
}

/// Which of a participant's two sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionKind {
    /// The one in which it sends.
    Publisher,
    /// The one in which it receives.
    Subscriber,
}

/// One chat message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// Its number in the room, rising by one.
    pub number: u64,
    /// When the node took it, in milliseconds since 1970.
    pub at: u64,
    /// Who said it.
    pub participant: ParticipantId,
    /// The name they went by then.
    pub name: String,
    /// Whether they were a host then.
    pub host: bool,
    /// Plain text.
    pub text: String,
}

/// Someone in the audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AudienceMember {
    /// Who.
    pub participant: ParticipantId,
    /// The name to show.
    pub name: String,
    /// Whether a host took their right to chat.
    pub silenced: bool,
}

/// A server for ICE, as `RTCPeerConnection` takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IceServer {
    /// Its addresses.
    pub urls: Vec<String>,
}
