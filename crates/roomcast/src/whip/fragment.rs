//! Fragments of descriptions, `application/trickle-ice-sdpfrag` (RFC 8840 section 9): what a `PATCH`
//! says about ICE, and what it is answered.
//!
//! The node is ICE-lite and learns the addresses of a client from its checks. So of a client's
//! fragment only the credentials matter: whether they are those of the session, or begin a new one.

use roomcast_protocol::limits::{MAX_DESCRIPTION_BYTES, MAX_DESCRIPTION_LINES};
use roomcast_protocol::{ErrorCode, Refusal};

use super::credentials::Credentials;

/// The media type of a fragment.
pub(super) const MEDIA_TYPE: &str = "application/trickle-ice-sdpfrag";

/// What a fragment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fragment {
    /// Candidates or their end, of whatever session there is.
    Unbound,
    /// Candidates of the session with these credentials, or the wish for such a session.
    Of(Credentials),
}

impl Fragment {
    /// Reads the body of a `PATCH`.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`], or [`ErrorCode::SdpInvalid`] when a line is none of a fragment or the
    /// credentials are not whole.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_DESCRIPTION_BYTES {
            let message = format!("a fragment may have {MAX_DESCRIPTION_BYTES} bytes at most");
            return Err(Refusal::new(ErrorCode::TooLarge, message));
        }
        let text = std::str::from_utf8(body).map_err(|_| invalid("the fragment is not text"))?;
        if text.lines().count() > MAX_DESCRIPTION_LINES {
            let message = format!("a fragment may have {MAX_DESCRIPTION_LINES} lines at most");
            return Err(Refusal::new(ErrorCode::SdpInvalid, message));
        }
        if !text.lines().all(is_line) {
            return Err(invalid("a line of the fragment is none of a session description"));
        }
        let bears = |name| text.lines().any(|line| line.starts_with(name));
        if !bears("a=ice-ufrag:") && !bears("a=ice-pwd:") {
            return Ok(Self::Unbound);
        }
        let credentials = Credentials::first_in(text);
        credentials.map(Self::Of).ok_or_else(|| invalid("ice-ufrag and ice-pwd do not fit"))
    }
}

/// The fragment that answers a restart of ICE: what the new `answer` says about ICE, for the first of
/// its sections that is used.
pub(super) fn of_answer(answer: &str) -> String {
    let mut lines = answer.lines().peekable();
    let mut fragment = String::new();
    let mut write = |line: &str| fragment.extend([line, "\r\n"]);
    while let Some(line) = lines.next_if(|line| !line.starts_with("m=")) {
        if OF_SESSION.iter().any(|name| line.starts_with(name)) {
            write(line);
        }
    }
    let used = lines.skip_while(|line| !line.starts_with("m=") || is_rejected(line));
    let mut used = used.peekable();
    if let Some(media) = used.next() {
        write(media);
    }
    for line in used.take_while(|line| !line.starts_with("m=")) {
        if OF_SECTION.iter().any(|name| line.starts_with(name)) && line != "a=end-of-candidates" {
            write(line);
        }
    }
    write("a=end-of-candidates");
    fragment
}

const OF_SESSION: [&str; 5] =
    ["a=ice-lite", "a=ice-options:", "a=group:", "a=ice-ufrag:", "a=ice-pwd:"];

const OF_SECTION: [&str; 5] =
    ["a=mid:", "a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "a=ice-options:"];

fn is_rejected(media: &str) -> bool {
    media.split(' ').nth(1) == Some("0")
}

/// A letter, an equals sign, a value; empty lines are put up with.
fn is_line(line: &str) -> bool {
    let mut bytes = line.bytes();
    match (bytes.next(), bytes.next()) {
        (None, _) => true,
        (Some(kind), Some(b'=')) => kind.is_ascii_lowercase(),
        _ => false,
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(ErrorCode::SdpInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PWD: &str = "P2uYro0UCOQ4zxjKXaWCBui1";

    fn trickle() -> String {
        format!(
            "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n\
             a=ice-ufrag:EsAw\r\na=ice-pwd:{PWD}\r\n\
             a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host\r\n\
             a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r\n\
             a=end-of-candidates\r\n"
        )
    }

    #[test]
    fn credentials_stand_in_a_section_or_before_all() {
        let expected = Fragment::Of(Credentials::new("EsAw", PWD).unwrap());
        assert_eq!(Fragment::read(trickle().as_bytes()), Ok(expected.clone()));
        let of_session = format!("a=ice-ufrag:EsAw\na=ice-pwd:{PWD}\na=end-of-candidates\n");
        assert_eq!(Fragment::read(of_session.as_bytes()), Ok(expected));
    }

    #[test]
    fn candidates_may_come_without_credentials() {
        let bare =
            "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n";
        assert_eq!(Fragment::read(bare.as_bytes()), Ok(Fragment::Unbound));
        assert_eq!(Fragment::read(b""), Ok(Fragment::Unbound));
    }

    #[test]
    fn what_is_no_fragment_is_refused() {
        let code = |body: &[u8]| Fragment::read(body).unwrap_err().code;
        for body in ["hello", "{\"candidate\":1}", "a", "A=x", "a=ice-ufrag:EsAw", "a=ice-pwd:x"] {
            assert_eq!(code(body.as_bytes()), ErrorCode::SdpInvalid, "{body}");
        }
        assert_eq!(code(&[b'a', b'=', 0xff]), ErrorCode::SdpInvalid);
        assert_eq!(code("a=x\n".repeat(1_001).as_bytes()), ErrorCode::SdpInvalid);
        assert_eq!(code(&vec![b'\n'; MAX_DESCRIPTION_BYTES + 1]), ErrorCode::TooLarge);
    }

    #[test]
    fn an_answer_becomes_the_fragment_of_its_first_section_that_is_used() {
        let answer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n\
                      a=group:BUNDLE 1 2\r\na=fingerprint:sha-256 00\r\n\
                      m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=inactive\r\n\
                      m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:abcd\r\n\
                      a=ice-pwd:x\r\na=candidate:1 1 udp 1 192.0.2.1 8443 typ host\r\n\
                      a=end-of-candidates\r\na=sendonly\r\n\
                      m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:2\r\na=ice-ufrag:abcd\r\n";
        let expected = "a=ice-lite\r\na=group:BUNDLE 1 2\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n\
                        a=mid:1\r\na=ice-ufrag:abcd\r\na=ice-pwd:x\r\n\
                        a=candidate:1 1 udp 1 192.0.2.1 8443 typ host\r\na=end-of-candidates\r\n";
        assert_eq!(of_answer(answer), expected);
    }
}
