//! The node that the load is for.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, bail};
use hyper::Uri;
use tokio::net::{TcpStream, UdpSocket, lookup_host};

/// A node's address.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Host and port, as they stand in requests.
    pub(crate) authority: String,
    address: SocketAddr,
}

impl Target {
    /// Finds the node by its URL and sees that it listens.
    pub(crate) async fn find(url: &str) -> anyhow::Result<Self> {
        let authority = authority(url)?;
        let mut addresses: Vec<SocketAddr> = lookup_host(&authority)
            .await
            .with_context(|| format!("there is no host {authority}"))?
            .collect();
        // `localhost` is both; a node without IPv6 is more common than one without IPv4.
        addresses.sort_by_key(SocketAddr::is_ipv6);
        for address in addresses {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(Self { authority, address });
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

    /// The address of this machine from which the node is reached.
    pub(crate) async fn local_ip(&self) -> anyhow::Result<IpAddr> {
        let any: IpAddr = if self.address.is_ipv4() { [0; 4].into() } else { [0_u16; 8].into() };
        let socket = UdpSocket::bind((any, 0)).await?;
        // Sends nothing; only the route is looked up.
        socket.connect(self.address).await?;
        Ok(socket.local_addr()?.ip())
    }
}

/// Host and port of a URL like `http://localhost:8443`, with whatever is behind them left out.
fn authority(url: &str) -> anyhow::Result<String> {
    let uri: Uri = url.parse().with_context(|| format!("not a URL: {url}"))?;
    match uri.scheme_str() {
        None | Some("http" | "ws") => {}
        Some(other) => bail!("the load generator speaks plain HTTP, not {other}"),
    }
    let host = uri.host().context("the URL has no host")?;
    Ok(format!("{host}:{}", uri.port_u16().unwrap_or(80)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_give_host_and_port() {
        for (url, expected) in [
            ("http://localhost:8443", "localhost:8443"),
            ("ws://localhost:8443/ws", "localhost:8443"),
            ("localhost:8443", "localhost:8443"),
            ("http://[::1]:9/", "[::1]:9"),
            ("http://example.org", "example.org:80"),
        ] {
            assert_eq!(authority(url).unwrap(), expected);
        }
        assert!(authority("https://localhost:8443").is_err());
        assert!(authority("http://").is_err());
    }
}
