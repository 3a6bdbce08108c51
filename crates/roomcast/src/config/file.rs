//! What the configuration file says.

use std::net::SocketAddr;
use std::path::PathBuf;

use roomcast_turn::Network;
use serde::Deserialize;

use super::{AllowedOrigin, AuthMode, ExternalServer, JwksUrl, PortRange, Spelled, Topology};

/// The TOML file. Its keys are the flags; unknown ones are refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    pub(super) listen: Option<SocketAddr>,
    pub(super) public_address: Option<Vec<String>>,
    pub(super) topology: Option<Topology>,
    pub(super) p2p_max_links: Option<u8>,
    pub(super) tls_cert: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    pub(super) webhook_allow: Option<Vec<Spelled<Network>>>,
    pub(super) auth: Option<AuthMode>,
    pub(super) jwks_url: Option<Spelled<JwksUrl>>,
    pub(super) jwks_issuer: Option<String>,
    pub(super) cors: Option<Vec<Spelled<AllowedOrigin>>>,
    pub(super) no_turn: Option<bool>,
    pub(super) turn_secret: Option<String>,
    pub(super) turn_realm: Option<String>,
    pub(super) turn_ports: Option<Spelled<PortRange>>,
    pub(super) turn_allow_peer: Option<Vec<Spelled<Network>>>,
    pub(super) turn_deny_peer: Option<Vec<Spelled<Network>>>,
    pub(super) turn_quota: Option<u32>,
    pub(super) turn_rate: Option<u32>,
    pub(super) ice_server: Option<Vec<Spelled<ExternalServer>>>,
    pub(super) data: Option<PathBuf>,
    pub(super) web_dir: Option<PathBuf>,
    pub(super) shards: Option<u16>,
    pub(super) max_participants: Option<usize>,
    pub(super) max_rooms: Option<usize>,
    pub(super) connections_per_second: Option<u32>,
}

impl File {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is wrong and in which line, as one line for a person.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let fault = error.message().replace('\n', " ");
            match error.span() {
                Some(span) => {
                    let before = text.get(..span.start).unwrap_or_default();
                    format!("line {}: {fault}", before.matches('\n').count() + 1)
                }
                None => fault,
            }
        })
    }
}
