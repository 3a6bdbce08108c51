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
        let number = |index: usize| {
            let start = 2 + index * 8;
            u64::from_be_bytes(payload[start..start + 8].try_into().unwrap())
        };
        Self {
            publication: PublicationId(number(0)),
            session: SessionId(number(1)),
            number: number(2),
            frame: number(3),
            key_frame: payload[34] == 1,
        }
    }
}
