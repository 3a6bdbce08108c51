//! What a synthetic packet says about itself, so that a receiver can tell which one it is.

use roomcast_sfu::{PublicationId, SessionId};

/// Written into the payload of every packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub publication: PublicationId,
    pub session: SessionId,
    /// Counts the packets of the source.
    pub number: u64,
    /// Counts its frames.
    pub frame: u64,
    pub key_frame: bool,
}

impl Stamp {
    /// A payload of `size` bytes: a VP8 descriptor and frame tag (RFC 7741 §4.2, §4.3), then this.
    pub(crate) fn payload(&self, starts_frame: bool, size: usize) -> Vec<u8> {
        let mut payload = vec![if starts_frame { 0x10 } else { 0x00 }, u8::from(!self.key_frame)];
        for number in [self.publication.0, self.session.0, self.number, self.frame] {
            payload.extend(number.to_be_bytes());
        }
        payload.push(u8::from(self.key_frame));
        payload.resize(size.max(payload.len()), 0xA5);
        payload
    }

    pub(crate) fn read(payload: &[u8]) -> Self {
        let payload = &payload[if Picture::is_in(payload) { Picture::HEADER } else { 2 }..];
        let number = |index: usize| {
            let start = index * 8;
            u64::from_be_bytes(payload[start..start + 8].try_into().unwrap())
        };
        Self {
            publication: PublicationId(number(0)),
            session: SessionId(number(1)),
            number: number(2),
            frame: number(3),
            key_frame: payload[32] == 1,
        }
    }
}

/// What the descriptor of VP8 says of a packet in layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The index of the layer.
    pub layer: u8,
    pub temporal: u8,
    /// 15 bits.
    pub picture_id: u16,
    /// TL0PICIDX.
    pub base_index: u8,
    /// Whether it needs the lowest temporal layer alone.
    pub is_sync: bool,
    pub starts_frame: bool,
    pub size: (u16, u16),
}

impl Picture {
    /// The descriptor, then what begins a key frame (RFC 6386 §9.1), then the index of the layer.
    const HEADER: usize = 6 + 10 + 1;

    fn is_in(payload: &[u8]) -> bool {
        payload[0] & 0x80 != 0
    }

    /// A payload of `size` bytes or little more.
    pub(crate) fn payload(&self, stamp: &Stamp, size: usize) -> Vec<u8> {
        let [high, low] = (self.picture_id | 0x8000).to_be_bytes();
        // X and S; then I, L and T.
        let first = 0x80 | if self.starts_frame { 0x10 } else { 0 };
        let last = self.temporal << 6 | u8::from(self.is_sync) << 5;
        let mut payload = vec![first, 0xE0, high, low, self.base_index, last];
        payload.extend([u8::from(!stamp.key_frame), 0, 0, 0x9D, 0x01, 0x2A]);
        payload.extend([self.size.0.to_le_bytes(), self.size.1.to_le_bytes()].concat());
        payload.push(self.layer);
        // Without the descriptor and the frame tag of the plain kind.
        payload.extend(&stamp.payload(false, 0)[2..]);
        payload.resize(size.max(payload.len()), 0xA5);
        payload
    }

    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        if payload.is_empty() || !Self::is_in(payload) {
            return None;
        }
        let pair = |at: usize| [payload[at], payload[at + 1]];
        Some(Self {
            layer: payload[Self::HEADER - 1],
            temporal: payload[5] >> 6,
            picture_id: u16::from_be_bytes(pair(2)) & 0x7FFF,
            base_index: payload[4],
            is_sync: payload[5] & 0x20 != 0,
            starts_frame: payload[0] & 0x10 != 0,
            size: (u16::from_le_bytes(pair(12)), u16::from_le_bytes(pair(14))),
        })
    }
}
