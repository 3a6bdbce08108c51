//! The chores from the command line.

use std::io::{self, Write as _};
use std::process::ExitCode;

use xtask::{Tree, bench_peers, tidy};

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let said = match arguments.split_first() {
        Some((chore, _)) if chore == "tidy" => run_tidy(&mut out),
        Some((chore, rest)) if chore == "bench-peers" => run_bench_peers(rest, &mut out),
        _ => writeln!(out, "usage: cargo xtask tidy | bench-peers [--help]").map(|()| false),
    };
    if matches!(said, Ok(true)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_bench_peers(arguments: &[String], out: &mut impl io::Write) -> io::Result<bool> {
    match bench_peers(Tree::of_this_repository().root(), arguments, out) {
        Ok(()) => Ok(true),
        Err(error) => writeln!(out, "{error:#}").map(|()| false),
    }
}

fn run_tidy(out: &mut impl io::Write) -> io::Result<bool> {
    let report = match tidy(&Tree::of_this_repository()) {
        Ok(report) => report,
        Err(error) => {
            writeln!(out, "{error}")?;
            return Ok(false);
        }
    };
    for warning in &report.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    for fault in &report.faults {
        writeln!(out, "fault: {fault}")?;
    }
    writeln!(out, "{} faults, {} warnings", report.faults.len(), report.warnings.len())?;
    Ok(report.faults.is_empty())
}
