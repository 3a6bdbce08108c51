//! What a host chooses for a room.

use serde::{Deserialize, Serialize};

/// What a room is for. Chosen by whoever opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoomKind {
    /// A host is watched; viewers come on stage when a host brings them.
    #[default]
    Live,
    /// Everyone comes on stage at once, while there are places.
    Call,
}

impl RoomKind {
    /// As it stands in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Call => "call",
        }
    }
}

/// How the media of a room travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topology {
    /// By links while the room is small, through the node above that.
    #[default]
    Auto,
    /// By links wherever there can be one.
    P2p,
    /// Through the node.
    Sfu,
}

impl Topology {
    /// As it stands in messages and in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::P2p => "p2p",
            Self::Sfu => "sfu",
        }
    }
}

/// A change of settings: what is not named stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsChange {
    /// Whether newcomers are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Whether newcomers wait until a host lets them in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_room: Option<bool>,
    /// How media is to travel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topology: Option<Topology>,
    /// Whether it is to travel by relays only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay_only: Option<bool>,
}
