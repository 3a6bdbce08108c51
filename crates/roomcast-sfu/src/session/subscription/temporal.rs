//! Which temporal layers of a layer are sent.

use crate::packet::MediaPacket;

/// Which temporal layers are sent. Changes between frames only: a part of one is of no use.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct TemporalLimit {
    /// The highest that is sent.
    pub(super) now: u8,
    /// The highest that is to be sent, from where that can be decoded.
    pub(super) aim: u8,
    /// The timestamp of the newest frame.
    pub(super) time: Option<u32>,
}

impl TemporalLimit {
    pub(super) fn new(temporal: u8) -> Self {
        Self { now: temporal, aim: temporal, time: None }
    }

    /// Whether a packet is of another frame than those before.
    pub(super) fn begins(&self, packet: &MediaPacket) -> bool {
        self.time.is_none_or(|time| packet.time.wrapping_sub(time).cast_signed() > 0)
    }

    /// A frame begins. `holds_back`: so much is waiting that frames which others do without are left
    /// out; those that come later may be sent again as soon as they can be decoded.
    pub(super) fn begin(&mut self, packet: &MediaPacket, holds_back: bool) {
        self.time = Some(packet.time);
        self.now = if holds_back { 0 } else { packet.frame.limit(self.now, self.aim) };
    }
}
