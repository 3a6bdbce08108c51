//! The encodings in which a picture is published: one, or three at once (RFC 8853) as a browser makes
//! them.

use str0m::media::{Rid, Simulcast, SimulcastLayer};

use crate::args::{Args, Codec, Split};

/// What every publisher of a run sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) codec: Codec,
    /// Bits of video per second, in the best layer.
    pub(crate) bitrate: u32,
    /// Pictures per second, at least 1.
    pub(crate) fps: u32,
    pub(crate) split: Split,
    /// Whether pictures are sent in three layers.
    pub(crate) simulcast: bool,
}

/// One encoding of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layer {
    /// Its `a=rid`; `None` when it is the only one.
    pub(crate) rid: Option<&'static str>,
    /// Bits per second.
    pub(crate) bitrate: u32,
    /// Width and height in pixels.
    pub(crate) size: (u16, u16),
}

impl Settings {
    pub(crate) fn new(args: &Args) -> Self {
        let Args { codec, bitrate, fps, split, simulcast, .. } = *args;
        Self { codec, bitrate, fps, split, simulcast }
    }

    /// The layers of each picture, the lowest first.
    pub(crate) fn layers(&self) -> Vec<Layer> {
        if !self.simulcast {
            return vec![Layer { rid: None, bitrate: self.bitrate, size: FULL }];
        }
        let layer = |(rid, bitrate, size)| Layer { rid: Some(rid), bitrate, size };
        LOWER.into_iter().chain([("f", self.bitrate, FULL)]).map(layer).collect()
    }

    /// What is said of them in an offer.
    pub(super) fn offered(&self) -> Option<Simulcast> {
        let mut simulcast = Simulcast::new();
        for rid in self.layers().iter().filter_map(|layer| layer.rid) {
            simulcast.add_send_layer(SimulcastLayer::new(rid));
        }
        (!simulcast.send.is_empty()).then_some(simulcast)
    }
}

impl Layer {
    /// As `str0m` knows it.
    pub(super) fn rid(&self) -> Option<Rid> {
        self.rid.map(Rid::from)
    }
}

/// What browsers send of a picture of 720p besides the picture itself, about.
const LOWER: [(&str, u32, (u16, u16)); 2] =
    [("q", 150_000, (320, 180)), ("h", 600_000, (640, 360))];

const FULL: (u16, u16) = (1280, 720);
