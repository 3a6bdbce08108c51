//! Which pages of other sites may call, and which requests without a bearer are believed.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use roomcast_protocol::{ErrorCode, Refusal};

use crate::config::{AllowedOrigin, Config};
use crate::http::{failure, origin};

/// A list of other sites, for one part of the surface. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Cors {
    sites: Sites,
    /// Hosts whose pages are the node's own: its public addresses.
    public_hosts: Arc<[String]>,
}

#[derive(Debug, Clone)]
enum Sites {
    Any,
    These(Arc<[String]>),
}

/// What other sites' pages may send. No cookie and no password of the browser ever counts here, so that
/// credentials are not allowed (Fetch standard, section 3.2.2).
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS: &str =
    "Authorization, Content-Type, Accept, If-Match, Link, Idempotency-Key";

/// What their scripts may read of an answer, beside the body.
const EXPOSED_HEADERS: &str = "Location, ETag, Link, Accept-Patch, Accept-Post, Retry-After, \
     WWW-Authenticate";

/// Seconds for which a browser may remember it: two hours is the most that any keeps.
const MAX_AGE: &str = "7200";

impl Cors {
    /// For the HTTP API and the WebSocket: nobody, unless `--cors` names them.
    pub(crate) fn of_api(config: &Config) -> Self {
        Self { sites: listed(config), public_hosts: config.public_addresses.as_slice().into() }
    }

    /// For WHIP, WHEP and what a player needs: everybody, unless `--cors` names some.
    pub(crate) fn of_players(config: &Config) -> Self {
        let sites = if config.auth.cors.is_empty() { Sites::Any } else { listed(config) };
        Self { sites, public_hosts: config.public_addresses.as_slice().into() }
    }

    /// Answers the questions that browsers ask first, lets the sites on the list read the answers, and
    /// refuses requests of other sites' pages that carry no bearer: a visitor's browser would send them
    /// from within the visitor's network.
    pub(crate) fn around<S: Clone + Send + Sync + 'static>(self, router: Router<S>) -> Router<S> {
        router.layer(from_fn_with_state(self, guard))
    }

    /// Whether a request comes from a program, from a page of the node itself, or from a site on the
    /// list.
    pub(crate) fn admits(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        self.lists(headers) || origin::is_own(headers, uri, &self.public_hosts)
    }

    fn lists(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return false };
        match &self.sites {
            Sites::Any => true,
            Sites::These(sites) => sites.iter().any(|site| site.as_bytes() == origin.as_bytes()),
        }
    }

    fn mark(&self, response: &mut Response, origin: Option<HeaderValue>) {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = origin else { return };
        let any = matches!(self.sites, Sites::Any);
        let allowed = if any { HeaderValue::from_static("*") } else { origin };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        let exposed = HeaderValue::from_static(EXPOSED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

fn listed(config: &Config) -> Sites {
    let sites = config.auth.cors.iter().map(|site| &site.value);
    let named: Option<Vec<String>> = sites
        .map(|site| match site {
            AllowedOrigin::Any => None,
            AllowedOrigin::One(origin) => Some(origin.clone()),
        })
        .collect();
    named.map_or(Sites::Any, |named| Sites::These(named.into()))
}

async fn guard(State(cors): State<Cors>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let listed = cors.lists(headers);
    let origin = headers.get(header::ORIGIN).filter(|_| listed).cloned();
    let asks = request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let trusted =
        asks || headers.contains_key(header::AUTHORIZATION) || cors.admits(headers, request.uri());
    if !trusted {
        let message = "a page of another site may not do this; --cors lets it";
        return failure::json(&Refusal::new(ErrorCode::Forbidden, message));
    }
    let mut response = next.run(request).await;
    if asks {
        answer(&mut response, listed);
    }
    cors.mark(&mut response, origin);
    response
}

/// The answer to a browser's question, whatever the resource makes of `OPTIONS`.
fn answer(response: &mut Response, listed: bool) {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.body_mut() = axum::body::Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    if listed {
        let fixed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ];
        let fixed = fixed.map(|(name, value)| (name, HeaderValue::from_static(value)));
        response.headers_mut().extend(fixed);
    }
}
