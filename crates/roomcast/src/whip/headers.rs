//! Header fields: what a request says about its contents and conditions, and what answers say about
//! ICE servers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use roomcast_protocol::server::IceServer;

/// The media type of a session description.
pub(super) const SDP: &str = "application/sdp";

/// Whether the body of a request has this media type. Parameters do not matter.
pub(super) fn has_type(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| essence(value).eq_ignore_ascii_case(media_type))
}

/// Whether the client takes this media type as an answer (RFC 9110 section 12.5.1).
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    if !headers.contains_key(header::ACCEPT) {
        return true;
    }
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(','));
    // The most specific range decides.
    ranges
        .filter_map(|range| Some((specificity(essence(range), media_type)?, !is_refused(range))))
        .max()
        .is_some_and(|(_, accepted)| accepted)
}

fn essence(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// How exactly a range names a media type, if it does.
fn specificity(range: &str, media_type: &str) -> Option<u8> {
    if range == "*/*" {
        return Some(0);
    }
    if range.eq_ignore_ascii_case(media_type) {
        return Some(2);
    }
    let (main, _) = media_type.split_once('/')?;
    let of_main = range.strip_suffix("/*")?;
    of_main.eq_ignore_ascii_case(main).then_some(1)
}

/// Whether the weight of a range is zero.
fn is_refused(range: &str) -> bool {
    let mut parameters = range.split(';').skip(1).map(str::trim);
    parameters.any(|parameter| {
        let weight = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
        weight.and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0)
    })
}

/// What `If-Match` says (RFC 9110 section 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// There is none.
    Missing,
    /// Whatever ICE session there is: the client wants a new one.
    Any,
    /// One of these.
    Tags(Vec<String>),
}

impl Condition {
    /// Reads it. RFC 9725 writes `*` in quotes, and clients do either; some leave the quotes of a tag
    /// out.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        if !headers.contains_key(header::IF_MATCH) {
            return Self::Missing;
        }
        let values = headers.get_all(header::IF_MATCH).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let tags: Vec<String> = values
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().trim_matches('"').to_owned())
            .collect();
        if tags.iter().any(|tag| tag == "*") { Self::Any } else { Self::Tags(tags) }
    }
}

/// The name of an ICE session: a strong tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntityTag(String);

impl EntityTag {
    /// One that never was.
    pub(super) fn random() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()))
    }

    /// Whether one of these tags is this. A weak tag never is.
    pub(super) fn is_in(&self, tags: &[String]) -> bool {
        tags.contains(&self.0)
    }

    /// The value of `ETag`.
    pub(super) fn to_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("\"{}\"", self.0)).ok()
    }
}

/// A `Link` for each address of a server (RFC 9725 section 4.6). What does not fit into a header field
/// is left out.
pub(super) fn links(servers: &[IceServer]) -> Vec<(HeaderName, HeaderValue)> {
    let links = servers.iter().flat_map(|server| server.urls.iter().map(|url| link(url, server)));
    links.filter_map(|link| Some((header::LINK, HeaderValue::try_from(link?).ok()?))).collect()
}

fn link(url: &str, server: &IceServer) -> Option<String> {
    let mut link = format!("<{url}>; rel=\"ice-server\"");
    if url.contains(['<', '>']) {
        return None;
    }
    // STUN needs no credentials.
    if let (Some(username), Some(credential)) = (&server.username, &server.credential)
        && url.starts_with("turn")
    {
        let (username, credential) = (quoted(username), quoted(credential));
        link.push_str(&format!(
            "; username={username}; credential={credential}; credential-type=\"password\""
        ));
    }
    Some(link)
}

/// A quoted string (RFC 9110 section 5.6.4).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn parameters_and_case_of_a_media_type_do_not_matter() {
        let is = |value| has_type(&with(header::CONTENT_TYPE, value), SDP);
        assert!(is("application/sdp") && is("Application/SDP; charset=utf-8"));
        assert!(!is("application/json") && !is("application/sdpx") && !is(""));
        assert!(!has_type(&HeaderMap::new(), SDP));
    }

    #[test]
    fn an_answer_is_given_to_those_who_take_it() {
        let takes = |value| accepts(&with(header::ACCEPT, value), SDP);
        for value in ["*/*", "application/sdp", "text/html, application/*;q=0.1", "a/b;q=0, */*"] {
            assert!(takes(value), "{value}");
        }
        for value in ["text/html", "application/json", "application/sdp;q=0, */*", "text/*", ""] {
            assert!(!takes(value), "{value}");
        }
        assert!(accepts(&HeaderMap::new(), SDP));
    }

    #[test]
    fn a_condition_is_read_with_quotes_or_without() {
        let of = |value| Condition::read(&with(header::IF_MATCH, value));
        assert_eq!(Condition::read(&HeaderMap::new()), Condition::Missing);
        assert_eq!((of("*"), of("\"*\"")), (Condition::Any, Condition::Any));
        assert_eq!(of("\"ab\", cd"), Condition::Tags(vec!["ab".into(), "cd".into()]));
    }

    #[test]
    fn a_tag_is_that_of_one_ice_session() {
        let tag = EntityTag::random();
        let value = tag.to_value().unwrap();
        let Condition::Tags(tags) =
            Condition::read(&with(header::IF_MATCH, value.to_str().unwrap()))
        else {
            panic!("no tag")
        };
        assert!(tag.is_in(&tags));
        assert!(!EntityTag::random().is_in(&tags));
        assert!(!tag.is_in(&[format!("W/\"{}", tags[0])]));
    }

    #[test]
    fn every_address_of_a_server_has_its_link_and_relays_their_credentials() {
        let server = IceServer {
            urls: vec!["stun:a:1".into(), "turn:a:1?transport=tcp".into(), "turn:<x>".into()],
            username: Some("9:ann".into()),
            credential: Some("w\"d\\".into()),
        };
        let links: Vec<String> =
            links(&[server]).into_iter().map(|(_, value)| value.to_str().unwrap().into()).collect();
        let expected = [
            "<stun:a:1>; rel=\"ice-server\"",
            "<turn:a:1?transport=tcp>; rel=\"ice-server\"; username=\"9:ann\"; \
             credential=\"w\\\"d\\\\\"; credential-type=\"password\"",
        ];
        assert_eq!(links, expected);
    }
}
