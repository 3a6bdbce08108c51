//! What `/metrics` tells, in the OpenMetrics text format.
//!
//! The media path counts in plain fields of the shards; they are read when someone asks. Rooms and
//! connections count here. No label ever holds a name or an address.

pub(crate) mod history;
mod media;
mod relay;

pub(crate) use history::History;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use roomcast_engine::Engine;
use roomcast_protocol::ErrorCode;

/// The counters of rooms and connections. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics {
    /// Rooms in use.
    pub(crate) rooms: Gauge,
    /// Participants in all rooms.
    pub(crate) participants: Gauge,
    /// WebSocket connections that are open.
    pub(crate) signaling_connections: Gauge,
    /// WebSocket messages that came in.
    pub(crate) messages: Counter,
    refusals: Family<CodeLabel, Counter>,
    connections_refused: Family<CauseLabel, Counter>,
    struggling: Family<StandingLabel, Gauge>,
    media_troubles: Family<TroubleLabels, Counter>,
    webhook_tries: Family<OutcomeLabel, Counter>,
    webhook_drops: Family<CauseLabel, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabel {
    cause: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StandingLabel {
    standing: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TroubleLabels {
    cause: &'static str,
    r#where: &'static str,
}

impl Metrics {
    /// Counts an error that was sent to a client.
    pub(crate) fn refused(&self, code: ErrorCode) {
        self.refusals.get_or_create(&CodeLabel { code: code.as_str() }).inc();
    }

    /// Counts a TCP connection that was closed unserved.
    pub(crate) fn connection_refused(&self, cause: &'static str) {
        self.connections_refused.get_or_create(&CauseLabel { cause }).inc();
    }

    /// Those whose network carries less than is asked for.
    pub(crate) fn limited(&self) -> Gauge {
        self.struggling.get_or_create_owned(&StandingLabel { standing: "limited" })
    }

    /// Those whose network carries hardly anything.
    pub(crate) fn poor(&self) -> Gauge {
        self.struggling.get_or_create_owned(&StandingLabel { standing: "poor" })
    }

    /// Counts a session or a link through which media did not get.
    pub(crate) fn media_trouble(&self, cause: &'static str, place: &'static str) {
        self.media_troubles.get_or_create(&TroubleLabels { cause, r#where: place }).inc();
    }

    /// Counts a try to deliver something to a webhook.
    pub(crate) fn webhook_tried(&self, outcome: &'static str) {
        self.webhook_tries.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// Counts events that no webhook will be told.
    pub(crate) fn webhook_dropped(&self, cause: &'static str, count: u64) {
        self.webhook_drops.get_or_create(&CauseLabel { cause }).inc_by(count);
    }

    /// Everything that can be asked for, with the media engine's share.
    pub(crate) fn registry(&self, engine: Engine) -> Registry {
        let mut registry = Registry::with_prefix("roomcast");
        registry.register("rooms", "Rooms in use", self.rooms.clone());
        registry.register("participants", "Participants in all rooms", self.participants.clone());
        registry.register(
            "signaling_connections",
            "WebSocket connections that are open",
            self.signaling_connections.clone(),
        );
        registry.register("messages", "WebSocket messages that came in", self.messages.clone());
        registry.register(
            "refusals",
            "Errors sent to clients, by their code",
            self.refusals.clone(),
        );
        registry.register(
            "connections_refused",
            "TCP connections closed unserved, by cause",
            self.connections_refused.clone(),
        );
        registry.register(
            "struggling",
            "Receivers whose network carries less than is asked for, or hardly anything",
            self.struggling.clone(),
        );
        registry.register(
            "media_trouble",
            "Sessions and links through which media did not get, by cause, as clients tell it",
            self.media_troubles.clone(),
        );
        registry.register(
            "webhook_tries",
            "Deliveries of webhooks that were tried, by outcome",
            self.webhook_tries.clone(),
        );
        registry.register(
            "webhook_events_dropped",
            "Events that a webhook is not told because too much waits, by cause",
            self.webhook_drops.clone(),
        );
        registry.register_collector(Box::new(media::Media(engine.clone())));
        registry.register_collector(Box::new(relay::Relay(engine)));
        registry
    }
}

/// The text of a scrape.
pub(crate) fn render(registry: &Registry) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    encode(&mut text, registry)?;
    Ok(text)
}
