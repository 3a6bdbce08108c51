//! Which deliveries may be tried now: order, backoff and giving up, without a clock, a socket or a
//! store.
//!
//! The deliveries of one webhook that come from one room are a **line**: the next is tried when the
//! one before it is done, so that a receiver hears a room in order. Lines do not wait for each other.
//! What stands in a line is known to the store; here is only when its head is due.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use roomcast_protocol::RoomName;

use super::WebhookId;

/// The deliveries of a webhook that come from one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineId {
    pub(super) webhook: WebhookId,
    pub(super) room: RoomName,
}

/// The head of a line is to be tried.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Try {
    pub(super) line: LineId,
    /// Tries of this line in a row that have failed.
    pub(super) failures: u32,
}

/// What follows from a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The receiver has it.
    Delivered,
    /// The line waits for so long. `give_up`: its deliveries that are too old are not tried again.
    Failed { after: Duration, give_up: bool },
}

/// The pause behind the first failure. Each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause: a receiver that comes back has its events soon.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// How long a delivery is tried: a receiver that was away over night has missed nothing.
pub(super) const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// Tries at one webhook at a time: one slow answer does not hold the other rooms, and a target is not
/// flooded.
pub(super) const MAX_IN_FLIGHT: usize = 4;

impl Verdict {
    /// Of a failure behind so many others, of a delivery that waits for so long.
    pub(super) fn of_failure(failures: u32, waits: Duration) -> Self {
        let after = FIRST_PAUSE.saturating_mul(1 << failures.min(16)).min(LONGEST_PAUSE);
        Self::Failed { after, give_up: waits >= GIVE_UP_AFTER }
    }
}

/// The lines of all webhooks in which something waits. As many as deliveries may wait, at most.
#[derive(Debug, Default)]
pub(super) struct Lines {
    webhooks: HashMap<WebhookId, Lane>,
}

/// The lines of one webhook.
#[derive(Debug)]
struct Lane {
    enabled: bool,
    in_flight: usize,
    lines: HashMap<RoomName, Line>,
    /// Those that are not in flight, the one that is due first before the others.
    due: BTreeSet<(Instant, RoomName)>,
}

#[derive(Debug)]
struct Line {
    failures: u32,
    /// When its head is tried; absent while it is.
    due: Option<Instant>,
    /// Something came, or was wished for, while its head was tried.
    called: bool,
}

impl Lines {
    /// A webhook is there.
    pub(super) fn add(&mut self, webhook: WebhookId, enabled: bool) {
        let lane = Lane { enabled, in_flight: 0, lines: HashMap::new(), due: BTreeSet::new() };
        self.webhooks.insert(webhook, lane);
    }

    /// A webhook is gone, with all that waits.
    pub(super) fn remove(&mut self, webhook: &WebhookId) {
        self.webhooks.remove(webhook);
    }

    /// A webhook was changed: nothing is tried while it is not enabled, else everything that waits is
    /// due now.
    pub(super) fn change(&mut self, now: Instant, webhook: &WebhookId, enabled: bool) {
        let Some(lane) = self.webhooks.get_mut(webhook) else { return };
        lane.enabled = enabled;
        let rooms: Vec<RoomName> = lane.lines.keys().cloned().collect();
        for room in rooms {
            lane.call(now, &room);
        }
    }

    /// Something was put behind the others in a line.
    pub(super) fn push(&mut self, now: Instant, line: &LineId) {
        let Some(lane) = self.webhooks.get_mut(&line.webhook) else { return };
        match lane.lines.get_mut(&line.room) {
            Some(Line { due: Some(_), .. }) => {}
            Some(line) => line.called = true,
            None => lane.insert(line.room.clone(), 0, now),
        }
    }

    /// A line that the run before has left, which has failed so often.
    pub(super) fn restore(&mut self, now: Instant, line: &LineId, failures: u32) {
        if let Some(lane) = self.webhooks.get_mut(&line.webhook) {
            lane.insert(line.room.clone(), failures, now);
        }
    }

    /// The line is to be tried now, whatever it waits for.
    pub(super) fn call(&mut self, now: Instant, line: &LineId) {
        if let Some(lane) = self.webhooks.get_mut(&line.webhook) {
            lane.call(now, &line.room);
        }
    }

    /// A line whose head is to be tried now. It is in flight until [`Lines::ended`].
    pub(super) fn next(&mut self, now: Instant) -> Option<Try> {
        self.webhooks.iter_mut().filter(|(_, lane)| lane.is_open()).find_map(|(webhook, lane)| {
            let (room, failures) = lane.take_due(now)?;
            Some(Try { line: LineId { webhook: webhook.clone(), room }, failures })
        })
    }

    /// When the next is due, if there is a place for it.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let open = self.webhooks.values().filter(|lane| lane.is_open());
        open.filter_map(|lane| lane.due.first().map(|(due, _)| *due)).min()
    }

    /// A try is over. `more`: the store has something else in this line.
    pub(super) fn ended(&mut self, now: Instant, line: &LineId, verdict: Verdict, more: bool) {
        if let Some(lane) = self.webhooks.get_mut(&line.webhook) {
            lane.in_flight = lane.in_flight.saturating_sub(1);
            lane.ended(now, &line.room, verdict, more);
        }
    }
}

impl Lane {
    fn is_open(&self) -> bool {
        self.enabled && self.in_flight < MAX_IN_FLIGHT
    }

    fn insert(&mut self, room: RoomName, failures: u32, due: Instant) {
        self.due.insert((due, room.clone()));
        self.lines.insert(room, Line { failures, due: Some(due), called: false });
    }

    fn call(&mut self, now: Instant, room: &RoomName) {
        match self.lines.get_mut(room) {
            Some(Line { due: Some(due), failures, .. }) => {
                let (due, failures) = (*due, *failures);
                self.due.remove(&(due, room.clone()));
                self.insert(room.clone(), failures, now.min(due));
            }
            Some(line) => line.called = true,
            None => self.insert(room.clone(), 0, now),
        }
    }

    fn take_due(&mut self, now: Instant) -> Option<(RoomName, u32)> {
        let first = self.due.first().filter(|(due, _)| *due <= now)?.clone();
        self.due.remove(&first);
        let line = self.lines.get_mut(&first.1)?;
        line.due = None;
        self.in_flight += 1;
        Some((first.1, line.failures))
    }

    fn ended(&mut self, now: Instant, room: &RoomName, verdict: Verdict, more: bool) {
        let Some(line) = self.lines.remove(room) else { return };
        if !more && !line.called {
            return;
        }
        match verdict {
            Verdict::Delivered => self.insert(room.clone(), 0, now),
            Verdict::Failed { after, .. } => {
                let failures = line.failures.saturating_add(1);
                self.insert(room.clone(), failures, now + after);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store of numbers and a clock of its own: the world in which the core is played.
    struct World {
        lines: Lines,
        now: Instant,
        waiting: HashMap<RoomName, Vec<(u32, Instant)>>,
        tries: Vec<(String, u32, Instant)>,
        given_up: Vec<u32>,
        arrived: Vec<(String, u32)>,
    }

    fn webhook() -> WebhookId {
        WebhookId("hook".into())
    }

    fn line(room: &str) -> LineId {
        LineId { webhook: webhook(), room: RoomName::parse(room).unwrap() }
    }

    impl World {
        fn new() -> Self {
            let mut lines = Lines::default();
            lines.add(webhook(), true);
            Self {
                lines,
                now: Instant::now(),
                waiting: HashMap::new(),
                tries: Vec::new(),
                given_up: Vec::new(),
                arrived: Vec::new(),
            }
        }

        fn happens(&mut self, room: &str, number: u32) {
            let line = line(room);
            self.waiting.entry(line.room.clone()).or_default().push((number, self.now));
            self.lines.push(self.now, &line);
        }

        /// Plays until `until`; the receiver accepts what `accepts` says.
        fn play(&mut self, until: Duration, accepts: impl Fn(&str, Instant) -> bool) {
            let end = self.now + until;
            loop {
                while let Some(Try { line, failures }) = self.lines.next(self.now) {
                    self.try_head(&line, failures, &accepts);
                }
                match self.lines.deadline() {
                    Some(due) if due <= end => self.now = due,
                    _ => break,
                }
            }
            self.now = end;
        }

        fn try_head(
            &mut self,
            line: &LineId,
            failures: u32,
            accepts: &impl Fn(&str, Instant) -> bool,
        ) {
            let (now, room) = (self.now, line.room.as_str().to_owned());
            let waiting = self.waiting.get_mut(&line.room).unwrap();
            let (number, since) = waiting[0];
            self.tries.push((room.clone(), number, now));
            let verdict = if accepts(&room, now) {
                waiting.remove(0);
                self.arrived.push((room, number));
                Verdict::Delivered
            } else {
                Verdict::of_failure(failures, now - since)
            };
            if let Verdict::Failed { give_up: true, .. } = verdict {
                let old = |since: &Instant| now - *since >= GIVE_UP_AFTER;
                let gone =
                    waiting.iter().filter(|(_, since)| old(since)).map(|(number, _)| *number);
                self.given_up.extend(gone);
                waiting.retain(|(_, since)| !old(since));
            }
            let more = !waiting.is_empty();
            self.lines.ended(now, line, verdict, more);
        }

        fn numbers(&self, room: &str) -> Vec<u32> {
            let of_room = self.arrived.iter().filter(|(arrived, _)| arrived == room);
            of_room.map(|(_, number)| *number).collect()
        }
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn an_hour_of_failures_is_bridged_by_ever_longer_pauses_and_keeps_the_order() {
        let mut world = World::new();
        for number in 1..=5 {
            world.happens("room", number);
        }
        world.play(HOUR, |_, _| false);
        let first: Vec<_> = world.tries.iter().map(|(_, number, _)| *number).collect();
        assert!(first.iter().all(|number| *number == 1), "the head alone is tried: {first:?}");
        let pauses: Vec<u64> =
            world.tries.windows(2).map(|pair| (pair[1].2 - pair[0].2).as_secs()).collect();
        assert_eq!(pauses[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert!(pauses[10..].iter().all(|pause| *pause == 300), "{pauses:?}");
        assert!(world.tries.len() < 25, "{}", world.tries.len());
        world.play(LONGEST_PAUSE, |_, _| true);
        assert_eq!(world.numbers("room"), [1, 2, 3, 4, 5]);
        assert_eq!(world.given_up, [] as [u32; 0]);
    }

    #[test]
    fn a_room_that_fails_does_not_hold_another() {
        let mut world = World::new();
        world.happens("bad", 1);
        world.happens("bad", 2);
        world.play(HOUR, |room, _| room != "bad");
        for number in 1..=3 {
            world.happens("good", number);
        }
        world.play(Duration::ZERO, |room, _| room != "bad");
        assert_eq!(world.numbers("good"), [1, 2, 3]);
        assert_eq!(world.numbers("bad"), [] as [u32; 0]);
    }

    #[test]
    fn what_is_a_day_old_is_given_up_and_what_is_younger_goes_on() {
        let mut world = World::new();
        world.happens("room", 1);
        world.happens("room", 2);
        world.play(2 * HOUR, |_, _| false);
        world.happens("room", 3);
        world.play(22 * HOUR + LONGEST_PAUSE, |_, _| false);
        assert_eq!(world.given_up, [1, 2]);
        world.play(LONGEST_PAUSE, |_, _| true);
        assert_eq!(world.numbers("room"), [3]);
    }

    #[test]
    fn a_dead_target_is_asked_no_more_often_for_many_events_than_for_one() {
        let mut world = World::new();
        for number in 0..24 * 60 * 2 {
            world.happens("room", number);
            world.play(Duration::from_secs(60), |_, _| false);
        }
        assert!(world.tries.len() <= 48 * 12 + 10, "{}", world.tries.len());
        assert!(world.waiting.values().map(Vec::len).sum::<usize>() <= 24 * 60 + 10);
    }

    #[test]
    fn no_more_tries_than_allowed_are_in_flight_at_a_webhook() {
        let mut world = World::new();
        for number in 0..10 {
            world.happens(&format!("room {number}"), 1);
        }
        let tries: Vec<Try> = std::iter::from_fn(|| world.lines.next(world.now)).collect();
        assert_eq!(tries.len(), MAX_IN_FLIGHT);
        assert_eq!(world.lines.deadline(), None, "nothing to wake for");
        world.lines.ended(world.now, &tries[0].line, Verdict::Delivered, false);
        assert!(world.lines.next(world.now).is_some());
        assert!(world.lines.next(world.now).is_none());
    }

    #[test]
    fn a_line_is_never_twice_in_flight_and_what_comes_meanwhile_follows() {
        let mut world = World::new();
        world.happens("room", 1);
        let first = world.lines.next(world.now).unwrap();
        world.lines.push(world.now, &first.line);
        assert_eq!(world.lines.next(world.now), None);
        // The store was asked before the second was written.
        world.lines.ended(world.now, &first.line, Verdict::Delivered, false);
        assert!(world.lines.next(world.now).is_some());
    }

    #[test]
    fn a_webhook_that_is_switched_off_rests_and_goes_on_at_once_when_on_again() {
        let mut world = World::new();
        world.happens("room", 1);
        world.play(HOUR, |_, _| false);
        let tries = world.tries.len();
        world.lines.change(world.now, &webhook(), false);
        world.play(HOUR, |_, _| true);
        assert_eq!(world.tries.len(), tries);
        world.lines.change(world.now, &webhook(), true);
        world.play(Duration::ZERO, |_, _| true);
        assert_eq!(world.numbers("room"), [1]);
    }

    #[test]
    fn a_line_of_the_run_before_is_tried_at_once_and_keeps_its_pauses() {
        let mut world = World::new();
        let room = line("room");
        world.waiting.insert(room.room.clone(), vec![(7, world.now)]);
        world.lines.restore(world.now, &room, 20);
        world.play(Duration::from_secs(1), |_, _| false);
        assert_eq!(world.tries.len(), 1);
        world.play(LONGEST_PAUSE, |_, _| true);
        assert_eq!(world.numbers("room"), [7]);
    }

    #[test]
    fn a_webhook_that_is_gone_takes_its_lines_along() {
        let mut world = World::new();
        world.happens("room", 1);
        let running = world.lines.next(world.now).unwrap();
        world.lines.remove(&webhook());
        world.lines.ended(world.now, &running.line, Verdict::Delivered, true);
        world.lines.push(world.now, &running.line);
        assert_eq!((world.lines.next(world.now), world.lines.deadline()), (None, None));
    }
}
