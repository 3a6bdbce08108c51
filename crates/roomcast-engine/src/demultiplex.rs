//! Who gets a datagram of the one UDP port, by its first bytes (RFC 7983 §7).
//!
//! Media is told from the rest by one comparison. Of STUN, checks of ICE are the media core's: they
//! bear the user name of a session, `ufrag:ufrag` (RFC 8445 §7.2.2), and so do answers to its own.

/// Who gets a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    /// The media core: DTLS, RTP, RTCP, checks of ICE, and whatever is neither.
    Media,
    /// The relay: Binding without a user, all of TURN, and ChannelData.
    Relay,
}

impl To {
    /// Who gets these.
    pub(crate) fn of(datagram: &[u8]) -> Self {
        match datagram.first() {
            Some(0..=3) if !is_for_media(datagram) => Self::Relay,
            Some(64..=127) => Self::Relay,
            _ => Self::Media,
        }
    }
}

/// Whether a STUN message is for the media core.
fn is_for_media(message: &[u8]) -> bool {
    let Some((head, attributes)) = message.split_first_chunk::<20>() else { return true };
    let kind = u16::from_be_bytes([head[0], head[1]]);
    match kind {
        BINDING_REQUEST => names_session(attributes),
        BINDING_INDICATION | BINDING_SUCCESS | BINDING_ERROR => true,
        _ => false,
    }
}

/// Whether there is a USERNAME with a colon among the attributes.
fn names_session(mut attributes: &[u8]) -> bool {
    while let Some((head, rest)) = attributes.split_first_chunk::<4>() {
        let kind = u16::from_be_bytes([head[0], head[1]]);
        let len = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let Some(value) = rest.get(..len) else { return false };
        if kind == USERNAME {
            return value.contains(&b':');
        }
        attributes = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    false
}

// Types of messages and attributes (RFC 8489 §5 and §18).
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_INDICATION: u16 = 0x0011;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const USERNAME: u16 = 0x0006;

#[cfg(test)]
mod tests {
    use super::*;

    fn stun(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend_from_slice(&kind.to_be_bytes());
            body.extend_from_slice(&(value.len() as u16).to_be_bytes());
            body.extend_from_slice(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut message = kind.to_be_bytes().to_vec();
        message.extend_from_slice(&(body.len() as u16).to_be_bytes());
        message.extend_from_slice(&[0x21, 0x12, 0xA4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        message.extend_from_slice(&body);
        message
    }

    #[test]
    fn media_stays_with_the_media_core() {
        for first in [20, 63, 128, 191, 192, 255, 4, 19] {
            assert_eq!(To::of(&[first; 40]), To::Media, "{first}");
        }
        assert_eq!(To::of(&[]), To::Media);
    }

    #[test]
    fn channel_data_is_relayed() {
        assert_eq!(To::of(&[64, 0, 0, 0]), To::Relay);
        assert_eq!(To::of(&[127, 254, 0, 0]), To::Relay);
    }

    #[test]
    fn a_binding_request_is_a_check_when_it_names_a_session() {
        let check = stun(BINDING_REQUEST, &[(0x8022, b"abc"), (USERNAME, b"ours:theirs")]);
        assert_eq!(To::of(&check), To::Media);
        assert_eq!(To::of(&stun(BINDING_REQUEST, &[(0x8022, b"abcde")])), To::Relay);
        assert_eq!(To::of(&stun(BINDING_REQUEST, &[(USERNAME, b"alice")])), To::Relay);
        assert_eq!(To::of(&stun(BINDING_SUCCESS, &[])), To::Media);
    }

    #[test]
    fn methods_of_turn_are_relayed_whoever_they_name() {
        for allocate_refresh_send_channel in [0x0003, 0x0004, 0x0016, 0x0009, 0x0008] {
            let message = stun(allocate_refresh_send_channel, &[(USERNAME, b"1:alice")]);
            assert_eq!(To::of(&message), To::Relay);
        }
    }

    #[test]
    fn attributes_that_lie_about_their_length_are_no_danger() {
        let mut check = stun(BINDING_REQUEST, &[(USERNAME, b"ours:theirs")]);
        check[23] = 200;
        assert_eq!(To::of(&check), To::Relay);
        for len in 0..check.len() {
            To::of(&check[..len]);
        }
    }
}
