//! The node's own counters, from `/metrics`.

use crate::target::Target;

/// Counters since the node's start.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counters {
    /// Datagrams that went out.
    pub(crate) packets_out: f64,
    /// System calls that they went out by.
    pub(crate) sends: f64,
    /// RTP packets that were forwarded.
    pub(crate) forwarded: f64,
    /// Those among them that took the short way.
    pub(crate) beside: f64,
    /// Datagrams dropped, whatever the cause.
    pub(crate) drops: f64,
    /// Processor time of the media threads, in microseconds.
    pub(crate) media_cpu_us: f64,
}

/// Reads the counters; `None` when the node does not tell.
pub(crate) async fn scrape(target: &Target) -> Option<Counters> {
    match fetch(target).await {
        Ok(text) => parse(&text),
        Err(error) => {
            tracing::debug!(%error, "no metrics");
            None
        }
    }
}

async fn fetch(target: &Target) -> anyhow::Result<String> {
    let mut response = reqwest::get(target.root.join("metrics")?).await?.error_for_status()?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        anyhow::ensure!(body.len() <= MAX_METRICS_BYTES, "this is no scrape");
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// A scrape has some tens of KiB; anything far larger is not one.
const MAX_METRICS_BYTES: usize = 4 * 1024 * 1024;

fn parse(text: &str) -> Option<Counters> {
    let mut counters = Counters::default();
    let mut found = false;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, value)) = line.rsplit_once(' ') else { continue };
        let Ok(value) = value.parse::<f64>() else { continue };
        let (name, labels) = name.split_once('{').unwrap_or((name, ""));
        let field = match name {
            "roomcast_packets_total" if labels.contains("direction=\"out\"") => {
                &mut counters.packets_out
            }
            "roomcast_sends_total" => &mut counters.sends,
            "roomcast_forwarded_total" => &mut counters.forwarded,
            "roomcast_beside_total" => &mut counters.beside,
            "roomcast_drops_total" => &mut counters.drops,
            "roomcast_media_cpu_microseconds_total" => &mut counters.media_cpu_us,
            _ => continue,
        };
        *field += value;
        found = true;
    }
    found.then_some(counters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_and_causes_summed() {
        let text = "# TYPE roomcast_packets counter\n\
            roomcast_packets_total{direction=\"in\"} 5\n\
            roomcast_packets_total{direction=\"out\"} 900\n\
            roomcast_sends_total 100\n\
            roomcast_drops_total{cause=\"muted\"} 2\n\
            roomcast_drops_total{cause=\"refused\"} 3\n\
            roomcast_rooms 1\n# EOF\n";
        let expected =
            Counters { packets_out: 900.0, sends: 100.0, drops: 5.0, ..Counters::default() };
        assert_eq!(parse(text), Some(expected));
        assert_eq!(parse("<html>"), None);
    }
}
