//! The chores from the command line.

use std::io::{self, Write as _};
use std::process::ExitCode;

use xtask::{Tree, tidy};

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let said = match std::env::args().nth(1).as_deref() {
        Some("tidy") => run_tidy(&mut out),
        _ => writeln!(out, "usage: cargo xtask tidy").map(|()| false),
    };
    if matches!(said, Ok(true)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
