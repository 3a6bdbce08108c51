//! What was typed, or set in the environment.
//!
//! The one table of settings: `--help`, the environment variables and the sample file are all
//! made from it.

use std::net::SocketAddr;
use std::path::PathBuf;

use roomcast_turn::Network;

use super::{AllowedOrigin, AuthMode, ExternalServer, JwksUrl, PortRange, Spelled, Topology};

/// The settings of a node. The sentence of each is its help and its comment in the sample file.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Where to listen, TCP and UDP. [::] takes IPv4 as well [default: [::]:8443]
    #[arg(long, env = "ROOMCAST_LISTEN", hide_env = true, value_name = "ADDR:PORT", help_heading = NETWORK)]
    pub listen: Option<SocketAddr>,

    /// An address or name under which this node is reached from outside; may be repeated
    #[arg(
        long,
        env = "ROOMCAST_PUBLIC_ADDRESS",
        value_name = "IP_OR_NAME",
        hide_env = true,
        value_delimiter = ',',
        help_heading = NETWORK
    )]
    pub public_address: Vec<String>,

    /// How a room's media travels unless its host chooses: by links between the participants (`p2p`),
    /// through this node (`sfu`), or by links while the room is small (`auto`) [default: auto]
    #[arg(long, env = "ROOMCAST_TOPOLOGY", hide_env = true, value_name = "TOPOLOGY", help_heading = NETWORK)]
    pub topology: Option<Topology>,

    /// Receivers of one publisher up to which `auto` uses links [default: 3]
    #[arg(long, env = "ROOMCAST_P2P_MAX_LINKS", hide_env = true, value_name = "N", help_heading = NETWORK)]
    pub p2p_max_links: Option<u8>,

    /// Your own certificate and its chain (PEM). Without it, one is made at first start
    #[arg(long, env = "ROOMCAST_TLS_CERT", hide_env = true, value_name = "FILE", help_heading = NETWORK)]
    pub tls_cert: Option<PathBuf>,

    /// The private key of your own certificate (PEM)
    #[arg(long, env = "ROOMCAST_TLS_KEY", hide_env = true, value_name = "FILE", help_heading = NETWORK)]
    pub tls_key: Option<PathBuf>,

    /// Networks in which webhooks may have their targets although they are private or special, or
    /// this machine itself; may be repeated
    #[arg(long, env = "ROOMCAST_WEBHOOK_ALLOW", hide_env = true, value_name = "CIDR", value_delimiter = ',', help_heading = NETWORK)]
    pub webhook_allow: Vec<Spelled<Network>>,

    /// Who may come in: anyone (`open`), or only who has a token, a stream key or a host key
    /// (`tokens`) [default: open]
    #[arg(long, env = "ROOMCAST_AUTH", hide_env = true, value_name = "MODE", help_heading = ACCESS)]
    pub auth: Option<AuthMode>,

    /// The keys of an identity provider (JWKS, https), whose tokens count beside those of API keys; needs
    /// --jwks-issuer
    #[arg(long, env = "ROOMCAST_JWKS_URL", hide_env = true, value_name = "URL", help_heading = ACCESS)]
    pub jwks_url: Option<Spelled<JwksUrl>>,

    /// The issuer (`iss`) that the tokens of --jwks-url name
    #[arg(long, env = "ROOMCAST_JWKS_ISSUER", hide_env = true, value_name = "ISSUER", help_heading = ACCESS)]
    pub jwks_issuer: Option<String>,

    /// A site whose pages may call this node, such as https://example.org, or * for all; may be
    /// repeated. Without it, all may play rooms (WHIP, WHEP, the player), and none may use the API
    #[arg(long, env = "ROOMCAST_CORS", hide_env = true, value_name = "ORIGIN", value_delimiter = ',', help_heading = ACCESS)]
    pub cors: Vec<Spelled<AllowedOrigin>>,

    /// Be no STUN/TURN server. Without one, who is behind a strict firewall cannot connect
    #[arg(
        long,
        env = "ROOMCAST_NO_TURN",
        hide_env = true,
        value_parser = clap::builder::FalseyValueParser::new(),
        help_heading = RELAY
    )]
    pub no_turn: bool,

    /// The secret from which TURN passwords are made (the REST way: user `expiry:name`, password
    /// base64 of HMAC-SHA1), for programs of yours. Without it, one is made and kept in the data folder
    #[arg(long, env = "ROOMCAST_TURN_SECRET", hide_env = true, hide_env_values = true, value_name = "SECRET", help_heading = RELAY)]
    pub turn_secret: Option<String>,

    /// The realm that TURN clients are told [default: roomcast]
    #[arg(long, env = "ROOMCAST_TURN_REALM", hide_env = true, value_name = "REALM", help_heading = RELAY)]
    pub turn_realm: Option<String>,

    /// Open a UDP socket of this range for each relayed address, so that peers elsewhere can be reached.
    /// Without it, relaying reaches this node and its own clients alone, and needs no port
    #[arg(long, env = "ROOMCAST_TURN_PORTS", hide_env = true, value_name = "A-B", help_heading = RELAY)]
    pub turn_ports: Option<Spelled<PortRange>>,

    /// Peers that may be reached although they lie in a private or special range, or on this machine;
    /// needs --turn-ports; may be repeated
    #[arg(long, env = "ROOMCAST_TURN_ALLOW_PEER", hide_env = true, value_name = "CIDR", value_delimiter = ',', help_heading = RELAY)]
    pub turn_allow_peer: Vec<Spelled<Network>>,

    /// Peers that may not be reached; may be repeated
    #[arg(long, env = "ROOMCAST_TURN_DENY_PEER", hide_env = true, value_name = "CIDR", value_delimiter = ',', help_heading = RELAY)]
    pub turn_deny_peer: Vec<Spelled<Network>>,

    /// Allocations that one participant may have at once, at each shard [default: 64]
    #[arg(long, env = "ROOMCAST_TURN_QUOTA", hide_env = true, value_name = "N", help_heading = RELAY)]
    pub turn_quota: Option<u32>,

    /// Bytes a second that an allocation may carry in each direction [default: 4000000]
    #[arg(long, env = "ROOMCAST_TURN_RATE", hide_env = true, value_name = "BYTES", help_heading = RELAY)]
    pub turn_rate: Option<u32>,

    /// A STUN or TURN server elsewhere, for browsers to use too, or with --no-turn instead:
    /// stun:host:3478 or turn:user:password@host:3478; may be repeated
    #[arg(long, env = "ROOMCAST_ICE_SERVER", hide_env = true, hide_env_values = true, value_name = "URL", help_heading = RELAY)]
    pub ice_server: Vec<Spelled<ExternalServer>>,

    /// The folder for rooms, chat and the certificate [default: your data folder]
    #[arg(long, env = "ROOMCAST_DATA", hide_env = true, value_name = "DIR", help_heading = FILES)]
    pub data: Option<PathBuf>,

    /// Read settings from this TOML file
    #[arg(long, env = "ROOMCAST_CONFIG", hide_env = true, value_name = "FILE", help_heading = FILES)]
    pub config: Option<PathBuf>,

    /// Serve the web client from this folder; what it lacks is taken from the binary
    #[arg(long, env = "ROOMCAST_WEB_DIR", hide_env = true, value_name = "DIR", help_heading = FILES)]
    pub web_dir: Option<PathBuf>,

    /// Media threads [default: one for each core]
    #[arg(long, env = "ROOMCAST_SHARDS", hide_env = true, value_name = "N", help_heading = LIMITS)]
    pub shards: Option<u16>,

    /// Participants that one room may have [default: 10000]
    #[arg(long, env = "ROOMCAST_MAX_PARTICIPANTS", hide_env = true, value_name = "N", help_heading = LIMITS)]
    pub max_participants: Option<usize>,

    /// Rooms that may be in use at a time [default: 1000]
    #[arg(long, env = "ROOMCAST_MAX_ROOMS", hide_env = true, value_name = "N", help_heading = LIMITS)]
    pub max_rooms: Option<usize>,

    /// New connections a second that one address may make [default: 50]
    #[arg(long, env = "ROOMCAST_CONNECTIONS_PER_SECOND", hide_env = true, value_name = "N", help_heading = LIMITS)]
    pub connections_per_second: Option<u32>,
}

const NETWORK: &str = "Network";
const ACCESS: &str = "Access";
const RELAY: &str = "Relay (STUN and TURN)";
const FILES: &str = "Files";
const LIMITS: &str = "Limits";
