//! Which pages of other sites may use WHIP and WHEP (Cross-Origin Resource Sharing, in Fetch).
//!
//! Neither knows cookies: who asks says by what right, or has none. So a page of any site may ask,
//! unless the operator has listed those that may.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// The sites that may. Clones share the list.
#[derive(Debug, Clone)]
pub(crate) struct Sites(Arc<[String]>);

impl Sites {
    /// These origins, or any if there are none.
    pub(crate) fn new(origins: impl Into<Arc<[String]>>) -> Self {
        Self(origins.into())
    }

    /// What `Access-Control-Allow-Origin` is to say to a page of this origin, if anything.
    fn answer(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.0.is_empty() {
            return Some(HeaderValue::from_static("*"));
        }
        let text = origin.to_str().ok()?;
        self.0.iter().any(|site| site.eq_ignore_ascii_case(text)).then(|| origin.clone())
    }
}

/// Adds what a browser needs to let a page see the answer.
pub(super) async fn share(State(sites): State<Sites>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let is_preflight = is_preflight(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let Some(answer) = origin.and_then(|origin| sites.answer(&origin)) else { return response };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, answer);
    let more: &[(HeaderName, &str)] = if is_preflight { &PREFLIGHT } else { &EXPOSED };
    for (name, value) in more {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a browser asks on behalf of a page what it may do.
fn is_preflight(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

const EXPOSED: [(HeaderName, &str); 1] = [(
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    "location, etag, link, accept-post, accept-patch, retry-after, www-authenticate",
)];

const PREFLIGHT: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PATCH, DELETE, OPTIONS"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, accept, if-match, link"),
    // Two hours: as long as browsers keep it at most.
    (header::ACCESS_CONTROL_MAX_AGE, "7200"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_site_may_unless_some_are_listed() {
        let origin = HeaderValue::from_static("https://a.example");
        let answer = |sites: Vec<String>| Sites::new(sites).answer(&origin);
        assert_eq!(answer(vec![]).unwrap(), "*");
        assert_eq!(answer(vec!["https://A.example".into()]), Some(origin.clone()));
        assert_eq!(answer(vec!["https://b.example".into()]), None);
    }
}
