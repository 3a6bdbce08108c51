//! The table as a person reads it, and everything as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::catalogue::Peer;
use super::figures::{Figure, Run, range, summary, to_json};

/// All servers under one load.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) viewers: u32,
    /// Bits a second.
    pub(super) bitrate: u32,
    /// In the order of the catalogue.
    pub(super) rows: Vec<Row>,
}

/// One server under that load.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// As its package has it; empty for what is of this repository.
    pub(super) version: String,
    pub(super) runs: Vec<Run>,
    /// Why there are no figures, or fewer than asked for.
    pub(super) failure: Option<String>,
}

/// To whom the others are compared.
const OURS: &str = "roomcast";

impl Block {
    /// As Markdown: a heading, the table, what it comes to, and a line for all that went wrong.
    pub(super) fn to_markdown(&self) -> String {
        let rate = f64::from(self.bitrate) / 1e6;
        let mut text = format!("**{} viewers, {rate} Mbit/s**\n\n{HEAD}", self.viewers);
        let ours = self.rows.iter().find(|row| row.name == OURS).and_then(Row::median_cpu);
        for row in &self.rows {
            text.push_str(&row.to_markdown(ours));
        }
        text.push('\n');
        if let Some(comparison) = ours.and_then(|ours| self.comparison(ours)) {
            let _ = writeln!(text, "{comparison}");
        }
        for row in &self.rows {
            row.notes().for_each(|note| _ = writeln!(text, "- {}: {note}", row.title));
        }
        text
    }

    /// What our server costs beside the best other one, and beside each bare loop.
    fn comparison(&self, ours: f64) -> Option<String> {
        let others = self.rows.iter().filter(|row| row.name != OURS);
        let costs =
            others.filter_map(|row| Some((row, row.median_cpu().filter(|cpu| *cpu > 0.0)?)));
        let (floors, servers): (Vec<_>, Vec<_>) = costs
            .partition(|(row, _)| Peer::named(row.name).is_some_and(|peer| peer.floor().is_some()));
        let best = servers.into_iter().min_by(|one, other| one.1.total_cmp(&other.1));
        let times = |(row, cpu): (&Row, f64)| format!("{:.2} of {}", ours / cpu, row.title);
        let compared: Vec<String> = best.into_iter().chain(floors).map(times).collect();
        (!compared.is_empty()).then(|| format!("Roomcast costs {}.", compared.join(", ")))
    }

    pub(super) fn to_json(&self) -> Value {
        let row = |row: &Row| {
            let runs: Vec<Value> = row.runs.iter().map(to_json).collect();
            json!({
                "server": row.name, "version": row.version, "runs": runs, "failure": row.failure,
            })
        };
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        json!({ "viewers": self.viewers, "bitrate": self.bitrate, "servers": rows })
    }
}

const HEAD: &str = "\
| server | CPU a packet | to Roomcast's | cores | packets a send call | latency p50 / p99 \
| first picture p50 / p95 | memory a viewer | lost |\n|---|---|---|---|---|---|---|---|---|\n";

impl Row {
    fn to_markdown(&self, ours: Option<f64>) -> String {
        let of = |figure| summary(&self.runs, figure);
        let one = |figure, digits: usize, unit: &str| {
            of(figure).map(|value| format!("{value:.digits$}{unit}"))
        };
        let two = |low, high| Some(format!("{:.1} / {:.1} ms", of(low)?, of(high)?));
        let ratio = || Some(format!("{:.2}", of(Figure::Cpu)? / ours.filter(|cpu| *cpu > 0.0)?));
        let cells = [
            Some(format!("{} {}", self.title, self.version).trim_end().to_owned()),
            self.cpu(),
            ratio(),
            one(Figure::Cores, 2, ""),
            one(Figure::Group, 2, ""),
            two(Figure::LatencyMedian, Figure::LatencyP99),
            two(Figure::PictureMedian, Figure::PictureP95),
            one(Figure::Memory, 0, " KiB"),
            self.lost(),
        ];
        let cells = cells.map(|cell| cell.unwrap_or_else(|| "–".to_owned()));
        format!("| {} |\n", cells.join(" | "))
    }

    fn median_cpu(&self) -> Option<f64> {
        summary(&self.runs, Figure::Cpu)
    }

    /// What a reader has to know before the figures mean anything.
    fn notes(&self) -> impl Iterator<Item = String> {
        let busy = range(&self.runs, Figure::Load).map(|(_, most)| most);
        let busy = busy.filter(|cores| *cores > LOAD_IS_BUSY).map(|cores| {
            format!("the load generator took {cores:.2} cores: latency and loss may be its own")
        });
        let share = self.lost_share().filter(|share| *share > MUCH_LOST);
        let lost = share.map(|share| {
            format!("overloaded, {:.0} % lost: what arrived pays for what did not", share * 100.0)
        });
        self.failure.clone().into_iter().chain(busy).chain(lost)
    }

    /// Of the packets that should have come.
    fn lost_share(&self) -> Option<f64> {
        let expected = summary(&self.runs, Figure::Expected)?;
        Some(summary(&self.runs, Figure::Lost)? / expected.max(1.0))
    }

    /// The median, and between what the rounds lie.
    fn cpu(&self) -> Option<String> {
        let median = self.median_cpu()?;
        let (least, most) = range(&self.runs, Figure::Cpu)?;
        let spread = (self.runs.len() > 1).then(|| format!(" ({least:.2}–{most:.2})"));
        Some(format!("{median:.2} µs{}", spread.unwrap_or_default()))
    }

    /// Of the worst round: packets and their share, and who saw nothing at all.
    fn lost(&self) -> Option<String> {
        let lost = summary(&self.runs, Figure::Lost)?;
        let percent = self.lost_share()? * 100.0;
        let blind = summary(&self.runs, Figure::Blind).filter(|blind| *blind > 0.0);
        let blind = blind.map(|blind| format!(", {blind:.0} saw nothing")).unwrap_or_default();
        let share = (lost > 0.0).then(|| format!(" ({percent:.2} %)"));
        Some(format!("{lost:.0}{}{blind}", share.unwrap_or_default()))
    }
}

/// Cores of the one that it has. Above that, packets wait for it.
const LOAD_IS_BUSY: f64 = 0.85;

/// A share at which nobody would call it watching any more.
const MUCH_LOST: f64 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, cpu: &[f64]) -> Row {
        let run = |cpu: &f64| {
            Run::from([(Figure::Cpu, *cpu), (Figure::Lost, 0.0), (Figure::Expected, 9.0)])
        };
        let runs = cpu.iter().map(run).collect();
        Row { name, title: name, version: String::new(), runs, failure: None }
    }

    fn block(rows: Vec<Row>) -> Block {
        Block { viewers: 50, bitrate: 2_500_000, rows }
    }

    #[test]
    fn servers_are_compared_by_their_medians() {
        let block = block(vec![row("roomcast", &[3.0, 2.0, 1.0]), row("other", &[9.0, 5.0, 5.0])]);
        let text = block.to_markdown();
        assert!(text.starts_with("**50 viewers, 2.5 Mbit/s**\n"), "{text}");
        assert!(text.contains("| roomcast | 2.00 µs (1.00–3.00) | 1.00 |"), "{text}");
        assert!(text.contains("| other | 5.00 µs (5.00–9.00) | 2.50 |"), "{text}");
        let columns = |line: &str| line.matches('|').count();
        assert!(text.lines().filter(|line| line.starts_with('|')).all(|line| columns(line) == 10));
    }

    #[test]
    fn who_could_not_be_had_has_a_row_and_a_reason() {
        let failure = Some("no such module".to_owned());
        let block = block(vec![row("roomcast", &[2.0]), Row { failure, ..row("other", &[]) }]);
        let text = block.to_markdown();
        assert!(text.contains("| other | – | – |"), "{text}");
        assert!(text.ends_with("|\n\n- other: no such module\n"), "{text}");
        assert_eq!(block.to_json()["servers"][1]["failure"], "no such module");
    }

    #[test]
    fn ours_is_compared_with_the_best_other_and_with_each_bare_loop() {
        let rows = vec![
            row("roomcast", &[3.0]),
            row("janus", &[12.0]),
            row("mediamtx", &[10.0]),
            row("floor-gso", &[2.0]),
        ];
        let text = block(rows).to_markdown();
        assert!(text.ends_with("Roomcast costs 0.30 of mediamtx, 1.50 of floor-gso.\n"), "{text}");
    }

    #[test]
    fn a_load_generator_without_processor_is_told() {
        let mut row = row("other", &[1.0]);
        row.runs[0].insert(Figure::Load, 0.97);
        assert!(block(vec![row]).to_markdown().contains("- other: the load generator took 0.97"));
    }

    #[test]
    fn a_loss_is_shown_with_its_share() {
        let mut row = row("other", &[1.0]);
        row.runs[0].extend([
            (Figure::Lost, 3.0),
            (Figure::Expected, 1_000.0),
            (Figure::Blind, 2.0),
        ]);
        assert_eq!(row.lost().unwrap(), "3 (0.30 %), 2 saw nothing");
        assert_eq!(row.notes().count(), 0);
        row.runs[0].insert(Figure::Lost, 300.0);
        assert!(row.notes().next().unwrap().starts_with("overloaded, 30 % lost"));
    }
}
