//! Whether a request comes from one of the node's own pages.

use axum::http::{HeaderMap, Uri, header};

/// Whether the `Origin` of a request, if it has one, has the host that the request is for, or one
/// of `public_hosts` (behind a proxy the request may name another host).
pub(crate) fn is_own(headers: &HeaderMap, uri: &Uri, public_hosts: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Some(origin) = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok()) else {
        return false;
    };
    let (Some(authority), Some(scheme)) = (origin.authority(), origin.scheme_str()) else {
        return false;
    };
    let default_port = if scheme == "https" { 443 } else { 80 };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // HTTP/2 has the host in the request's address.
    let Some(host) = host.or_else(|| uri.authority().map(|authority| authority.as_str())) else {
        return false;
    };
    let Ok(host) = host.parse::<axum::http::uri::Authority>() else { return false };
    let same_port =
        host.port_u16().unwrap_or(default_port) == authority.port_u16().unwrap_or(default_port);
    let same_host = host.host().eq_ignore_ascii_case(authority.host()) && same_port;
    same_host || public_hosts.iter().any(|public| public.eq_ignore_ascii_case(authority.host()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(origin: Option<&str>, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        is_own(&headers, &"/ws".parse().unwrap(), &["live.example.org".into()])
    }

    #[test]
    fn the_nodes_own_pages_and_programs_may_connect() {
        assert!(own(None, "localhost:8443"));
        assert!(own(Some("http://localhost:8443"), "LOCALHOST:8443"));
        assert!(own(Some("https://example.org"), "example.org"));
        assert!(own(Some("https://example.org"), "example.org:443"));
        assert!(own(Some("https://live.example.org"), "10.0.0.1:8443"));
        assert!(own(Some("http://[::1]:8443"), "[::1]:8443"));
    }

    #[test]
    fn other_pages_may_not() {
        for origin in ["http://evil.example", "http://localhost:1", "null", "file://", "::"] {
            assert!(!own(Some(origin), "localhost:8443"), "{origin}");
        }
    }
}
