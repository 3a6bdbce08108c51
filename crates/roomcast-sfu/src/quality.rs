//! How good a picture is: the layers that a publisher offers, what a receiver asks for, and what its
//! network carries.

use crate::ids::PublicationId;

/// One simulcast encoding of a publication (RFC 8853), as its publisher describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedLayer {
    /// The `a=rid` of the encoding (RFC 8851).
    pub rid: String,
    /// What it may use at most, in bits per second.
    pub bitrate: u64,
    /// Width and height in pixels; `None` where the publisher does not know.
    pub size: Option<(u16, u16)>,
}

/// How a subscriber wants to receive one picture. What is not named is wanted as [`Quality::Auto`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preference {
    /// Which publication.
    pub publication: PublicationId,
    /// How good it is to be at most.
    pub quality: Quality,
    /// Width and height at which it is shown, in pixels of the screen; `None`: not known.
    pub size: Option<(u16, u16)>,
    /// Whether it gets bandwidth before others.
    pub spotlight: bool,
}

/// How good a picture is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Quality {
    /// As good as the network carries and its size makes use of.
    #[default]
    Auto,
    /// The lowest layer.
    Low,
    /// No better than the middle layer.
    Medium,
    /// The best layer that the network carries, whatever its size.
    High,
    /// Nothing of it is sent.
    Paused,
}

/// How a receiver's network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Standing {
    /// It carries what is asked for.
    #[default]
    Good,
    /// It carries less: some picture is of a lower layer than asked for.
    Limited,
    /// It carries not even the lowest layers, or loses so much that it is seen and heard.
    Poor,
}

/// How what is sent to a subscriber session arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reception {
    /// In one word.
    pub standing: Standing,
    /// What the network is found to carry, in bits per second; `None` where nothing tells.
    pub available: Option<u64>,
    /// Packets that are lost on the way, of a hundred.
    pub loss_percent: u8,
}
