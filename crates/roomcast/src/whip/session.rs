//! The resource of one session: what its client says about ICE, and its end.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use roomcast_protocol::{ErrorCode, Refusal};
use tokio::sync::oneshot;

use super::asked::Asked;
use super::fragment::{self, Fragment};
use super::headers::{self, Condition};
use super::problem::Problem;
use super::resident::{Command, Restarted, over};
use super::{Doors, endpoint};

/// `PATCH`: further candidates, or a restart of ICE.
pub(super) async fn patch(
    State(doors): State<Doors>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    if !headers::has_type(&asked.headers, fragment::MEDIA_TYPE) {
        let message = format!("the body has to be a fragment, {}", fragment::MEDIA_TYPE);
        return Err(Refusal::new(ErrorCode::MediaTypeUnsupported, message).into());
    }
    let fragment = Fragment::read(&asked.body(body).await?)?;
    let condition = Condition::read(&asked.headers);
    let mailbox = doors.residents.find(&asked.address()).ok_or_else(over)?;
    let (reply, patched) = oneshot::channel();
    let command = Command::Patch { condition, fragment, reply };
    mailbox.send(command).await.map_err(|_| over())?;
    Ok(match patched.await.map_err(|_| over())?? {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(restarted) => of_restart(restarted),
    })
}

fn of_restart(restarted: Restarted) -> Response {
    let head = [(header::CONTENT_TYPE, fragment::MEDIA_TYPE)];
    let mut response = (StatusCode::OK, head, restarted.fragment).into_response();
    if let Some(tag) = restarted.tag.to_value() {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `DELETE`: the client ends its session. Entity tags do not matter (RFC 9725 section 4.3.1).
pub(super) async fn end(State(doors): State<Doors>, asked: Asked) -> Result<StatusCode, Problem> {
    let mailbox = doors.residents.withdraw(&asked.address()).ok_or_else(over)?;
    let (reply, ended) = oneshot::channel();
    mailbox.send(Command::End { reply }).await.map_err(|_| over())?;
    // It may have ended by itself meanwhile.
    let _ = ended.await;
    Ok(StatusCode::OK)
}

/// `GET`: there is nothing to show (RFC 9725 section 4.1).
pub(super) async fn look(State(doors): State<Doors>, asked: Asked) -> Result<StatusCode, Problem> {
    doors.residents.find(&asked.address()).ok_or_else(over)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `OPTIONS`: what may be said.
pub(super) async fn options(_asked: Asked) -> Response {
    ([(header::ALLOW, ALLOW), endpoint::ACCEPT_PATCH], ()).into_response()
}

/// Any other method.
pub(super) async fn no_such_method() -> Response {
    endpoint::refuse_method(ALLOW)
}

const ALLOW: &str = "DELETE, GET, HEAD, OPTIONS, PATCH";
