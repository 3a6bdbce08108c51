//! Header extensions with headers of one byte (RFC 8285 §4.2).

/// The extensions of one packet, as they are written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Extensions {
    bytes: [u8; MAX_BYTES],
    len: usize,
}

impl Extensions {
    /// Adds one. Left out without a word: an id that one byte cannot carry (below 1 or above 14), a value
    /// that is empty or longer than 16 bytes, and what goes beyond [`MAX_BYTES`].
    pub fn push(&mut self, id: u8, value: &[u8]) {
        let Some(length @ ..16) = value.len().checked_sub(1) else { return };
        let free = self.bytes.get_mut(self.len..).unwrap_or_default();
        let Some((head, free)) = free.split_first_mut() else { return };
        let Some(place) = free.get_mut(..value.len()) else { return };
        if (1..=14).contains(&id) {
            *head = id << 4 | length as u8;
            place.copy_from_slice(value);
            self.len += 1 + value.len();
        }
    }

    /// Bytes that they take in a packet: none, or with their head a multiple of four.
    pub(crate) fn written_bytes(&self) -> usize {
        if self.len == 0 { 0 } else { HEAD_BYTES + self.padded() }
    }

    /// Writes them behind what is in `queue`.
    pub(crate) fn write(&self, queue: &mut Vec<u8>) {
        if self.len > 0 {
            let head: [u8; HEAD_BYTES] = [0xBE, 0xDE, 0, (self.padded() / 4) as u8];
            queue.extend_from_slice(&head);
            queue.extend_from_slice(self.bytes.get(..self.padded()).unwrap_or_default());
        }
    }

    fn padded(&self) -> usize {
        self.len.next_multiple_of(4)
    }
}

/// What marks them, and their length in words.
const HEAD_BYTES: usize = 4;

/// Room for a media identification of 16 bytes, an audio level and an orientation.
const MAX_BYTES: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(extensions: &Extensions) -> Vec<u8> {
        let mut queue = Vec::new();
        extensions.write(&mut queue);
        assert_eq!(queue.len(), extensions.written_bytes());
        queue
    }

    #[test]
    fn they_stand_one_after_another_up_to_a_whole_word() {
        let mut extensions = Extensions::default();
        assert_eq!(written(&extensions), []);
        extensions.push(4, b"abc");
        assert_eq!(written(&extensions), [0xBE, 0xDE, 0, 1, 0x42, b'a', b'b', b'c']);
        extensions.push(1, &[0x85]);
        let expected = [0xBE, 0xDE, 0, 2, 0x42, b'a', b'b', b'c', 0x10, 0x85, 0, 0];
        assert_eq!(written(&extensions), expected);
    }

    #[test]
    fn what_cannot_be_carried_is_left_out() {
        let mut extensions = Extensions::default();
        for (id, value) in [(0, &[1][..]), (15, &[1]), (1, &[]), (2, &[1; 17])] {
            extensions.push(id, value);
        }
        assert_eq!(extensions, Extensions::default());
        extensions.push(3, &[1; 16]);
        extensions.push(4, &[2; 8]);
        assert_eq!(extensions.len, 17, "no room for the second");
        extensions.push(4, &[2; 6]);
        assert_eq!((extensions.len, written(&extensions).len()), (24, 28));
    }
}
