//! The load generator as a command: a progress line, a report, an exit code.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use crate::args::Args;
use crate::run::{Progress, run};

/// Runs the load and prints the report to the standard output. The exit code is 1 when
/// `--expect-no-loss` was not met.
///
/// Blocks; not to be called inside a tokio runtime.
///
/// # Errors
/// When the run could not be made, or the report not be printed.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("signaling")
        .enable_all()
        .build()?;
    let report = runtime.block_on(run(args, print_progress));
    clear_progress();
    let report = report?;
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    match report.shortfall() {
        Some(shortfall) if args.expect_no_loss => {
            writeln!(io::stderr(), "not met: {shortfall}")?;
            Ok(ExitCode::FAILURE)
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn print_progress(progress: Progress) {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        let Progress { phase, started, welcomed, connected, pictures, packets, left } = progress;
        let left = left.map(|left| format!(", {:.0} s left", left.as_secs_f64()));
        let packets = Some(packets).filter(|packets| *packets > 0);
        let packets = packets.map(|packets| format!(", {packets} packets"));
        // Progress is not worth failing for.
        let _ = write!(
            out,
            "\r\x1b[K{phase}{}: {started} viewers, {welcomed} let in, {connected} connected, {pictures} with a picture{}",
            left.unwrap_or_default(),
            packets.unwrap_or_default(),
        );
        let _ = out.flush();
    }
}

fn clear_progress() {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K");
    }
}
