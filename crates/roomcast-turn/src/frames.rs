//! From the bytes of a connection to messages (RFC 8656 §3.1 and §12.5).

use crate::stun::{HEADER, MAGIC_COOKIE};

/// Cuts the bytes of a connection into STUN messages and ChannelData.
///
/// After each [`Frames::push`], call [`Frames::next`] until it returns `Ok(None)`: what is kept then
/// is less than one message. After an error the connection has to be closed.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    /// Where the first message begins that was not handed out.
    start: usize,
}

/// The connection speaks something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// What stands where a message must begin is neither STUN nor ChannelData.
    #[error("neither STUN nor ChannelData")]
    Foreign,
    /// The message says that it is longer than [`Frames::MAX_MESSAGE`].
    #[error("the message is too long")]
    TooLong,
    /// More bytes came at once than [`Frames::MAX_PENDING`].
    #[error("too many bytes at once")]
    Overflow,
}

impl Frames {
    /// Bytes of the longest message that is taken: the datagram of a network with jumbo frames fits.
    pub const MAX_MESSAGE: usize = 16_384;
    /// Bytes that may wait at once: one message and a large read.
    pub const MAX_PENDING: usize = 8 * Self::MAX_MESSAGE;

    /// Takes what was read, in pieces of any size up to [`Frames::MAX_PENDING`] less
    /// [`Frames::MAX_MESSAGE`].
    ///
    /// # Errors
    /// [`FrameError::Overflow`] if too much waits.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        self.bytes.drain(..self.start);
        self.start = 0;
        if self.bytes.len() + bytes.len() > Self::MAX_PENDING {
            return Err(FrameError::Overflow);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The next whole message, with its padding.
    ///
    /// # Errors
    /// [`FrameError::Foreign`] and [`FrameError::TooLong`]; the same again when called again.
    #[allow(clippy::should_implement_trait, reason = "an iterator cannot lend what it owns")]
    pub fn next(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let waiting = self.bytes.get(self.start..).unwrap_or_default();
        let Some(size) = size_of(waiting)? else { return Ok(None) };
        let message = waiting.get(..size);
        if message.is_some() {
            self.start += size;
        }
        Ok(message)
    }

    /// What was pushed and not handed out.
    pub fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

/// Bytes of the message that begins here, with its padding. `None` if that is not known yet.
fn size_of(bytes: &[u8]) -> Result<Option<usize>, FrameError> {
    let Some([first, _, l0, l1]) = bytes.first_chunk() else {
        // Whoever speaks something else is told at its first byte.
        let known = bytes.first().is_none_or(|first| *first < FIRST_FOREIGN);
        return if known { Ok(None) } else { Err(FrameError::Foreign) };
    };
    let length = usize::from(u16::from_be_bytes([*l0, *l1]));
    let size = match first {
        ..FIRST_CHANNEL if length % 4 != 0 => return Err(FrameError::Foreign),
        ..FIRST_CHANNEL => HEADER + length,
        FIRST_CHANNEL..FIRST_FOREIGN => 4 + length.next_multiple_of(4),
        _ => return Err(FrameError::Foreign),
    };
    if size > Frames::MAX_MESSAGE {
        return Err(FrameError::TooLong);
    }
    let cookie = bytes.get(4..8).filter(|_| *first < FIRST_CHANNEL);
    if cookie.is_some_and(|cookie| cookie != MAGIC_COOKIE.to_be_bytes()) {
        return Err(FrameError::Foreign);
    }
    Ok(Some(size))
}

/// First bytes of STUN are below, those of ChannelData from here on (RFC 8656 §12.4).
const FIRST_CHANNEL: u8 = 0x40;
/// First bytes from here on are neither's.
const FIRST_FOREIGN: u8 = 0x80;
