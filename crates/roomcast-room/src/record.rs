//! What the outside may read of a participant.

use roomcast_protocol::server::{Publication, Role};
use roomcast_protocol::{Client, Grants, Identity, ParticipantId, PublicationTrouble, Source};

use crate::input::SessionId;

/// One participant, as they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct ParticipantRecord {
    /// Who.
    pub participant: ParticipantId,
    /// The name to show.
    pub name: String,
    /// What they may do now.
    pub role: Role,
    /// With which kind of program they are here.
    pub client: Client,
    /// Who they are to the one who gave them their token or key.
    pub identity: Option<Identity>,
    /// False while the connection is lost and may still be taken up again.
    pub connected: bool,
    /// Whether someone took their right to chat.
    pub silenced: bool,
    /// Whether their hand is up.
    pub hand: bool,
    /// What they may do at most.
    pub grants: Grants,
    /// What they publish.
    pub publications: Vec<Publication>,
    /// Their sessions at the node.
    pub sessions: Sessions,
    /// What is wrong with their publications.
    pub troubles: Vec<(Source, PublicationTrouble)>,
}

/// How many of a room's receivers do not do well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standings {
    /// Those whose network carries less than is asked for.
    pub limited: usize,
    /// Those whose network carries hardly anything.
    pub poor: usize,
}

/// The sessions of one participant, as far as the media engine knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sessions {
    /// The one in which they send.
    pub publisher: Option<SessionId>,
    /// The one in which they receive.
    pub subscriber: Option<SessionId>,
}
