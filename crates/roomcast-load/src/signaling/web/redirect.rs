//! What a status says to do next.

use reqwest::{StatusCode, Url};

/// What comes after an answer to a POST.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is what was asked for.
    Take,
    /// The same POST, at another address.
    Ask(Url),
    /// Nothing.
    Refused,
}

/// Reads status and `Location` of an answer from `url`.
pub(super) fn next(url: &Url, status: StatusCode, location: Option<&str>) -> Next {
    if status.is_success() {
        return Next::Take;
    }
    let elsewhere = location.and_then(|location| url.join(location).ok());
    match elsewhere.filter(|url| matches!(url.scheme(), "http" | "https")) {
        // RFC 9725 section 4.6 wants 307 or 308. The older two are meant so, too.
        Some(url) if matches!(status.as_u16(), 301 | 302 | 307 | 308) => Next::Ask(url),
        _ => Next::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_follows_redirects_relative_and_absolute_ones() {
        let url: Url = "http://a:1/whip/room?name=x".parse().unwrap();
        let after = |status, location| next(&url, StatusCode::from_u16(status).unwrap(), location);
        let ask = |url: &str| Next::Ask(url.parse().unwrap());
        assert_eq!(after(201, Some("/session")), Next::Take);
        assert_eq!(after(200, None), Next::Take);
        assert_eq!(after(307, Some("/other")), ask("http://a:1/other"));
        assert_eq!(after(308, Some("https://b/x")), ask("https://b/x"));
        assert_eq!(after(302, Some("whip")), ask("http://a:1/whip/whip"));
        for (status, location) in
            [(307, None), (303, Some("/x")), (404, Some("/x")), (307, Some("file:///x"))]
        {
            assert_eq!(after(status, location), Next::Refused, "{status}");
        }
    }
}
