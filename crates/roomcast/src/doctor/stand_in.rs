//! Stands in for a node on a free port: answers STUN Binding, so that the way to the port can be
//! tried before the node runs.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use roomcast_net::tcp::Listener;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::probe::read_message;
use super::stun;

/// Both halves of the port, for as long as it lives.
#[derive(Debug)]
pub(super) struct StandIn {
    tasks: [JoinHandle<()>; 2],
}

/// Connections at a time: those of this program, and some strangers who found the port.
const MAX_CONNECTIONS: usize = 64;

/// How long a connection may take to ask.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// A socket that fails again and again must not keep a core busy.
const ERROR_PAUSE: Duration = Duration::from_millis(10);

/// Bytes of a datagram that are looked at. A Binding request has 20, and some attributes.
const MAX_QUESTION_BYTES: usize = 1_500;

impl StandIn {
    /// Takes the port.
    pub(super) fn start(listen: SocketAddr) -> io::Result<Self> {
        let listener = Listener::bind(listen)?;
        let socket = udp_socket(listen)?;
        Ok(Self { tasks: [tokio::spawn(serve_tcp(listener)), tokio::spawn(serve_udp(socket))] })
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Like a node's: `[::]` takes IPv4 as well, and becomes `0.0.0.0` where there is no IPv6.
fn udp_socket(listen: SocketAddr) -> io::Result<UdpSocket> {
    let bound = |address: SocketAddr| {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() && address.ip().is_unspecified() {
            socket.set_only_v6(false)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        UdpSocket::from_std(socket.into())
    };
    match bound(listen) {
        Err(_) if listen.is_ipv6() && listen.ip().is_unspecified() => {
            bound((Ipv4Addr::UNSPECIFIED, listen.port()).into())
        }
        other => other,
    }
}

async fn serve_udp(socket: UdpSocket) {
    let mut buffer = [0; MAX_QUESTION_BYTES];
    loop {
        let Ok((read, source)) = socket.recv_from(&mut buffer).await else {
            // Some systems tell here that an earlier answer met nobody.
            sleep(ERROR_PAUSE).await;
            continue;
        };
        if let Some(answer) = stun::answer(buffer.get(..read).unwrap_or_default(), source) {
            // Who does not get it asks again.
            let _ = socket.send_to(&answer, source).await;
        }
    }
}

async fn serve_tcp(listener: Listener) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    while let Ok((stream, source)) = listener.accept().await {
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        tokio::spawn(async move {
            let _ = timeout(TIME_LIMIT, serve_connection(stream, source)).await;
            drop(place);
        });
    }
}

async fn serve_connection(mut stream: TcpStream, source: SocketAddr) -> io::Result<()> {
    let question = read_message(&mut stream).await?;
    if let Some(answer) = stun::answer(&question, source) {
        stream.write_all(&answer).await?;
    }
    Ok(())
}
