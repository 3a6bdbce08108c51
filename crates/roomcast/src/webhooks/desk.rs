//! The task that owns the webhooks: it writes down what happens, and has it tried when it is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use rand::random;
use roomcast_protocol::{ErrorCode, Refusal, RoomName};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinSet};

use super::errand::{Errand, Tried};
use super::event::EventType;
use super::lines::{LineId, Lines, Try};
use super::sender::Sender;
use super::{Change, secret_of};
use crate::auth::Master;
use crate::metrics::Metrics;
use crate::store::webhooks::{DeliveryId, NewDelivery, SavedWebhook, WebhookId};
use crate::store::{Store, StoreFault};
use crate::wall_clock::unix_ms;

/// Something that happened in a room.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) event: EventType,
    pub(super) room: RoomName,
    /// Milliseconds since 1970.
    pub(super) at: u64,
    /// See [`NewDelivery::detail`].
    pub(super) detail: String,
}

type Reply<T> = oneshot::Sender<Result<T, Refusal>>;

/// What the API asks for.
#[derive(Debug)]
pub(super) enum Request {
    List { reply: Reply<Vec<SavedWebhook>> },
    Add { webhook: SavedWebhook, reply: Reply<()> },
    Change { id: WebhookId, change: Change, reply: Reply<SavedWebhook> },
    Remove { id: WebhookId, reply: Reply<()> },
    SendAgain { id: WebhookId, delivery: DeliveryId, reply: Reply<()> },
}

/// Webhooks of a node: each program that integrates it has a few.
pub(crate) const MAX_WEBHOOKS: usize = 100;

/// See the module.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) store: Store,
    pub(super) sender: Sender,
    pub(super) master: Master,
    pub(super) metrics: Metrics,
    /// Whether anybody hears anything: rooms need not tell if not.
    pub(super) heard: Arc<AtomicBool>,
    /// How much rooms could not tell because too much waited.
    pub(super) lost: Arc<AtomicU64>,
    pub(super) lines: Lines,
    pub(super) webhooks: BTreeMap<WebhookId, SavedWebhook>,
    pub(super) tries: JoinSet<Tried>,
}

/// Why the desk woke.
enum Woken {
    Noted(Noted),
    Request(Request),
    Tried(Result<Tried, JoinError>),
    /// A line is due.
    Due,
    GoingDown,
    /// Nobody is left who could tell something.
    Alone,
}

impl Desk {
    /// Works until nobody is left who could tell something.
    pub(super) async fn run(
        mut self,
        mut noted: mpsc::Receiver<Noted>,
        mut requests: mpsc::Receiver<Request>,
        mut going_down: watch::Receiver<bool>,
    ) {
        self.take_up().await;
        let mut down = false;
        loop {
            let wake = self.lines.deadline().filter(|_| !down);
            let woken = tokio::select! {
                // In this order: what happened before a request is not changed by it.
                biased;
                _ = going_down.wait_for(|down| *down), if !down => Woken::GoingDown,
                Some(tried) = self.tries.join_next() => Woken::Tried(tried),
                noted = noted.recv() => noted.map_or(Woken::Alone, Woken::Noted),
                Some(request) = requests.recv() => Woken::Request(request),
                () = sleep_until(wake) => Woken::Due,
            };
            match woken {
                Woken::Noted(noted) => self.note(noted).await,
                Woken::Request(request) => self.answer(request).await,
                Woken::Tried(tried) => self.settle(tried),
                Woken::Due => {}
                Woken::GoingDown => {
                    // They hold the store, which is to end; after the next start they are tried again.
                    self.tries.abort_all();
                    down = true;
                }
                Woken::Alone => return,
            }
            if !down {
                self.begin_tries();
            }
        }
    }

    /// Goes on where the run before has ended.
    async fn take_up(&mut self) {
        let webhooks = self.store.webhooks().await.unwrap_or_default();
        for webhook in webhooks {
            self.lines.add(webhook.id.clone(), webhook.enabled);
            self.webhooks.insert(webhook.id.clone(), webhook);
        }
        let now = Instant::now();
        for (webhook, room, failures) in self.store.delivery_lines().await.unwrap_or_default() {
            self.lines.restore(now, &LineId { webhook, room }, failures);
        }
        self.tell_whether_heard();
    }

    fn tell_whether_heard(&self) {
        let heard = self.webhooks.values().any(|webhook| webhook.enabled);
        self.heard.store(heard, Ordering::Relaxed);
    }

    /// Writes down what happened, for each webhook that wants to hear it.
    async fn note(&mut self, noted: Noted) {
        self.note_losses().await;
        let hears = |webhook: &&SavedWebhook| {
            let wants = |list: &[String], what: &str| {
                list.is_empty() || list.iter().any(|wanted| wanted == what)
            };
            webhook.enabled
                && wants(&webhook.events, noted.event.as_str())
                && wants(&webhook.rooms, noted.room.as_str())
        };
        let deliveries: Vec<NewDelivery> =
            self.webhooks.values().filter(hears).map(|webhook| delivery(webhook, &noted)).collect();
        if deliveries.is_empty() {
            return;
        }
        let webhooks: Vec<WebhookId> = deliveries.iter().map(|new| new.webhook.clone()).collect();
        match self.store.record_deliveries(deliveries).await {
            Ok(kept) => self.queue(webhooks, &kept, &noted),
            Err(StoreFault::Failed | StoreFault::Full) => {
                self.drop_some(webhooks.len(), "store", "the store has failed");
            }
        }
    }

    fn queue(&mut self, webhooks: Vec<WebhookId>, kept: &[bool], noted: &Noted) {
        let now = Instant::now();
        for (webhook, kept) in webhooks.into_iter().zip(kept) {
            if *kept {
                self.lines.push(now, &LineId { webhook, room: noted.room.clone() });
            } else {
                self.drop_some(1, "waiting", "as much waits for this webhook as may");
            }
        }
    }

    async fn note_losses(&self) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "events were not written down: too many came at once");
            let _ = self.store.leave_gaps().await;
        }
    }

    fn drop_some(&self, count: usize, cause: &'static str, why: &'static str) {
        tracing::warn!(count, why, "events were not written down");
        self.metrics.webhook_dropped(cause, u64::try_from(count).unwrap_or(u64::MAX));
    }

    fn begin_tries(&mut self) {
        let now = Instant::now();
        while let Some(Try { line, failures }) = self.lines.next(now) {
            let Some(webhook) = self.webhooks.get(&line.webhook) else { continue };
            let errand = Errand {
                store: self.store.clone(),
                sender: self.sender.clone(),
                metrics: self.metrics.clone(),
                url: webhook.url.clone(),
                secret: secret_of(&self.master, &line.webhook),
                line,
                failures,
            };
            self.tries.spawn(errand.run());
        }
    }

    fn settle(&mut self, tried: Result<Tried, JoinError>) {
        match tried {
            Ok(Tried { line, verdict, more }) => {
                self.lines.ended(Instant::now(), &line, verdict, more);
            }
            Err(error) if error.is_cancelled() => {}
            Err(error) => tracing::error!(%error, "bug: a try of a webhook failed"),
        }
    }

    async fn answer(&mut self, request: Request) {
        // Who asked may be gone.
        match request {
            Request::List { reply } => {
                let _ = reply.send(Ok(self.webhooks.values().cloned().collect()));
            }
            Request::Add { webhook, reply } => drop(reply.send(self.add(webhook).await)),
            Request::Change { id, change, reply } => {
                let _ = reply.send(self.change(&id, change).await);
            }
            Request::Remove { id, reply } => drop(reply.send(self.remove(id).await)),
            Request::SendAgain { id, delivery, reply } => {
                let _ = reply.send(self.send_again(id, delivery).await);
            }
        }
    }

    async fn add(&mut self, webhook: SavedWebhook) -> Result<(), Refusal> {
        if self.webhooks.len() >= MAX_WEBHOOKS {
            let message = format!("a node has {MAX_WEBHOOKS} webhooks at most; remove one first");
            return Err(Refusal::new(ErrorCode::NodeFull, message));
        }
        self.store.keep_webhook(webhook.clone()).await.map_err(failed)?;
        self.lines.add(webhook.id.clone(), webhook.enabled);
        self.webhooks.insert(webhook.id.clone(), webhook);
        self.tell_whether_heard();
        Ok(())
    }

    async fn change(&mut self, id: &WebhookId, change: Change) -> Result<SavedWebhook, Refusal> {
        let mut webhook = self.webhooks.get(id).cloned().ok_or_else(unknown)?;
        webhook.url = change.url.unwrap_or(webhook.url);
        webhook.events = change.events.unwrap_or(webhook.events);
        webhook.rooms = change.rooms.unwrap_or(webhook.rooms);
        webhook.enabled = change.enabled.unwrap_or(webhook.enabled);
        self.store.keep_webhook(webhook.clone()).await.map_err(failed)?;
        self.lines.change(Instant::now(), id, webhook.enabled);
        self.webhooks.insert(id.clone(), webhook.clone());
        self.tell_whether_heard();
        Ok(webhook)
    }

    async fn remove(&mut self, id: WebhookId) -> Result<(), Refusal> {
        if !self.webhooks.contains_key(&id) {
            return Err(unknown());
        }
        self.store.remove_webhook(id.clone()).await.map_err(failed)?;
        self.lines.remove(&id);
        self.webhooks.remove(&id);
        self.tell_whether_heard();
        Ok(())
    }

    async fn send_again(&mut self, id: WebhookId, delivery: DeliveryId) -> Result<(), Refusal> {
        let room = self.store.send_again(id.clone(), delivery, unix_ms()).await.map_err(failed)?;
        let Some(room) = room else {
            return Err(Refusal::new(ErrorCode::NotFound, "there is no such delivery any more"));
        };
        self.lines.call(Instant::now(), &LineId { webhook: id, room });
        Ok(())
    }
}

fn delivery(webhook: &SavedWebhook, noted: &Noted) -> NewDelivery {
    NewDelivery {
        id: DeliveryId(format!("{:032x}", random::<u128>())),
        webhook: webhook.id.clone(),
        room: noted.room.clone(),
        event: noted.event.as_str().to_owned(),
        at: noted.at,
        detail: noted.detail.clone(),
    }
}

/// There is no webhook of this id.
pub(super) fn unknown() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "there is no such webhook")
}

/// The store has failed.
pub(super) fn failed(fault: StoreFault) -> Refusal {
    Refusal::new(ErrorCode::Internal, fault.to_string())
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake.into()).await,
        None => std::future::pending().await,
    }
}
