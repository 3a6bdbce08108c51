//! What a run comes to, and what several runs come to.

use std::collections::BTreeMap;

use serde_json::Value;

/// One figure of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Figure {
    /// Microseconds of the server's processor time for each packet that reached a viewer.
    Cpu,
    /// Cores that the server kept busy.
    Cores,
    /// Packets that a system call sent.
    Group,
    /// Added latency, in milliseconds.
    LatencyMedian,
    LatencyP99,
    /// From asking to the first whole key frame, in milliseconds.
    PictureMedian,
    PictureP95,
    /// KiB that each viewer added.
    Memory,
    /// Packets that never came.
    Lost,
    /// Packets that should have come.
    Expected,
    /// Viewers who got no picture.
    Blind,
    /// Cores that the load generator kept busy: near 1, the run is about itself.
    Load,
}

/// The figures of one run.
pub(super) type Run = BTreeMap<Figure, f64>;

/// Every figure with its name in our JSON, and where it stands in a report of `roomcast load`.
const NAMED: [(Figure, &str, Option<&str>); 12] = [
    (Figure::Cpu, "cpu_us_per_packet", Some("/node/cpu_us_per_packet")),
    (Figure::Cores, "cores", Some("/node/cores")),
    (Figure::Group, "packets_per_call", Some("/counters/average_group")),
    (Figure::LatencyMedian, "latency_p50_ms", Some("/latency/p50")),
    (Figure::LatencyP99, "latency_p99_ms", Some("/latency/p99")),
    (Figure::PictureMedian, "first_picture_p50_ms", Some("/join/first_picture/p50")),
    (Figure::PictureP95, "first_picture_p95_ms", Some("/join/first_picture/p95")),
    (Figure::Memory, "memory_kib_per_viewer", Some("/node/rss_kib_per_viewer")),
    (Figure::Lost, "lost", Some("/packets/lost")),
    (Figure::Expected, "expected", Some("/packets/expected")),
    (Figure::Blind, "without_picture", None),
    (Figure::Load, "load_cores", Some("/own/cores")),
];

/// Reads a report of `roomcast load --json`.
pub(super) fn from_load(report: &Value) -> Run {
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_f64);
    let told =
        NAMED.iter().filter_map(|(figure, _, pointer)| Some((*figure, number((*pointer)?)?)));
    let mut run: Run = told.collect();
    if let Some(seeing) = number("/viewers/with_picture") {
        run.insert(Figure::Blind, number("/viewers/asked").unwrap_or(seeing) - seeing);
    }
    run
}

/// Reads what the two halves of a bare loop print.
pub(super) fn from_floor(sent: &Value, received: &Value) -> Run {
    let number = |of: &Value, name: &str| of[name].as_f64().unwrap_or_default();
    let packets = number(sent, "packets");
    Run::from([
        (Figure::Cpu, number(sent, "cpu_us_per_packet")),
        (Figure::Cores, number(sent, "cores")),
        (Figure::Group, packets / number(sent, "calls").max(1.0)),
        (Figure::Expected, packets),
        (Figure::Lost, packets - number(received, "received")),
    ])
}

/// A run as our JSON has it.
pub(super) fn to_json(run: &Run) -> Value {
    let named = |figure: &Figure| NAMED.iter().find(|(other, _, _)| other == figure);
    run.iter().filter_map(|(figure, value)| Some((named(figure)?.1, *value))).collect()
}

/// What rounds come to: the median, and for what should not happen at all the worst.
pub(super) fn summary(runs: &[Run], figure: Figure) -> Option<f64> {
    let values = sorted(runs, figure);
    match figure {
        Figure::Lost | Figure::Blind => values.last().copied(),
        _ => median(&values),
    }
}

/// The least and the most of several runs.
pub(super) fn range(runs: &[Run], figure: Figure) -> Option<(f64, f64)> {
    let values = sorted(runs, figure);
    Some((*values.first()?, *values.last()?))
}

fn sorted(runs: &[Run], figure: Figure) -> Vec<f64> {
    let mut values: Vec<f64> = runs.iter().filter_map(|run| run.get(&figure).copied()).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Of values that rise; between the two in the middle where their number is even.
fn median(values: &[f64]) -> Option<f64> {
    let upper = values.get(values.len() / 2)?;
    let lower = values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn runs(values: &[f64], figure: Figure) -> Vec<Run> {
        values.iter().map(|value| Run::from([(figure, *value)])).collect()
    }

    #[test]
    fn a_median_lies_in_the_middle() {
        for (values, expected) in
            [(&[3.0, 1.0, 2.0][..], Some(2.0)), (&[4.0, 1.0], Some(2.5)), (&[], None)]
        {
            assert_eq!(summary(&runs(values, Figure::Cpu), Figure::Cpu), expected);
        }
        assert_eq!(range(&runs(&[3.0, 1.0, 2.0], Figure::Cpu), Figure::Cpu), Some((1.0, 3.0)));
    }

    #[test]
    fn a_loss_in_one_round_is_not_averaged_away() {
        assert_eq!(summary(&runs(&[0.0, 0.0, 7.0], Figure::Lost), Figure::Lost), Some(7.0));
    }

    #[test]
    fn a_report_is_read_as_far_as_it_goes() {
        let report = json!({
            "viewers": {"asked": 10, "with_picture": 8}, "packets": {"lost": 3, "expected": 50},
            "node": {"cpu_us_per_packet": 5.5}, "counters": null,
        });
        let run = from_load(&report);
        assert_eq!(run[&Figure::Blind], 2.0);
        assert_eq!((run[&Figure::Lost], run[&Figure::Cpu]), (3.0, 5.5));
        assert!(!run.contains_key(&Figure::Group));
        assert_eq!(to_json(&run)["cpu_us_per_packet"], 5.5);
    }

    #[test]
    fn a_bare_loop_loses_what_was_not_received() {
        let sent = json!({"packets": 100, "calls": 25, "cpu_us_per_packet": 2.0, "cores": 0.1});
        let run = from_floor(&sent, &json!({"received": 99}));
        assert_eq!((run[&Figure::Lost], run[&Figure::Group]), (1.0, 4.0));
    }
}
