use tempfile::TempDir;

use super::*;

struct Kept {
    store: Store,
    end: oneshot::Receiver<()>,
    folder: TempDir,
}

impl Kept {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, end) = Store::open(folder.path()).unwrap();
        store.keep_webhook(webhook("hook")).await.unwrap();
        Self { store, end, folder }
    }

    async fn opened_again(self) -> Self {
        drop(self.store);
        self.end.await.unwrap();
        let (store, end) = Store::open(self.folder.path()).unwrap();
        Self { store, end, folder: self.folder }
    }

    async fn happens(&self, rooms: &[&str], at: u64) -> Vec<bool> {
        let new = rooms.iter().map(|name| NewDelivery {
            id: DeliveryId(format!("{:x}", rand::random::<u128>())),
            webhook: id("hook"),
            room: room(name),
            event: "room.opened".into(),
            at,
            detail: "{}".into(),
        });
        self.store.record_deliveries(new.collect()).await.unwrap()
    }

    async fn head(&self, name: &str) -> Head {
        self.store.delivery_head(id("hook"), room(name)).await.unwrap().unwrap()
    }

    /// Tries the head of a room, and whether something waits behind it.
    async fn tried(&self, name: &str, outcome: Outcome) -> bool {
        let head = self.head(name).await;
        self.store.settle_delivery(id("hook"), room(name), head.id, outcome).await.unwrap()
    }

    async fn all(&self) -> Vec<SavedDelivery> {
        self.store.deliveries(id("hook"), None, 100_000).await.unwrap()
    }

    fn write(&self, text: &str) {
        self.database().execute_batch(text).unwrap();
    }

    fn waiting(&self) -> i64 {
        let text = "SELECT waiting FROM webhooks WHERE id = 'hook'";
        self.database().query_row(text, [], |row| row.get(0)).unwrap()
    }

    fn database(&self) -> Connection {
        Connection::open(Store::file(self.folder.path())).unwrap()
    }

    async fn states(&self) -> Vec<(u64, DeliveryState)> {
        self.all().await.into_iter().map(|kept| (kept.number, kept.state)).collect()
    }
}

fn id(text: &str) -> WebhookId {
    WebhookId(text.into())
}

fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

fn webhook(name: &str) -> SavedWebhook {
    SavedWebhook {
        id: id(name),
        url: "https://example.org/".into(),
        events: vec!["room.opened".into()],
        rooms: Vec::new(),
        enabled: true,
        created_at: 5,
    }
}

fn taken() -> Outcome {
    Outcome { status: Some(200), error: None, next_at: None, give_up_since: None }
}

fn refused(give_up_since: Option<u64>) -> Outcome {
    let error = Some("the target answered 500".into());
    Outcome { status: Some(500), error, next_at: Some(9), give_up_since }
}

#[tokio::test]
async fn webhooks_and_what_waits_for_them_are_there_after_opening_again() {
    let kept = Kept::new().await;
    let changed = SavedWebhook { enabled: false, rooms: vec!["a".into()], ..webhook("hook") };
    kept.store.keep_webhook(changed.clone()).await.unwrap();
    assert_eq!(kept.happens(&["a", "b", "a"], 1).await, [true; 3]);
    kept.tried("a", refused(None)).await;
    let kept = kept.opened_again().await;
    assert_eq!(kept.store.webhooks().await.unwrap(), [changed]);
    let mut lines = kept.store.delivery_lines().await.unwrap();
    lines.sort();
    assert_eq!(lines, [(id("hook"), room("a"), 1), (id("hook"), room("b"), 0)]);
}

#[tokio::test]
async fn each_room_is_counted_and_sent_in_order() {
    let kept = Kept::new().await;
    kept.happens(&["a", "b", "a", "a"], 1).await;
    assert_eq!((kept.head("a").await.number, kept.head("b").await.number), (1, 1));
    assert!(kept.tried("a", refused(None)).await);
    assert_eq!(kept.head("a").await.number, 1, "what was not taken stays first");
    assert!(kept.tried("a", taken()).await);
    assert_eq!(kept.head("a").await.number, 2);
    assert!(kept.tried("a", taken()).await);
    assert!(!kept.tried("a", taken()).await);
    assert_eq!(kept.head("b").await.number, 1);
    let first = kept.all().await.pop().unwrap();
    assert_eq!((first.attempts, first.last_status, first.last_error), (2, Some(200), None));
}

#[tokio::test]
async fn what_was_given_up_is_kept_and_what_is_younger_waits() {
    use DeliveryState::{Failed, Waiting};
    let kept = Kept::new().await;
    kept.happens(&["a", "a"], 100).await;
    kept.happens(&["a"], 200).await;
    assert!(kept.tried("a", refused(Some(150))).await);
    assert_eq!(kept.states().await, [(3, Waiting), (2, Failed), (1, Failed)]);
    let unsent = &kept.all().await[1];
    assert!(unsent.last_error.as_ref().is_some_and(|error| error.contains("unsent")));
    assert_eq!(unsent.next_at, None);
}

#[tokio::test]
async fn sent_again_it_comes_first_and_has_its_whole_time() {
    let kept = Kept::new().await;
    kept.happens(&["a"], 100).await;
    kept.tried("a", refused(Some(150))).await;
    kept.happens(&["a"], 300).await;
    let failed = kept.all().await.pop().unwrap();
    let again = kept.store.send_again(id("hook"), failed.id.clone(), 400).await.unwrap();
    assert_eq!(again, Some(room("a")));
    let head = kept.head("a").await;
    assert_eq!((head.id, head.number, head.at, head.since), (failed.id.clone(), 1, 100, 400));
    let other = kept.store.send_again(id("other"), failed.id, 400).await.unwrap();
    assert_eq!(other, None, "only of its own webhook");
}

#[tokio::test]
async fn a_gap_in_the_numbers_tells_of_what_was_lost() {
    let kept = Kept::new().await;
    kept.happens(&["a"], 1).await;
    kept.store.leave_gaps().await.unwrap();
    kept.happens(&["a"], 1).await;
    let numbers: Vec<_> = kept.all().await.iter().map(|delivery| delivery.number).collect();
    assert_eq!(numbers, [3, 1]);
}

#[tokio::test]
async fn what_waits_is_bounded_and_counted_on() {
    let kept = Kept::new().await;
    kept.happens(&["a"], 1).await;
    kept.write(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {MAX_WAITING}) \
         INSERT INTO deliveries (id, webhook, room, event, number, created_at, since, detail, \
         state, attempts) SELECT 'd' || i, 'hook', 'a', 'room.opened', i, 1, 1, '{{}}', 0, 0 FROM n",
    ));
    assert_eq!(kept.happens(&["a", "b"], 1).await, [false, false]);
    kept.tried("a", taken()).await;
    assert_eq!(kept.happens(&["b", "b"], 1).await, [true, false]);
    assert_eq!(kept.all().await[0].number, 2, "the one that was dropped was counted");
    // Given up and sent again: the count follows.
    kept.tried("a", refused(Some(1))).await;
    assert_eq!(kept.happens(&["a"], 2).await, [true]);
    let failed = kept.all().await.into_iter().find(|kept| kept.state == DeliveryState::Failed);
    kept.store.send_again(id("hook"), failed.unwrap().id, 3).await.unwrap();
    assert_eq!(kept.waiting(), 3);
}

#[tokio::test]
async fn what_is_done_is_bounded_and_the_oldest_goes() {
    let kept = Kept::new().await;
    let most = usize::try_from(MAX_DONE).unwrap();
    kept.happens(&vec!["a"; most + 2], 1).await;
    for _ in 0..most + 2 {
        kept.tried("a", taken()).await;
    }
    let all = kept.all().await;
    assert_eq!((all.len(), all.last().unwrap().number), (most, 3));
    kept.happens(&vec!["b"; most + 2], 1).await;
    kept.tried("b", refused(Some(1))).await;
    assert_eq!(kept.all().await.len(), 2 * most, "the two kinds do not push each other out");
}

#[tokio::test]
async fn the_rooms_that_are_counted_are_bounded() {
    let kept = Kept::new().await;
    kept.happens(&["first", "second"], 1).await;
    kept.happens(&["second"], 5).await;
    kept.write(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
         WHERE i < {MAX_NUMBERED_ROOMS} - 2) \
         INSERT INTO webhook_rooms SELECT 'hook', 'room ' || i, 1, 3 FROM n",
    ));
    kept.happens(&["one more", "first", "second"], 6).await;
    let numbers: Vec<_> = kept.all().await.iter().map(|delivery| delivery.number).collect();
    assert_eq!(numbers[..2], [3, 1], "the one heard longest ago was forgotten");
}

#[tokio::test]
async fn a_list_goes_on_where_its_page_ended_the_newest_first() {
    let kept = Kept::new().await;
    kept.happens(&["a"; 5], 1).await;
    let page = kept.store.deliveries(id("hook"), None, 2).await.unwrap();
    assert_eq!(page.iter().map(|kept| kept.number).collect::<Vec<_>>(), [5, 4]);
    let rest = kept.store.deliveries(id("hook"), Some(page[1].key), 9).await.unwrap();
    assert_eq!(rest.iter().map(|kept| kept.number).collect::<Vec<_>>(), [3, 2, 1]);
}

#[tokio::test]
async fn a_removed_webhook_takes_everything_along() {
    let kept = Kept::new().await;
    kept.happens(&["a"], 1).await;
    kept.store.remove_webhook(id("hook")).await.unwrap();
    assert!(kept.all().await.is_empty());
    assert!(kept.store.delivery_lines().await.unwrap().is_empty());
    assert_eq!(kept.happens(&["a"], 1).await, [false], "what was on its way is dropped");
}
