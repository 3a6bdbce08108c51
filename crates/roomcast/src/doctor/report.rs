//! The findings as text for a person, or as JSON for a program.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use serde::Serialize;

use super::finding::{Finding, Status};

/// All that was found about one configuration.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    version: &'static str,
    listen: SocketAddr,
    data: &'a Path,
    faults: usize,
    warnings: usize,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(super) fn new(listen: SocketAddr, data: &'a Path, findings: Vec<Finding>) -> Self {
        let count = |status| findings.iter().filter(|finding| finding.status == status).count();
        let (faults, warnings) = (count(Status::Fault), count(Status::Warning));
        Self { version: env!("CARGO_PKG_VERSION"), listen, data, faults, warnings, findings }
    }

    /// Whether nothing is at fault. Warnings do not count.
    pub(super) fn is_sound(&self) -> bool {
        self.faults == 0
    }

    /// One JSON object, described in `docs/DOCTOR.md`.
    pub(super) fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// Aligned text, in colour if asked for.
    pub(super) fn write_text(&self, out: &mut impl Write, colour: bool) -> io::Result<()> {
        writeln!(
            out,
            "Roomcast {} on {}, data in {}\n",
            self.version,
            self.listen,
            self.data.display()
        )?;
        for finding in &self.findings {
            let (status, id) = (painted(finding.status, colour), finding.check.id());
            write!(out, "  {status}  {id:ID_WIDTH$}  ")?;
            write_wrapped(out, &finding.meaning)?;
            if let Some(next) = &finding.next {
                write!(out, "{:INDENT$}→ ", "")?;
                write_wrapped(out, next)?;
            }
        }
        writeln!(out, "\n{}", self.summary())
    }

    fn summary(&self) -> String {
        match (self.faults, self.warnings) {
            (0, 0) => "Nothing is at fault.".into(),
            (0, warnings) => format!("Nothing is at fault; {}.", counted(warnings, "warning")),
            (faults, 0) => format!("{}.", counted(faults, "fault")),
            (faults, warnings) => {
                format!("{} and {}.", counted(faults, "fault"), counted(warnings, "warning"))
            }
        }
    }
}

/// Columns of the longest id.
const ID_WIDTH: usize = 17;
/// Columns of the longest word of a status.
const STATUS_WIDTH: usize = 7;
/// Columns before a meaning.
const INDENT: usize = 2 + STATUS_WIDTH + 2 + ID_WIDTH + 2;
/// Columns of a line, as in `--help`.
const WIDTH: usize = 100;

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn painted(status: Status, colour: bool) -> String {
    let word = format!("{:STATUS_WIDTH$}", status.word());
    let code = match status {
        Status::Ok => "32",
        Status::Warning => "33",
        Status::Fault => "1;31",
        Status::Skipped => "2",
    };
    if colour { format!("\x1b[{code}m{word}\x1b[0m") } else { word }
}

/// A sentence over as many lines as it needs. Words are not cut: a command can still be copied.
fn write_wrapped(out: &mut impl Write, sentence: &str) -> io::Result<()> {
    let mut column = INDENT;
    for (index, word) in sentence.split(' ').enumerate() {
        let width = word.chars().count();
        if index > 0 && column + 1 + width > WIDTH {
            write!(out, "\n{:INDENT$}", "")?;
            column = INDENT;
        } else if index > 0 {
            write!(out, " ")?;
            column += 1;
        }
        write!(out, "{word}")?;
        column += width;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Check;
    use super::*;

    fn report() -> Report<'static> {
        let findings = vec![
            Finding::ok(Check::TcpPort, "It is free."),
            Finding::warning(Check::UdpBuffers, "word ".repeat(40).trim(), "Raise them."),
            Finding::fault(Check::OwnAddressesUdp, "Silent.", "Open it."),
        ];
        Report::new("[::]:8443".parse().unwrap(), Path::new("/data"), findings)
    }

    fn text(colour: bool) -> String {
        let mut out = Vec::new();
        report().write_text(&mut out, colour).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_text_is_aligned_and_no_line_is_too_long() {
        let text = text(false);
        assert!(!text.contains('\x1b'));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let column = |part: &str| text.lines().find_map(|line| line.find(part));
        assert_eq!(column("It is free."), Some(INDENT));
        assert_eq!(column("Silent."), Some(INDENT));
        assert_eq!(column("→ Raise them."), Some(INDENT));
        assert!(text.ends_with("\n1 fault and 1 warning.\n"), "{text}");
    }

    #[test]
    fn colour_changes_the_word_of_the_status_alone() {
        let coloured = text(true);
        assert!(coloured.contains("\x1b[1;31mfault  \x1b[0m  own-addresses-udp  Silent."));
        let plain: String = coloured
            .split('\x1b')
            .map(|part| {
                part.split_once('m')
                    .filter(|(code, _)| code.starts_with('['))
                    .map_or(part, |(_, rest)| rest)
            })
            .collect();
        assert_eq!(plain, text(false));
    }

    #[test]
    fn only_faults_make_it_unsound() {
        assert!(!report().is_sound());
        let warned = vec![Finding::warning(Check::Clock, "a", "b")];
        assert!(Report::new("[::]:1".parse().unwrap(), Path::new("d"), warned).is_sound());
    }

    #[test]
    fn ids_are_the_same_in_text_and_json() {
        for finding in report().findings {
            let id = serde_json::to_value(finding.check).unwrap();
            assert_eq!(id, finding.check.id());
        }
    }
}
