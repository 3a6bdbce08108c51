//! One packet, from its parts into the buffer that is sent.

use crate::extensions::Extensions;
use crate::protection::{Protection, TAG_BYTES};

/// What the fixed header of a packet says (RFC 3550 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// 0 to 127.
    pub payload_type: u8,
    /// The marker bit.
    pub marker: bool,
    /// The sequence number, extended by its rollovers: below 2^48.
    pub index: u64,
    /// The RTP timestamp.
    pub time: u32,
    /// The stream.
    pub ssrc: u32,
}

/// Bytes that are written over those of a payload: what a subscriber sees of numbers in there.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Overwrite {
    offset: u8,
    len: u8,
    bytes: [u8; MAX_OVERWRITTEN],
}

/// A packet that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// Its fixed header.
    pub header: Header,
    /// Its header extensions.
    pub extensions: Extensions,
    /// The sequence number that a resent packet had at first (RFC 4588 §4).
    pub original: Option<u16>,
    /// What it carries.
    pub payload: &'a [u8],
    /// What is written over the payload.
    pub overwrite: Overwrite,
    /// Bytes of padding behind the payload (RFC 3550 §5.1): they make it as long as its neighbours.
    pub padding: u8,
}

impl Overwrite {
    /// Adds a byte behind the others; the first is at `offset` in the payload. What is too much is left
    /// out.
    pub fn push(&mut self, offset: u8, byte: u8) {
        if self.len == 0 {
            self.offset = offset;
        }
        if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
            *place = byte;
            self.len += 1;
        }
    }

    fn apply(&self, payload: &mut [u8]) {
        let (offset, len) = (usize::from(self.offset), usize::from(self.len));
        let place = payload.get_mut(offset..).and_then(|rest| rest.get_mut(..len));
        if let (Some(place), Some(bytes)) = (place, self.bytes.get(..len)) {
            place.copy_from_slice(bytes);
        }
    }
}

impl Packet<'_> {
    /// Bytes of the datagram.
    #[must_use]
    pub fn datagram_bytes(&self) -> usize {
        self.header_bytes() + self.body_bytes() + TAG_BYTES
    }

    /// Writes it, protected, behind what is in `queue`: [so many bytes](Self::datagram_bytes). Returns
    /// whether that could be done; if not, what was added must not be sent.
    #[must_use]
    pub fn write(&self, protection: &Protection, queue: &mut Vec<u8>) -> bool {
        let begin = queue.len();
        queue.extend_from_slice(&self.fixed());
        self.extensions.write(queue);
        self.write_body(queue);
        let place = (self.header.ssrc, self.header.index);
        let sealed = queue
            .get_mut(begin..)
            .and_then(|packet| packet.split_at_mut_checked(self.header_bytes()))
            .and_then(|(header, body)| protection.seal(place, header, body));
        let Some(tag) = sealed else { return false };
        queue.extend_from_slice(&tag);
        true
    }

    fn fixed(&self) -> [u8; FIXED_BYTES] {
        let Header { payload_type, marker, index, time, ssrc } = self.header;
        let has_extensions = u8::from(self.extensions.written_bytes() > 0) << 4;
        let has_padding = u8::from(self.padding > 0) << 5;
        let [a, b] = (index as u16).to_be_bytes();
        let [c, d, e, f] = time.to_be_bytes();
        let [g, h, i, j] = ssrc.to_be_bytes();
        let first = VERSION | has_padding | has_extensions;
        let second = u8::from(marker) << 7 | payload_type & 0x7F;
        [first, second, a, b, c, d, e, f, g, h, i, j]
    }

    fn write_body(&self, queue: &mut Vec<u8>) {
        if let Some(original) = self.original {
            queue.extend_from_slice(&original.to_be_bytes());
        }
        let payload = queue.len();
        queue.extend_from_slice(self.payload);
        self.overwrite.apply(queue.get_mut(payload..).unwrap_or_default());
        if let Some(zeros) = self.padding.checked_sub(1) {
            queue.resize(queue.len() + usize::from(zeros), 0);
            queue.push(self.padding);
        }
    }

    fn header_bytes(&self) -> usize {
        FIXED_BYTES + self.extensions.written_bytes()
    }

    fn body_bytes(&self) -> usize {
        let original = if self.original.is_some() { 2 } else { 0 };
        original + self.payload.len() + usize::from(self.padding)
    }
}

/// Version 2, in its place.
const VERSION: u8 = 2 << 6;

/// Bytes of a header without contributing sources.
const FIXED_BYTES: usize = 12;

/// The longest `PictureID` of VP8 and the `TL0PICIDX` behind it (RFC 7741 §4.2).
const MAX_OVERWRITTEN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn protection() -> Protection {
        Protection::new(Profile::Aes128Gcm, &[7; 56], true).unwrap()
    }

    fn header() -> Header {
        let (time, ssrc) = (0x0102_0304, 0x0506_0708);
        Header { payload_type: 96, marker: true, index: 0x1_0002, time, ssrc }
    }

    fn packet(extensions: Extensions, payload: &[u8]) -> Packet<'_> {
        let (original, overwrite) = (None, Overwrite::default());
        Packet { header: header(), extensions, original, payload, overwrite, padding: 0 }
    }

    /// What is written before it is encrypted.
    fn plain(packet: &Packet<'_>) -> Vec<u8> {
        let mut body = Vec::new();
        packet.write_body(&mut body);
        assert_eq!(body.len(), packet.body_bytes());
        body
    }

    #[test]
    fn the_header_says_what_is_in_the_packet() {
        let none = Extensions::default();
        let bare = packet(none, b"payload");
        assert_eq!(bare.fixed(), [0x80, 0xE0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(bare.datagram_bytes(), 12 + 7 + 16);
        let mut extensions = Extensions::default();
        extensions.push(4, b"0");
        let padded = Packet { padding: 3, ..packet(extensions, b"payload") };
        assert_eq!(padded.fixed()[0], 0xB0);
        assert_eq!(padded.datagram_bytes(), 12 + 8 + 10 + 16);
        assert_eq!(plain(&padded), b"payload\0\0\x03");
    }

    #[test]
    fn a_resent_packet_begins_with_the_number_that_it_had() {
        let none = Extensions::default();
        let resent = Packet { original: Some(0x1234), ..packet(none, b"payload") };
        assert_eq!(plain(&resent), b"\x12\x34payload");
        assert_eq!(resent.datagram_bytes(), 12 + 9 + 16);
    }

    #[test]
    fn numbers_are_written_over_the_payload_of_one_subscriber_only() {
        let none = Extensions::default();
        let payload = b"\x80\xC0abcde";
        let mut overwrite = Overwrite::default();
        (1..=4).for_each(|byte| overwrite.push(2, byte));
        let patched = Packet { overwrite, ..packet(none, payload) };
        assert_eq!(plain(&patched), b"\x80\xC0\x01\x02\x03de");
        let short = Packet { overwrite, ..packet(none, b"abcd") };
        assert_eq!(plain(&short), b"abcd", "what has no place changes nothing");
        let filler = Packet { overwrite, ..packet(none, b"") };
        assert_eq!(plain(&filler), b"");
    }

    #[test]
    fn packets_stand_one_behind_the_other_encrypted() {
        let mut extensions = Extensions::default();
        extensions.push(4, b"0");
        let packet = Packet { padding: 2, ..packet(extensions, b"payload") };
        let mut queue = b"before".to_vec();
        assert!(packet.write(&protection(), &mut queue) && packet.write(&protection(), &mut queue));
        assert_eq!(queue.len(), 6 + 2 * packet.datagram_bytes());
        let (first, second) = queue[6..].split_at(packet.datagram_bytes());
        assert_eq!((first, &queue[..6]), (second, &b"before"[..]));
        assert_eq!((&first[..12], &first[12..16]), (&packet.fixed()[..], &[0xBE, 0xDE, 0, 1][..]));
        assert_ne!(first[20..27], *b"payload");
    }
}
