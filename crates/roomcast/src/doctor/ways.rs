//! Tries the ways to the port: from this machine, by the public addresses, and as a STUN server of
//! the operator's choice sees it. Nobody else is asked.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;

use super::finding::{Check, Finding, Protocol, System};
use super::port::{Occupant, Port, State};
use super::public::{self, External, Loop, PublicAddress};
use super::reach::{self, Answer, Tried};
use super::stand_in::StandIn;
use super::{probe, relay, turn_client};
use crate::addresses::Addresses;
use crate::config::Config;
use crate::ice;
use crate::wall_clock;

/// Who answers at the port while it is tried.
#[derive(Debug)]
enum Answering {
    /// The node that runs there.
    Node,
    /// This program.
    StandIn { _until_dropped: StandIn },
    /// Nobody who could tell something: why, and what would change it.
    Nobody { why: &'static str, next: &'static str },
}

/// What was found by trying.
pub(super) async fn examine(
    config: &Config,
    ports: &[Port; 2],
    stun: Option<&str>,
) -> Vec<Finding> {
    let own = Addresses::new(config.listen, Vec::new()).candidates().await;
    let answering = answering(config, ports);
    let mut names = Vec::new();
    for name in &config.public_addresses {
        names.push((name.clone(), resolved(name, config.listen.port()).await));
    }
    let mut findings = match &answering {
        Answering::Nobody { why, next } => nobody(why, next),
        Answering::Node | Answering::StandIn { .. } => at_the_port(config, &own, &names).await,
    };
    if let Some(server) = stun {
        let public = names.into_iter().filter_map(|(_, ips)| ips.ok()).flatten().collect();
        let seen = seen_by(server).await;
        let facts = External { server: server.to_owned(), seen, own, public };
        findings.push(public::external(&facts));
    }
    findings.push(relay::judge(&relay(config, &answering).await));
    findings
}

fn answering(config: &Config, ports: &[Port; 2]) -> Answering {
    let is_node = |port: &Port| matches!(port.state, State::Taken(Occupant::Node { .. }));
    let nobody = |why, next| Answering::Nobody { why, next };
    if config.listen.port() == 0 {
        let why = "the system chooses the port at the start";
        return nobody(why, "Name the port with --listen.");
    }
    if ports.iter().all(is_node) {
        let why = "a node with --no-turn answers no STUN";
        let next = "Stop the node and run this again, which then answers in its place.";
        return if config.turn.enabled { Answering::Node } else { nobody(why, next) };
    }
    if ports.iter().any(|port| port.state != State::Free) {
        return nobody(
            "the port cannot be had",
            "Mend what is said about it, then run this again.",
        );
    }
    match StandIn::start(config.listen) {
        Ok(stand_in) => Answering::StandIn { _until_dropped: stand_in },
        Err(_) => nobody("the port was taken a moment ago", "Run this again."),
    }
}

fn nobody(why: &str, next: &str) -> Vec<Finding> {
    [Check::OwnAddressesTcp, Check::OwnAddressesUdp, Check::PublicAddress]
        .map(|check| Finding::skipped(check, format!("It was not tried: {why}."), next))
        .into()
}

async fn relay(config: &Config, answering: &Answering) -> relay::Facts {
    if !config.turn.enabled {
        return relay::Facts::Off { external: !config.turn.ice_servers.is_empty() };
    }
    if !matches!(answering, Answering::Node) {
        return relay::Facts::NoNode;
    }
    match ice::kept_secret(config) {
        Ok(secret) => {
            let server = probe::nearest(config.listen);
            turn_client::gather(server, &secret, wall_clock::unix_seconds()).await
        }
        Err(error) => relay::Facts::NoSecret(error.to_string()),
    }
}

type Resolved = Result<Vec<IpAddr>, String>;

async fn at_the_port(
    config: &Config,
    own: &[IpAddr],
    names: &[(String, Resolved)],
) -> Vec<Finding> {
    let port = config.listen.port();
    let (mut tcp, mut udp) = (Vec::new(), Vec::new());
    for ip in own {
        let (by_tcp, by_udp) = both(SocketAddr::new(*ip, port)).await;
        tcp.push(Tried { ip: *ip, answer: by_tcp });
        udp.push(Tried { ip: *ip, answer: by_udp });
    }
    let mut addresses = Vec::new();
    for (name, ips) in names {
        let leads_to = match ips {
            Ok(ips) => Ok(loops(ips, port, own).await),
            Err(fault) => Err(fault.clone()),
        };
        addresses.push(PublicAddress { name: name.clone(), leads_to });
    }
    vec![
        reach::own_addresses(Protocol::Tcp, port, &tcp, System::THIS),
        reach::own_addresses(Protocol::Udp, port, &udp, System::THIS),
        public::public_addresses(port, &addresses),
    ]
}

async fn loops(ips: &[IpAddr], port: u16, own: &[IpAddr]) -> Vec<Loop> {
    let mut loops = Vec::new();
    for ip in ips {
        let (tcp, udp) = both(SocketAddr::new(*ip, port)).await;
        loops.push(Loop { ip: *ip, own: own.contains(ip), tcp, udp });
    }
    loops
}

async fn both(target: SocketAddr) -> (Answer, Answer) {
    tokio::join!(probe::over_tcp(target), probe::over_udp(target))
}

/// How long a name may take to be resolved.
const LOOKUP_TIME_LIMIT: Duration = Duration::from_secs(3);

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 4;

async fn resolved(name: &str, port: u16) -> Resolved {
    if let Ok(ip) = name.parse() {
        return Ok(vec![ip]);
    }
    let found = looked_up((name, port)).await?;
    let mut ips: Vec<IpAddr> = found.into_iter().map(|address| address.ip()).collect();
    ips.sort();
    ips.dedup();
    ips.truncate(MAX_ADDRESSES);
    Ok(ips)
}

async fn looked_up(host: impl tokio::net::ToSocketAddrs) -> Result<Vec<SocketAddr>, String> {
    match timeout(LOOKUP_TIME_LIMIT, lookup_host(host)).await {
        Err(_elapsed) => Err("its name takes too long to be resolved".into()),
        Ok(Err(error)) => Err(error.to_string()),
        Ok(Ok(found)) => Ok(found.collect()),
    }
}

async fn seen_by(server: &str) -> Result<IpAddr, String> {
    let addresses = looked_up(server).await?;
    let address = addresses.first().ok_or("its name has no address")?;
    match probe::over_udp(*address).await {
        Answer::Seen(seen) => Ok(seen.ip()),
        Answer::Refused(fault) => Err(fault),
        Answer::Mute | Answer::Silent => Err("nothing came back".into()),
    }
}
