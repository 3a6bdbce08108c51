//! How good a picture is: the layers in which it is published, what a receiver asks for, and what
//! their network carries.

use serde::{Deserialize, Serialize};

use crate::ids::{ParticipantId, PublicationId};

/// One simulcast encoding of a publication (RFC 8853), as its publisher describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishedLayer {
    /// The `a=rid` of the encoding (RFC 8851).
    pub rid: String,
    /// What it may use at most, in bits per second.
    pub bitrate: u32,
    /// Its width in pixels, as far as the publisher knows.
    #[serde(default)]
    pub width: u16,
    /// Its height in pixels.
    #[serde(default)]
    pub height: u16,
}

/// How a participant wants to receive one picture. What is not named is wanted as `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preference {
    /// Which publication.
    pub publication: PublicationId,
    /// How good it is to be at most.
    #[serde(default)]
    pub quality: Quality,
    /// The width at which it is shown, in pixels of the screen; 0: not known.
    #[serde(default)]
    pub width: u16,
    /// The height at which it is shown.
    #[serde(default)]
    pub height: u16,
    /// Whether it is the one that matters most: it gets the bandwidth before others.
    #[serde(default)]
    pub spotlight: bool,
}

/// How good a picture is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    /// As good as the network carries and the size on the page makes use of.
    #[default]
    Auto,
    /// The lowest layer.
    Low,
    /// No better than the middle layer.
    Medium,
    /// The best layer that the network carries, however small it is shown.
    High,
    /// No picture at all: it is not seen, or only sound is wanted.
    Paused,
}

/// How a receiver's network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It carries what is asked for.
    #[default]
    Good,
    /// It carries less: some picture is of a lower layer than asked for.
    Limited,
    /// It carries not even the lowest layers, or loses so much that it is seen and heard.
    Poor,
}

/// How what the node sends reaches a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reception {
    /// In one word.
    pub standing: Standing,
    /// What the network is found to carry, in bits per second; absent where nothing tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<u32>,
    /// Packets that are lost on the way, of a hundred.
    #[serde(default)]
    pub loss_percent: u8,
}

/// Someone whose reception is not good, for hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Struggling {
    /// Who.
    pub participant: ParticipantId,
    /// The name they go by.
    pub name: String,
    /// How it is.
    pub reception: Reception,
}
