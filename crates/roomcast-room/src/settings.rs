//! What a host has chosen for a room.

use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{RoomKind, Topology};

/// The settings of a room that outlive the node's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// What it is for; does not change.
    pub kind: RoomKind,
    /// How its media is to travel; as the node says unless a host has chosen.
    pub topology: Option<Topology>,
    /// Whether media is to travel by relays only. Clients do so; the room only tells them.
    pub relay_only: bool,
    /// Whether newcomers are refused.
    pub locked: bool,
    /// Whether newcomers wait until a host lets them in.
    pub waiting_room: bool,
}

impl Settings {
    /// The settings with a change.
    pub(crate) fn with(self, change: SettingsChange) -> Self {
        Self {
            kind: self.kind,
            topology: change.topology.or(self.topology),
            relay_only: change.relay_only.unwrap_or(self.relay_only),
            locked: change.locked.unwrap_or(self.locked),
            waiting_room: change.waiting_room.unwrap_or(self.waiting_room),
        }
    }
}
