//! WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): publishing and watching by HTTP alone.
//!
//! A publisher or viewer of this kind is a participant like any other. In the place of a page it has a
//! [`resident`]: a task that is a connection of its room and speaks the same messages. The
//! [`endpoint`] of a room begins sessions; each [`session`] is a resource of its own, whose address
//! nobody can guess. The room knows nothing of HTTP, and this decides nothing about rooms.

mod asked;
mod candidates;
mod credentials;
mod endpoint;
mod fragment;
mod headers;
mod heard;
mod offer;
mod problem;
mod resident;
mod residents;
mod session;

use std::fmt;

use axum::extract::FromRef;
use axum::routing::{MethodRouter, get, patch};
use axum::{Extension, Router};

pub(crate) use residents::Residents;

use crate::auth::Gate;
use crate::ws::Signaling;

/// What the handlers need.
#[derive(Clone)]
pub(crate) struct Doors {
    pub(crate) signaling: Signaling,
    pub(crate) gate: Gate,
    pub(crate) residents: Residents,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Protocol {
    /// The client publishes.
    Whip,
    /// The client watches.
    Whep,
}

impl fmt::Display for Protocol {
    /// As it stands in paths.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Whip => "whip",
            Self::Whep => "whep",
        })
    }
}

/// The routes of both.
pub(crate) fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Doors: FromRef<S>,
{
    Router::new()
        .route("/whip/{room}", endpoint_of(Protocol::Whip))
        .route("/whep/{room}", endpoint_of(Protocol::Whep))
        .route("/whip/{room}/{session}", session_of(Protocol::Whip))
        .route("/whep/{room}/{session}", session_of(Protocol::Whep))
}

fn endpoint_of<S>(protocol: Protocol) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Doors: FromRef<S>,
{
    get(endpoint::look)
        .head(endpoint::recognise)
        .options(endpoint::options)
        .post(endpoint::begin)
        .fallback(endpoint::no_such_method)
        .layer(Extension(protocol))
}

fn session_of<S>(protocol: Protocol) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Doors: FromRef<S>,
{
    patch(session::patch)
        .delete(session::end)
        .get(session::look)
        .options(session::options)
        .fallback(session::no_such_method)
        .layer(Extension(protocol))
}
