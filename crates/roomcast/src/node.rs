//! A node: everything put together, started and stopped.

use std::fs::{File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use roomcast_engine::Engine;
use roomcast_net::tcp::Listener;
use roomcast_protocol::ParticipantId;
use roomcast_protocol::server::IceServer;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::addresses::{Addresses, Links};
use crate::api::{Api, Bounds};
use crate::auth::{Cors, Gate, Keys, Master};
use crate::config::Config;
use crate::connections::Door;
use crate::http::{self, Assets, Pages};
use crate::ice::{Host, Ice, RelayServers, SecretError};
use crate::metrics::{History, Metrics};
use crate::rooms::{self, Directory, Routed, Surroundings, Troubles};
use crate::store::{Store, StoreError, StoreFault};
use crate::tls::{self, TlsError};
use crate::wall_clock::unix_seconds;
use crate::webhooks::Webhooks;
use crate::whip::Residents;
use crate::ws::Signaling;

/// A running node.
#[derive(Debug)]
pub struct Node {
    address: SocketAddr,
    links: Links,
    ice: Ice,
    data: PathBuf,
    first_api_key: Option<String>,
    going_down: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    /// Closed when the last connection is gone.
    connections: mpsc::Receiver<()>,
    store_end: oneshot::Receiver<()>,
    /// Held until the end: the data folder belongs to one node at a time.
    _lock: File,
}

/// Why a node did not start: what happened, and what to do about it, in one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program has the port.
    #[error(
        "port {} is taken already; stop the program that has it, or choose another port with \
         --listen {}", .0.port(), next_port(.0)
    )]
    PortTaken(SocketAddr),
    /// The port may not be used, or the address is not one of this machine.
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The data folder cannot be made or written.
    #[error("the data folder {path} cannot be written: {fault}; choose another with --data")]
    DataUnwritable {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// Another node has the data folder.
    #[error("another node uses the data folder {0} already; choose another with --data")]
    DataInUse(PathBuf),
    /// The data is from a newer version. It was not touched.
    #[error(
        "the data in {path} is from a newer version of Roomcast ({fault}) and was left as it is; \
         run that version, or choose another folder with --data"
    )]
    DataNewer {
        /// The folder.
        path: PathBuf,
        /// Which format was found, and which is known.
        fault: String,
    },
    /// The secret of the relay cannot be kept.
    #[error("{0}; choose another folder with --data, or give one with --turn-secret")]
    TurnSecret(#[from] SecretError),
    /// There is no certificate.
    #[error("{0}; check --tls-cert and --tls-key, or leave them out")]
    Certificate(#[from] TlsError),
}

fn next_port(address: &SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port().wrapping_add(1).max(1))
}

impl Node {
    /// Starts a node: when this returns, it serves.
    ///
    /// # Errors
    /// See [`StartError`]. Nothing is left running then.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let lock = claim(&config.data)?;
        let (store, store_end) = Store::open(&config.data).map_err(|e| unusable(&config, &e))?;
        let master =
            Master::load(&config.data).map_err(|error| unwritable(&config.data, &error))?;
        let keys = Keys::new(store.clone(), master.clone());
        let first_api_key = keys.first_api_key().await.map_err(|error| faulty(&config, &error))?;
        let gate = Gate::new(keys, &config.auth);
        let routes = rooms::events();
        let Opened { listener, engine, addresses, ice } = open_ports(&config, &routes).await?;
        let names = addresses.certificate_names();
        let tls = tls::acceptor(config.tls.as_ref(), &config.data, names)?;
        let metrics = Metrics::default();
        let (going_down, goes_down) = watch::channel(false);
        let (alive, connections) = mpsc::channel(1);
        let relay = config.turn.enabled.then(|| engine.clone());
        let ice_servers = Arc::new(RelayServers::new(ice.clone(), engine.clone()));
        let allow = config.webhook_allow.iter().map(|network| network.value);
        let webhooks =
            Webhooks::start(store.clone(), master, metrics.clone(), allow, goes_down.clone());
        let surroundings = Surroundings {
            engine,
            store,
            metrics: metrics.clone(),
            routes,
            origins: addresses.links().to_share().into(),
            ice_servers,
            troubles: Troubles::default(),
            happenings: Arc::new(webhooks.clone()),
            topology: config.topology.into(),
            p2p_max_links: config.p2p_max_links.into(),
            max_participants: config.max_participants,
            max_rooms: config.max_rooms,
            going_down: goes_down.clone(),
        };
        let pages = pages(&config, gate, surroundings, webhooks, alive.clone());
        let address = listener.local_addr().unwrap_or(config.listen);
        let door = Door {
            listener,
            router: http::router(pages),
            tls,
            relay,
            metrics,
            per_second: config.connections_per_second,
            going_down: goes_down,
            alive,
        };
        Ok(Self {
            address,
            links: addresses.links(),
            ice,
            data: config.data,
            first_api_key,
            going_down,
            accepting: tokio::spawn(door.keep()),
            connections,
            store_end,
            _lock: lock,
        })
    }

    /// Where it listens, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The addresses to open in a browser.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// The STUN and TURN servers that a participant's browser is told, if it reached the node under
    /// `host`.
    #[must_use]
    pub fn ice_servers(&self, participant: &ParticipantId, host: &str) -> Vec<IceServer> {
        self.ice.servers(participant, Host::of_authority(host).as_ref(), unix_seconds())
    }

    /// The folder of everything that outlives a run.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The key for the dashboard at `/admin` and for the HTTP API: told once, at the first start on a
    /// data folder.
    #[must_use]
    pub fn first_api_key(&self) -> Option<&str> {
        self.first_api_key.as_deref()
    }

    /// Says goodbye to everyone, waits until they are gone and all is kept, but not for long.
    pub async fn shutdown(mut self) {
        self.going_down.send_replace(true);
        let gone = async {
            let _ = (&mut self.accepting).await;
            // Nothing is ever sent: this ends when the last connection has dropped its half.
            while self.connections.recv().await.is_some() {}
        };
        if timeout(GOODBYE_TIME_LIMIT, gone).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        if timeout(STORE_TIME_LIMIT, self.store_end).await.is_err() {
            tracing::warn!("the store did not end in time");
        }
    }
}

/// What serves the HTTP surface of a node whose rooms have these surroundings. `alive` is held by every
/// connection.
fn pages(
    config: &Config,
    gate: Gate,
    surroundings: Surroundings,
    webhooks: Webhooks,
    alive: mpsc::Sender<()>,
) -> Pages {
    let Surroundings { engine, metrics, troubles, going_down, .. } = surroundings.clone();
    let directory = Directory::start(surroundings, gate.guesses());
    let registry = Arc::new(metrics.registry(engine.clone()));
    let api = Api {
        gate: gate.clone(),
        directory: directory.clone(),
        engine: engine.clone(),
        metrics: metrics.clone(),
        history: History::start(engine, metrics.clone(), going_down.clone()),
        troubles,
        webhooks,
        bounds: Bounds::of(config),
        started: Instant::now(),
    };
    let signaling = Signaling {
        directory,
        gate: gate.clone(),
        metrics,
        going_down,
        sites: Cors::of_api(config),
        last_connection: Arc::default(),
        _alive: alive,
    };
    Pages {
        api,
        assets: Assets::new(config.web_dir.as_deref()),
        registry,
        signaling,
        gate,
        residents: Residents::new(config.connections_per_second),
        players: Cors::of_players(config),
    }
}

/// How long the connections may take to end.
const GOODBYE_TIME_LIMIT: Duration = Duration::from_millis(2_000);

/// How long the store may take to write what it was given.
const STORE_TIME_LIMIT: Duration = Duration::from_millis(700);

/// Makes the data folder and takes it for this node alone. The system gives it free when the
/// process ends, however it ends.
fn claim(data: &Path) -> Result<File, StartError> {
    let fault = |error: io::Error| unwritable(data, &error);
    std::fs::create_dir_all(data).map_err(fault)?;
    let lock = File::create(data.join("lock")).map_err(fault)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StartError::DataInUse(data.to_owned())),
        // Some network file systems have no locks; the node works there all the same.
        Err(TryLockError::Error(error)) => {
            tracing::debug!(%error, "the data folder cannot be locked");
            Ok(lock)
        }
    }
}

fn unwritable(data: &Path, error: &io::Error) -> StartError {
    StartError::DataUnwritable { path: data.to_owned(), fault: error.to_string() }
}

fn faulty(config: &Config, fault: &StoreFault) -> StartError {
    StartError::DataUnwritable { path: config.data.clone(), fault: fault.to_string() }
}

fn unusable(config: &Config, error: &StoreError) -> StartError {
    let (path, fault) = (config.data.clone(), error.to_string());
    match error {
        StoreError::Newer { .. } => StartError::DataNewer { path, fault },
        StoreError::Sqlite(_) | StoreError::Thread(_) => StartError::DataUnwritable { path, fault },
    }
}

/// What listens, and what follows from where.
struct Opened {
    listener: Listener,
    engine: Engine,
    addresses: Addresses,
    ice: Ice,
}

/// Opens the TCP port and the UDP port of the same number.
async fn open_ports(config: &Config, routes: &mpsc::Sender<Routed>) -> Result<Opened, StartError> {
    let mut tries = if config.listen.port() == 0 { CHOSEN_PORT_TRIES } else { 1 };
    loop {
        tries -= 1;
        let fault = |error| not_listening(config.listen, error);
        let listener = Listener::bind(config.listen).map_err(fault)?;
        let listen = listener.local_addr().map_err(fault)?;
        let addresses = Addresses::new(listen, config.public_addresses.clone());
        let ice = Ice::new(config, listen.port())?;
        let candidates = addresses.candidates().await;
        let engine_config = roomcast_engine::Config {
            listen,
            shards: config.shards,
            turn: ice.relay(&config.turn, &candidates, &addresses.machine()),
            candidates,
            max_sessions_per_shard: MAX_SESSIONS_PER_SHARD,
        };
        let routes = routes.clone();
        let started = Engine::start(&engine_config, move |event| {
            if routes.try_send(Routed::Event(event)).is_err() {
                tracing::error!("bug: the queue of media events is full; one is lost");
            }
        });
        match started {
            Ok(engine) => return Ok(Opened { listener, engine, addresses, ice }),
            // The system chose a TCP port whose UDP twin is taken.
            Err(_) if tries > 0 => {}
            Err(error) => return Err(not_listening(listen, error)),
        }
    }
}

/// How many chosen ports are tried before it cannot be chance.
const CHOSEN_PORT_TRIES: u32 = 8;

/// Two for each participant of a full room, on a single core.
const MAX_SESSIONS_PER_SHARD: usize = 20_000;

fn not_listening(address: SocketAddr, source: io::Error) -> StartError {
    match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortTaken(address),
        _ => StartError::Listen { address, source },
    }
}
