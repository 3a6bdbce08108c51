//! What is said about links to someone whose connection is lost, until they are back.

use roomcast_protocol::ServerMessage;

use crate::roster::Arrival;

/// Link messages in the order in which they came, bounded in number and bytes.
#[derive(Debug, Default)]
pub(crate) struct Undelivered {
    kept: Vec<Kept>,
    bytes: usize,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Who said it.
    pub(crate) from: Arrival,
    /// About which link.
    pub(crate) link: u32,
    pub(crate) message: ServerMessage,
}

/// There is no room for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Undelivered {
    /// Keeps a message of about so many bytes.
    pub(crate) fn keep(&mut self, kept: Kept, bytes: usize) -> Result<(), Full> {
        let all = self.bytes.saturating_add(bytes);
        if self.kept.len() >= MAX_UNDELIVERED || all > MAX_UNDELIVERED_BYTES {
            return Err(Full);
        }
        self.bytes = all;
        self.kept.push(kept);
        Ok(())
    }

    /// Takes everything out.
    pub(crate) fn take(&mut self) -> Vec<Kept> {
        self.bytes = 0;
        std::mem::take(&mut self.kept)
    }
}

/// Messages that wait for one participant: an offer and some candidates from each of several others.
pub(crate) const MAX_UNDELIVERED: usize = 64;

/// Their bytes: a dozen descriptions of the usual size. It bounds what people who only pretend to
/// call each other can cost.
const MAX_UNDELIVERED_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        Kept { from: Arrival(1), link: 1, message: ServerMessage::Ok { re: None } }
    }

    #[test]
    fn it_is_bounded_in_number_and_bytes_and_empty_after_it_was_taken() {
        let mut many = Undelivered::default();
        let fit = (0..100).filter(|_| many.keep(kept(), 10).is_ok()).count();
        assert_eq!((fit, many.take().len()), (MAX_UNDELIVERED, MAX_UNDELIVERED));
        let large = MAX_UNDELIVERED_BYTES / 2;
        assert_eq!(many.keep(kept(), large).and(many.keep(kept(), large)), Ok(()));
        assert_eq!(many.keep(kept(), 1), Err(Full));
    }
}
