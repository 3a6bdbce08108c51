//! The way of messages from a room to one connection: bounded in number and bytes, never waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{mpsc, watch};

/// The room's end. The connection closes when it is dropped, after what was put in.
#[derive(Debug)]
pub(crate) struct Outbox {
    messages: mpsc::Sender<Utf8Bytes>,
    queued_bytes: Arc<AtomicUsize>,
    overflow: watch::Sender<bool>,
}

/// The connection's end.
#[derive(Debug)]
pub(crate) struct Inbox {
    messages: mpsc::Receiver<Utf8Bytes>,
    queued_bytes: Arc<AtomicUsize>,
    overflow: watch::Receiver<bool>,
}

/// The connection reads too slowly: nothing more will reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overflow;

/// Messages that may wait for one connection: some seconds of the busiest chat.
const MAX_QUEUED_MESSAGES: usize = 256;

/// Their bytes: 16 messages of the greatest size. A connection that lags further is closed, so this
/// bounds what a crowd that stops reading can cost.
const MAX_QUEUED_BYTES: usize = 1024 * 1024;

/// A new pair.
pub(crate) fn outbox() -> (Outbox, Inbox) {
    let (messages, received) = mpsc::channel(MAX_QUEUED_MESSAGES);
    let (overflow, overflown) = watch::channel(false);
    let queued_bytes = Arc::new(AtomicUsize::new(0));
    let inbox =
        Inbox { messages: received, queued_bytes: Arc::clone(&queued_bytes), overflow: overflown };
    (Outbox { messages, queued_bytes, overflow }, inbox)
}

impl Outbox {
    /// Puts a message in, without waiting.
    pub(crate) fn push(&self, text: Utf8Bytes) -> Result<(), Overflow> {
        let bytes = text.len();
        let queued = self.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        if queued + bytes > MAX_QUEUED_BYTES {
            return Err(self.overflowed());
        }
        match self.messages.try_send(text) {
            // A connection that is gone says so by itself.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(self.overflowed()),
        }
    }

    /// Whether so much waits that what can be sent again should be left out.
    pub(crate) fn is_half_full(&self) -> bool {
        let messages = self.messages.max_capacity() - self.messages.capacity();
        messages * 2 >= MAX_QUEUED_MESSAGES
            || self.queued_bytes.load(Ordering::Relaxed) * 2 >= MAX_QUEUED_BYTES
    }

    fn overflowed(&self) -> Overflow {
        self.overflow.send_replace(true);
        Overflow
    }
}

impl Inbox {
    /// The next message; `None` when the room wants the connection closed.
    pub(crate) async fn next(&mut self) -> Option<Utf8Bytes> {
        let text = self.messages.recv().await?;
        self.queued_bytes.fetch_sub(text.len(), Ordering::Relaxed);
        Some(text)
    }

    /// Watches for the overflow. Independent of [`Inbox::next`], so that both can be awaited.
    pub(crate) fn overflow(&self) -> watch::Receiver<bool> {
        self.overflow.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_lags_by_messages_overflows() {
        let (outbox, inbox) = outbox();
        for _ in 0..MAX_QUEUED_MESSAGES {
            outbox.push("x".into()).unwrap();
        }
        assert!(!*inbox.overflow().borrow());
        assert_eq!(outbox.push("x".into()), Err(Overflow));
        assert!(*inbox.overflow().borrow());
    }

    #[test]
    fn what_can_be_sent_again_is_left_out_long_before_the_overflow() {
        let (outbox, _inbox) = outbox();
        assert!(!outbox.is_half_full());
        outbox.push("x".repeat(MAX_QUEUED_BYTES / 2).into()).unwrap();
        assert!(outbox.is_half_full());
    }

    #[tokio::test]
    async fn a_connection_that_lags_by_bytes_overflows_and_reading_makes_room() {
        let (outbox, mut inbox) = outbox();
        let large: Utf8Bytes = "x".repeat(MAX_QUEUED_BYTES / 2).into();
        for _ in 0..10 {
            outbox.push(large.clone()).unwrap();
            assert!(inbox.next().await.is_some());
        }
        outbox.push(large.clone()).unwrap();
        outbox.push(large.clone()).unwrap();
        assert_eq!(outbox.push(large), Err(Overflow));
    }
}
