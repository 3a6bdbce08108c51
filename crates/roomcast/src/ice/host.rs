//! The host in the address of a server, as a browser can use it.

use std::fmt;
use std::net::Ipv6Addr;

/// A name or an address, IPv6 in brackets. Nothing else fits into the address of a server, so that
/// what a browser sends as `Host` cannot add to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host(String);

impl Host {
    /// Takes the host of a `Host` header or an `:authority`, which may have a port.
    pub(crate) fn of_authority(authority: &str) -> Option<Self> {
        if let Some(rest) = authority.strip_prefix('[') {
            return Self::of_ipv6(rest.split_once(']')?.0);
        }
        let host = authority.split_once(':').map_or(authority, |(host, _)| host);
        Self::of_name(host)
    }

    /// Takes a configured name or address.
    pub(crate) fn of(name: &str) -> Option<Self> {
        if name.contains(':') { Self::of_ipv6(name) } else { Self::of_name(name) }
    }

    fn of_ipv6(text: &str) -> Option<Self> {
        text.parse::<Ipv6Addr>().ok().map(|address| Self(format!("[{address}]")))
    }

    fn of_name(name: &str) -> Option<Self> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let fits = (1..=MAX_NAME_CHARS).contains(&name.len());
        (fits && name.chars().all(is_plain)).then(|| Self(name.to_owned()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest name of the DNS.
const MAX_NAME_CHARS: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_an_authority_is_left_out() {
        let host = |authority| Host::of_authority(authority).unwrap().to_string();
        assert_eq!(host("live.example.org"), "live.example.org");
        assert_eq!(host("localhost:8443"), "localhost");
        assert_eq!(host("192.0.2.1:443"), "192.0.2.1");
        assert_eq!(host("[2001:db8::1]:443"), "[2001:db8::1]");
        assert_eq!(Host::of("2001:db8::1").unwrap().to_string(), "[2001:db8::1]");
    }

    #[test]
    fn nothing_but_a_host_fits() {
        for wrong in ["", ":1", "a b", "a?transport=udp", "a/b", "[::1", "[x]", "ä.example", "a@b"]
        {
            assert_eq!(Host::of_authority(wrong), None, "{wrong}");
        }
    }
}
