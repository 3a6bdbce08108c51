//! What clients are told about STUN and TURN: asked for each participant, by the name under which
//! they reached this node.

use std::fmt;
use std::time::Duration;

use roomcast_protocol::ParticipantId;
use roomcast_protocol::server::IceServer;

/// Who hands out ICE servers. Called by the tasks of rooms: it must not wait.
pub(crate) trait IceServers: fmt::Debug + Send + Sync {
    /// The servers for one participant, with credentials of their own. `asked_host` is the host and
    /// port that the client asked for, as it stood in its request; it may be empty or anything.
    fn servers(&self, participant: &ParticipantId, asked_host: &str) -> Vec<IceServer>;

    /// How often everyone must get new credentials, if these run out.
    fn renewal(&self) -> Option<Duration>;

    /// A participant is gone for good: their credentials are void.
    fn revoke(&self, participant: &ParticipantId);
}
