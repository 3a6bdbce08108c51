//! Webhooks: what happens in rooms is told to programs elsewhere, by signed HTTP requests.
//!
//! A room hands over what happens and goes on at once ([`Webhooks::record`], by a bounded queue). The
//! [`desk`] writes it down for each webhook that wants to hear it, and only then has it tried. When
//! what is tried is decided by the pure core in [`lines`]; a try is an [`errand`]. It is told at least
//! once, in the order of each room, and again after a restart; see `docs/WEBHOOKS.md`.

mod desk;
mod errand;
mod event;
pub(crate) mod http;
mod lines;
mod sender;
mod signature;
mod target;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use roomcast_protocol::{ErrorCode, Refusal, RoomName};
use roomcast_room::Happening;
use roomcast_turn::Network;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use event::EventType;

use crate::auth::Master;
use crate::metrics::Metrics;
use crate::rooms::Happenings;
use crate::store::Store;
use crate::store::webhooks::{DeliveryId, SavedDelivery, SavedWebhook, WebhookId};
use desk::{Desk, Noted, Request};
use lines::Lines;
use sender::Sender;
use target::Reach;

/// The handle of the webhooks. Clones share them; they end behind the last one.
#[derive(Debug, Clone)]
pub(crate) struct Webhooks {
    noted: mpsc::Sender<Noted>,
    requests: mpsc::Sender<Request>,
    heard: Arc<AtomicBool>,
    lost: Arc<AtomicU64>,
    metrics: Metrics,
    store: Store,
    reach: Reach,
    master: Master,
}

/// What is to be other about a webhook.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) url: Option<String>,
    pub(crate) events: Option<Vec<String>>,
    pub(crate) rooms: Option<Vec<String>>,
    pub(crate) enabled: Option<bool>,
}

/// What happened that may wait to be written down: everyone of a few full rooms leaves at once.
const NOTED_QUEUE: usize = 8_192;

/// Requests of the API that may wait.
const REQUEST_QUEUE: usize = 64;

impl Webhooks {
    /// Starts them, and goes on with what the run before has left.
    pub(crate) fn start(
        store: Store,
        master: Master,
        metrics: Metrics,
        allow: impl IntoIterator<Item = Network>,
        going_down: watch::Receiver<bool>,
    ) -> Self {
        let (noted, noted_queue) = mpsc::channel(NOTED_QUEUE);
        let (requests, request_queue) = mpsc::channel(REQUEST_QUEUE);
        let reach = Reach::new(allow);
        // Until it is known who hears, everything is noted.
        let heard = Arc::new(AtomicBool::new(true));
        let lost = Arc::new(AtomicU64::new(0));
        let desk = Desk {
            store: store.clone(),
            sender: Sender::new(reach.clone()),
            master: master.clone(),
            metrics: metrics.clone(),
            heard: Arc::clone(&heard),
            lost: Arc::clone(&lost),
            lines: Lines::default(),
            webhooks: BTreeMap::new(),
            tries: JoinSet::new(),
        };
        tokio::spawn(desk.run(noted_queue, request_queue, going_down));
        Self { noted, requests, heard, lost, metrics, store, reach, master }
    }

    /// All webhooks, the oldest first.
    pub(crate) async fn list(&self) -> Result<Vec<SavedWebhook>, Refusal> {
        let mut webhooks = self.ask(|reply| Request::List { reply }).await?;
        webhooks.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(webhooks)
    }

    /// The webhook of this id.
    pub(crate) async fn find(&self, id: &WebhookId) -> Result<SavedWebhook, Refusal> {
        let webhooks = self.ask(|reply| Request::List { reply }).await?;
        webhooks.into_iter().find(|webhook| webhook.id == *id).ok_or_else(desk::unknown)
    }

    /// Makes a webhook. The second value is its secret, which signs what is sent.
    pub(crate) async fn add(
        &self,
        url: &str,
        events: Vec<String>,
        rooms: Vec<String>,
    ) -> Result<(SavedWebhook, String), Refusal> {
        let webhook = SavedWebhook {
            id: WebhookId(format!("{:016x}", rand::random::<u64>())),
            url: self.checked(url).await?,
            events,
            rooms,
            enabled: true,
            created_at: unix_ms(),
        };
        let secret = secret_of(&self.master, &webhook.id);
        let added = webhook.clone();
        self.ask(|reply| Request::Add { webhook: added, reply }).await?;
        Ok((webhook, secret))
    }

    /// Changes a webhook. What waits is tried at once.
    pub(crate) async fn change(
        &self,
        id: WebhookId,
        mut change: Change,
    ) -> Result<SavedWebhook, Refusal> {
        if let Some(url) = &change.url {
            change.url = Some(self.checked(url).await?);
        }
        self.ask(|reply| Request::Change { id, change, reply }).await
    }

    /// Removes a webhook, with all that waits for it.
    pub(crate) async fn remove(&self, id: WebhookId) -> Result<(), Refusal> {
        self.ask(|reply| Request::Remove { id, reply }).await
    }

    /// The deliveries of a webhook, the newest first, from before a place on.
    pub(crate) async fn deliveries(
        &self,
        id: WebhookId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<SavedDelivery>, Refusal> {
        let webhook = self.find(&id).await?;
        self.store.deliveries(webhook.id, before, limit).await.map_err(desk::failed)
    }

    /// Sends a delivery again: now, and before what came later in its room.
    pub(crate) async fn send_again(
        &self,
        id: WebhookId,
        delivery: DeliveryId,
    ) -> Result<(), Refusal> {
        self.ask(|reply| Request::SendAgain { id, delivery, reply }).await
    }

    /// A target in its usual spelling, if it may be reached.
    async fn checked(&self, url: &str) -> Result<String, Refusal> {
        let url = target::parse(url)?;
        self.reach.check(&url).await?;
        Ok(url.into())
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, Refusal>>) -> Request,
    ) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        let _ = self.requests.send(request(reply)).await;
        let gone = || Refusal::new(ErrorCode::ShuttingDown, "the node is going down");
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl Happenings for Webhooks {
    fn record(&self, room: &RoomName, happening: Happening) {
        if !self.heard.load(Ordering::Relaxed) {
            return;
        }
        let noted = Noted {
            event: EventType::of(&happening),
            room: room.clone(),
            at: unix_ms(),
            detail: event::detail(&happening),
        };
        if let Err(mpsc::error::TrySendError::Full(_)) = self.noted.try_send(noted) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            self.metrics.webhook_dropped("queue", 1);
        }
    }
}

/// What signs the deliveries of a webhook: 64 hexadecimal digits. It is stored nowhere.
fn secret_of(master: &Master, webhook: &WebhookId) -> String {
    master.derive("webhook", &webhook.0).reveal()
}

/// Milliseconds since 1970.
fn unix_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}
