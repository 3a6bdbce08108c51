//! Under which addresses this node can be reached: for people, for browsers' media, and for the
//! certificate.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;

/// The addresses to open in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// On this machine.
    pub local: String,
    /// From the local network, to watch: browsers need no certificate for that.
    pub lan: Vec<String>,
    /// From the local network, to go live: browsers give camera and microphone to HTTPS alone.
    pub lan_secure: Vec<String>,
    /// From anywhere, as configured.
    pub public: Vec<String>,
}

impl Links {
    /// Those that work on other machines, the best first: what is public works from everywhere.
    pub(crate) fn to_share(&self) -> Vec<String> {
        self.public.iter().chain(&self.lan).cloned().collect()
    }
}

/// Addresses that media may be sent to. Browsers try each pair; more of them slow the start.
const MAX_CANDIDATES: usize = 16;

/// How long the names among the public addresses may take to be resolved, all together.
const LOOKUP_TIME_LIMIT: Duration = Duration::from_secs(3);

/// The addresses of one node.
#[derive(Debug)]
pub(crate) struct Addresses {
    listen: SocketAddr,
    /// Of this machine's networks, the main one first; only those on which the node listens.
    lan: Vec<IpAddr>,
    public: Vec<String>,
}

impl Addresses {
    /// Of a node that listens on `listen`, with its real port.
    pub(crate) fn new(listen: SocketAddr, public: Vec<String>) -> Self {
        let mut lan = lan_addresses();
        let listen_ip = listen.ip();
        if listen_ip.is_unspecified() {
            lan.retain(|ip| ip.is_ipv4() || listen.is_ipv6());
        } else {
            lan.retain(|ip| *ip == listen_ip);
        }
        Self { listen, lan, public }
    }

    /// For people. IPv6 addresses are left out where IPv4 ones are there: they are harder to type.
    pub(crate) fn links(&self) -> Links {
        let port = self.listen.port();
        let link = |scheme: &str, ip: IpAddr| format!("{scheme}://{}", SocketAddr::new(ip, port));
        let ip = self.listen.ip();
        let local = if ip.is_unspecified() || ip.is_loopback() {
            format!("http://localhost:{port}")
        } else {
            link("http", ip)
        };
        let has_v4 = self.lan.iter().any(IpAddr::is_ipv4);
        let shown: Vec<IpAddr> =
            self.lan.iter().copied().filter(|ip| ip.is_ipv4() || !has_v4).collect();
        Links {
            local,
            lan: shown.iter().map(|ip| link("http", *ip)).collect(),
            lan_secure: shown.iter().map(|ip| link("https", *ip)).collect(),
            public: self.public.iter().map(|name| public_link(name, port)).collect(),
        }
    }

    /// What a certificate must name.
    pub(crate) fn certificate_names(&self) -> Vec<String> {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".into(), "::1".into()];
        if let Some(host) = hostname::get().ok().and_then(|host| host.into_string().ok())
            && is_name(&host)
        {
            if !host.contains('.') {
                names.push(format!("{host}.local"));
            }
            names.push(host);
        }
        names.extend(self.lan.iter().map(ToString::to_string));
        names.extend(self.public.iter().filter(|name| is_name(name) || is_ip(name)).cloned());
        names.sort();
        names.dedup();
        names
    }

    /// Where browsers may send media: the public addresses, this machine's networks, and itself.
    pub(crate) async fn candidates(&self) -> Vec<IpAddr> {
        let mut candidates = self.resolved().await;
        candidates.extend(&self.lan);
        let ip = self.listen.ip();
        if ip.is_unspecified() {
            candidates.push(Ipv4Addr::LOCALHOST.into());
            if self.listen.is_ipv6() {
                candidates.push(Ipv6Addr::LOCALHOST.into());
            }
        } else {
            candidates.push(ip);
        }
        let mut seen = std::collections::HashSet::new();
        candidates.retain(|ip| seen.insert(*ip));
        candidates.truncate(MAX_CANDIDATES);
        candidates
    }

    /// All addresses of this machine, those that nobody is told too.
    pub(crate) fn machine(&self) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> = interfaces().iter().map(if_addrs::Interface::ip).collect();
        addresses.extend([IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
        if !self.listen.ip().is_unspecified() {
            addresses.push(self.listen.ip());
        }
        addresses.sort();
        addresses.dedup();
        addresses
    }

    async fn resolved(&self) -> Vec<IpAddr> {
        let mut found = Vec::new();
        let resolve_all = async {
            for name in &self.public {
                if let Ok(ip) = name.parse() {
                    found.push(ip);
                    continue;
                }
                match lookup_host((name.as_str(), self.listen.port())).await {
                    Ok(addresses) => found.extend(addresses.map(|address| address.ip())),
                    Err(error) => {
                        tracing::warn!(%error, "a public address cannot be resolved; media will not be offered there");
                    }
                }
            }
        };
        if timeout(LOOKUP_TIME_LIMIT, resolve_all).await.is_err() {
            tracing::warn!("the public addresses take too long to resolve; going on without");
        }
        found
    }
}

fn public_link(name: &str, port: u16) -> String {
    let host = match name.parse::<Ipv6Addr>() {
        Ok(v6) => format!("[{v6}]"),
        Err(_) => name.to_owned(),
    };
    if port == 443 { format!("https://{host}") } else { format!("https://{host}:{port}") }
}

fn is_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Whether a certificate can carry it.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !text.is_empty() && text.chars().all(plain) && !text.starts_with(['-', '.']) && !is_ip(text)
}

fn interfaces() -> Vec<if_addrs::Interface> {
    if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "this machine's addresses cannot be listed");
        Vec::new()
    })
}

fn lan_addresses() -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = interfaces()
        .iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(if_addrs::Interface::ip)
        .collect();
    let main = main_address();
    addresses.sort_by_key(|ip| (Some(*ip) != main, ip.is_ipv6()));
    addresses
}

/// The address from which this machine would speak to the world. Connecting a UDP socket sends
/// nothing; 192.0.2.1 (RFC 5737) belongs to nobody.
fn main_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(listen: &str, lan: &[&str], public: &[&str]) -> Addresses {
        Addresses {
            listen: listen.parse().unwrap(),
            lan: lan.iter().map(|ip| ip.parse().unwrap()).collect(),
            public: public.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn links_are_what_a_person_would_type() {
        let links = addresses(
            "[::]:8443",
            &["192.168.1.5", "2001:db8::5"],
            &["live.example.org", "2001:db8::9"],
        )
        .links();
        assert_eq!(links.local, "http://localhost:8443");
        assert_eq!(links.lan, ["http://192.168.1.5:8443"]);
        assert_eq!(links.lan_secure, ["https://192.168.1.5:8443"]);
        assert_eq!(links.public, ["https://live.example.org:8443", "https://[2001:db8::9]:8443"]);
        assert_eq!(public_link("live.example.org", 443), "https://live.example.org");
    }

    #[test]
    fn the_certificate_names_every_way_in() {
        let names = addresses("[::]:1", &["192.168.1.5"], &["live.example.org", "no name!"])
            .certificate_names();
        for name in ["localhost", "127.0.0.1", "192.168.1.5", "live.example.org"] {
            assert!(names.iter().any(|has| has == name), "{name}");
        }
        assert!(!names.iter().any(|has| has == "no name!"));
    }

    #[tokio::test]
    async fn media_is_offered_only_where_the_node_listens() {
        let candidates = addresses("127.0.0.1:1", &[], &["192.0.2.7"]).candidates().await;
        assert_eq!(
            candidates,
            ["192.0.2.7".parse::<IpAddr>().unwrap(), Ipv4Addr::LOCALHOST.into()]
        );
    }
}
