//! What holds on every link, for whatever goes in and whenever it is changed.

use std::time::Duration;

use proptest::prelude::*;
use roomcast_lab::{Conditions, Link, Queue};

#[derive(Debug, Clone)]
enum Step {
    Push { bytes: usize },
    Wait { microseconds: u64 },
    Set(Conditions),
}

fn conditions() -> impl Strategy<Value = Conditions> {
    let rate = prop_oneof![Just(None), (10_000_u64..10_000_000).prop_map(Some)];
    let queue = prop_oneof![
        (0_u64..50_000).prop_map(Queue::Bytes),
        (0_u64..400).prop_map(|time| Queue::Time(Duration::from_millis(time))),
    ];
    let time = || (0_u64..80).prop_map(Duration::from_millis);
    let all = (rate, queue, time(), time(), 0.0..0.3, 0.0..0.3);
    all.prop_map(|(rate, queue, delay, jitter, loss, reorder)| Conditions {
        rate,
        queue,
        delay,
        jitter,
        loss,
        reorder,
    })
}

fn steps(conditions: impl Strategy<Value = Conditions>) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (2_usize..1_500).prop_map(|bytes| Step::Push { bytes }),
        4 => (0_u64..30_000).prop_map(|microseconds| Step::Wait { microseconds }),
        1 => conditions.prop_map(Step::Set),
    ];
    prop::collection::vec(step, 1..300)
}

/// Each packet that came out: its number, how long it took, and when it came out.
struct Outcome {
    out: Vec<(u16, Duration, Duration)>,
    link: Link,
}

fn play(steps: &[Step], seed: u64) -> Outcome {
    let mut outcome = Outcome { out: Vec::new(), link: Link::new(Conditions::default(), seed) };
    let mut now = Duration::ZERO;
    let mut entered = Vec::new();
    for step in steps {
        match step {
            Step::Push { bytes } => {
                let mut packet = vec![0; *bytes];
                packet[..2].copy_from_slice(&(entered.len() as u16).to_be_bytes());
                entered.push(now);
                outcome.link.push(now, packet);
            }
            Step::Wait { microseconds } => {
                let until = now + Duration::from_micros(*microseconds);
                drain(&mut outcome, &entered, until);
                now = until;
            }
            Step::Set(conditions) => outcome.link.set(now, *conditions),
        }
    }
    drain(&mut outcome, &entered, Duration::MAX);
    outcome
}

/// Takes everything at its own time.
fn drain(outcome: &mut Outcome, entered: &[Duration], until: Duration) {
    while let Some(at) = outcome.link.deadline().filter(|at| *at <= until) {
        while let Some(packet) = outcome.link.pop(at) {
            let number = u16::from_be_bytes([packet[0], packet[1]]);
            outcome.out.push((number, at - entered[usize::from(number)], at));
        }
    }
}

proptest! {
    #[test]
    fn every_packet_comes_out_once_or_is_counted_as_dropped(
        steps in steps(conditions()), seed: u64,
    ) {
        let Outcome { out, link } = play(&steps, seed);
        let mut numbers: Vec<u16> = out.iter().map(|(number, ..)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        prop_assert_eq!(numbers.len(), out.len());
        let counts = link.counts();
        let dropped = counts.lost.packets + counts.overflowed.packets;
        prop_assert_eq!(counts.entered.packets, out.len() as u64 + dropped);
        prop_assert_eq!(counts.passed.packets, out.len() as u64);
        prop_assert_eq!(counts.inside.packets, 0);
        let bytes = counts.passed.bytes + counts.lost.bytes + counts.overflowed.bytes;
        prop_assert_eq!(counts.entered.bytes, bytes);
    }

    #[test]
    fn without_reordering_the_order_stays_whatever_else_changes(
        steps in steps(conditions().prop_map(|one| Conditions { reorder: 0.0, ..one })), seed: u64,
    ) {
        let Outcome { out, .. } = play(&steps, seed);
        prop_assert!(out.is_sorted_by_key(|(number, ..)| *number));
    }

    #[test]
    fn the_same_seed_gives_the_same_fate(steps in steps(conditions()), seed: u64) {
        prop_assert_eq!(play(&steps, seed).out, play(&steps, seed).out);
    }

    #[test]
    fn nothing_is_faster_than_the_rate_nor_waits_longer_than_the_queue(
        sizes in prop::collection::vec(100_usize..1_500, 1..200),
        rate in 100_000_u64..10_000_000,
        milliseconds in 20_u64..400,
    ) {
        let queue = Queue::Time(Duration::from_millis(milliseconds));
        let set = Step::Set(Conditions { rate: Some(rate), queue, ..Conditions::default() });
        let pushes = sizes.iter().map(|bytes| Step::Push { bytes: *bytes });
        let steps: Vec<Step> = std::iter::once(set).chain(pushes).collect();
        let Outcome { out, link } = play(&steps, 0);
        let seconds = out.last().map_or(0.0, |(_, _, at)| at.as_secs_f64());
        let bits = link.counts().passed.bytes as f64 * 8.0;
        prop_assert!(bits <= rate as f64 * (seconds + 1e-6));
        // The first packet is sent whatever the queue is.
        let longest = Duration::from_millis(milliseconds) + Duration::from_secs_f64(12_000.0 / rate as f64);
        prop_assert!(out.iter().all(|(_, took, _)| *took <= longest));
    }
}
