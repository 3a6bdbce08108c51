//! What browsers are told to find a way by: this node's STUN and TURN on its one port, and servers
//! elsewhere.
//!
//! Credentials are short-lived and each participant's own, so that what one relays ends when they
//! leave, and a copied password is worth little.

mod host;
mod relay;
mod rooms;
mod secret;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use roomcast_protocol::ParticipantId;
use roomcast_protocol::server::IceServer;
use roomcast_turn::{Credential, Secret};

pub(crate) use host::Host;
pub(crate) use rooms::RelayServers;
pub use secret::SecretError;

use crate::config::Config;

/// How long a credential is good for new allocations. Those that exist go on.
const LIFETIME: Duration = Duration::from_secs(2 * 3_600);

/// When a participant who is still there gets a new one: early enough that a restart of ICE never
/// meets an old one.
const RENEWAL: Duration = Duration::from_secs(3_600);

/// Makes the list for each participant. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Ice {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// `None`: this node is no server itself.
    own: Option<Own>,
    external: Vec<IceServer>,
}

#[derive(Debug)]
struct Own {
    secret: Secret,
    port: u16,
    /// Under which name or address the node is reached, if that is configured.
    public: Option<Host>,
}

impl Ice {
    /// As configured, for a node whose one port is `port`.
    ///
    /// # Errors
    /// When a secret has to be made and cannot be kept.
    pub(crate) fn new(config: &Config, port: u16) -> Result<Self, SecretError> {
        let turn = &config.turn;
        let own = if turn.enabled {
            let secret = secret::load(turn.secret.as_ref(), &config.data)?;
            let public = config.public_addresses.iter().find_map(|name| Host::of(name));
            Some(Own { secret, port, public })
        } else {
            None
        };
        let external = turn.ice_servers.iter().map(|server| {
            let (username, credential) = server.value.user.clone().unzip();
            IceServer { urls: vec![server.value.url.clone()], username, credential }
        });
        Ok(Self { inner: Arc::new(Inner { own, external: external.collect() }) })
    }

    /// The servers for a participant whose browser reached the node under `host`. `now` is in seconds
    /// since 1970; credentials are good for [`LIFETIME`] from then.
    pub(crate) fn servers(
        &self,
        participant: &ParticipantId,
        host: Option<&Host>,
        now: u64,
    ) -> Vec<IceServer> {
        let own = self.inner.own.as_ref().and_then(|own| own.server(participant, host, now));
        own.into_iter().chain(self.inner.external.iter().cloned()).collect()
    }
}

impl Own {
    fn server(
        &self,
        participant: &ParticipantId,
        host: Option<&Host>,
        now: u64,
    ) -> Option<IceServer> {
        let (host, port) = (self.public.as_ref().or(host)?, self.port);
        let expires = now + LIFETIME.as_secs();
        let Credential { username, password } =
            Credential::mint(&self.secret, &participant.0, expires);
        Some(IceServer {
            urls: vec![
                format!("stun:{host}:{port}"),
                format!("turn:{host}:{port}?transport=udp"),
                format!("turn:{host}:{port}?transport=tcp"),
                format!("turns:{host}:{port}?transport=tcp"),
            ],
            username: Some(username),
            credential: Some(password),
        })
    }
}

/// The secret that a node with this configuration has, if it has started once.
///
/// # Errors
/// When the file cannot be read, or is not there.
pub(crate) fn kept_secret(config: &Config) -> io::Result<Secret> {
    secret::kept(config.turn.secret.as_ref(), &config.data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ice(change: impl FnOnce(&mut Config)) -> Ice {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data: folder.path().to_owned(), ..Config::default() };
        change(&mut config);
        Ice::new(&config, 8443).unwrap()
    }

    fn urls(ice: &Ice, host: Option<&str>) -> Vec<String> {
        let host = host.and_then(Host::of_authority);
        let servers = ice.servers(&ParticipantId("alice".into()), host.as_ref(), 1_000);
        servers.into_iter().flat_map(|server| server.urls).collect()
    }

    #[test]
    fn a_browser_is_told_the_host_that_it_came_by_with_the_nodes_own_port() {
        let expected = [
            "stun:[2001:db8::1]:8443",
            "turn:[2001:db8::1]:8443?transport=udp",
            "turn:[2001:db8::1]:8443?transport=tcp",
            "turns:[2001:db8::1]:8443?transport=tcp",
        ];
        assert_eq!(urls(&ice(|_| {}), Some("[2001:db8::1]:443")), expected);
        assert!(urls(&ice(|_| {}), None).is_empty());
    }

    #[test]
    fn a_public_address_wins_over_it() {
        let ice = ice(|config| config.public_addresses = vec!["live.example.org".into()]);
        assert_eq!(urls(&ice, Some("192.0.2.1"))[0], "stun:live.example.org:8443");
    }

    #[test]
    fn a_credential_names_its_end_and_its_participant() {
        let host = Host::of("localhost");
        let servers = ice(|_| {}).servers(&ParticipantId("alice".into()), host.as_ref(), 1_000);
        let expires = 1_000 + LIFETIME.as_secs();
        assert_eq!(servers[0].username, Some(format!("{expires}:alice")));
        assert!(servers[0].credential.as_ref().is_some_and(|credential| !credential.is_empty()));
    }

    #[test]
    fn a_server_elsewhere_stands_beside_this_one_or_instead_of_it() {
        let external = "turn:user:word@turn.example.org";
        let both = ice(|config| config.turn.ice_servers = vec![external.parse().unwrap()]);
        assert_eq!(urls(&both, Some("localhost")).len(), 5);
        let instead = ice(|config| {
            config.turn.ice_servers = vec![external.parse().unwrap()];
            config.turn.enabled = false;
        });
        let servers = instead.servers(&ParticipantId("alice".into()), None, 0);
        assert_eq!(servers[0].urls, ["turn:turn.example.org"]);
        assert_eq!(servers[0].username.as_deref(), Some("user"));
    }
}
