//! Tokens: a backend makes one for each of its people.

use axum::extract::State;
use axum::http::StatusCode;
use roomcast_protocol::server::Role;
use roomcast_protocol::{DisplayName, ErrorCode, Identity, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::grants::GrantsView;
use super::{Api, Asker, Json, Refused, room_name, words};
use crate::auth::TokenRequest;
use crate::wall_clock::unix_ms;

/// What a token is to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewToken {
    /// The one room for which it is good. Only a token with the grant `admin` may be without.
    #[schema(min_length = 1, max_length = 64)]
    room: Option<String>,
    /// Who its bearer is to you. Who comes twice with one identity takes their own place.
    #[schema(min_length = 1, max_length = 128)]
    identity: Option<String>,
    /// The name to go by.
    #[schema(min_length = 1, max_length = 64)]
    name: Option<String>,
    /// As the grants say, and else a viewer.
    #[schema(schema_with = words::maybe_role)]
    role: Option<Role>,
    /// What its bearer may do at most; as the role says unless named.
    grants: Option<GrantsView>,
    /// Seconds for which it is good: two hours unless said otherwise.
    #[schema(minimum = 1, maximum = 31_622_400)]
    expires_in: Option<u64>,
}

/// For how long a token is good, in seconds, unless asked otherwise: a lesson, a talk, a show.
const USUAL_SECONDS: u64 = 2 * 3_600;

/// A token (JWT, RFC 7519).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MadeToken {
    token: String,
    /// In milliseconds since 1970.
    expires_at: u64,
}

/// Makes a token, signed with the API key that asks.
#[utoipa::path(post, path = "/tokens", tag = "tokens", operation_id = "makeToken",
    request_body = NewToken,
    responses((status = 201, description = "The token", body = MadeToken)))]
pub(super) async fn make(
    State(api): State<Api>,
    asker: Asker,
    Json(wish): Json<NewToken>,
) -> Result<(StatusCode, axum::Json<MadeToken>), Refused> {
    let operator = api.node_operator(&asker).await?;
    let expires_in = wish.expires_in.unwrap_or(USUAL_SECONDS);
    let request = TokenRequest {
        room: wish.room.as_deref().map(room_name).transpose()?,
        identity: wish.identity.as_deref().map(Identity::parse).transpose()?,
        name: wish.name.as_deref().map(DisplayName::parse).transpose()?,
        role: wish.role,
        grants: wish.grants.map(Into::into),
        expires_in,
    };
    let token = api.gate.mint(&operator, request).await.map_err(as_caller)?;
    let expires_at = unix_ms().saturating_add(expires_in.saturating_mul(1_000));
    Ok((StatusCode::CREATED, axum::Json(MadeToken { token, expires_at })))
}

/// It is not the asker's token that is wrong, but the one that was asked for.
fn as_caller(refusal: Refusal) -> Refused {
    match refusal.code {
        ErrorCode::TokenInvalid => Refused::new(ErrorCode::Malformed, refusal.message),
        _ => Refused(refusal),
    }
}
