//! Transport-wide feedback that is not true. Whoever gives it moves at most what is sent to themselves,
//! and that not beyond what anyone on a fast network gets.

use std::time::{Duration, Instant};

use roomcast_sfu::{ClosedReason, Event, Path, SessionReport, Shard};

use crate::crowd::most_within_a_second;
use crate::joining::CAMERA;
use crate::layers::{asked, layers, since};
use crate::liar::{Feedback, Lying, Status, lie, run, vector, wide_vector};
use crate::network::Conditions;
use crate::world::{Who, World};

/// A room in which one viewer is about to lie, and another has to stay as it is.
struct Room {
    world: World,
    host: Who,
    liar: Who,
    other: Who,
    /// When the lies began.
    from: Instant,
    /// The highest that the liar was thought to be able to take, in bits per second.
    most: u64,
}

impl Room {
    fn new(seed: u64) -> Self {
        let mut room = Self::begun(seed, None);
        room.world.run_ms(9_000);
        Self { from: room.world.now, ..room }
    }

    /// The same before anything has settled, where the network to the liar carries so much.
    fn begun(seed: u64, rate: Option<u64>) -> Self {
        let mut world = World::new(seed, 2);
        let host = world.publisher_in_layers(CAMERA);
        let liar = world.liar(&[(CAMERA, true)]);
        let other = world.subscriber(&[(CAMERA, true)]);
        if let Some(rate) = rate {
            world.narrow(liar, rate);
        }
        world.await_connected(&[host, liar, other]);
        let from = world.now;
        Self { world, host, liar, other, from, most: 0 }
    }

    /// Lies every 50 ms for so many seconds.
    fn hear(&mut self, lying: Lying, seconds: u64, mut lies: impl FnMut(&Heard) -> Vec<Vec<u8>>) {
        lie(lying);
        let mut newest = self.world.clients[self.liar].newest;
        for round in 0..seconds * 20 {
            let before = std::mem::replace(&mut newest, self.world.clients[self.liar].newest);
            let bodies = lies(&Heard { round, newest, count: newest.wrapping_sub(before) });
            self.world.give_feedback(self.liar, &bodies);
            self.world.run_ms(50);
            let available = report(&self.world, self.liar).and_then(|report| report.available);
            self.most = self.most.max(available.unwrap_or(0));
        }
        lie(Lying::Not);
    }

    /// Nobody else has noticed anything, the publisher has no more work than it may have, and the liar
    /// was sent no more than the other, but for the padding with which its network is tried.
    #[track_caller]
    fn assert_bounded(&self) {
        let Self { world, other, from, .. } = self;
        let gap = world.longest_gap(*other, CAMERA, (*from, world.now));
        assert!(gap < Duration::from_millis(100), "{gap:?}; {world}");
        assert_eq!(layers(&since(world, *other, *from)), [(0.0, 2)], "{world}");
        world.assert_continuous(*other, CAMERA);
        let asked: Vec<_> = asked(world, self.host).into_iter().filter(|at| at >= from).collect();
        assert!(most_within_a_second(&asked) <= 2, "{asked:?}; {world}");
        assert!(self.most <= HIGHEST, "{} bit/s; {world}", self.most);
        let [liar, other] = [self.liar, *other].map(|who| report(world, who));
        let sent = |report: Option<SessionReport>| report.map_or(0, |report| report.bytes_out);
        let (liar, other) = (sent(liar), sent(other));
        assert!(liar <= other / 100 * 115, "{liar} of {other} bytes; {world}");
    }

    /// In addition, the liar sees what it saw before.
    #[track_caller]
    fn assert_passed_over(&self) {
        self.assert_bounded();
        let Self { world, liar, from, .. } = self;
        assert_eq!(layers(&since(world, *liar, *from)), [(0.0, 2)], "{world}");
    }
}

/// What the liar has heard.
struct Heard {
    round: u64,
    /// The newest packet, and how many came since the lie before.
    newest: u16,
    count: u16,
}

impl Heard {
    /// The first of the packets that came since the lie before.
    fn first(&self) -> u16 {
        self.newest.wrapping_sub(self.count).wrapping_add(1)
    }

    fn deltas<T: Clone>(&self, delta: T) -> Vec<T> {
        vec![delta; self.count.into()]
    }
}

/// What no lie raises an estimate beyond: a picture of 3 Mbit/s in each section of the largest session.
const HIGHEST: u64 = 200_000_000;

fn report(world: &World, who: Who) -> Option<SessionReport> {
    let session = world.session(who);
    let of = |shard: &Shard| shard.report(world.now, |id| id == session, &|_| Path::Direct);
    world.shards.iter().flat_map(of).next()
}

#[test]
fn packets_that_were_never_sent_are_passed_over() {
    for (seed, distance) in [(900, 500), (901, 5_000), (902, 30_000), (903, 40_000), (904, 60_000)]
    {
        let mut room = Room::new(seed);
        room.hear(Lying::Beside, 4, |heard| {
            vec![Feedback::of(heard.newest.wrapping_add(distance), 10, &[4; 100]).body()]
        });
        room.assert_passed_over();
    }
}

#[test]
fn times_that_go_back_or_jump_raise_nothing() {
    for (seed, delta) in [(905, -300), (906, i16::MIN), (907, i16::MAX), (908, -1)] {
        let mut room = Room::new(seed);
        room.hear(Lying::Instead, 6, |heard| {
            let reference = [0, 0xFF_FFFF, 5, 0x7F_FFFF][heard.round as usize % 4];
            let deltas = heard.deltas(delta);
            vec![Feedback::of_large(heard.first(), reference, &deltas).body()]
        });
        room.assert_bounded();
    }
}

#[test]
fn a_claim_of_a_hundred_times_the_rate_raises_nothing() {
    for seed in 910..912 {
        let mut room = Room::new(seed);
        room.hear(Lying::Instead, 20, |heard| {
            // In 50 ms there are 200 steps of 250 µs: two are claimed.
            let steps = heard.round * 2;
            let mut deltas = heard.deltas(0);
            deltas.iter_mut().take(1).for_each(|first| *first = (steps % 256) as u8);
            vec![Feedback::of(heard.first(), (steps / 256) as u32, &deltas).body()]
        });
        room.assert_bounded();
    }
}

#[test]
fn whoever_claims_that_all_arrives_is_sent_no_more_than_others() {
    for seed in 915..917 {
        let mut room = Room::begun(seed, Some(500_000));
        let mut ms = 0;
        let mut all_arrives = |heard: &Heard| {
            let mut deltas = heard.deltas((200 / heard.count.max(1)) as u8);
            deltas.iter_mut().take(1).for_each(|first| *first = (ms % 64 * 4) as u8);
            let feedback = Feedback::of(heard.first(), (ms / 64) as u32, &deltas);
            ms += 50;
            vec![feedback.body()]
        };
        room.hear(Lying::Instead, 9, &mut all_arrives);
        room.from = room.world.now;
        room.hear(Lying::Instead, 12, &mut all_arrives);
        room.assert_bounded();
    }
}

#[test]
fn a_network_that_is_said_to_come_and_go_costs_two_key_frames_a_second_at_most() {
    for (seed, period) in [(920, 10), (921, 20), (922, 60)] {
        let mut room = Room::new(seed);
        room.hear(Lying::Instead, 20, |heard| {
            let came = if heard.round / period % 2 == 0 { heard.count / 2 } else { heard.count };
            let mut feedback = Feedback::of(heard.first(), heard.round as u32, &[4; 250]);
            feedback.count = heard.count;
            feedback.chunks =
                vec![run(Status::Small, came), run(Status::Missing, heard.count - came)];
            feedback.chunks.retain(|chunk| chunk & 0x1FFF > 0);
            vec![feedback.body()]
        });
        room.assert_bounded();
        let shown = layers(&since(&room.world, room.liar, room.from));
        assert!(shown.len() > 1, "it is believed; {shown:?}; {}", room.world);
    }
}

#[test]
fn counts_that_do_not_match_are_passed_over() {
    let whole = run(Status::Small, 100);
    let reserved = vec![wide_vector(0x3FFF), run(Status::Reserved, 50), vector(0x3FFF)];
    let empty = vec![run(Status::Small, 0), run(Status::Missing, 0), whole];
    let lies = [
        (vec![run(Status::Small, 10)], 1_000, 10),
        (vec![whole; 3], 3, 300),
        (vec![whole], 100, 3),
        (vec![whole], 0, 0),
        (reserved, 71, 14),
        (empty, 100, 100),
        (Vec::new(), u16::MAX, 0),
    ];
    for (seed, (chunks, count, deltas)) in (930..).zip(lies) {
        let mut room = Room::new(seed);
        room.hear(Lying::Beside, 2, |heard| {
            let (base, deltas) = (heard.newest.wrapping_sub(100), vec![1; deltas]);
            let chunks = chunks.clone();
            let feedback = Feedback { base, count, deltas, chunks, ..Feedback::default() };
            vec![feedback.body()]
        });
        room.assert_passed_over();
    }
}

#[test]
fn bodies_that_break_off_or_make_no_sense_move_nobody_else() {
    for seed in 940..944 {
        let mut room = Room::new(seed);
        room.hear(Lying::Beside, 10, |heard| {
            let deltas = heard.deltas(()).iter().map(|()| fastrand::i16(..)).collect::<Vec<_>>();
            let mut body = Feedback::of_large(heard.first(), fastrand::u32(..), &deltas).body();
            body.truncate(fastrand::usize(..body.len()));
            let noise = (0..fastrand::usize(..60)).map(|_| fastrand::u8(..)).collect();
            vec![body, noise]
        });
        room.assert_bounded();
    }
}

#[test]
fn feedback_that_cannot_be_borne_ends_the_session_that_gives_it() {
    let mut room = Room::new(950);
    room.hear(Lying::Beside, 1, |heard| {
        // A run of no packets with deltas of one byte, where those of two bytes follow.
        let mut feedback = Feedback::of_large(heard.newest.wrapping_sub(50), 0, &[1; 50]);
        feedback.chunks.insert(0, run(Status::Small, 0));
        vec![feedback.body()]
    });
    let closed =
        Event::Closed { session: room.world.session(room.liar), reason: ClosedReason::Failed };
    assert!(room.world.events_of(room.liar).contains(&&closed), "{}", room.world);
    room.world.run_ms(2_000);
    room.assert_bounded();
}

#[test]
fn a_flood_of_feedback_is_read_up_to_a_bound() {
    for (seed, back) in [(955, 990), (956, 100)] {
        let mut room = Room::new(seed);
        lie(Lying::Beside);
        let mut sent = 0;
        for _ in 0..2_000 {
            let base = room.world.clients[room.liar].newest.wrapping_sub(back);
            let chunks = vec![run(Status::Missing, 0x1FFF)];
            let body = Feedback { base, count: 8_000, chunks, ..Feedback::default() }.body();
            room.world.give_feedback(room.liar, &vec![body; 30]);
            sent += 1;
            room.world.run_ms(1);
        }
        lie(Lying::Not);
        let read = sent - room.world.total(|counters| counters.refused);
        // Of about 750 bytes each: 32 KiB a second and 16 KiB at once, beside what else there is to say.
        assert!((60..=120).contains(&read), "{read} of {sent}; {}", room.world);
        room.world.run_ms(2_000);
        room.assert_bounded();
    }
}

#[test]
fn of_a_viewer_who_loses_a_third_everything_is_heard() {
    let mut world = World::new(960, 2);
    let host = world.publisher_in_layers(CAMERA);
    let viewer = world.subscriber(&[(CAMERA, true)]);
    world.await_connected(&[host, viewer]);
    world.network.down = Conditions::lossy(0.3);
    world.network.only = Some(world.clients[viewer].outer);
    world.run_ms(20_000);
    assert_eq!(world.total(|counters| counters.refused), 0, "{world}");
}
