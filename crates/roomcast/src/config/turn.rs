//! What is configured about STUN and TURN.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use roomcast_turn::{Limits, Network};

use super::{Args, ConfigError, File, Spelled};

/// How the node relays, and which other servers browsers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnConfig {
    /// Whether the node is a STUN/TURN server.
    pub enabled: bool,
    /// From which the passwords of users are made; without it one is made and kept.
    pub secret: Option<TurnSecret>,
    /// The realm that clients are told.
    pub realm: String,
    /// Ports of relay sockets; without them nothing but this node can be reached through it.
    pub ports: Option<Spelled<PortRange>>,
    /// Peers that may be reached although they lie in a special range or on this machine.
    pub allow_peers: Vec<Spelled<Network>>,
    /// Peers that may not be reached.
    pub deny_peers: Vec<Spelled<Network>>,
    /// Allocations that one participant may have at once, at each shard.
    pub quota: u32,
    /// Bytes a second that an allocation may carry in each direction.
    pub rate: u32,
    /// Servers elsewhere, told beside this node or instead of it.
    pub ice_servers: Vec<Spelled<ExternalServer>>,
}

impl Default for TurnConfig {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            enabled: true,
            secret: None,
            realm: "roomcast".into(),
            ports: None,
            allow_peers: Vec::new(),
            deny_peers: Vec::new(),
            quota: limits.per_user,
            rate: limits.bytes_per_second.unwrap_or(u32::MAX),
            ice_servers: Vec::new(),
        }
    }
}

impl TurnConfig {
    /// Puts together what was typed, what the file says, and the defaults.
    pub(super) fn from_layers(args: &mut Args, file: &mut File) -> Result<Self, ConfigError> {
        let default = Self::default();
        let secret = args.turn_secret.take().or(file.turn_secret.take());
        let config = Self {
            enabled: !(args.no_turn || file.no_turn.unwrap_or(false)),
            secret: secret.map(TurnSecret),
            realm: args.turn_realm.take().or(file.turn_realm.take()).unwrap_or(default.realm),
            ports: args.turn_ports.take().or(file.turn_ports.take()),
            allow_peers: either(&mut args.turn_allow_peer, &mut file.turn_allow_peer),
            deny_peers: either(&mut args.turn_deny_peer, &mut file.turn_deny_peer),
            quota: args.turn_quota.or(file.turn_quota).unwrap_or(default.quota),
            rate: args.turn_rate.or(file.turn_rate).unwrap_or(default.rate),
            ice_servers: either(&mut args.ice_server, &mut file.ice_server),
        };
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        // RFC 8489 §14.9 allows 127 characters; each challenge bears them, so that it is kept short.
        let is_plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
        if !(1..=MAX_REALM_CHARS).contains(&self.realm.len()) || !self.realm.chars().all(is_plain) {
            return Err(ConfigError::Realm);
        }
        if self.secret.as_ref().is_some_and(|secret| secret.0.is_empty()) {
            return Err(ConfigError::EmptySecret);
        }
        Ok(self)
    }
}

/// What was typed, or what the file says.
pub(super) fn either<T>(typed: &mut Vec<T>, file: &mut Option<Vec<T>>) -> Vec<T> {
    if typed.is_empty() { file.take().unwrap_or_default() } else { std::mem::take(typed) }
}

/// The realm is in every answer to a stranger.
const MAX_REALM_CHARS: usize = 64;

/// A secret that other programs may know too. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnSecret(pub String);

impl fmt::Debug for TurnSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurnSecret(…)")
    }
}

/// Ports from one to another, both included.
#[derive(Debug, Clone)]
pub struct PortRange(pub RangeInclusive<u16>);

/// The text is not two ports.
#[derive(Debug, thiserror::Error)]
#[error("two ports are needed, the lower one first, as in 50000-50999")]
pub struct PortRangeError;

impl FromStr for PortRange {
    type Err = PortRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once('-').ok_or(PortRangeError)?;
        let port = |text: &str| text.trim().parse::<u16>().map_err(|_| PortRangeError);
        let (first, last) = (port(first)?, port(last)?);
        if first == 0 || last < first { Err(PortRangeError) } else { Ok(Self(first..=last)) }
    }
}

/// A STUN or TURN server elsewhere: `turn:user:password@host:3478?transport=tcp`, with the user for
/// TURN alone. In user and password `%40` stands for `@`, `%3A` for `:`, `%25` for `%`.
#[derive(Clone)]
pub struct ExternalServer {
    /// Its address without the user (RFC 7064, RFC 7065).
    pub url: String,
    /// User and password.
    pub user: Option<(String, String)>,
}

impl fmt::Debug for ExternalServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalServer").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The text is not such an address.
#[derive(Debug, thiserror::Error)]
pub enum ExternalServerError {
    /// It does not begin with one of the four schemes.
    #[error("it must begin with stun:, stuns:, turn: or turns:")]
    Scheme,
    /// There is no host, or something that no host has.
    #[error("the host is missing or cannot be one")]
    Host,
    /// Browsers refuse TURN without a user, and have no use for one at STUN.
    #[error("turn: and turns: need user:password@ before the host, stun: and stuns: have none")]
    User,
}

impl FromStr for ExternalServer {
    type Err = ExternalServerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once(':').ok_or(ExternalServerError::Scheme)?;
        let needs_user = match scheme {
            "stun" | "stuns" => false,
            "turn" | "turns" => true,
            _ => return Err(ExternalServerError::Scheme),
        };
        let (user, host) = match rest.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, rest),
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]?=_".contains(c);
        if host.is_empty() || host.starts_with(['?', ':']) || !host.chars().all(is_plain) {
            return Err(ExternalServerError::Host);
        }
        let user = user.map(|user| user.split_once(':').ok_or(ExternalServerError::User));
        let user = user.transpose()?.map(|(name, password)| (decoded(name), decoded(password)));
        if user.is_some() != needs_user {
            return Err(ExternalServerError::User);
        }
        Ok(Self { url: format!("{scheme}:{host}"), user })
    }
}

/// The three characters that could not stand for themselves.
fn decoded(text: &str) -> String {
    let text = text.replace("%40", "@").replace("%3A", ":").replace("%3a", ":");
    text.replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_ports_has_the_lower_one_first() {
        assert_eq!("50000-50999".parse::<PortRange>().unwrap().0, 50_000..=50_999);
        for wrong in ["", "5", "9-8", "0-9", "1-70000", "a-b"] {
            assert!(wrong.parse::<PortRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_external_server_is_taken_apart() {
        let server: ExternalServer =
            "turn:17%3A40:p%40ss@turn.example.org:3478?transport=tcp".parse().unwrap();
        assert_eq!(server.url, "turn:turn.example.org:3478?transport=tcp");
        assert_eq!(server.user, Some(("17:40".into(), "p@ss".into())));
        assert_eq!(format!("{server:?}").matches("p@ss").count(), 0);
        let server: ExternalServer = "stun:[2001:db8::1]:3478".parse().unwrap();
        assert_eq!((server.url.as_str(), server.user), ("stun:[2001:db8::1]:3478", None));
    }

    #[test]
    fn what_browsers_would_refuse_is_refused_here() {
        for wrong in ["", "http://x", "stun:", "turn:x", "turn:u@x", "stun:u:p@x", "stun:a b"] {
            assert!(wrong.parse::<ExternalServer>().is_err(), "{wrong}");
        }
    }
}
