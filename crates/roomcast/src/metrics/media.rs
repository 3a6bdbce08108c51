//! The media engine's counters, read at each scrape.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use roomcast_engine::{Engine, Stats};

/// Reads an engine.
#[derive(Debug)]
pub(super) struct Media(pub(super) Engine);

impl Collector for Media {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let stats = self.0.stats();
        gauges(&mut encoder, &stats)?;
        counters(&mut encoder, &stats)?;
        first_packet(&mut encoder, &stats)
    }
}

fn gauges(encoder: &mut DescriptorEncoder<'_>, stats: &Stats) -> fmt::Result {
    for (name, help, value) in [
        ("sessions", "Media sessions that exist.", stats.sessions),
        ("publications", "Publications that are being received.", stats.publications),
        ("subscriptions", "Subscriptions that are being served.", stats.subscriptions),
    ] {
        encoder
            .encode_descriptor(name, help, None, MetricType::Gauge)?
            .encode_gauge(&i64::try_from(value).unwrap_or(i64::MAX))?;
    }
    Ok(())
}

fn counters(encoder: &mut DescriptorEncoder<'_>, stats: &Stats) -> fmt::Result {
    let directions = |incoming, outgoing| vec![("in", incoming), ("out", outgoing)];
    let packets = directions(stats.packets_in, stats.packets_out);
    labelled(encoder, "packets", "Datagrams.", "direction", &packets)?;
    let bytes = directions(stats.bytes_in, stats.bytes_out);
    labelled(encoder, "bytes", "Bytes of datagrams.", "direction", &bytes)?;
    let drops: Vec<_> = stats.drops.iter().map(|(cause, count)| (cause.as_str(), *count)).collect();
    labelled(encoder, "drops", "Datagrams dropped, by cause.", "cause", &drops)?;
    for (name, help, value) in [
        ("sends", "Send calls: packets out by sends is the average group.", stats.sends),
        ("forwarded", "RTP packets forwarded to subscribers.", stats.forwarded),
        ("beside", "Those among them that took the short way, beside str0m.", stats.beside),
        ("key_frames_asked", "Key frames asked of publishers.", stats.key_frames_asked),
        ("media_cpu_microseconds", "CPU time of the media threads.", stats.cpu_us),
    ] {
        encoder
            .encode_descriptor(name, help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, u64>(&value, None)?;
    }
    Ok(())
}

pub(super) fn labelled(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &str,
    values: &[(&str, u64)],
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (value, count) in values {
        let labels = [(label, *value)];
        metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(count, None)?;
    }
    Ok(())
}

fn first_packet(encoder: &mut DescriptorEncoder<'_>, stats: &Stats) -> fmt::Result {
    let bounds = Stats::FIRST_PACKET_BOUNDS_MS.map(seconds).into_iter().chain([f64::INFINITY]);
    let buckets: Vec<(f64, u64)> = bounds.zip(stats.first_packet).collect();
    encoder
        .encode_descriptor(
            "first_packet_seconds",
            "From a subscriber session's beginning to the first media packet sent to it.",
            None,
            MetricType::Histogram,
        )?
        .encode_histogram::<NoLabelSet>(
            seconds(stats.first_packet_sum_ms),
            stats.first_packet.iter().sum(),
            &buckets,
            None,
        )
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds below 2^52")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}
