//! What is sent beside str0m: packets of sessions that estimate nothing (docs/decisions/016) or whose
//! estimates rest (017), and what is asked for again of them. A packet goes through str0m now and then, so
//! that its sender reports know which time it is in the stream, and the session which way str0m has chosen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use roomcast_fanout::{Extensions, Header, History, Overwrite, Packet, Protection, Used};

use super::super::outlet::Outlet;
use super::encoding::{Encoding, Resending};
use super::{RESEND_AGE, RESEND_PACKETS, Subscription};
use crate::packet::{self, MediaPacket};
use crate::rewrite::Numbers;
use crate::traffic::{Traffic, Way};
use crate::transmit::Transmits;

/// One stream that is sent beside str0m.
#[derive(Debug)]
pub(super) struct Beside {
    used: Used,
    history: History<Parts>,
    /// Resent packets so far. The numbers of their stream are never used twice: see
    /// [`Protection`].
    resent: u64,
    /// When a packet went through str0m last.
    told: Option<Instant>,
    /// Whether the receiver has reported on the stream, and on that of resent packets: then it knows to
    /// which media section they belong (RFC 8843 §9.2).
    is_known: bool,
    is_resending_known: bool,
}

/// What a packet is written from, at first and again: so it is the same both times.
#[derive(Debug)]
pub(super) struct Parts {
    index: u64,
    time: u32,
    marker: bool,
    is_redundant: bool,
    with_mid: bool,
    padding: u8,
    extensions: packet::Extensions,
    overwrite: Overwrite,
    payload: Arc<[u8]>,
}

impl Default for Beside {
    fn default() -> Self {
        Self {
            used: Used::default(),
            history: History::new(RESEND_PACKETS, RESEND_AGE),
            resent: 0,
            told: None,
            is_known: false,
            is_resending_known: false,
        }
    }
}

impl Beside {
    /// By which way the next packet goes; `None`: str0m is given it, and says which it takes. `is_spared`:
    /// no estimate has to see it.
    pub(super) fn way(
        &mut self,
        now: Instant,
        is_spared: bool,
        traffic: &mut Traffic,
    ) -> Option<Way> {
        let is_told = self.told.is_some_and(|told| now < told + TOLD_INTERVAL);
        traffic.is_way_sure &= is_told;
        let way = traffic.sure_way().filter(|_| is_spared);
        if way.is_none() {
            self.told = Some(now);
        }
        way
    }

    /// Whether a packet with these numbers may be sent: none was before.
    pub(super) fn takes(&mut self, numbers: Numbers) -> bool {
        self.used.take(numbers.seq)
    }

    /// What a packet is to be written from.
    pub(super) fn parts(&self, packet: &MediaPacket, numbers: Numbers) -> Parts {
        Parts {
            index: numbers.seq,
            time: numbers.time,
            marker: numbers.marks(packet),
            is_redundant: packet.is_redundant,
            with_mid: !self.is_known,
            // Where nothing but a place is filled, nothing is evened out.
            padding: if numbers.is_filler { 0 } else { packet.padding },
            extensions: packet.extensions,
            overwrite: overwrite(numbers),
            payload: numbers.payload(packet),
        }
    }

    /// Keeps a packet that is being sent, for those who ask again.
    pub(super) fn keep(&mut self, now: Instant, parts: Parts) {
        self.history.push(now, parts.index, parts.payload.len(), parts);
    }

    /// Sends nothing again of what was sent before.
    pub(super) fn forget(&mut self) {
        self.history.clear();
    }

    /// A packet as it is sent again in the stream of resent packets, if it was kept and so much may be.
    fn resend(
        &mut self,
        now: Instant,
        sequence: u16,
        (output, resending): (&Encoding, Resending),
    ) -> Option<Packet<'_>> {
        let parts = self.history.take(now, sequence)?;
        let index = self.resent;
        self.resent += 1;
        let first = parts.packet(output);
        let header =
            Header { payload_type: *resending.pt, index, ssrc: *resending.ssrc, ..first.header };
        let extensions = output.extensions(parts.extensions, !self.is_resending_known);
        Some(Packet { header, extensions, original: Some(sequence), padding: 0, ..first })
    }

    /// A packet as it was sent at first, byte for byte: where the stream of resent packets is str0m's, that
    /// numbers it. Anything else under the same number would give the key away.
    fn repeat(&mut self, now: Instant, sequence: u16, output: &Encoding) -> Option<Packet<'_>> {
        self.history.take(now, sequence).map(|parts| parts.packet(output))
    }
}

impl Parts {
    /// The packet as it is sent at first.
    pub(super) fn packet(&self, output: &Encoding) -> Packet<'_> {
        Packet {
            header: Header {
                payload_type: *output.payload_type(self.is_redundant),
                marker: self.marker,
                index: self.index,
                time: self.time,
                ssrc: *output.ssrc,
            },
            extensions: output.extensions(self.extensions, self.with_mid),
            original: None,
            payload: &self.payload,
            overwrite: self.overwrite,
            padding: self.padding,
        }
    }
}

impl Subscription {
    /// Sends again what the receiver has not got of a stream, if it is this one.
    pub(crate) fn resend(
        &mut self,
        now: Instant,
        (ssrc, wanted): (u32, &[u16]),
        outlet: &mut Outlet<'_, impl Transmits>,
    ) {
        let Some(output) = self.output.as_ref().filter(|output| *output.ssrc == ssrc) else {
            return;
        };
        let known = (output.resending, outlet.protection, outlet.sink.traffic.way);
        let (Some(resending), Some(protection), Some(way)) = known else { return };
        for sequence in wanted {
            let again = match outlet.rest {
                Some(_) => self.beside.repeat(now, *sequence, output),
                None => self.beside.resend(now, *sequence, (output, resending)),
            };
            if let Some(packet) = again {
                push(&packet, protection, way, &mut outlet.sink);
            }
        }
    }

    /// The receiver has reported on a stream.
    pub(crate) fn reported(&mut self, ssrc: u32) {
        let Some(output) = &self.output else { return };
        self.beside.is_known |= *output.ssrc == ssrc;
        self.beside.is_resending_known |= output.resending.is_some_and(|r| *r.ssrc == ssrc);
    }
}

/// Writes a packet to where it is sent from.
pub(super) fn push(
    packet: &Packet<'_>,
    protection: &Protection,
    way: Way,
    sink: &mut impl Transmits,
) {
    let fill = |queue: &mut Vec<u8>| packet.write(protection, queue);
    sink.write(way.to, way.from, packet.datagram_bytes(), fill);
}

/// The numbers of VP8 that the subscriber is to see: `PictureID` comes third in a payload that has one,
/// `TL0PICIDX` behind it or in its place (RFC 7741 §4.2).
fn overwrite(numbers: Numbers) -> Overwrite {
    let mut overwrite = Overwrite::default();
    let Some(picture) = numbers.picture else { return overwrite };
    let id = picture.id.into_iter().flat_map(crate::frame::PictureId::bytes);
    id.chain(picture.tl0).for_each(|byte| overwrite.push(NUMBERS_OFFSET, byte));
    overwrite
}

/// As often as str0m makes sender reports.
const TOLD_INTERVAL: Duration = Duration::from_secs(1);

/// Behind the first byte and the one that says what follows.
const NUMBERS_OFFSET: u8 = 2;

/// Extensions of a packet by the ids that the receiver knows them by.
impl Encoding {
    fn extensions(&self, carried: packet::Extensions, with_mid: bool) -> Extensions {
        let mut extensions = Extensions::default();
        if let Some(id) = self.ids.mid.filter(|_| with_mid) {
            extensions.push(id, self.mid.as_bytes());
        }
        if let (Some(id), Some(level)) = (self.ids.audio_level, carried.audio_level()) {
            extensions.push(id, &[level]);
        }
        if let (Some(id), Some(orientation)) = (self.ids.orientation, carried.orientation()) {
            extensions.push(id, &[orientation]);
        }
        extensions
    }
}
