//! RFC 8656 §3.1 and §12.5: messages on streams.

use proptest::prelude::*;
use roomcast_turn::{FrameError, Frames};

use crate::wire::*;

fn all(frames: &mut Frames) -> Result<Vec<Vec<u8>>, FrameError> {
    let mut messages = Vec::new();
    while let Some(message) = frames.next()? {
        messages.push(message.to_vec());
    }
    Ok(messages)
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    let payload = || prop::collection::vec(any::<u8>(), 0..80);
    let stun =
        payload().prop_map(|data| Draft::new(SEND_INDICATION, [3; 12]).with(DATA, &data).bytes);
    let channel = (0x4000_u16..0x8000, payload()).prop_map(|(number, data)| {
        let mut bytes = channel_data(number, &data);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    });
    prop_oneof![stun, channel]
}

proptest! {
    #[test]
    fn messages_come_out_whole_and_in_order_however_the_stream_is_cut(
        messages in prop::collection::vec(message(), 0..8),
        cut in 1_usize..50,
    ) {
        let mut frames = Frames::default();
        let mut out = Vec::new();
        for piece in messages.concat().chunks(cut) {
            frames.push(piece).unwrap();
            out.extend(all(&mut frames).unwrap());
        }
        prop_assert_eq!(out, messages);
    }

    #[test]
    fn any_bytes_end_in_messages_or_in_one_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut frames = Frames::default();
        frames.push(&bytes).unwrap();
        if let Err(error) = all(&mut frames) {
            prop_assert_eq!(all(&mut frames), Err(error));
        }
    }
}

#[test]
fn what_is_neither_stun_nor_channel_data_is_an_error_at_its_first_byte() {
    for first in [0x80, 0x90, 0xC0, 0xFF] {
        let mut frames = Frames::default();
        frames.push(&[first]).unwrap();
        assert_eq!(frames.next(), Err(FrameError::Foreign));
    }
    for foreign in [&b"\0\x01\0\x00GET / HTTP"[..], b"\0\x01\0\x03"] {
        let mut frames = Frames::default();
        frames.push(foreign).unwrap();
        assert_eq!(frames.next(), Err(FrameError::Foreign));
    }
}

#[test]
fn a_message_that_is_too_long_is_an_error_before_it_has_come() {
    for head in [[0x40, 0, 0xFF, 0xFF], [0, 1, 0x40, 0]] {
        let mut frames = Frames::default();
        frames.push(&head).unwrap();
        assert_eq!(frames.next(), Err(FrameError::TooLong));
    }
}

#[test]
fn what_waits_is_bounded() {
    let mut frames = Frames::default();
    let piece = [0x40; 16_384];
    let pushed = (0..100).take_while(|_| frames.push(&piece).is_ok()).count();
    assert_eq!(pushed, Frames::MAX_PENDING / piece.len());
    assert_eq!(frames.push(&piece), Err(FrameError::Overflow));
}

#[test]
fn a_truncated_message_waits_for_the_rest() {
    let whole = Draft::new(BINDING, [1; 12]).with(0x8022, b"x").bytes;
    for cut in 0..whole.len() {
        let mut frames = Frames::default();
        frames.push(&whole[..cut]).unwrap();
        assert_eq!(frames.next(), Ok(None));
        frames.push(&whole[cut..]).unwrap();
        assert_eq!(frames.next(), Ok(Some(whole.as_slice())));
    }
}
