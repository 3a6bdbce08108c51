//! The relay's counters, read at each scrape.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use roomcast_engine::Engine;

use super::media::labelled;

/// Reads an engine.
#[derive(Debug)]
pub(super) struct Relay(pub(super) Engine);

impl Collector for Relay {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let relay = self.0.stats().relay;
        for (name, help, value) in [
            ("relay_allocations", "Relayed addresses that somebody has.", relay.allocations),
            ("relay_connections", "Clients that came by TCP or TLS.", relay.streams),
        ] {
            encoder
                .encode_descriptor(name, help, None, MetricType::Gauge)?
                .encode_gauge(&i64::try_from(value).unwrap_or(i64::MAX))?;
        }
        for (name, help, value) in [
            ("relay_allocations_opened", "Relayed addresses that were given out.", relay.opened),
            ("stun_bindings", "Binding requests that were answered.", relay.bindings),
        ] {
            encoder
                .encode_descriptor(name, help, None, MetricType::Counter)?
                .encode_counter::<NoLabelSet, _, u64>(&value, None)?;
        }
        let (peers, clients) = (relay.to_peers, relay.to_clients);
        let packets = [("to-peer", peers.packets), ("to-client", clients.packets)];
        labelled(&mut encoder, "relay_packets", "Datagrams relayed.", "direction", &packets)?;
        let bytes = [("to-peer", peers.bytes), ("to-client", clients.bytes)];
        labelled(&mut encoder, "relay_bytes", "Bytes of them.", "direction", &bytes)?;
        let refusals = [
            ("challenge", relay.challenges),
            ("unauthorized", relay.unauthorized),
            ("forbidden-peer", relay.forbidden),
            ("stale-nonce", relay.stale_nonces),
            ("quota", relay.quota_reached),
            ("capacity", relay.out_of_capacity),
            ("bad-request", relay.bad_requests),
        ];
        let help =
            "Requests to the relay that were refused, by cause. Each client is challenged once.";
        labelled(&mut encoder, "relay_refusals", help, "cause", &refusals)?;
        let drops = [
            ("rate-limited", relay.rate_limited),
            ("malformed", relay.malformed),
            ("not-permitted", relay.not_permitted),
            ("unwanted", relay.unwanted),
            ("bandwidth", relay.over_bandwidth),
        ];
        labelled(&mut encoder, "relay_drops", "What the relay dropped, by cause.", "cause", &drops)
    }
}
