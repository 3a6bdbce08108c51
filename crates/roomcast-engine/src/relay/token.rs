//! What a token of the shard's poll stands for.

use mio::Token;

/// The shard's UDP socket.
pub(crate) const SOCKET: Token = Token(0);
/// The bell of its mailbox.
pub(crate) const BELL: Token = Token(1);

/// A token of the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The socket of a relayed address, by its place in the table.
    Socket(usize),
    /// The connection of a client, by its place in the table.
    Stream(usize),
}

/// Behind those of the shard.
const FIRST: usize = 2;

pub(super) fn of_socket(key: usize) -> Token {
    Token(FIRST + 2 * key)
}

pub(super) fn of_stream(key: usize) -> Token {
    Token(FIRST + 2 * key + 1)
}

/// `None` for tokens of the shard.
pub(super) fn source(token: Token) -> Option<Source> {
    let place = token.0.checked_sub(FIRST)?;
    let key = place / 2;
    Some(if place % 2 == 0 { Source::Socket(key) } else { Source::Stream(key) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_what_it_was_made_for() {
        for key in [0, 1, 7_000] {
            assert_eq!(source(of_socket(key)), Some(Source::Socket(key)));
            assert_eq!(source(of_stream(key)), Some(Source::Stream(key)));
        }
        assert_eq!(source(SOCKET), None);
        assert_eq!(source(BELL), None);
    }
}
