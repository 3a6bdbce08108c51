//! What a new connection wants to speak, from its first byte.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// HTTP in the clear, version 1 or 2.
    Http,
    /// A TLS handshake.
    Tls,
    /// STUN: a client of the relay. No connection begins with ChannelData, because channels have to
    /// be bound first; so letters can mean HTTP.
    Stun,
    /// None of them.
    Unknown,
}

/// Waits for the first byte and tells what the connection speaks. The byte stays in the stream.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] when nothing came within [`SNIFF_TIME_LIMIT`],
/// [`io::ErrorKind::UnexpectedEof`] when the peer closed first, or what the system says.
pub async fn sniff(stream: &TcpStream) -> io::Result<Kind> {
    let mut first = [0];
    match tokio::time::timeout(SNIFF_TIME_LIMIT, stream.peek(&mut first)).await {
        Err(_elapsed) => Err(io::ErrorKind::TimedOut.into()),
        Ok(Ok(0)) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(read) => read.map(|_| classify(first[0])),
    }
}

/// How long a peer may stay silent after connecting. Every protocol here has the client speak first, but
/// its first bytes may be lost: a system that had to repeat its SYN repeats them only after 3, 9 and 21 s
/// (RFC 6298 section 5.7), and browsers do not ask again when a connection ends that they have just made.
pub const SNIFF_TIME_LIMIT: Duration = Duration::from_secs(30);

/// What a connection whose first byte is `first` speaks.
#[must_use]
pub fn classify(first: u8) -> Kind {
    match first {
        // A TLS record of type handshake (RFC 8446 section 5.1).
        0x16 => Kind::Tls,
        // An HTTP/1 method, or the preface of HTTP/2, `PRI * HTTP/2.0` (RFC 9113 section 3.4).
        b'A'..=b'Z' => Kind::Http,
        // The two leading bits of a STUN message are 0, and no method is above 0xfff (RFC 8489 section 5).
        0..=3 => Kind::Stun,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::tcp::Listener;

    #[test]
    fn the_first_byte_tells() {
        assert_eq!(classify(0x16), Kind::Tls);
        for request in [&b"GET /"[..], b"POST /", b"PRI * HTTP/2.0", b"OPTIONS *"] {
            assert_eq!(classify(request[0]), Kind::Http);
        }
        // A Binding request, and the highest method's answer.
        for first in [0x00, 0x03] {
            assert_eq!(classify(first), Kind::Stun);
        }
        // A TURN channel, an RFC 4571 length, a lower-case letter, an SSLv2 hello.
        for first in [0x40, 0x04, b'g', 0x80, 0xff] {
            assert_eq!(classify(first), Kind::Unknown);
        }
    }

    #[tokio::test]
    async fn sniffing_leaves_the_byte_in_the_stream() {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.write_all(b"GET").await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        assert_eq!(sniff(&stream).await.unwrap(), Kind::Http);
        let mut read = [0; 3];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"GET");
    }

    #[tokio::test(start_paused = true)]
    async fn first_bytes_that_were_lost_three_times_are_waited_for() {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let sniffed = tokio::spawn(async move { sniff(&stream).await });
        tokio::time::sleep(Duration::from_secs(3 + 6 + 12)).await;
        client.write_all(b"GET").await.unwrap();
        assert_eq!(sniffed.await.unwrap().unwrap(), Kind::Http);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_says_nothing_is_not_waited_for_for_ever() {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let began = tokio::time::Instant::now();
        assert_eq!(sniff(&stream).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= SNIFF_TIME_LIMIT);
    }

    #[tokio::test]
    async fn a_peer_that_leaves_without_a_word_is_an_error() {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        drop(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
        let (stream, _) = listener.accept().await.unwrap();
        assert_eq!(sniff(&stream).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
