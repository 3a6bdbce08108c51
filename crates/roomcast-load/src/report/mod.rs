//! What came of a run.

mod figures;
mod table;

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::args::{Args, Goal};
use crate::histogram::Histogram;
use crate::media::{Joined, Outcome};
use crate::node::{Counters, Usage};
use crate::signaling::Watched;

/// The whole report. Times are in milliseconds unless the name says otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How many came how far.
    pub viewers: Viewers,
    /// What arrived in the measured time, all viewers together.
    pub packets: Packets,
    /// From sending to receiving, for each packet of each viewer.
    pub latency: Latency,
    /// From a viewer's `join`.
    pub join: Join,
    /// All viewers coming, together.
    pub joining: Joining,
    /// What publishers were asked for, from the beginning of the run on.
    pub publishers: Publishers,
    /// Where pictures come in layers: which one viewers had in the end, the lowest first.
    pub layers: Vec<LayerViewers>,
    /// Times that one layer followed another.
    pub switches: u64,
    /// What the node spent, where `--pid` was given.
    pub node: Option<Node>,
    /// What the node says of itself.
    pub counters: Option<NodeCounters>,
    /// What the load generator itself spent in the measured time.
    pub own: Option<Own>,
    /// Why viewers failed, each reason once, the commonest first.
    pub failures: Vec<(String, u32)>,
    /// How far viewers went.
    #[serde(skip)]
    pub until: Goal,
}

/// How many came how far.
#[derive(Debug, Clone, Copy, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Viewers {
    pub asked: u32,
    pub welcomed: u32,
    pub offered: u32,
    pub connected: u32,
    pub with_picture: u32,
    pub disconnects: u64,
    pub sessions_closed: u32,
    pub key_frames_asked: u64,
}

/// What publishers were asked for.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Publishers {
    /// Key frames, of any layer.
    pub key_frames_asked: u64,
    /// The most that one publisher was asked for within one second.
    pub key_frames_in_a_second: u64,
}

/// How many viewers had a layer.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct LayerViewers {
    /// The name of the layer.
    pub rid: &'static str,
    /// Pictures of viewers that were of it when the run ended.
    pub viewers: u64,
}

/// Packets of media.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Packets {
    /// Seconds that were measured.
    pub seconds: f64,
    /// What should have arrived: packets as they were published.
    pub expected: u64,
    /// Different ones of which something did.
    pub received: u64,
    /// Packets as the server cut them: the same number, unless it cuts pictures anew.
    pub arrived: u64,
    /// The same, in a second.
    pub per_second: f64,
    /// The difference.
    pub lost: u64,
    /// Packets that came again.
    pub duplicates: u64,
    /// Packets that came behind a later one.
    pub late: u64,
    /// Payload, in bits per second.
    pub bits_per_second: f64,
    /// The same, for each viewer.
    pub bits_per_viewer: f64,
    /// Datagrams of the whole run that viewers dropped because of `--loss`.
    pub dropped: u64,
    /// Datagrams that the load generator could not send itself.
    pub unsent: u64,
}

/// Added latency.
#[derive(Debug, Clone, Copy, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

/// Median and 95th percentile of one step of joining.
#[derive(Debug, Clone, Copy, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Step {
    pub p50: f64,
    pub p95: f64,
    pub max: f64,
}

/// The steps of joining, each from `join` on.
#[derive(Debug, Clone, Copy, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Join {
    /// Until the WebSocket was open, from connecting on.
    pub socket: Step,
    pub welcome: Step,
    pub offer: Step,
    pub connected: Step,
    pub first_packet: Step,
    /// A whole key frame of every publisher.
    pub first_picture: Step,
}

/// All viewers coming, from the first one until the last one was where viewers go.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Joining {
    /// How long that took.
    pub seconds: f64,
    /// Viewers a second.
    pub per_second: f64,
    /// Milliseconds of processor time that the server spent for each of them, where `--pid` was given.
    pub node_ms_each: Option<f64>,
    /// The same of the load generator.
    pub own_ms_each: Option<f64>,
}

/// What the node's process spent.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Node {
    /// Cores that were busy.
    pub cores: f64,
    /// Microseconds of processor time for each packet that arrived.
    pub cpu_us_per_packet: f64,
    /// Processes that were counted: the one that was named, and its children.
    pub processes: u32,
    /// MiB held before the room was opened.
    pub rss_mib_empty: f64,
    /// MiB held at the end of the measurement.
    pub rss_mib: f64,
    /// KiB that each viewer added.
    pub rss_kib_per_viewer: f64,
}

/// What the load generator spent: when it has no processor left, its figures are about itself.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Own {
    /// Cores that were busy.
    pub cores: f64,
    /// Microseconds of processor time for each packet that arrived.
    pub cpu_us_per_packet: f64,
}

/// The node's counters over the measured time.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct NodeCounters {
    /// Datagrams sent.
    pub packets_out: f64,
    /// System calls that sent them.
    pub sends: f64,
    /// Datagrams in a call.
    pub average_group: f64,
    /// RTP packets forwarded.
    pub forwarded: f64,
    /// Percent of them that took the short way, beside str0m.
    pub beside_percent: f64,
    /// Datagrams dropped.
    pub drops: f64,
    /// Microseconds of the media threads for each forwarded packet.
    pub media_cpu_us_per_packet: f64,
}

/// A look at the node at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) at: Instant,
    pub(crate) node: Option<Usage>,
    pub(crate) own: Option<Usage>,
    pub(crate) counters: Option<Counters>,
}

/// Everything that a run saw.
pub(crate) struct Seen {
    /// Before the room was opened.
    pub(crate) empty: Sample,
    /// With hosts and without viewers.
    pub(crate) alone: Sample,
    /// With all viewers, who have just come.
    pub(crate) joined: Sample,
    /// At the beginning of the measured time.
    pub(crate) before: Sample,
    /// At its end.
    pub(crate) after: Sample,
    pub(crate) watched: Vec<Watched>,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Report {
    pub(crate) fn new(args: &Args, expected: &[u64], seen: &Seen) -> Self {
        let packets = Packets::new(args, expected, seen);
        Self {
            viewers: Viewers::new(args, seen),
            packets,
            latency: Latency::new(&seen.outcomes),
            join: Join::new(seen),
            joining: Joining::new(args, seen),
            publishers: Publishers::new(seen),
            layers: figures::layers(args, seen),
            switches: figures::joined(seen).map(|joined| joined.switches).sum(),
            node: Node::new(args, &packets, seen),
            counters: NodeCounters::new(seen),
            own: Own::new(&packets, seen),
            failures: figures::failures(&seen.watched),
            until: args.until,
        }
    }

    /// What falls short of "every viewer got every packet", or of "every viewer came and stayed" where
    /// they go less far; `None` when nothing does.
    #[must_use]
    pub fn shortfall(&self) -> Option<String> {
        let Viewers { asked, welcomed, offered, connected, with_picture, .. } = self.viewers;
        let (came, what) = match self.until {
            Goal::Welcome => (welcomed, "were not let in"),
            Goal::Offer => (offered, "got no offer"),
            Goal::Connected => (connected, "got no connection"),
            Goal::Picture => (with_picture, "got no picture"),
        };
        if came < asked {
            return Some(format!("{} of {asked} viewers {what}", asked - came));
        }
        if self.until != Goal::Picture {
            let gone: u32 = self.failures.iter().map(|(_, count)| count).sum();
            return (gone > 0).then(|| format!("{gone} of {asked} viewers did not stay"));
        }
        if self.packets.expected == 0 {
            return Some("nothing was published".to_owned());
        }
        let Packets { lost, expected, .. } = self.packets;
        (lost > 0).then(|| format!("{lost} of {expected} packets were lost"))
    }
}

impl Join {
    fn new(seen: &Seen) -> Self {
        let signaled = |pick: fn(&Watched) -> Option<Duration>| {
            Step::new(seen.watched.iter().filter_map(pick))
        };
        let media = |pick: fn(&Joined) -> Option<Duration>| {
            Step::new(figures::joined(seen).filter_map(pick))
        };
        Self {
            socket: signaled(|watched| watched.opened),
            welcome: signaled(|watched| watched.welcome),
            offer: signaled(|watched| watched.offer),
            connected: media(|joined| joined.connected),
            first_packet: media(|joined| joined.first_packet),
            first_picture: media(|joined| joined.first_picture),
        }
    }
}

impl Step {
    fn new(times: impl Iterator<Item = Duration>) -> Self {
        let mut histogram = Histogram::new();
        times.for_each(|time| histogram.record(time));
        Self {
            p50: figures::ms(histogram.quantile(0.5)),
            p95: figures::ms(histogram.quantile(0.95)),
            max: figures::ms(histogram.max()),
        }
    }
}

impl Latency {
    fn new(outcomes: &[Outcome]) -> Self {
        let mut histogram = Histogram::new();
        outcomes.iter().for_each(|outcome| histogram.add(&outcome.latency));
        Self {
            p50: figures::ms(histogram.quantile(0.5)),
            p99: figures::ms(histogram.quantile(0.99)),
            max: figures::ms(histogram.max()),
        }
    }
}
