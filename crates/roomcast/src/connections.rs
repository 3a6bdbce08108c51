//! The TCP port: accepts, limits, tells HTTP, TLS and STUN apart by the first byte, and serves them the
//! same within TLS as without. Clients of the relay are handed to the media threads.
//!
//! Every connection is bounded in time until it has become a WebSocket, and in number for each
//! address and in sum. Who is over a limit is closed; others do not notice.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use roomcast_engine::Engine;
use roomcast_net::tcp::{Kind, Listener, Stream, classify, sniff};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConnection;
use tower::ServiceExt as _;

use crate::address_limit::AddressLimit;
use crate::metrics::Metrics;
use crate::prefix::Prefix;

/// Connections in sum: twice the participants that a full room has.
const MAX_CONNECTIONS: usize = 24_000;

/// Connections of one address: a whole university may sit behind one, but it may not take all.
const MAX_CONNECTIONS_PER_PREFIX: usize = MAX_CONNECTIONS / 2;

/// How much more than a second's connections one address may open at once, after a pause.
const BURST_FACTOR: u32 = 4;

/// How long a TLS handshake may take: bad networks need some retransmissions.
const TLS_TIME_LIMIT: Duration = Duration::from_secs(10);

/// How long the headers of a request may take, and how long a connection may idle between requests.
const HEADER_TIME_LIMIT: Duration = Duration::from_secs(10);

/// How long a connection may serve requests. Pages load in less, and a peer that reads byte by byte
/// does not hold its place for ever. Upgraded connections are not counted here.
const LIFETIME: Duration = Duration::from_secs(120);

/// How long a connection that should end may take for the answer that is under way.
const GRACE: Duration = Duration::from_secs(1);

/// Bytes that the system may hold for one peer that does not read. Plenty for signaling and pages,
/// and a bound on what ten thousand slow readers cost.
const SEND_BUFFER: usize = 256 * 1024;

/// Bytes of a request's headers.
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// Streams of one HTTP/2 connection: the files of the client at once.
const MAX_STREAMS: u32 = 64;

/// Everything that accepting needs.
pub(crate) struct Door {
    pub(crate) listener: Listener,
    pub(crate) router: Router,
    pub(crate) tls: TlsAcceptor,
    /// Who serves clients of the relay, if anyone does.
    pub(crate) relay: Option<Engine>,
    pub(crate) metrics: Metrics,
    pub(crate) per_second: u32,
    pub(crate) going_down: watch::Receiver<bool>,
    /// Held by every connection: the node waits until all are gone.
    pub(crate) alive: mpsc::Sender<()>,
}

/// Where a connection comes from. Its place is free again when the last clone of the `Arc` is gone.
#[derive(Debug)]
pub(crate) struct Visitor {
    prefix: Prefix,
    places: Arc<Places>,
}

impl Visitor {
    /// The prefix by which limits count it.
    pub(crate) fn prefix(&self) -> Prefix {
        self.prefix
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.places.give_back(self.prefix);
    }
}

/// The connections that are open. The lock is held for a moment by each new and each ended one.
#[derive(Debug, Default)]
struct Places {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_prefix: HashMap<Prefix, usize>,
}

impl Places {
    fn take(self: &Arc<Self>, prefix: Prefix) -> Option<Arc<Visitor>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_prefix = taken.by_prefix.get(&prefix).copied().unwrap_or(0);
        if taken.all >= MAX_CONNECTIONS || of_prefix >= MAX_CONNECTIONS_PER_PREFIX {
            return None;
        }
        taken.all += 1;
        taken.by_prefix.insert(prefix, of_prefix + 1);
        Some(Arc::new(Visitor { prefix, places: Arc::clone(self) }))
    }

    fn give_back(&self, prefix: Prefix) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(of_prefix) = taken.by_prefix.get_mut(&prefix) {
            *of_prefix = of_prefix.saturating_sub(1);
            if *of_prefix == 0 {
                taken.by_prefix.remove(&prefix);
            }
        }
    }
}

impl Door {
    /// Accepts until the node goes down.
    pub(crate) async fn keep(mut self) {
        let burst = self.per_second.saturating_mul(BURST_FACTOR);
        let mut rate = AddressLimit::new(self.per_second, burst);
        let places = Arc::new(Places::default());
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = self.going_down.wait_for(|down| *down) => return,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::error!(%error, "the TCP port is lost; no one can connect any more");
                    return;
                }
            };
            self.admit(stream, peer, &mut rate, &places);
        }
    }

    fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        rate: &mut AddressLimit,
        places: &Arc<Places>,
    ) {
        let prefix = Prefix::of(peer.ip());
        if !rate.allows(prefix) {
            return self.metrics.connection_refused("rate");
        }
        let Some(visitor) = places.take(prefix) else {
            return self.metrics.connection_refused("full");
        };
        // A system that does not let it be set keeps its own bound.
        let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
        let service = Service {
            visitor,
            router: self.router.clone(),
            tls: self.tls.clone(),
            relay: self.relay.clone(),
            going_down: self.going_down.clone(),
        };
        let (metrics, alive) = (self.metrics.clone(), self.alive.clone());
        tokio::spawn(async move {
            if let Err(cause) = service.serve(stream).await {
                metrics.connection_refused(cause);
            }
            drop(alive);
        });
    }
}

/// What serves one connection.
struct Service {
    visitor: Arc<Visitor>,
    router: Router,
    tls: TlsAcceptor,
    relay: Option<Engine>,
    going_down: watch::Receiver<bool>,
}

impl Service {
    async fn serve(self, stream: TcpStream) -> Result<(), &'static str> {
        match sniff(&stream).await {
            Ok(Kind::Http) => serve(stream, self.visitor, self.router, self.going_down).await,
            Ok(Kind::Tls) => return self.serve_tls(stream).await,
            Ok(Kind::Stun) => return self.relay(stream, None),
            Ok(Kind::Unknown) => return Err("unknown-protocol"),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => return Err("silent"),
            // It left by itself.
            Err(_) => {}
        }
        Ok(())
    }

    async fn serve_tls(self, stream: TcpStream) -> Result<(), &'static str> {
        let shaken = timeout(TLS_TIME_LIMIT, self.tls.accept(stream)).await;
        let mut stream = shaken.map_err(|_| "silent")?.map_err(|_| "tls")?;
        let first = timeout(HEADER_TIME_LIMIT, stream.fill_buf()).await.map_err(|_| "silent")?;
        match first.map(|bytes| bytes.first().copied().map(classify)) {
            Ok(Some(Kind::Stun)) => {
                let (stream, session) = stream.into_inner();
                self.relay(stream, Some(session))
            }
            Ok(Some(_)) => {
                serve(stream, self.visitor, self.router, self.going_down).await;
                Ok(())
            }
            // It left by itself.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// Hands the connection to a media thread, where it keeps its place among the connections.
    fn relay(self, stream: TcpStream, tls: Option<ServerConnection>) -> Result<(), &'static str> {
        let relay = self.relay.ok_or("unknown-protocol")?;
        // What fails here is a connection that is gone already.
        if let Ok(stream) = stream.into_std().and_then(|stream| Stream::new(stream, tls)) {
            relay.serve(stream, self.visitor);
        }
        Ok(())
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    visitor: Arc<Visitor>,
    router: Router,
    mut going_down: watch::Receiver<bool>,
) {
    let service = router.map_request(move |mut request: Request<_>| {
        request.extensions_mut().insert(Arc::clone(&visitor));
        request
    });
    let builder = builder();
    let connection = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // How a peer breaks its own connection is its own affair.
        _ = connection.as_mut() => return,
        () = sleep(LIFETIME) => {}
        _ = going_down.wait_for(|down| *down) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(GRACE, connection).await;
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME_LIMIT)
        .max_buf_size(MAX_HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places_and_gives_its_own_back() {
        let places = Arc::new(Places::default());
        let (greedy, other) =
            (Prefix::of("192.0.2.1".parse().unwrap()), Prefix::of("192.0.2.2".parse().unwrap()));
        let mut taken = Vec::new();
        while let Some(visitor) = places.take(greedy) {
            taken.push(visitor);
        }
        assert_eq!(taken.len(), MAX_CONNECTIONS_PER_PREFIX);
        assert!(places.take(other).is_some());
        drop(taken);
        assert!(places.take(greedy).is_some());
        assert!(places.taken.lock().unwrap().by_prefix.is_empty());
    }
}
