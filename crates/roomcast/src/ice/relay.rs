//! What the engine has to know to relay.

use std::net::{IpAddr, SocketAddr};

use roomcast_engine::Turn;
use roomcast_turn::{Limits, PeerPolicy, RelayConfig};

use super::Ice;
use crate::config::TurnConfig;

impl Ice {
    /// How the engine is to relay; `None` if it is not to. `candidates` are the addresses that browsers
    /// are told to send media to, `machine` all of this machine.
    pub(crate) fn relay(
        &self,
        config: &TurnConfig,
        candidates: &[IpAddr],
        machine: &[IpAddr],
    ) -> Option<Turn> {
        let own = self.inner.own.as_ref()?;
        let reached = candidates.iter().chain(machine);
        Some(Turn {
            realm: config.realm.clone(),
            secret: own.secret.clone(),
            relay: relayed(config, candidates),
            policy: PeerPolicy {
                node: reached.map(|ip| SocketAddr::new(*ip, own.port)).collect(),
                own: machine.to_vec(),
                allow: config.allow_peers.iter().map(|peers| peers.value).collect(),
                deny: config.deny_peers.iter().map(|peers| peers.value).collect(),
            },
            limits: Limits {
                per_user: config.quota,
                bytes_per_second: Some(config.rate),
                ..Limits::default()
            },
        })
    }
}

/// Relayed addresses lie where media is sent to: at the best candidate of each family. A loopback
/// address means something else on every machine, and is taken only where there is nothing else.
fn relayed(config: &TurnConfig, candidates: &[IpAddr]) -> RelayConfig {
    let is_alone = candidates.iter().all(IpAddr::is_loopback);
    let told = || candidates.iter().filter(|ip| is_alone || !ip.is_loopback());
    RelayConfig {
        ipv4: told().find_map(|ip| if let IpAddr::V4(v4) = ip { Some(*v4) } else { None }),
        ipv6: told().find_map(|ip| if let IpAddr::V6(v6) = ip { Some(*v6) } else { None }),
        ports: config.ports.as_ref().map(|ports| ports.value.0.clone()),
        ..RelayConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(candidates: &[&str]) -> (Option<String>, Option<String>) {
        let candidates: Vec<IpAddr> = candidates.iter().map(|ip| ip.parse().unwrap()).collect();
        let relay = relayed(&TurnConfig::default(), &candidates);
        (relay.ipv4.map(|ip| ip.to_string()), relay.ipv6.map(|ip| ip.to_string()))
    }

    #[test]
    fn relayed_addresses_lie_at_the_best_candidate_of_each_family() {
        let both = told(&["203.0.113.7", "2001:db8::7", "192.168.1.5", "127.0.0.1", "::1"]);
        assert_eq!(both, (Some("203.0.113.7".into()), Some("2001:db8::7".into())));
        assert_eq!(told(&["192.168.1.5", "127.0.0.1", "::1"]), (Some("192.168.1.5".into()), None));
    }

    #[test]
    fn a_machine_by_itself_relays_at_loopback() {
        assert_eq!(told(&["127.0.0.1", "::1"]), (Some("127.0.0.1".into()), Some("::1".into())));
    }
}
