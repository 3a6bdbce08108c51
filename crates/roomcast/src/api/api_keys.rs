//! API keys: list, make, revoke.

use axum::extract::State;
use axum::http::StatusCode;
use roomcast_protocol::{DisplayName, ErrorCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Api, Asker, Json, Listing, Page, Path, Query, Refused};
use crate::auth::{ApiKey, KeyId};

/// An API key: with it, everything on this node may be done, and tokens be made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyView {
    id: String,
    name: String,
    /// In milliseconds since 1970.
    created_at: u64,
}

/// An API key with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKeyWithSecret)]
pub(crate) struct WholeApiKey {
    #[serde(flatten)]
    view: ApiKeyView,
    /// The whole key. It is shown this once.
    key: String,
}

/// Lists the API keys that are in force, the oldest first.
#[utoipa::path(get, path = "/api-keys", tag = "API keys", operation_id = "listApiKeys",
    params(Page),
    responses((status = 200, description = "A page of keys", body = Listing<ApiKeyView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    asker: Asker,
    Query(page): Query<Page>,
) -> Result<axum::Json<Listing<ApiKeyView>>, Refused> {
    api.node_operator(&asker).await?;
    let limit = page.limit()?;
    let keys = api.gate.keys().api_keys().await?;
    let before = match &page.after {
        Some(after) => keys
            .iter()
            .position(|key| key.id.as_str() == after)
            .map(|index| index + 1)
            .ok_or_else(unknown)?,
        None => 0,
    };
    let items = keys.into_iter().skip(before).take(limit + 1).map(ApiKeyView::from).collect();
    Ok(axum::Json(Listing::of(items, limit, |item: &ApiKeyView| item.id.clone())))
}

/// What a new API key is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiKey {
    /// For people, to know it again.
    #[schema(min_length = 1, max_length = 64, example = "backend")]
    name: String,
}

/// Makes an API key.
#[utoipa::path(post, path = "/api-keys", tag = "API keys", operation_id = "makeApiKey",
    request_body = NewApiKey,
    responses((status = 201, description = "The new key", body = WholeApiKey)))]
pub(super) async fn make(
    State(api): State<Api>,
    asker: Asker,
    Json(wish): Json<NewApiKey>,
) -> Result<(StatusCode, axum::Json<WholeApiKey>), Refused> {
    api.node_operator(&asker).await?;
    let name = DisplayName::parse(&wish.name)?;
    let (key, secret) = api.gate.keys().new_api_key(&name).await?;
    let whole = WholeApiKey { view: key.into(), key: secret.reveal() };
    Ok((StatusCode::CREATED, axum::Json(whole)))
}

/// Revokes an API key, and with it all tokens that it signed.
#[utoipa::path(delete, path = "/api-keys/{id}", tag = "API keys", operation_id = "revokeApiKey",
    params(("id" = String, Path, description = "The key's id")),
    responses((status = 204, description = "It is not in force any more")))]
pub(super) async fn revoke(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    api.node_operator(&asker).await?;
    let id = KeyId::parse(&id).ok_or_else(unknown)?;
    if api.gate.keys().revoke_api_key(&id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(unknown())
}

fn unknown() -> Refused {
    Refused::new(ErrorCode::NotFound, "there is no API key of this id (any more)")
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, name, created_at } = key;
        Self { id: id.to_string(), name, created_at }
    }
}
