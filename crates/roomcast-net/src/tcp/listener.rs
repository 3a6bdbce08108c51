//! A listening TCP socket that keeps accepting.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use crate::address::{canonical, is_any_v6, lacks_v6};

/// A listening TCP socket. It is made inside a tokio runtime.
#[derive(Debug)]
pub struct Listener {
    inner: tokio::net::TcpListener,
}

impl Listener {
    /// Listens on `address`. `[::]` takes IPv4 as well; where the machine has no IPv6 it becomes
    /// `0.0.0.0`. Port 0 lets the system choose, see [`Listener::local_addr`].
    ///
    /// # Errors
    /// What the system says: most often [`io::ErrorKind::AddrInUse`] or
    /// [`io::ErrorKind::PermissionDenied`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = match listening_socket(address) {
            Err(error) if is_any_v6(address) && lacks_v6(&error) => {
                tracing::debug!(%error, "no IPv6 here; listening on IPv4 alone");
                listening_socket(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))?
            }
            other => other?,
        };
        Ok(Self { inner: tokio::net::TcpListener::from_std(socket.into())? })
    }

    /// Where it listens; the port is the real one.
    ///
    /// # Errors
    /// What the system says; not seen in practice on a bound socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// The next connection, with Nagle's algorithm off and the peer's address in its short form.
    /// May be cancelled without losing a connection.
    ///
    /// A connection that died in the queue is skipped, and when the process or the system is out of
    /// descriptors or memory this waits [`EXHAUSTED_PAUSE`] and tries again.
    ///
    /// # Errors
    /// Only those after which the socket is of no more use.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            match self.inner.accept().await {
                Ok((stream, peer)) => {
                    // Signaling is many small messages; each would wait for the last one's ACK.
                    // A refusal means that the peer is gone already: the first read will tell.
                    let _ = stream.set_nodelay(true);
                    return Ok((stream, canonical(peer)));
                }
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) if is_exhaustion(&error) => {
                    tracing::warn!(%error, "cannot accept connections for a moment");
                    tokio::time::sleep(EXHAUSTED_PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// How long accepting pauses when the process is out of descriptors: long enough not to spin, short
/// enough that a visitor does not notice.
pub const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Connections that may wait to be accepted: a whole class opening the link at once. The system
/// lowers it to its own limit.
const BACKLOG: i32 = 1024;

fn listening_socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if is_any_v6(address) {
        socket.set_only_v6(false)?;
    }
    // On unix: a restarted node may listen at once, old connections in TIME_WAIT notwithstanding.
    // On Windows the same flag would let two programs take one port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
            | io::ErrorKind::TimedOut
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
    )
}

/// EMFILE, ENFILE, ENOBUFS, ENOMEM: they pass when something else closes.
fn is_exhaustion(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(windows) {
        &[10024, 10055]
    } else if cfg!(target_os = "linux") || cfg!(target_os = "android") {
        &[24, 23, 105, 12]
    } else {
        &[24, 23, 55, 12]
    };
    error.kind() == io::ErrorKind::OutOfMemory
        || error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_ipv4_peer_of_a_dual_stack_port_is_seen_as_ipv4() {
        let listener = Listener::bind("[::]:0".parse().unwrap()).unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        assert!(stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn a_taken_port_is_refused() {
        let first = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let error = Listener::bind(first.local_addr().unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn running_out_of_descriptors_is_not_the_end() {
        let emfile = if cfg!(windows) { 10024 } else { 24 };
        assert!(is_exhaustion(&io::Error::from_raw_os_error(emfile)));
        assert!(!is_exhaustion(&io::Error::from(io::ErrorKind::InvalidInput)));
    }
}
