//! The configuration, in three types: what was typed ([`Args`]), what the file says ([`File`]), and
//! what the program means ([`Config`]).
//!
//! A flag wins over its environment variable, that over the file, that over the default. Nothing
//! here touches the network or the data folder.

mod args;
mod auth;
mod file;
mod sample;
mod spelled;
mod turn;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use roomcast_turn::Network;

pub use args::Args;
pub use auth::{AllowedOrigin, AuthConfig, AuthMode, JwksUrl, Provider};
pub use file::File;
pub use sample::sample;
pub use spelled::Spelled;
pub use turn::{ExternalServer, PortRange, TurnConfig, TurnSecret};

/// What the program means: nothing optional that is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where to listen, TCP and UDP. `[::]` takes IPv4 as well; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// The folder of everything that outlives a run.
    pub data: PathBuf,
    /// Addresses or names under which the node is reached from outside.
    pub public_addresses: Vec<String>,
    /// How the media of a room travels unless its host chooses.
    pub topology: Topology,
    /// Receivers of one publisher up to which [`Topology::Auto`] uses links.
    pub p2p_max_links: u8,
    /// Media threads, at least 1.
    pub shards: u16,
    /// Serve the client from this folder instead of the one inside the binary.
    pub web_dir: Option<PathBuf>,
    /// Participants that one room may have.
    pub max_participants: usize,
    /// Rooms that may be in use at a time.
    pub max_rooms: usize,
    /// New connections a second that one address may make.
    pub connections_per_second: u32,
    /// The operator's own certificate; without it one is made.
    pub tls: Option<TlsFiles>,
    /// Networks in which webhooks may have their targets although they are private or special.
    pub webhook_allow: Vec<Spelled<Network>>,
    /// Who may come in.
    pub auth: AuthConfig,
    /// STUN and TURN.
    pub turn: TurnConfig,
}

/// How the media of a room travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// By links while the room is small, through the node above that.
    Auto,
    /// By links between the participants.
    P2p,
    /// Through the node.
    Sfu,
}

impl Topology {
    /// As it is typed.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::P2p => "p2p",
            Self::Sfu => "sfu",
        }
    }
}

impl From<Topology> for roomcast_protocol::Topology {
    fn from(topology: Topology) -> Self {
        match topology {
            Topology::Auto => Self::Auto,
            Topology::P2p => Self::P2p,
            Topology::Sfu => Self::Sfu,
        }
    }
}

/// The operator's own certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and its chain, PEM.
    pub cert: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), DEFAULT_PORT),
            data: default_data(),
            public_addresses: Vec::new(),
            topology: Topology::Auto,
            p2p_max_links: 3,
            shards: cores(),
            web_dir: None,
            max_participants: 10_000,
            max_rooms: 1_000,
            connections_per_second: 50,
            tls: None,
            webhook_allow: Vec::new(),
            auth: AuthConfig::default(),
            turn: TurnConfig::default(),
        }
    }
}

/// The port for those who do not choose one: needs no rights, and is known for "HTTPS, but mine".
pub const DEFAULT_PORT: u16 = 8443;

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read: {source}; name another with --config")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not TOML, or holds a key that there is not, or a value that does not fit.
    #[error(
        "the configuration file {path} is wrong: {fault}; `roomcast config` prints a right one"
    )]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What and where, in one line.
        fault: String,
    },
    /// Only one of two that belong together was given.
    #[error("--tls-cert and --tls-key belong together: give both or neither")]
    HalfCertificate,
    /// Only one of two that belong together was given.
    #[error("--jwks-url and --jwks-issuer belong together: give both or neither")]
    HalfProvider,
    /// A realm that cannot be told.
    #[error("turn-realm must have 1 to 64 visible ASCII characters, without quotes")]
    Realm,
    /// A secret that is none.
    #[error("turn-secret is empty; leave it out, and one is made")]
    EmptySecret,
    /// A number is out of its range.
    #[error("{key} must be between {least} and {most}")]
    OutOfRange {
        /// Which key.
        key: &'static str,
        /// The least value.
        least: u32,
        /// The greatest value.
        most: u32,
    },
}

impl Config {
    /// Puts together what was typed, what the file says, and the defaults.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(args: Args) -> Result<Self, ConfigError> {
        let file = args.config.as_deref().map(read).transpose()?.unwrap_or_default();
        Self::from_layers(args, file)
    }

    fn from_layers(mut args: Args, mut file: File) -> Result<Self, ConfigError> {
        let default = Self::default();
        let turn = TurnConfig::from_layers(&mut args, &mut file)?;
        let webhook_allow = turn::either(&mut args.webhook_allow, &mut file.webhook_allow);
        let auth = AuthConfig::from_layers(&mut args, &mut file)?;
        let config = Self {
            auth,
            turn,
            webhook_allow,
            listen: args.listen.or(file.listen).unwrap_or(default.listen),
            data: args.data.or(file.data).unwrap_or(default.data),
            public_addresses: if args.public_address.is_empty() {
                file.public_address.unwrap_or_default()
            } else {
                args.public_address
            },
            topology: args.topology.or(file.topology).unwrap_or(default.topology),
            p2p_max_links: args
                .p2p_max_links
                .or(file.p2p_max_links)
                .unwrap_or(default.p2p_max_links),
            shards: args.shards.or(file.shards).unwrap_or(default.shards),
            web_dir: args.web_dir.or(file.web_dir),
            max_participants: args
                .max_participants
                .or(file.max_participants)
                .unwrap_or(default.max_participants),
            max_rooms: args.max_rooms.or(file.max_rooms).unwrap_or(default.max_rooms),
            connections_per_second: args
                .connections_per_second
                .or(file.connections_per_second)
                .unwrap_or(default.connections_per_second),
            tls: tls_files(args.tls_cert.or(file.tls_cert), args.tls_key.or(file.tls_key))?,
        };
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        in_range("p2p-max-links", usize::from(self.p2p_max_links), MAX_P2P_MAX_LINKS)?;
        in_range("shards", usize::from(self.shards), MAX_SHARDS)?;
        in_range("max-participants", self.max_participants, MAX_MAX_PARTICIPANTS)?;
        in_range("max-rooms", self.max_rooms, MAX_MAX_ROOMS)?;
        let rate = usize::try_from(self.connections_per_second).unwrap_or(usize::MAX);
        in_range("connections-per-second", rate, MAX_CONNECTIONS_PER_SECOND)?;
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        in_range("turn-quota", number(self.turn.quota), MAX_TURN_QUOTA)?;
        in_range("turn-rate", number(self.turn.rate), u32::MAX)?;
        Ok(self)
    }
}

/// What one participant may hold; see [`roomcast_protocol::limits::MAX_LINKS`].
const MAX_P2P_MAX_LINKS: u32 = 16;
/// More shards than any machine has cores is a typing error.
const MAX_SHARDS: u32 = 1_024;
/// A room's audience is counted in tables in memory.
const MAX_MAX_PARTICIPANTS: u32 = 1_000_000;
/// Each room is one task with its queues.
const MAX_MAX_ROOMS: u32 = 1_000_000;
/// Beyond this the limit limits nothing.
const MAX_CONNECTIONS_PER_SECOND: u32 = 1_000_000;

/// As many as there are ports.
const MAX_TURN_QUOTA: u32 = 65_536;

fn in_range(key: &'static str, value: usize, most: u32) -> Result<(), ConfigError> {
    match u32::try_from(value) {
        Ok(value) if (1..=most).contains(&value) => Ok(()),
        _ => Err(ConfigError::OutOfRange { key, least: 1, most }),
    }
}

fn tls_files(cert: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<TlsFiles>, ConfigError> {
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (None, None) => Ok(None),
        _ => Err(ConfigError::HalfCertificate),
    }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    File::parse(&text).map_err(|fault| ConfigError::Invalid { path: path.to_owned(), fault })
}

fn default_data() -> PathBuf {
    directories::ProjectDirs::from("", "", "roomcast")
        // Without a home folder (a bare container) the current folder is the only one known.
        .map_or_else(|| PathBuf::from("roomcast-data"), |dirs| dirs.data_dir().to_owned())
}

fn cores() -> u16 {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    u16::try_from(cores).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file = File::parse("max-rooms = 7\nmax-participants = 8").unwrap();
        let args = Args { max_rooms: Some(9), ..Args::default() };
        let config = Config::from_layers(args, file).unwrap();
        assert_eq!((config.max_rooms, config.max_participants), (9, 8));
        assert_eq!(config.listen, Config::default().listen);
    }

    #[test]
    fn unknown_keys_are_refused() {
        let fault = File::parse("max-romos = 7").unwrap_err();
        assert!(fault.contains("max-romos") && !fault.contains('\n'), "{fault}");
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let args = Args { shards: Some(0), ..Args::default() };
        let error = Config::from_layers(args, File::default()).unwrap_err();
        assert_eq!(error.to_string(), "shards must be between 1 and 1024");
    }

    #[test]
    fn half_a_certificate_is_refused() {
        let args = Args { tls_cert: Some("a.pem".into()), ..Args::default() };
        assert!(matches!(
            Config::from_layers(args, File::default()),
            Err(ConfigError::HalfCertificate)
        ));
    }

    #[test]
    fn secrets_are_not_in_what_logs_show() {
        let args = Args {
            turn_secret: Some("s3cret".into()),
            ice_server: vec!["turn:user:s3cret@turn.example.org".parse().unwrap()],
            ..Args::default()
        };
        let config = Config::from_layers(args, File::default()).unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn a_realm_that_cannot_be_told_and_an_empty_secret_are_refused() {
        for (realm, secret) in [("", "s"), ("a b", "s"), ("roomcast", "")] {
            let args = Args {
                turn_realm: Some(realm.into()),
                turn_secret: Some(secret.into()),
                ..Args::default()
            };
            assert!(Config::from_layers(args, File::default()).is_err(), "{realm} {secret}");
        }
    }

    #[test]
    fn the_printed_sample_of_the_defaults_means_the_defaults() {
        let file = File::parse(&sample(&Config::default())).unwrap();
        assert_eq!(Config::from_layers(Args::default(), file).unwrap(), Config::default());
    }

    #[test]
    fn a_printed_configuration_means_itself() {
        let config = Config {
            listen: "127.0.0.1:9".parse().unwrap(),
            public_addresses: vec!["live.example.org".into(), "2001:db8::1".into()],
            web_dir: Some("C:\\web \"x\"".into()),
            tls: Some(TlsFiles { cert: "c.pem".into(), key: "k.pem".into() }),
            webhook_allow: vec!["127.0.0.0/8".parse().unwrap()],
            auth: AuthConfig {
                mode: AuthMode::Tokens,
                provider: Some(Provider {
                    jwks_url: "https://id.example.org/keys".parse().unwrap(),
                    issuer: "https://id.example.org".into(),
                }),
                cors: vec!["https://example.org".parse().unwrap(), "*".parse().unwrap()],
            },
            turn: TurnConfig {
                enabled: false,
                secret: Some(TurnSecret("s3cret".into())),
                ports: Some("50000-50999".parse().unwrap()),
                allow_peers: vec!["10.0.0.0/8".parse().unwrap()],
                deny_peers: vec!["10.1.0.0/16".parse().unwrap(), "::1".parse().unwrap()],
                ice_servers: vec!["turn:user:word@turn.example.org".parse().unwrap()],
                ..TurnConfig::default()
            },
            ..Config::default()
        };
        let file = File::parse(&sample(&config)).unwrap();
        assert_eq!(Config::from_layers(Args::default(), file).unwrap(), config);
    }
}
