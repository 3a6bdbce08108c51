//! One try of the head of a line, from the store to the target and back to the store.

use std::time::Duration;

use super::lines::{GIVE_UP_AFTER, LineId, Verdict};
use super::sender::{Answer, Sender};
use crate::metrics::Metrics;
use crate::store::webhooks::{Head, Outcome};
use crate::store::{Store, StoreFault};
use crate::wall_clock::unix_ms;

/// Everything that a try needs.
#[derive(Debug)]
pub(super) struct Errand {
    pub(super) store: Store,
    pub(super) sender: Sender,
    pub(super) metrics: Metrics,
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) line: LineId,
    /// Tries of this line in a row that have failed.
    pub(super) failures: u32,
}

/// A try is over, and the store knows what came of it.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) line: LineId,
    pub(super) verdict: Verdict,
    /// Something else waits in this line.
    pub(super) more: bool,
}

impl Errand {
    pub(super) async fn run(self) -> Tried {
        let (verdict, more) = match self.tried().await {
            Ok(result) => result,
            // What was not noted is sent again, later.
            Err(StoreFault::Failed | StoreFault::Full) => {
                (Verdict::of_failure(self.failures, Duration::ZERO), true)
            }
        };
        Tried { line: self.line, verdict, more }
    }

    async fn tried(&self) -> Result<(Verdict, bool), StoreFault> {
        let LineId { webhook, room } = &self.line;
        let Some(head) = self.store.delivery_head(webhook.clone(), room.clone()).await? else {
            return Ok((Verdict::Delivered, false));
        };
        let answer = self.sender.send(&self.url, &self.secret, room, &head).await;
        let now = unix_ms();
        let verdict = match &answer.error {
            None => Verdict::Delivered,
            Some(_) => {
                let waits = Duration::from_millis(now.saturating_sub(head.since));
                Verdict::of_failure(self.failures, waits)
            }
        };
        self.tell(&head, &answer, verdict);
        let outcome = outcome(answer, verdict, now);
        let more =
            self.store.settle_delivery(webhook.clone(), room.clone(), head.id, outcome).await?;
        Ok((verdict, more))
    }

    fn tell(&self, head: &Head, answer: &Answer, verdict: Verdict) {
        let (webhook, delivery) = (&self.line.webhook.0, &head.id.0);
        let outcome = match verdict {
            Verdict::Delivered => "delivered",
            Verdict::Failed { give_up: false, .. } => "failed",
            Verdict::Failed { give_up: true, .. } => {
                tracing::warn!(webhook, delivery, "a delivery was given up after a day of tries");
                "given-up"
            }
        };
        tracing::debug!(webhook, delivery, outcome, error = answer.error, "delivery tried");
        self.metrics.webhook_tried(outcome);
    }
}

fn outcome(answer: Answer, verdict: Verdict, now: u64) -> Outcome {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let (next_at, give_up_since) = match verdict {
        Verdict::Delivered => (None, None),
        Verdict::Failed { after, give_up } => (
            Some(now.saturating_add(milliseconds(after))),
            give_up.then(|| now.saturating_sub(milliseconds(GIVE_UP_AFTER))),
        ),
    };
    Outcome { status: answer.status, error: answer.error, next_at, give_up_since }
}
