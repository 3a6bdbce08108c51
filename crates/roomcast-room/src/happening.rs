//! What happened in a room, for those outside of it. Each is told once; that a connection is lost
//! and taken up again within its grace period is none of it.

use roomcast_protocol::server::Role;
use roomcast_protocol::{Client, Identity, ParticipantId, PublicationId, Source};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The room was opened anew. One that is taken from the store goes on.
    RoomOpened,
    /// It was ended, and its name is free. Not when the node goes down.
    RoomEnded,
    /// Someone came who was not here.
    ParticipantJoined(Attendee),
    /// They are gone for good, behind the end of their publications.
    ParticipantLeft(Attendee, LeaveCause),
    /// Something is published that was not.
    PublicationStarted(Published),
    /// It is not published any more.
    PublicationStopped(Published),
}

/// A participant, as they were at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// Who.
    pub participant: ParticipantId,
    /// The name to show.
    pub name: String,
    /// What they might do.
    pub role: Role,
    /// With which kind of program.
    pub client: Client,
    /// Who they are to the one who gave them their token or key.
    pub identity: Option<Identity>,
}

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Whose.
    pub participant: ParticipantId,
    /// Its id, which is the same when it starts again.
    pub publication: PublicationId,
    /// What it shows or sounds.
    pub source: Source,
}

/// Why a participant is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaveCause {
    /// By their own wish.
    Left,
    /// The connection was lost and not taken up again in time.
    Lost,
    /// Someone sent them away.
    Removed,
    /// The room was ended.
    RoomEnded,
    /// The node goes down.
    ShuttingDown,
}

impl LeaveCause {
    /// As it stands in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Lost => "lost",
            Self::Removed => "removed",
            Self::RoomEnded => "room-ended",
            Self::ShuttingDown => "shutting-down",
        }
    }
}
