//! Webhooks in the HTTP API: make, list, change, remove; what was delivered, and sending it again.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use roomcast_protocol::{ErrorCode, Refusal, RoomName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Change, EventType};
use crate::api::{Api, Asker, Json, Listing, Page, Path, Refused};
use crate::store::webhooks::{DeliveryId, DeliveryState, SavedDelivery, SavedWebhook, WebhookId};

/// The operations, below `/api/v1`.
pub(crate) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(find, change, remove))
        .routes(routes!(deliveries))
        .routes(routes!(send_again))
}

/// Rooms that a webhook may name. Who wants more wants all.
const MAX_ROOMS: usize = 100;

/// A webhook: where what happens is sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(crate) struct WebhookView {
    id: String,
    /// Where to: an http or https address.
    url: String,
    /// The types of events that it hears.
    events: Vec<String>,
    /// The rooms that it hears; empty: all.
    rooms: Vec<String>,
    /// Nothing is noted or sent while it is false.
    enabled: bool,
    /// In milliseconds since 1970.
    created_at: u64,
}

/// A webhook with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(crate) struct WholeWebhook {
    #[serde(flatten)]
    view: WebhookView,
    /// What signs the deliveries. It is shown this once.
    secret: String,
}

/// What a new webhook is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// An http or https address without a user. Private networks must be allowed by the operator.
    #[schema(max_length = 2048, example = "https://example.org/hook")]
    url: String,
    /// The types of events that it hears: all, unless said otherwise.
    #[schema(max_items = 6)]
    events: Option<BTreeSet<EventType>>,
    /// The rooms that it hears: all, unless said otherwise.
    #[schema(max_items = 100)]
    rooms: Option<Vec<String>>,
}

/// What is to be other about a webhook. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChange {
    #[schema(max_length = 2048)]
    url: Option<String>,
    /// Empty: all.
    #[schema(max_items = 6)]
    events: Option<BTreeSet<EventType>>,
    /// Empty: all.
    #[schema(max_items = 100)]
    rooms: Option<Vec<String>>,
    enabled: Option<bool>,
}

/// One event on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub(crate) struct DeliveryView {
    /// The same as in the event.
    id: String,
    /// The type of the event.
    event: String,
    room: String,
    /// The how many-th event of its room it is, for this webhook.
    number: u64,
    /// In milliseconds since 1970.
    created_at: u64,
    /// How often it was tried.
    attempts: u32,
    state: StateView,
    /// The HTTP status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<u16>,
    /// Why the last try was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// When it is tried again, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<u64>,
    #[serde(skip)]
    key: i64,
}

/// Where a delivery stands: it waits for its (next) try, was taken, or was given up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DeliveryState)]
pub(crate) enum StateView {
    Waiting,
    Delivered,
    Failed,
}

/// Lists the webhooks, the oldest first: there are a hundred at most.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", operation_id = "listWebhooks",
    responses((status = 200, description = "The webhooks", body = Listing<WebhookView>)))]
pub(super) async fn list(
    State(api): State<Api>,
    asker: Asker,
) -> Result<axum::Json<Listing<WebhookView>>, Refused> {
    api.node_operator(&asker).await?;
    let webhooks = api.webhooks.list().await?;
    Ok(axum::Json(Listing::whole(webhooks.into_iter().map(WebhookView::from).collect())))
}

/// Makes a webhook. It hears what happens from now on.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", operation_id = "makeWebhook",
    request_body = NewWebhook,
    responses((status = 201, description = "The new webhook", body = WholeWebhook)))]
pub(super) async fn make(
    State(api): State<Api>,
    asker: Asker,
    Json(wish): Json<NewWebhook>,
) -> Result<impl IntoResponse, Refused> {
    api.node_operator(&asker).await?;
    let events = spelled(wish.events.unwrap_or_default());
    let rooms = room_names(&wish.rooms.unwrap_or_default())?;
    let (webhook, secret) = api.webhooks.add(&wish.url, events, rooms).await?;
    let location = format!("/api/v1/webhooks/{}", webhook.id.0);
    let whole = WholeWebhook { view: webhook.into(), secret };
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(whole)))
}

/// Tells about one webhook.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "webhooks", operation_id = "getWebhook",
    params(("id" = String, Path, description = "The webhook's id")),
    responses((status = 200, description = "The webhook", body = WebhookView)))]
pub(super) async fn find(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<axum::Json<WebhookView>, Refused> {
    api.node_operator(&asker).await?;
    Ok(axum::Json(api.webhooks.find(&WebhookId(id)).await?.into()))
}

/// Changes a webhook. What waits for it is tried at once.
#[utoipa::path(patch, path = "/webhooks/{id}", tag = "webhooks", operation_id = "changeWebhook",
    params(("id" = String, Path, description = "The webhook's id")),
    request_body = WebhookChange,
    responses((status = 200, description = "The webhook as it is now", body = WebhookView)))]
pub(super) async fn change(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<String>,
    Json(wish): Json<WebhookChange>,
) -> Result<axum::Json<WebhookView>, Refused> {
    api.node_operator(&asker).await?;
    let change = Change {
        url: wish.url,
        events: wish.events.map(spelled),
        rooms: wish.rooms.as_deref().map(room_names).transpose()?,
        enabled: wish.enabled,
    };
    Ok(axum::Json(api.webhooks.change(WebhookId(id), change).await?.into()))
}

/// Removes a webhook with its deliveries.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "webhooks", operation_id = "removeWebhook",
    params(("id" = String, Path, description = "The webhook's id")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn remove(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    api.node_operator(&asker).await?;
    api.webhooks.remove(WebhookId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the deliveries of a webhook, the newest first.
#[utoipa::path(get, path = "/webhooks/{id}/deliveries", tag = "webhooks",
    operation_id = "listDeliveries",
    params(("id" = String, Path, description = "The webhook's id"), Page),
    responses((status = 200, description = "A page of deliveries",
        body = Listing<DeliveryView>)))]
pub(super) async fn deliveries(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<String>,
    crate::api::Query(page): crate::api::Query<Page>,
) -> Result<axum::Json<Listing<DeliveryView>>, Refused> {
    api.node_operator(&asker).await?;
    let limit = page.limit()?;
    let before = page.after.as_deref().map(cursor).transpose()?;
    let found = api.webhooks.deliveries(WebhookId(id), before, limit + 1).await?;
    let items = found.into_iter().map(DeliveryView::from).collect();
    Ok(axum::Json(Listing::of(items, limit, |item: &DeliveryView| item.key.to_string())))
}

/// Sends a delivery again, also one that was given up: before what came later in its room.
#[utoipa::path(post, path = "/webhooks/{id}/deliveries/{delivery}/send", tag = "webhooks",
    operation_id = "sendDeliveryAgain",
    params(("id" = String, Path, description = "The webhook's id"),
        ("delivery" = String, Path, description = "The delivery's id")),
    responses((status = 202, description = "It waits for its next try, which is due")))]
pub(super) async fn send_again(
    State(api): State<Api>,
    asker: Asker,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    api.node_operator(&asker).await?;
    api.webhooks.send_again(WebhookId(id), DeliveryId(delivery)).await?;
    Ok(StatusCode::ACCEPTED)
}

fn cursor(after: &str) -> Result<i64, Refused> {
    let wrong = || Refused::new(ErrorCode::Malformed, "`after` is no `next` of this list");
    after.parse().map_err(|_| wrong())
}

fn spelled(events: BTreeSet<EventType>) -> Vec<String> {
    events.into_iter().map(|event| event.as_str().to_owned()).collect()
}

fn room_names(names: &[String]) -> Result<Vec<String>, Refusal> {
    if names.len() > MAX_ROOMS {
        let message = format!("a webhook names {MAX_ROOMS} rooms at most; leave them out for all");
        return Err(Refusal::new(ErrorCode::Malformed, message));
    }
    names.iter().map(|name| Ok(RoomName::parse(name)?.as_str().to_owned())).collect()
}

impl From<SavedWebhook> for WebhookView {
    fn from(webhook: SavedWebhook) -> Self {
        let SavedWebhook { id, url, events, rooms, enabled, created_at } = webhook;
        let all = || spelled(EventType::ALL.into());
        let events = if events.is_empty() { all() } else { events };
        Self { id: id.0, url, events, rooms, enabled, created_at }
    }
}

impl From<SavedDelivery> for DeliveryView {
    fn from(delivery: SavedDelivery) -> Self {
        Self {
            id: delivery.id.0,
            event: delivery.event,
            room: delivery.room,
            number: delivery.number,
            created_at: delivery.created_at,
            attempts: delivery.attempts,
            state: match delivery.state {
                DeliveryState::Waiting => StateView::Waiting,
                DeliveryState::Delivered => StateView::Delivered,
                DeliveryState::Failed => StateView::Failed,
            },
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            next_at: delivery.next_at,
            key: delivery.key,
        }
    }
}
