//! Asks over the network: STUN Binding over UDP and TCP, and whether a node is at the other end.
//! Every wait has an end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::reach::Answer;
use super::stun::{HEADER_BYTES, Question, message_bytes};

/// How long one question over UDP waits for its answer before it is asked again.
const UDP_WAIT: Duration = Duration::from_millis(400);

/// Questions over UDP: a single datagram may be lost by right.
const UDP_TRIES: u32 = 3;

/// How long a connection and what is asked over it may take: a round trip around the world, and a
/// retransmission.
const TCP_WAIT: Duration = Duration::from_secs(2);

/// Bytes of an answer that are read: a Binding success has 48 at most without what nobody asked for.
const MAX_ANSWER_BYTES: usize = 1_500;

/// Bytes of an HTTP answer that are looked at: the metrics of a node begin with their names.
const MAX_PAGE_BYTES: u64 = 64 * 1_024;

/// Asks by datagrams.
pub(super) async fn over_udp(target: SocketAddr) -> Answer {
    match ask_by_datagrams(target).await {
        Ok(Some(seen)) => Answer::Seen(seen),
        Ok(None) => Answer::Silent,
        Err(error) => Answer::Refused(error.to_string()),
    }
}

async fn ask_by_datagrams(target: SocketAddr) -> io::Result<Option<SocketAddr>> {
    let any: IpAddr = match target.ip() {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // A connected socket takes answers of the target alone, and learns that nobody is there.
    socket.connect(target).await?;
    let question = Question::binding();
    for _ in 0..UDP_TRIES {
        socket.send(&question.bytes).await?;
        match timeout(UDP_WAIT, answer_to(&question, &socket)).await {
            Ok(seen) => return seen.map(Some),
            Err(_elapsed) => {}
        }
    }
    Ok(None)
}

async fn answer_to(question: &Question, socket: &UdpSocket) -> io::Result<SocketAddr> {
    let mut buffer = [0; MAX_ANSWER_BYTES];
    loop {
        let read = socket.recv(&mut buffer).await?;
        if let Some(seen) = question.answered(buffer.get(..read).unwrap_or_default()) {
            return Ok(seen);
        }
    }
}

/// Asks over a connection.
pub(super) async fn over_tcp(target: SocketAddr) -> Answer {
    let mut stream = match timeout(TCP_WAIT, TcpStream::connect(target)).await {
        Err(_elapsed) => return Answer::Silent,
        Ok(Err(error)) => return Answer::Refused(error.to_string()),
        Ok(Ok(stream)) => stream,
    };
    match timeout(TCP_WAIT, ask_by_stream(&mut stream)).await {
        Ok(Ok(Some(seen))) => Answer::Seen(seen),
        _ => Answer::Mute,
    }
}

async fn ask_by_stream(stream: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let question = Question::binding();
    stream.write_all(&question.bytes).await?;
    let message = read_message(stream).await?;
    Ok(question.answered(&message))
}

/// Reads one STUN message from a connection.
pub(super) async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut header = [0; HEADER_BYTES];
    stream.read_exact(&mut header).await?;
    let whole = message_bytes(&header);
    if whole > MAX_ANSWER_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut message = header.to_vec();
    message.resize(whole, 0);
    stream.read_exact(message.get_mut(HEADER_BYTES..).unwrap_or_default()).await?;
    Ok(message)
}

/// Whether a Roomcast node answers here: it is healthy, and counts what a node counts.
pub(super) async fn is_node(target: SocketAddr) -> bool {
    let healthy = page(target, "/healthz").await.is_some_and(|text| text.ends_with("\r\nok\n"));
    healthy && page(target, "/metrics").await.is_some_and(|text| text.contains("roomcast_rooms"))
}

/// The beginning of what is at a path, with its head, if that is a success.
async fn page(target: SocketAddr, path: &str) -> Option<String> {
    let read = async {
        let mut stream = TcpStream::connect(target).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {target}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.take(MAX_PAGE_BYTES).read_to_end(&mut bytes).await?;
        io::Result::Ok(bytes)
    };
    let bytes = timeout(TCP_WAIT, read).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.starts_with("HTTP/1.1 200 ").then_some(text)
}

/// An address of this machine at which whoever listens on `listen` is reached.
pub(super) fn nearest(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        // `[::]` takes IPv4 as well, and is IPv4 alone where the machine has no IPv6.
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
