//! A camera that is published in simulcast: layers of the same pictures, each with temporal layers, in
//! VP8 as browsers send it.

use std::time::{Duration, Instant};

use roomcast_sfu::{OfferedLayer, PublicationId, SessionId};
use str0m::media::{Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::rtp::{RtpWrite, SeqNo};

use crate::stamp::{Picture, Stamp};

/// One camera.
#[derive(Debug)]
pub(crate) struct Camera {
    pub mid: Mid,
    pub is_offered: bool,
    pub publication: PublicationId,
    pub layers: Vec<Layer>,
    pub next_at: Instant,
    /// Pictures taken.
    pub pictures: u64,
    /// Whether layers that nobody takes are turned off.
    pub obeys: bool,
    /// Whether its layers are described when it is published.
    pub announces: bool,
}

/// One encoding of a camera.
#[derive(Debug)]
pub(crate) struct Layer {
    pub rid: &'static str,
    /// Bits per second.
    pub bitrate: u64,
    pub size: (u16, u16),
    pub is_on: bool,
    /// When it is to be turned on: an encoder takes a while.
    on_from: Option<Instant>,
    pub key_frame_due: bool,
    /// When key frames were asked for.
    pub asked: Vec<Instant>,
    pub seq: u64,
    pub time: u32,
    /// Of VP8: 15 bits.
    picture_id: u16,
    base_index: u8,
    /// Packets.
    pub sent: u64,
}

impl Layer {
    pub(crate) fn new(rid: &'static str, bitrate: u64, size: (u16, u16)) -> Self {
        Self {
            rid,
            bitrate,
            size,
            is_on: true,
            on_from: None,
            key_frame_due: true,
            asked: Vec::new(),
            seq: fastrand::u64(0..60_000),
            time: fastrand::u32(..),
            picture_id: fastrand::u16(..) & 0x7FFF,
            base_index: fastrand::u8(..),
            sent: 0,
        }
    }

    fn offered(&self) -> OfferedLayer {
        let (rid, bitrate, size) = (self.rid.to_owned(), self.bitrate, Some(self.size));
        OfferedLayer { rid, bitrate, size }
    }

    /// How many bytes a frame has: the temporal layers take 40, 20 and 40 % of the bit rate.
    fn bytes(&self, temporal: u8, is_key_frame: bool) -> u64 {
        let percent = match (is_key_frame, temporal) {
            (true, _) => 400,
            (false, 0) => 160,
            (false, _) => 80,
        };
        self.bitrate / 8 / 30 * percent / 100 * (90 + fastrand::u64(0..20)) / 100
    }
}

impl Camera {
    pub(crate) fn new(publication: PublicationId, now: Instant) -> Self {
        let layers = vec![
            Layer::new("q", 150_000, (320, 180)),
            Layer::new("h", 600_000, (640, 360)),
            Layer::new("f", 2_500_000, (1280, 720)),
        ];
        Self {
            mid: Mid::new(),
            is_offered: false,
            publication,
            layers,
            next_at: now,
            pictures: 0,
            obeys: true,
            announces: true,
        }
    }

    pub(crate) fn simulcast(&self) -> Simulcast {
        let mut simulcast = Simulcast::new();
        for layer in &self.layers {
            simulcast.add_send_layer(SimulcastLayer::new(layer.rid));
        }
        simulcast
    }

    pub(crate) fn offered(&self) -> Vec<OfferedLayer> {
        let offered = self.layers.iter().filter(|_| self.announces);
        offered.map(Layer::offered).collect()
    }

    pub(crate) fn layer(&mut self, rid: &str) -> &mut Layer {
        self.layers.iter_mut().find(|layer| layer.rid == rid).expect("such a layer")
    }

    /// The packets of the next picture, in each layer that is on.
    pub(crate) fn picture(
        &mut self,
        session: SessionId,
        pt: Pt,
        now: Instant,
    ) -> Vec<(Rid, RtpWrite)> {
        self.next_at += Duration::from_micros(33_333);
        let temporal = [0, 2, 1, 2][(self.pictures % 4) as usize];
        self.pictures += 1;
        let (publication, picture) = (self.publication, self.pictures);
        let mut writes = Vec::new();
        for (index, layer) in (0..).zip(&mut self.layers) {
            layer.time = layer.time.wrapping_add(3_000);
            if layer.on_from.take_if(|at| *at <= now).is_some() {
                (layer.is_on, layer.key_frame_due) = (true, true);
            }
            if layer.is_on {
                let stamp =
                    Stamp { publication, session, number: 0, frame: picture, key_frame: false };
                let packets = layer.packets(stamp, (index, temporal), pt, now);
                writes.extend(packets.into_iter().map(|write| (Rid::from(layer.rid), write)));
            }
        }
        writes
    }

    /// The node says which layers are taken.
    pub(crate) fn wanted(&mut self, rids: &[String]) {
        for layer in self.layers.iter_mut().filter(|_| self.obeys) {
            let is_wanted = rids.iter().any(|rid| rid == layer.rid);
            layer.is_on &= is_wanted;
            layer.on_from = (is_wanted && !layer.is_on).then_some(self.next_at + STARTING);
        }
    }
}

impl Layer {
    fn packets(
        &mut self,
        stamp: Stamp,
        (index, temporal): (u8, u8),
        pt: Pt,
        now: Instant,
    ) -> Vec<RtpWrite> {
        // Encoders answer a request with the next picture of the lowest temporal layer.
        let key_frame = temporal == 0 && std::mem::take(&mut self.key_frame_due);
        let bytes = self.bytes(temporal, key_frame);
        let count = bytes.div_ceil(MOST).max(1);
        self.picture_id = (self.picture_id + 1) & 0x7FFF;
        self.base_index = self.base_index.wrapping_add(u8::from(temporal == 0));
        let picture = Picture {
            layer: index,
            temporal,
            picture_id: self.picture_id,
            base_index: self.base_index,
            // As encoders do: in one half of a period of eight pictures.
            is_sync: temporal > 0 && stamp.frame % 8 < 4,
            starts_frame: false,
            size: self.size,
        };
        let packets = (0..count).map(|at| {
            let stamp = Stamp { number: self.sent, key_frame, ..stamp };
            let picture = Picture { starts_frame: at == 0, ..picture };
            let payload = picture.payload(&stamp, (bytes / count) as usize);
            let write = RtpWrite::new(pt, SeqNo::from(self.seq), self.time, now, payload)
                .marker(at + 1 == count)
                .nackable(true);
            self.seq += 1;
            self.sent += 1;
            write
        });
        packets.collect()
    }
}

/// How long an encoder takes until the first picture of a layer that was off.
const STARTING: Duration = Duration::from_millis(150);

/// Bytes of a payload.
const MOST: u64 = 1_100;
