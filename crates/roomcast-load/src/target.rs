//! Where the server is that the load is for.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, bail};
use reqwest::Url;
use tokio::net::{TcpStream, UdpSocket, lookup_host};

/// A server's address.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Host and port, as they stand in requests.
    pub(crate) authority: String,
    /// Its root.
    pub(crate) root: Url,
    address: SocketAddr,
}

impl Target {
    /// Finds a node by its URL and sees that it listens.
    pub(crate) async fn of_node(url: &str) -> anyhow::Result<Self> {
        Self::find(&node(url)?).await
    }

    /// Finds a server by one of its URLs and sees that it listens.
    pub(crate) async fn find(url: &Url) -> anyhow::Result<Self> {
        let host = url.host_str().context("the URL has no host")?;
        let authority = format!("{host}:{}", url.port_or_known_default().unwrap_or(80));
        let mut addresses: Vec<SocketAddr> = lookup_host(&authority)
            .await
            .with_context(|| format!("there is no host {authority}"))?
            .collect();
        // `localhost` is both; a node without IPv6 is more common than one without IPv4.
        addresses.sort_by_key(SocketAddr::is_ipv6);
        for address in addresses {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(Self { authority, root: url.join("/")?, address });
            }
        }
        bail!("nothing listens at {authority}")
    }

    /// A new TCP connection.
    pub(crate) async fn connect(&self) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// The address of this machine from which the server is reached.
    pub(crate) async fn local_ip(&self) -> anyhow::Result<IpAddr> {
        let any: IpAddr = if self.address.is_ipv4() { [0; 4].into() } else { [0_u16; 8].into() };
        let socket = UdpSocket::bind((any, 0)).await?;
        // Sends nothing; only the route is looked up.
        socket.connect(self.address).await?;
        Ok(socket.local_addr()?.ip())
    }
}

/// A node's URL like `http://localhost:8443`, or its host and port alone.
fn node(url: &str) -> anyhow::Result<Url> {
    let whole = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let url: Url = whole.parse().with_context(|| format!("not a URL: {url}"))?;
    match url.scheme() {
        "http" | "ws" => Ok(url),
        other => bail!("rooms are filled over plain HTTP, not {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_give_host_and_port() {
        for (url, expected) in [
            ("http://localhost:8443", ("localhost", 8443)),
            ("ws://localhost:8443/ws", ("localhost", 8443)),
            ("localhost:8443", ("localhost", 8443)),
            ("http://[::1]:9/", ("[::1]", 9)),
            ("http://example.org", ("example.org", 80)),
        ] {
            let url = node(url).unwrap();
            assert_eq!((url.host_str().unwrap(), url.port_or_known_default().unwrap()), expected);
        }
        assert!(node("https://localhost:8443").is_err());
        assert!(node("http://").is_err());
    }
}
