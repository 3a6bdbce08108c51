//! How the figures of a report are made from what was seen.

#![allow(clippy::cast_precision_loss, reason = "figures for people: 52 bits are plenty")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{
    Joining, LayerViewers, Node, NodeCounters, Own, Packets, Publishers, Sample, Seen, Viewers,
};
use crate::args::{Args, Goal};
use crate::media::{Count, Joined, Kind, Settings, Tracks};
use crate::node::Usage;
use crate::run::publisher_of;
use crate::signaling::Watched;

impl Viewers {
    pub(super) fn new(args: &Args, seen: &Seen) -> Self {
        let count = |had: fn(&Joined) -> bool| {
            u32::try_from(joined(seen).filter(|joined| had(joined)).count()).unwrap_or(u32::MAX)
        };
        let signaled = |had: fn(&Watched) -> bool| {
            u32::try_from(seen.watched.iter().filter(|watched| had(watched)).count())
                .unwrap_or(u32::MAX)
        };
        Self {
            asked: args.viewers,
            welcomed: signaled(|watched| watched.welcome.is_some()),
            offered: signaled(|watched| watched.offer.is_some()),
            connected: count(|joined| joined.connected.is_some()),
            with_picture: count(|joined| joined.first_picture.is_some()),
            disconnects: joined(seen).map(|joined| joined.disconnects).sum(),
            sessions_closed: seen.watched.iter().map(|watched| watched.sessions_closed).sum(),
            key_frames_asked: joined(seen).map(|joined| joined.key_frames_asked).sum(),
        }
    }
}

impl Packets {
    pub(super) fn new(args: &Args, expected: &[u64], seen: &Seen) -> Self {
        let sum = |pick: fn(&Count) -> u64| -> u64 {
            joined(seen).flat_map(|joined| &joined.counts).map(pick).sum()
        };
        let expected = expected_by_all(args, expected, seen);
        let received = sum(|count| count.received);
        let arrived = sum(|count| count.arrived);
        let seconds = window(seen).as_secs_f64();
        let bits = sum(|count| count.bytes) as f64 * 8.0;
        Self {
            seconds,
            expected,
            received,
            lost: expected.saturating_sub(received),
            duplicates: sum(|count| count.duplicates),
            late: sum(|count| count.late),
            arrived,
            per_second: ratio(arrived as f64, seconds),
            bits_per_second: ratio(bits, seconds),
            bits_per_viewer: ratio(bits, seconds * f64::from(args.viewers)),
            dropped: seen.outcomes.iter().map(|outcome| outcome.dropped).sum(),
            unsent: seen.outcomes.iter().map(|outcome| outcome.unsent).sum(),
        }
    }
}

/// Of a picture in layers the node chooses what it sends; of all else everyone is to get everything.
fn expected_by_all(args: &Args, expected: &[u64], seen: &Seen) -> u64 {
    let by_track = expected.iter().enumerate().map(|(track, sent)| {
        if args.simulcast && Tracks::kind(track) == Kind::Video {
            joined(seen).filter_map(|joined| joined.counts.get(track)).map(Count::sent).sum()
        } else {
            sent * viewers_of(track / 2, args)
        }
    });
    by_track.sum()
}

/// How many are to get what this publisher sends.
fn viewers_of(publisher: usize, args: &Args) -> u64 {
    if args.whip.is_none() {
        return u64::from(args.viewers);
    }
    let watches = |viewer: &usize| usize::from(publisher_of(*viewer, args)) == publisher;
    (0..args.viewers as usize).filter(watches).count() as u64
}

impl Publishers {
    pub(super) fn new(seen: &Seen) -> Self {
        let publishers = || seen.outcomes.iter().flat_map(|outcome| &outcome.asked);
        Self {
            key_frames_asked: publishers().map(|asked| asked.len() as u64).sum(),
            key_frames_in_a_second: publishers().map(|asked| busiest(asked)).max().unwrap_or(0),
        }
    }
}

/// The most of these moments, which rise, that lie within one second.
fn busiest(moments: &[Instant]) -> u64 {
    let within = |(index, begin): (usize, &Instant)| {
        let rest = moments.iter().skip(index);
        rest.take_while(|moment| **moment < *begin + Duration::from_secs(1)).count() as u64
    };
    moments.iter().enumerate().map(within).max().unwrap_or(0)
}

/// Which layers viewers had when the run ended.
pub(super) fn layers(args: &Args, seen: &Seen) -> Vec<LayerViewers> {
    let had = |layer: usize| {
        let all = joined(seen).flat_map(|joined| joined.layers.iter().flatten());
        all.filter(|had| usize::from(**had) == layer).count() as u64
    };
    let layers = Settings::new(args).layers().into_iter().enumerate();
    let named = layers.filter_map(|(index, layer)| Some((index, layer.rid?)));
    named.map(|(index, rid)| LayerViewers { rid, viewers: had(index) }).collect()
}

impl Joining {
    pub(super) fn new(args: &Args, seen: &Seen) -> Self {
        let begun = seen.watched.iter().filter_map(|watched| watched.began);
        let begun = begun.chain(joined(seen).map(|joined| joined.at)).min();
        let arrived: Vec<Instant> = match args.until {
            Goal::Welcome => seen.watched.iter().filter_map(|w| w.let_in(w.welcome)).collect(),
            Goal::Offer => seen.watched.iter().filter_map(|w| w.let_in(w.offer)).collect(),
            Goal::Connected => joined(seen).filter_map(|j| Some(j.at + j.connected?)).collect(),
            Goal::Picture => joined(seen).filter_map(|j| Some(j.at + j.first_picture?)).collect(),
        };
        let end = arrived.iter().max().copied();
        let seconds = begun.zip(end).map_or(0.0, |(begun, end)| (end - begun).as_secs_f64());
        let each = |before: Option<Usage>, after: Option<Usage>| {
            let cpu = after?.cpu.saturating_sub(before?.cpu);
            Some(ratio(ms(cpu), arrived.len() as f64))
        };
        Self {
            seconds,
            per_second: ratio(arrived.len() as f64, seconds),
            node_ms_each: each(seen.alone.node, seen.joined.node),
            own_ms_each: each(seen.alone.own, seen.joined.own),
        }
    }
}

impl Node {
    pub(super) fn new(args: &Args, packets: &Packets, seen: &Seen) -> Option<Self> {
        let node = |sample: &Sample| sample.node;
        let (empty, alone) = (node(&seen.empty)?, node(&seen.alone)?);
        let (before, after) = (node(&seen.before)?, node(&seen.after)?);
        let added = after.rss.saturating_sub(alone.rss);
        let (cores, cpu_us_per_packet) = spent(packets, seen, before, after);
        Some(Self {
            cores,
            cpu_us_per_packet,
            processes: after.processes,
            rss_mib_empty: empty.rss as f64 / MIB,
            rss_mib: after.rss as f64 / MIB,
            rss_kib_per_viewer: ratio(added as f64 / 1024.0, f64::from(args.viewers)),
        })
    }
}

impl Own {
    pub(super) fn new(packets: &Packets, seen: &Seen) -> Option<Self> {
        let (cores, cpu_us_per_packet) = spent(packets, seen, seen.before.own?, seen.after.own?);
        Some(Self { cores, cpu_us_per_packet })
    }
}

impl NodeCounters {
    pub(super) fn new(seen: &Seen) -> Option<Self> {
        let (before, after) = (seen.before.counters?, seen.after.counters?);
        let packets_out = after.packets_out - before.packets_out;
        let sends = after.sends - before.sends;
        let forwarded = after.forwarded - before.forwarded;
        Some(Self {
            packets_out,
            sends,
            average_group: ratio(packets_out, sends),
            forwarded,
            beside_percent: ratio(100.0 * (after.beside - before.beside), forwarded),
            drops: after.drops - before.drops,
            media_cpu_us_per_packet: ratio(after.media_cpu_us - before.media_cpu_us, forwarded),
        })
    }
}

/// Every viewer whom a media thread knows.
pub(super) fn joined(seen: &Seen) -> impl Iterator<Item = &Joined> {
    seen.outcomes.iter().flat_map(|outcome| &outcome.viewers)
}

/// Cores that were busy in the measured time, and microseconds for each packet that arrived.
fn spent(packets: &Packets, seen: &Seen, before: Usage, after: Usage) -> (f64, f64) {
    let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
    (ratio(cpu, window(seen).as_secs_f64()), ratio(cpu * 1e6, packets.arrived as f64))
}

pub(super) fn failures(watched: &[Watched]) -> Vec<(String, u32)> {
    let mut reasons = BTreeMap::<&str, u32>::new();
    for failure in watched.iter().filter_map(|watched| watched.failure.as_deref()) {
        *reasons.entry(failure).or_default() += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().map(|(why, n)| (why.to_owned(), n)).collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    reasons.truncate(MAX_REASONS);
    reasons
}

pub(super) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn window(seen: &Seen) -> Duration {
    seen.after.at - seen.before.at
}

/// Zero where there is nothing to divide by: a figure that JSON can hold.
fn ratio(value: f64, by: f64) -> f64 {
    if by > 0.0 { value / by } else { 0.0 }
}

const MIB: f64 = 1024.0 * 1024.0;

/// Reasons that are listed: the commonest tell the story.
const MAX_REASONS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_second_may_begin_anywhere() {
        let start = Instant::now();
        let moments =
            [0, 400, 900, 1_050, 1_300, 5_000].map(|ms| start + Duration::from_millis(ms));
        assert_eq!(busiest(&moments), 4, "from 400 to 1,400");
        assert_eq!(busiest(&[]), 0);
    }
}
