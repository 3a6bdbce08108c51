//! The endpoint of a room: a `POST` with an offer begins a session.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use roomcast_protocol::client::PublishedTrack;
use roomcast_protocol::{DisplayName, ErrorCode, Refusal, RoomKind};
use tokio::sync::mpsc;

use super::asked::Asked;
use super::offer::Offer;
use super::problem::Problem;
use super::resident::{Begun, Command, JOIN, Newcomer};
use super::residents::{Address, Place};
use super::{Doors, Protocol, candidates, fragment, headers};
use crate::auth::{Opens, Pass};
use crate::rooms::{Entry, outbox};
use crate::ws::Signaling;

/// What a `POST` may hold.
pub(super) const ACCEPT_POST: (HeaderName, &str) =
    (HeaderName::from_static("accept-post"), headers::SDP);

/// What a `PATCH` of a session may hold.
pub(super) const ACCEPT_PATCH: (HeaderName, &str) =
    (HeaderName::from_static("accept-patch"), fragment::MEDIA_TYPE);

/// `POST /whip/{room}` and `POST /whep/{room}`.
pub(super) async fn begin(
    State(doors): State<Doors>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let metrics = &doors.signaling.metrics;
    let refused = |refusal: &Refusal| metrics.refused(refusal.code);
    let visit = Visit::prepare(&doors, &asked, body).await.inspect_err(refused)?;
    let host = asked.host.clone();
    let mut begun = visit.settle(doors.signaling.clone(), asked).await?;
    begun.answer = candidates::nearest_first(&begun.answer, &host);
    Ok(created(begun))
}

/// Everything that can be judged before the room is asked.
struct Visit {
    pass: Pass,
    name: DisplayName,
    offer: Offer,
    tracks: Vec<PublishedTrack>,
    place: Place,
    commands: mpsc::Receiver<Command>,
}

impl Visit {
    async fn prepare(doors: &Doors, asked: &Asked, body: Body) -> Result<Self, Refusal> {
        check_form(asked)?;
        let pass = admit(doors, asked).await?;
        let offer = Offer::read(asked.body(body).await?)?;
        let tracks = match asked.protocol {
            Protocol::Whip => offer.tracks(asked.scene()?)?,
            Protocol::Whep => offer.check_receiving().map(|()| Vec::new())?,
        };
        let name = match pass.name(asked.name()?) {
            Some(name) => name,
            None => DisplayName::parse(nameless(asked.protocol))?,
        };
        let address = Address::random(asked.protocol, asked.room.clone());
        let (place, commands) = doors.residents.take_place(address, asked.prefix)?;
        Ok(Self { pass, name, offer, tracks, place, commands })
    }

    async fn settle(self, signaling: Signaling, asked: Asked) -> Result<Begun, Refusal> {
        let Self { pass, name, offer, tracks, place, commands } = self;
        let (outbox, inbox) = outbox();
        let entry = Entry {
            room: asked.room,
            name,
            pass,
            open: false,
            resume: None,
            links: false,
            kind: RoomKind::default(),
            asked_host: asked.host,
            re: Some(JOIN),
            connection: Newcomer::connection(&signaling),
            outbox,
            prefix: asked.prefix,
        };
        Newcomer { signaling, place, commands, offer, tracks }.settle(entry, inbox).await
    }
}

fn check_form(asked: &Asked) -> Result<(), Refusal> {
    if !headers::has_type(&asked.headers, headers::SDP) {
        let message = "the body has to be a session description, application/sdp";
        return Err(Refusal::new(ErrorCode::MediaTypeUnsupported, message));
    }
    if !headers::accepts(&asked.headers, headers::SDP) {
        let message = "the answer is a session description, and Accept does not allow it";
        return Err(Refusal::new(ErrorCode::NotAcceptable, message));
    }
    Ok(())
}

async fn admit(doors: &Doors, asked: &Asked) -> Result<Pass, Refusal> {
    let bearer = doors.gate.bearer(&asked.headers, asked.prefix).await?;
    let mut pass = match asked.protocol {
        Protocol::Whip => doors.gate.admit_publisher(&asked.room, bearer.as_ref()).await?,
        Protocol::Whep => doors.gate.admit_viewer(&asked.room, bearer.as_ref()).await?,
    };
    // Else any page that someone in this network looks at could open rooms here.
    if pass.opens == Opens::WithHostKey && !doors.signaling.sites.admits(&asked.headers, &asked.uri)
    {
        pass.opens = Opens::Never;
    }
    Ok(pass)
}

/// The name of those who say none.
fn nameless(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Whip => "Stream",
        Protocol::Whep => "Player",
    }
}

fn created(begun: Begun) -> Response {
    let head = [(header::CONTENT_TYPE, headers::SDP), ACCEPT_PATCH];
    let mut response = (StatusCode::CREATED, head, begun.answer).into_response();
    let headers = response.headers_mut();
    // The path is ASCII and always fits.
    if let Ok(location) = HeaderValue::try_from(begun.address.to_path()) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(tag) = begun.tag.to_value() {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, link) in headers::links(&begun.ice_servers) {
        headers.append(name, link);
    }
    response
}

/// `OPTIONS`: what may be posted. Credentials are given to those who begin a session alone.
pub(super) async fn options(_asked: Asked) -> Response {
    ([(header::ALLOW, ALLOW), ACCEPT_POST], ()).into_response()
}

/// `GET`: there is nothing to show (RFC 9725 section 4.1).
pub(super) async fn look(_asked: Asked) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `HEAD`: how a player recognises an endpoint of WHEP.
pub(super) async fn recognise(Extension(protocol): Extension<Protocol>, _asked: Asked) -> Response {
    match protocol {
        Protocol::Whip => StatusCode::NO_CONTENT.into_response(),
        Protocol::Whep => [(header::CONTENT_TYPE, headers::SDP), ACCEPT_POST].into_response(),
    }
}

/// Any other method.
pub(super) async fn no_such_method() -> Response {
    refuse_method(ALLOW)
}

/// The refusal of a method where these are allowed.
pub(super) fn refuse_method(allow: &'static str) -> Response {
    let message = format!("here are only {allow}");
    let mut response = Problem(Refusal::new(ErrorCode::MethodNotAllowed, message)).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

const ALLOW: &str = "GET, HEAD, OPTIONS, POST";
