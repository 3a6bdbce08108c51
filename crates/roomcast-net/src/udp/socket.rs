//! One media thread's UDP socket.
//!
//! It takes [`Group`]s and finds out by itself how few calls the platform needs for them. It owns
//! the spelling of addresses on dual-stack sockets and the decision to stop using GSO.

use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::event::Source;
use mio::{Interest, Registry, Token};
use quinn_udp::{Transmit, UdpSocketState};

use super::batch::RecvBatch;
use super::bind::{bind_one_family, bind_sockets};
use super::group::{Group, MAX_DATAGRAM_BYTES, MAX_GROUP_SEGMENTS};
use crate::address::{canonical, mapped, mapped_ip};

/// A non-blocking UDP socket for one thread, to be registered with its [`mio::Poll`].
#[derive(Debug)]
pub struct Socket {
    inner: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    /// What the caller allows; the platform may allow less.
    max_segments: usize,
}

/// What became of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Sent {
    /// Datagrams that the kernel took: the first ones of the group.
    pub datagrams: usize,
    /// System calls that it took them in.
    pub calls: usize,
    /// Why the rest was not sent; `None` when all was.
    pub stopped: Option<Stop>,
}

/// Why datagrams were not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The send buffer is full.
    WouldBlock,
    /// The kernel refused, most often because there is no route to the destination. Trying again
    /// is of no use.
    Refused(io::ErrorKind),
}

impl Socket {
    /// Binds `count` sockets to `address`, among which the kernel spreads the senders by their
    /// addresses, so that each sender always reaches the same socket. With port 0 the first one
    /// decides the port.
    ///
    /// Only Linux, Android and FreeBSD can spread; elsewhere this returns **one** socket, whatever
    /// `count` is. `[::]` takes IPv4 as well, and becomes `0.0.0.0` where there is no IPv6.
    ///
    /// # Errors
    /// What the system says, most often [`io::ErrorKind::AddrInUse`].
    pub fn bind_group(address: SocketAddr, count: u16) -> io::Result<Vec<Self>> {
        bind_sockets(address, count)?.into_iter().map(Self::from_bound).collect()
    }

    /// Binds one socket that shares its port with none.
    ///
    /// # Errors
    /// As [`Socket::bind_group`].
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = bind_sockets(address, 1)?.pop();
        socket.ok_or(io::ErrorKind::NotFound.into()).and_then(Self::from_bound)
    }

    /// Binds one socket that shares its port with none, not even with the other family: `[::]` leaves
    /// IPv4 alone. Its buffers are to hold `buffer_bytes` in each direction.
    ///
    /// # Errors
    /// What the system says, most often [`io::ErrorKind::AddrInUse`].
    pub fn bind_one_family(address: SocketAddr, buffer_bytes: usize) -> io::Result<Self> {
        bind_one_family(address, buffer_bytes).and_then(Self::from_bound)
    }

    fn from_bound(socket: socket2::Socket) -> io::Result<Self> {
        let inner = mio::net::UdpSocket::from_std(socket.into());
        let state = UdpSocketState::new((&inner).into())?;
        let local = inner.local_addr()?;
        Ok(Self { inner, state, local, max_segments: MAX_GROUP_SEGMENTS })
    }

    /// Where it is bound; the port is the real one.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        canonical(self.local)
    }

    /// Bytes that may wait to be read, as the kernel counts them; [`SOCKET_BUFFER_BYTES`] are asked
    /// for.
    ///
    /// # Errors
    /// What the system says; not seen in practice.
    pub fn recv_buffer_bytes(&self) -> io::Result<usize> {
        self.state.recv_buffer_size((&self.inner).into())
    }

    /// Reads what waits, as much as one system call brings (at most 32 slots with 64 datagrams
    /// each), and returns the number of datagrams, empty ones included. 0 means that nothing waits:
    /// only after that, or after [`RecvBatch::may_leave_more`] says no, will `mio` report this socket
    /// readable again.
    ///
    /// # Errors
    /// What the system says. Reports of datagrams that did not arrive somewhere are passed over; at
    /// very many of them the error is [`io::ErrorKind::Interrupted`], and more may wait.
    pub fn recv(&mut self, batch: &mut RecvBatch) -> io::Result<usize> {
        for _ in 0..MAX_STALE_REPORTS {
            let (inner, state) = (&self.inner, &self.state);
            let filled = batch
                .fill(|slices, metas| inner.try_io(|| state.recv(inner.into(), slices, metas)));
            match filled {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
                // Windows tells here that an earlier datagram met a closed port.
                Err(error) if is_about_an_earlier_send(&error) => {}
                other => return other,
            }
        }
        Err(io::ErrorKind::Interrupted.into())
    }

    /// Whether the system may cut what is sent into fragments. If not, all of it has the DF bit set.
    #[must_use]
    pub fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }

    /// Datagrams that go out in one call. 1 where there is no GSO, or once it failed.
    #[must_use]
    pub fn max_segments(&self) -> usize {
        self.state.max_gso_segments().clamp(1, self.max_segments)
    }

    /// Datagrams that may come in as one piece. 1 where there is no GRO.
    #[must_use]
    pub fn max_received_segments(&self) -> usize {
        self.state.gro_segments().max(1)
    }

    /// Allows at most `segments` datagrams a call. 1 switches GSO off, for a machine where it is
    /// broken in a way that no error shows.
    pub fn limit_segments(&mut self, segments: usize) {
        self.max_segments = segments.clamp(1, MAX_GROUP_SEGMENTS);
    }

    /// Sends a group, by one call where the platform can. Never blocks. Without GSO, and when GSO
    /// is refused for this group, each datagram goes by a call of its own.
    pub fn send(&mut self, group: &Group<'_>) -> Sent {
        let mut sent = Sent { datagrams: 0, calls: 0, stopped: None };
        if !is_sendable(group) {
            sent.stopped = Some(Stop::Refused(io::ErrorKind::InvalidInput));
            return sent;
        }
        let addressed = self.addressed(group);
        let segment = group.segment_size;
        let per_call = self.max_segments().min(MAX_DATAGRAM_BYTES / segment).max(1);
        for part in group.contents.chunks(segment * per_call) {
            let part = Group { contents: part, ..addressed };
            match self.send_once(&part) {
                Ok(()) => sent.count(part.datagrams().len()),
                Err(error) if part.contents.len() > segment && !is_would_block(&error) => {
                    self.send_one_by_one(&part, &mut sent);
                }
                Err(error) => sent.stopped = Some(Stop::from(&error)),
            }
            if sent.stopped.is_some() {
                break;
            }
        }
        sent
    }

    /// After a group was refused: sends its datagrams each by itself, which also tells whether GSO
    /// was the reason.
    fn send_one_by_one(&mut self, group: &Group<'_>, sent: &mut Sent) {
        for datagram in group.datagrams() {
            let single = Group { contents: datagram, segment_size: datagram.len(), ..*group };
            match self.send_once(&single) {
                Ok(()) => sent.count(1),
                Err(error) => {
                    sent.stopped = Some(Stop::from(&error));
                    if !is_would_block(&error) {
                        self.clear_gso_of_suspicion();
                    }
                    return;
                }
            }
        }
    }

    /// `quinn-udp` gives up GSO for good at the first EINVAL or EIO. When the datagram fails by
    /// itself as well, the destination or the source address was at fault; without this a single
    /// odd address would slow down everyone else.
    fn clear_gso_of_suspicion(&mut self) {
        if let Ok(state) = UdpSocketState::new((&self.inner).into()) {
            self.state = state;
        }
    }

    fn send_once(&self, group: &Group<'_>) -> io::Result<()> {
        let several = group.contents.len() > group.segment_size;
        let transmit = Transmit {
            destination: group.destination,
            ecn: None,
            contents: group.contents,
            segment_size: several.then_some(group.segment_size),
            src_ip: group.source_ip,
        };
        self.inner.try_io(|| self.state.try_send((&self.inner).into(), &transmit))
    }

    /// The group with its addresses as this socket's family spells them. A source address that
    /// cannot be one is left out: the system then chooses.
    fn addressed<'a>(&self, group: &Group<'a>) -> Group<'a> {
        let source_ip = group.source_ip.filter(|ip| is_source(*ip, group.destination));
        if self.local.is_ipv4() {
            return Group { source_ip, destination: canonical(group.destination), ..*group };
        }
        let destination = mapped(group.destination);
        Group { source_ip: source_ip.map(mapped_ip), destination, ..*group }
    }
}

impl Sent {
    fn count(&mut self, datagrams: usize) {
        self.datagrams += datagrams;
        self.calls += 1;
    }
}

impl From<&io::Error> for Stop {
    fn from(error: &io::Error) -> Self {
        if is_would_block(error) { Self::WouldBlock } else { Self::Refused(error.kind()) }
    }
}

impl Source for Socket {
    fn register(&mut self, registry: &Registry, token: Token, on: Interest) -> io::Result<()> {
        self.inner.register(registry, token, on)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, on: Interest) -> io::Result<()> {
        self.inner.reregister(registry, token, on)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.inner.deregister(registry)
    }
}

/// Buffers asked of the kernel, for each direction: at the default of 208 KiB, bursts lose 12 %.
pub const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// Reports of earlier failures that one call to [`Socket::recv`] passes over: its work is bounded.
const MAX_STALE_REPORTS: usize = 64;

/// Port 0 is refused here because the kernel answers with the same error as for broken GSO.
fn is_sendable(group: &Group<'_>) -> bool {
    (1..=MAX_DATAGRAM_BYTES).contains(&group.segment_size)
        && !group.contents.is_empty()
        && group.destination.port() != 0
}

/// Packets also come in on broadcast and multicast addresses, from which none can be sent.
fn is_source(ip: IpAddr, destination: SocketAddr) -> bool {
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    let same_family = ip.is_ipv4() == canonical(destination).is_ipv4();
    same_family && !ip.is_unspecified() && !ip.is_multicast() && !broadcast
}

fn is_would_block(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

fn is_about_an_earlier_send(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionReset
            | Kind::ConnectionRefused
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::Interrupted
    )
}
