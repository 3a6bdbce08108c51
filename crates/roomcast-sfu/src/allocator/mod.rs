//! How the bandwidth of one subscriber session is split over what it receives: sound first, then the
//! spotlight, then the rest by its size on the page.
#![allow(dead_code, reason = "until sessions ask it")]

use std::time::Instant;

use crate::media::MediaKind;
use crate::quality::Quality;

/// The allocator of one session. It remembers what it chose, so that quality does not swing.
#[derive(Debug, Default)]
pub(crate) struct Allocator {}

/// One subscription, as it asks for bandwidth.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    /// The slot of the session that it is in: by this it is known from one plan to the next.
    pub slot: usize,
    pub kind: MediaKind,
    pub quality: Quality,
    /// Width and height at which it is shown, if known.
    pub shown: Option<(u16, u16)>,
    pub spotlight: bool,
    /// The layers of the publication, by index, in no order of quality.
    pub layers: &'a [LayerFigures],
    /// What is sent now; `None`: nothing.
    pub current: Option<Choice>,
}

/// What is known of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LayerFigures {
    /// Bits per second up to each temporal layer, cumulative: those that came lately, or what the
    /// publisher announced for all while it does not flow. Entries from `temporal_layers` on repeat
    /// the last.
    pub bitrates: [u64; MAX_TEMPORAL_LAYERS],
    /// How many temporal layers were seen: 1 or more.
    pub temporal_layers: u8,
    pub size: Option<(u16, u16)>,
    /// Whether packets of it come in.
    pub is_flowing: bool,
}

/// What of a publication is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The index of the layer.
    pub layer: u8,
    /// The highest temporal layer.
    pub temporal: u8,
}

/// How the bandwidth is split.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Plan {
    /// One for each that asked, in their order.
    pub allotted: Vec<Allotted>,
    /// What is to be sent at least, with padding if need be, to find out whether the next step up
    /// would fit; bits per second.
    pub minimum: u64,
    /// What would be sent if the network carried everything; bits per second.
    pub desired: u64,
    /// What is sent by this plan; bits per second.
    pub used: u64,
    /// Whether something is of a lower layer than asked for, because of the network.
    pub is_limited: bool,
    /// Whether not even the lowest of everything fits.
    pub is_starved: bool,
}

/// What one subscription gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allotted {
    /// As in [`Asked::slot`].
    pub slot: usize,
    /// What is to be sent now; `None`: nothing.
    pub choice: Option<Choice>,
    /// The layer that it would take if that flowed: the publisher is asked for it.
    pub wanted: Option<u8>,
}

impl Allocator {
    /// Splits the estimate (bits per second; `None`: not known, nothing limits).
    pub(crate) fn plan(
        &mut self,
        _now: Instant,
        _estimate: Option<u64>,
        _asked: &[Asked<'_>],
    ) -> Plan {
        Plan::default()
    }
}

/// Temporal layers that browsers make.
pub(crate) const MAX_TEMPORAL_LAYERS: usize = 3;
