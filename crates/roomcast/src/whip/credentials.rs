//! The credentials of an ICE session (RFC 8839 section 5.4).

use std::fmt;

/// A user fragment and a password of the right form: they can be written into a description.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    ufrag: String,
    pwd: String,
}

impl Credentials {
    /// Takes them if their form is right.
    pub(super) fn new(ufrag: &str, pwd: &str) -> Option<Self> {
        let fits = |text: &str, min: usize| {
            (min..=MAX_CHARS).contains(&text.len()) && text.bytes().all(is_ice_char)
        };
        let right = fits(ufrag, MIN_UFRAG_CHARS) && fits(pwd, MIN_PWD_CHARS);
        right.then(|| Self { ufrag: ufrag.to_owned(), pwd: pwd.to_owned() })
    }

    /// The first ones in a description or a part of one. In a bundle they are those of all sections.
    pub(super) fn first_in(sdp: &str) -> Option<Self> {
        let value = |name| sdp.lines().find_map(|line| line.strip_prefix(name));
        Self::new(value("a=ice-ufrag:")?.trim(), value("a=ice-pwd:")?.trim())
    }

    /// The user fragment.
    pub(super) fn ufrag(&self) -> &str {
        &self.ufrag
    }

    /// The password.
    pub(super) fn pwd(&self) -> &str {
        &self.pwd
    }
}

impl fmt::Debug for Credentials {
    /// Without the password, which logs must not hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("ufrag", &self.ufrag).finish_non_exhaustive()
    }
}

fn is_ice_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/' || LENIENT.contains(&byte)
}

/// Beside the characters of the standard: clients write these too.
const LENIENT: [u8; 3] = *b"=-_";

const MIN_UFRAG_CHARS: usize = 4;
const MIN_PWD_CHARS: usize = 22;
const MAX_CHARS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    const PWD: &str = "P2uYro0UCOQ4zxjKXaWCBui1";

    #[test]
    fn only_what_may_stand_in_a_description_is_taken() {
        assert!(Credentials::new("EsAw", PWD).is_some());
        for (ufrag, pwd) in [("EsA", PWD), ("EsAw", "short"), ("EsAw\r\na=x", PWD), ("Es w", PWD)] {
            assert_eq!(Credentials::new(ufrag, pwd), None, "{ufrag} {pwd}");
        }
        assert_eq!(Credentials::new(&"x".repeat(257), PWD), None);
    }

    #[test]
    fn those_of_the_session_or_of_the_first_section_are_found() {
        let sdp = format!("v=0\r\na=ice-pwd:{PWD}\r\nm=audio 9 X 0\r\na=ice-ufrag:EsAw\r\n");
        assert_eq!(Credentials::first_in(&sdp), Credentials::new("EsAw", PWD));
        assert_eq!(Credentials::first_in("v=0\r\n"), None);
    }

    #[test]
    fn the_password_is_not_printed() {
        assert!(!format!("{:?}", Credentials::new("EsAw", PWD)).contains(PWD));
    }
}
