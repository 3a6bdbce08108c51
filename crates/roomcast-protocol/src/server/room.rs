//! What participants see of a room: the settings, the stage, the chat, and those who wait for a host.

use serde::{Deserialize, Serialize};

use crate::grants::Client;
use crate::ids::{ParticipantId, PublicationId};
use crate::media::Source;
use crate::settings::{RoomKind, Topology};

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
    /// What it is for.
    pub kind: RoomKind,
    /// How its media is to travel.
    pub topology: Topology,
    /// Whether media is to travel by relays only, so that nobody learns another's address.
    pub relay_only: bool,
    /// Whether newcomers are refused.
    pub locked: bool,
    /// Whether newcomers wait until a host lets them in.
    pub waiting_room: bool,
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
    /// With which kind of program they are here.
    #[serde(default, skip_serializing_if = "Client::is_page")]
    pub client: Client,
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

/// Someone who raised a hand, or who waits to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedParticipant {
    /// Who.
    pub participant: ParticipantId,
    /// The name to show.
    pub name: String,
}
