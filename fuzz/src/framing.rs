//! The bytes of a connection, cut anywhere, and what comes out of them.

use roomcast_turn::{FrameError, Frames};

/// The first byte says how the rest is cut.
///
/// # Panics
/// If the messages depend on the cut, are not what came in, or are too long.
pub fn run(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else { return };
    if bytes.len() > Frames::MAX_PENDING - Frames::MAX_MESSAGE {
        return;
    }
    let at_once = messages(bytes, bytes.len().max(1));
    let in_pieces = messages(bytes, usize::from(*cut) + 1);
    assert_eq!(at_once, in_pieces);
    let (messages, _) = at_once;
    assert!(bytes.starts_with(&messages.concat()));
    assert!(messages.iter().all(|message| message.len() <= Frames::MAX_MESSAGE));
    assert!(messages.iter().all(|message| message.len() % 4 == 0 && !message.is_empty()));
}

fn messages(bytes: &[u8], cut: usize) -> (Vec<Vec<u8>>, Option<FrameError>) {
    let mut frames = Frames::default();
    let mut messages = Vec::new();
    for piece in bytes.chunks(cut) {
        if let Err(error) = frames.push(piece) {
            return (messages, Some(error));
        }
        loop {
            match frames.next() {
                Ok(Some(message)) => messages.push(message.to_vec()),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
    }
    (messages, None)
}
