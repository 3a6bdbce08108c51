//! Webhooks and their deliveries, as they are kept.
//!
//! A delivery is written before it is tried for the first time, and is done when it was taken or given
//! up. Those of a webhook that come from one room are numbered, also the ones for which there was no
//! place: whoever sees a gap knows that something is missing.

mod deliveries;
mod hooks;
#[cfg(test)]
mod tests;

use roomcast_protocol::RoomName;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Store, StoreFault};

/// The id of a webhook or of a delivery: hexadecimal digits, random, never used twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct WebhookId(pub(crate) String);

/// The id of a delivery, which is that of the event in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeliveryId(pub(crate) String);

/// Where what happens is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedWebhook {
    pub(crate) id: WebhookId,
    pub(crate) url: String,
    /// The types of events; empty: all.
    pub(crate) events: Vec<String>,
    /// The names of rooms; empty: all.
    pub(crate) rooms: Vec<String>,
    /// Nothing is noted or sent while it is not.
    pub(crate) enabled: bool,
    /// Milliseconds since 1970.
    pub(crate) created_at: u64,
}

/// What happened, for one webhook.
#[derive(Debug, Clone)]
pub(crate) struct NewDelivery {
    pub(crate) id: DeliveryId,
    pub(crate) webhook: WebhookId,
    pub(crate) room: RoomName,
    /// The type of the event.
    pub(crate) event: String,
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    /// What else is told: a JSON object.
    pub(crate) detail: String,
}

/// The delivery that is tried next in its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) id: DeliveryId,
    pub(crate) event: String,
    /// The how many-th of its webhook and room it is, from 1.
    pub(crate) number: u64,
    /// Milliseconds since 1970: when it happened.
    pub(crate) at: u64,
    /// Since when it waits to be sent, which is later if it is sent again.
    pub(crate) since: u64,
    pub(crate) detail: String,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryState {
    Waiting,
    Delivered,
    /// It was given up.
    Failed,
}

/// A delivery, to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedDelivery {
    /// Its place among all deliveries.
    pub(crate) key: i64,
    pub(crate) id: DeliveryId,
    pub(crate) event: String,
    pub(crate) room: String,
    pub(crate) number: u64,
    /// Milliseconds since 1970, like the other times.
    pub(crate) created_at: u64,
    pub(crate) attempts: u32,
    pub(crate) state: DeliveryState,
    /// The HTTP status of the last answer.
    pub(crate) last_status: Option<u16>,
    pub(crate) last_error: Option<String>,
    pub(crate) next_at: Option<u64>,
}

/// What a try has come to.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) status: Option<u16>,
    /// Absent: the receiver has it.
    pub(crate) error: Option<String>,
    /// When it is tried again.
    pub(crate) next_at: Option<u64>,
    /// Whatever of its line waits since then or longer is given up.
    pub(crate) give_up_since: Option<u64>,
}

/// Deliveries of one webhook that may wait: a receiver may be away for a day of a busy node. Beyond it
/// what happens is dropped, and leaves a gap in the numbers.
pub(crate) const MAX_WAITING: i64 = 10_000;

/// Deliveries of one webhook that were taken, and that were given up, which are kept to be seen and
/// sent again. The oldest go.
pub(crate) const MAX_DONE: i64 = 500;

/// Rooms of one webhook whose numbers are kept. The one that was heard longest ago goes, and begins
/// with 1 again.
pub(crate) const MAX_NUMBERED_ROOMS: i64 = 10_000;

type Reply<T> = oneshot::Sender<Result<T, StoreFault>>;

/// What the store is asked about webhooks.
#[derive(Debug)]
pub(super) enum Command {
    Webhooks {
        reply: Reply<Vec<SavedWebhook>>,
    },
    Keep {
        webhook: SavedWebhook,
        reply: Reply<()>,
    },
    Remove {
        id: WebhookId,
        reply: Reply<()>,
    },
    Record {
        deliveries: Vec<NewDelivery>,
        reply: Reply<Vec<bool>>,
    },
    LeaveGaps {
        reply: Reply<()>,
    },
    Lines {
        reply: Reply<Vec<(WebhookId, RoomName, u32)>>,
    },
    Head {
        webhook: WebhookId,
        room: RoomName,
        reply: Reply<Option<Head>>,
    },
    Settle {
        webhook: WebhookId,
        room: RoomName,
        id: DeliveryId,
        outcome: Outcome,
        reply: Reply<bool>,
    },
    Deliveries {
        webhook: WebhookId,
        before: Option<i64>,
        limit: usize,
        reply: Reply<Vec<SavedDelivery>>,
    },
    SendAgain {
        webhook: WebhookId,
        id: DeliveryId,
        now: u64,
        reply: Reply<Option<RoomName>>,
    },
}

impl Store {
    /// All webhooks, the oldest first.
    pub(crate) async fn webhooks(&self) -> Result<Vec<SavedWebhook>, StoreFault> {
        self.about_webhooks(|reply| Command::Webhooks { reply }).await
    }

    /// Keeps a webhook, new or changed.
    pub(crate) async fn keep_webhook(&self, webhook: SavedWebhook) -> Result<(), StoreFault> {
        self.about_webhooks(|reply| Command::Keep { webhook, reply }).await
    }

    /// Forgets a webhook and its deliveries.
    pub(crate) async fn remove_webhook(&self, id: WebhookId) -> Result<(), StoreFault> {
        self.about_webhooks(|reply| Command::Remove { id, reply }).await
    }

    /// Writes deliveries down. For each: whether there was a place for it.
    pub(crate) async fn record_deliveries(
        &self,
        deliveries: Vec<NewDelivery>,
    ) -> Result<Vec<bool>, StoreFault> {
        self.about_webhooks(|reply| Command::Record { deliveries, reply }).await
    }

    /// Leaves a gap in the numbers of all rooms: something was lost, and nobody knows of which.
    pub(crate) async fn leave_gaps(&self) -> Result<(), StoreFault> {
        self.about_webhooks(|reply| Command::LeaveGaps { reply }).await
    }

    /// The webhooks and rooms for which something waits, and how often the first of each was tried.
    pub(crate) async fn delivery_lines(
        &self,
    ) -> Result<Vec<(WebhookId, RoomName, u32)>, StoreFault> {
        self.about_webhooks(|reply| Command::Lines { reply }).await
    }

    /// What is to be sent next of a room.
    pub(crate) async fn delivery_head(
        &self,
        webhook: WebhookId,
        room: RoomName,
    ) -> Result<Option<Head>, StoreFault> {
        self.about_webhooks(|reply| Command::Head { webhook, room, reply }).await
    }

    /// Notes what a try has come to. Whether something else waits behind it.
    pub(crate) async fn settle_delivery(
        &self,
        webhook: WebhookId,
        room: RoomName,
        id: DeliveryId,
        outcome: Outcome,
    ) -> Result<bool, StoreFault> {
        self.about_webhooks(|reply| Command::Settle { webhook, room, id, outcome, reply }).await
    }

    /// The deliveries of a webhook, the newest first, from before a place on.
    pub(crate) async fn deliveries(
        &self,
        webhook: WebhookId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<SavedDelivery>, StoreFault> {
        self.about_webhooks(|reply| Command::Deliveries { webhook, before, limit, reply }).await
    }

    /// Has a delivery wait again as if it were new. Of which room it is, if there is one.
    pub(crate) async fn send_again(
        &self,
        webhook: WebhookId,
        id: DeliveryId,
        now: u64,
    ) -> Result<Option<RoomName>, StoreFault> {
        self.about_webhooks(|reply| Command::SendAgain { webhook, id, now, reply }).await
    }

    async fn about_webhooks<T>(
        &self,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, StoreFault> {
        self.ask(|reply| super::Command::Webhooks(command(reply))).await
    }
}

/// An answer that waits until the transaction stands.
pub(super) type Answer = Box<dyn FnOnce() + Send>;

pub(super) fn one(database: &Connection, command: Command) -> rusqlite::Result<Answer> {
    Ok(match command {
        Command::Webhooks { reply } => answer(reply, hooks::all(database)?),
        Command::Keep { webhook, reply } => answer(reply, hooks::keep(database, &webhook)?),
        Command::Remove { id, reply } => answer(reply, hooks::remove(database, &id)?),
        Command::Record { deliveries, reply } => {
            let kept = deliveries.iter().map(|delivery| deliveries::record(database, delivery));
            answer(reply, kept.collect::<rusqlite::Result<Vec<_>>>()?)
        }
        Command::LeaveGaps { reply } => answer(reply, deliveries::leave_gaps(database)?),
        Command::Lines { reply } => answer(reply, deliveries::lines(database)?),
        Command::Head { webhook, room, reply } => {
            answer(reply, deliveries::head(database, &webhook, &room)?)
        }
        Command::Settle { webhook, room, id, outcome, reply } => {
            answer(reply, deliveries::settle(database, &webhook, &room, &id, &outcome)?)
        }
        Command::Deliveries { webhook, before, limit, reply } => {
            answer(reply, deliveries::list(database, &webhook, before, limit)?)
        }
        Command::SendAgain { webhook, id, now, reply } => {
            answer(reply, deliveries::send_again(database, &webhook, &id, now)?)
        }
    })
}

fn answer<T: Send + 'static>(reply: Reply<T>, value: T) -> Answer {
    // Who asked may be gone.
    Box::new(move || drop(reply.send(Ok(value))))
}

/// SQLite numbers are signed; ours are never beyond that.
fn unsigned(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<u64> {
    row.get(index).map(i64::cast_unsigned)
}

fn room_name(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<RoomName> {
    let text: String = row.get(index)?;
    RoomName::parse(&text).map_err(|refusal| {
        rusqlite::Error::FromSqlConversionFailure(
            index,
            rusqlite::types::Type::Text,
            refusal.into(),
        )
    })
}
