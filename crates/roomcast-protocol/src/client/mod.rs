//! Messages from a client to the node.

mod request;

pub use request::Request;

use serde::{Deserialize, Serialize};

use crate::ids::ParticipantId;
use crate::link::{LinkSignal, LinkState, Path, Stream};
use crate::media::Source;
use crate::quality::{Preference, PublishedLayer};
use crate::settings::{RoomKind, SettingsChange};
use crate::trouble::{TroubleCause, TroublePlace};

/// What a client may ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ClientMessage {
    /// The first message of a connection. Answered by `welcome`.
    Join {
        /// The version of the protocol that the client speaks.
        version: u32,
        /// The room's name, as typed.
        room: String,
        /// The participant's name, as typed.
        name: String,
        /// Opens the room if no room of this name is open; its opener becomes host.
        #[serde(default)]
        open: bool,
        /// The secret that makes its bearer a host of the room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host_key: Option<String>,
        /// The token of an earlier `welcome`: take up that participant again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<String>,
        /// Whether the client can hold links. It then says `announce` for what it publishes.
        #[serde(default, skip_serializing_if = "is_false")]
        links: bool,
        /// A token that says who this is and what they may do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// With `open`: what kind of room to open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<RoomKind>,
    },
    /// Hosts and speakers: what the participant publishes, by whatever path. Answered by `ok`.
    Announce {
        /// The whole list; an empty one ends all publications.
        tracks: Vec<AnnouncedTrack>,
    },
    /// Offers (or offers anew, after a change) the publisher session. Answered by `published`.
    Publish {
        /// The whole session description, with candidates or without.
        sdp: String,
        /// What each media section that sends carries. Sections not named here are ignored, and
        /// publications named earlier but not now have stopped.
        tracks: Vec<PublishedTrack>,
        /// Whether this is a new peer connection, in place of an earlier one.
        #[serde(default)]
        fresh: bool,
    },
    /// Ends the publisher session. Answered by `ok`.
    Unpublish,
    /// Says that the participant muted or unmuted one of its own publications. Answered by `ok`.
    TrackMuted {
        /// Which of the participant's publications.
        source: Source,
        /// Whether it is now muted.
        muted: bool,
    },
    /// Asks for a subscriber session, in place of an earlier one. The node offers as soon as there
    /// is something to receive. Answered by `ok`.
    Subscribe {
        /// Keep the session and restart ICE instead: an `offer` follows at once.
        #[serde(default)]
        restart_ice: bool,
    },
    /// Offers (or offers anew) a subscriber session in which the client offers its receiving media
    /// sections, and the node fills them by itself. In place of an earlier subscriber session.
    /// Answered by `watching`.
    Watch {
        /// The whole session description, with candidates or without.
        sdp: String,
        /// Whether this is a new peer connection, in place of an earlier one.
        #[serde(default)]
        fresh: bool,
    },
    /// Answers an `offer` of the node. Answered by `ok` when it is for the newest offer.
    Answer {
        /// The number of the offer.
        offer: u32,
        /// The whole session description.
        sdp: String,
    },
    /// Says something to everyone in the room. Answered by `ok`.
    Chat {
        /// Plain text.
        text: String,
    },
    /// Changes the name of the participant. Answered by `ok`.
    Rename {
        /// The new name, as typed.
        name: String,
    },
    /// Host: stops or resumes the forwarding of a publication. Answered by `ok`.
    Mute {
        /// Whose publication.
        participant: ParticipantId,
        /// Which of them.
        source: Source,
        /// Whether it is stopped.
        muted: bool,
    },
    /// Host: takes the right to chat from a participant, or gives it back. Answered by `ok`.
    Silence {
        /// Who.
        participant: ParticipantId,
        /// Whether the right is taken.
        silenced: bool,
    },
    /// Host: removes a participant from the room. Answered by `ok`.
    Remove {
        /// Who.
        participant: ParticipantId,
    },
    /// Host: opens or closes the chat. Answered by `ok`.
    ChatOpen {
        /// Whether participants other than hosts may chat.
        open: bool,
    },
    /// Host: lists the audience. Answered by `audience-page`.
    Audience {
        /// Start behind this participant; from the beginning without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<ParticipantId>,
    },
    /// Passes a description or a candidate to the other side of a link. Answered by `ok`.
    Link {
        /// The other side.
        to: ParticipantId,
        /// The number of the link, from the newest `links`.
        link: u32,
        /// What to pass on.
        #[serde(flatten)]
        signal: LinkSignal,
    },
    /// How a link stands at this side. A failed one moves the pair to the node. Answered by `ok`.
    LinkState {
        /// The other side.
        participant: ParticipantId,
        /// The number of the link.
        link: u32,
        /// How it stands.
        state: LinkState,
        /// Why it failed, as far as that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<TroubleCause>,
    },
    /// Asks for a new link in place of the one that there is or was. Answered by `ok`.
    Relink {
        /// The other side.
        participant: ParticipantId,
    },
    /// How good the received pictures are to be. Holds until the next one, for every subscriber
    /// session of this participant. Answered by `ok`.
    Prefer {
        /// The whole list, [`crate::limits::MAX_PREFERENCES`] at most. Publications that are not
        /// named are wanted as good as the network carries.
        pictures: Vec<Preference>,
    },
    /// The participant's publications are shown from this path now. Answered by `ok`.
    Receiving {
        /// Whose publications.
        participant: ParticipantId,
        /// The path by which they came.
        via: Path,
    },
    /// Hands data to participants to whom there is no link. Answered by `ok`.
    Direct {
        /// The receivers: all get it or none.
        to: Vec<ParticipantId>,
        /// What it belongs to.
        stream: Stream,
        /// The data: [`crate::limits::MAX_DIRECT_BYTES`] at most.
        data: String,
    },
    /// Raises or lowers a hand. Answered by `ok`.
    Hand {
        /// Whether it is up.
        raised: bool,
        /// Host: whose hand to lower; one's own without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        participant: Option<ParticipantId>,
    },
    /// Brings a viewer on stage or takes a speaker off. Answered by `ok`.
    Stage {
        /// Who.
        participant: ParticipantId,
        /// Whether they are to be on stage.
        on: bool,
    },
    /// Host: changes settings of the room. Answered by `ok`.
    Settings(SettingsChange),
    /// Host: lets someone in who waits, or turns them away. Answered by `ok`.
    Admit {
        /// Who.
        participant: ParticipantId,
        /// Whether they may come in.
        admitted: bool,
    },
    /// Media could not get through: for the operator's log and counters. Answered by `ok`.
    MediaTrouble {
        /// Which connection.
        #[serde(rename = "where")]
        place: TroublePlace,
        /// The other side, if it is a link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        participant: Option<ParticipantId>,
        /// Why, as far as the client can tell.
        cause: TroubleCause,
    },
    /// Host: ends the room for everyone and frees its name. Answered by `ok`, then `goodbye`.
    End,
    /// Leaves the room now instead of after the grace period. Answered by `goodbye`.
    Leave,
    /// Asks whether the connection lives. Answered by `pong`.
    Ping,
}

/// What one media section of a publisher session carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedTrack {
    /// The `a=mid` of the media section.
    pub mid: String,
    /// What it shows or sounds.
    pub source: Source,
    /// Whether the participant has muted it.
    #[serde(default)]
    pub muted: bool,
    /// Its simulcast encodings, the lowest first, [`crate::limits::MAX_LAYERS`] at most; empty where
    /// there is one encoding without a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<PublishedLayer>,
}

/// One publication, whatever path it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnouncedTrack {
    /// What it shows or sounds.
    pub source: Source,
    /// Whether the participant has muted it.
    #[serde(default)]
    pub muted: bool,
}

/// For fields that are left out of what is written unless they are set.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}
