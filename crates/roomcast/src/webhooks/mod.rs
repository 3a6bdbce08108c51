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
use crate::wall_clock::unix_ms;
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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// Everything but the desk, which the test plays or starts.
    struct Parts {
        webhooks: Webhooks,
        noted: mpsc::Receiver<Noted>,
        requests: mpsc::Receiver<Request>,
        _folder: TempDir,
    }

    fn parts(places: usize) -> Parts {
        let folder = tempfile::tempdir().unwrap();
        let (store, _end) = Store::open(folder.path()).unwrap();
        let (noted, noted_queue) = mpsc::channel(places);
        let (requests, request_queue) = mpsc::channel(REQUEST_QUEUE);
        let webhooks = Webhooks {
            noted,
            requests,
            heard: Arc::new(AtomicBool::new(true)),
            lost: Arc::default(),
            metrics: Metrics::default(),
            store,
            reach: Reach::told(&["127.0.0.0/8"], &[]),
            master: Master::load(folder.path()).unwrap(),
        };
        Parts { webhooks, noted: noted_queue, requests: request_queue, _folder: folder }
    }

    fn desk(webhooks: &Webhooks) -> Desk {
        Desk {
            store: webhooks.store.clone(),
            sender: Sender::new(webhooks.reach.clone()),
            master: webhooks.master.clone(),
            metrics: webhooks.metrics.clone(),
            heard: Arc::clone(&webhooks.heard),
            lost: Arc::clone(&webhooks.lost),
            lines: Lines::default(),
            webhooks: BTreeMap::new(),
            tries: JoinSet::new(),
        }
    }

    fn room() -> RoomName {
        RoomName::parse("room").unwrap()
    }

    #[tokio::test]
    async fn a_room_does_not_wait_when_too_much_waits_to_be_written_down() {
        let Parts { webhooks, mut noted, .. } = parts(2);
        for _ in 0..5 {
            webhooks.record(&room(), Happening::RoomOpened);
        }
        assert_eq!(webhooks.lost.load(Ordering::Relaxed), 3);
        assert!(noted.try_recv().is_ok() && noted.try_recv().is_ok() && noted.try_recv().is_err());
    }

    #[tokio::test]
    async fn what_was_lost_leaves_a_gap_in_the_numbers() {
        let Parts { webhooks, noted, requests, _folder } = parts(8);
        let (_down, going_down) = watch::channel(false);
        tokio::spawn(desk(&webhooks).run(noted, requests, going_down));
        let wish = webhooks.add("http://127.0.0.1:9/", Vec::new(), Vec::new());
        let (webhook, _secret) = wish.await.unwrap();
        webhooks.record(&room(), Happening::RoomOpened);
        written(&webhooks, &webhook.id, &[1]).await;
        webhooks.lost.store(1, Ordering::Relaxed);
        webhooks.record(&room(), Happening::RoomEnded);
        written(&webhooks, &webhook.id, &[3, 1]).await;
    }

    /// Waits until just these deliveries are there.
    async fn written(webhooks: &Webhooks, id: &WebhookId, numbers: &[u64]) {
        let is_there = async || {
            let found = webhooks.deliveries(id.clone(), None, 10).await.unwrap();
            found.iter().map(|delivery| delivery.number).eq(numbers.iter().copied())
        };
        let wait = async {
            while !is_there().await {
                tokio::task::yield_now().await;
            }
        };
        let limit = std::time::Duration::from_secs(20);
        tokio::time::timeout(limit, wait).await.expect("written in time");
    }

    #[tokio::test]
    async fn nothing_is_noted_while_nobody_hears() {
        let Parts { webhooks, noted, requests, _folder } = parts(8);
        let (_down, going_down) = watch::channel(false);
        tokio::spawn(desk(&webhooks).run(noted, requests, going_down));
        assert_eq!(webhooks.list().await.unwrap(), []);
        assert!(!webhooks.heard.load(Ordering::Relaxed));
        let (webhook, _secret) =
            webhooks.add("http://127.0.0.1:9/", Vec::new(), Vec::new()).await.unwrap();
        assert!(webhooks.heard.load(Ordering::Relaxed));
        webhooks.remove(webhook.id).await.unwrap();
        assert!(!webhooks.heard.load(Ordering::Relaxed));
    }

    #[test]
    fn secrets_differ_and_stay_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let secret =
            |id: &str| secret_of(&Master::load(folder.path()).unwrap(), &WebhookId(id.into()));
        assert_eq!(secret("a"), secret("a"));
        assert_ne!(secret("a"), secret("b"));
    }
}
