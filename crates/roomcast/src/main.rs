//! The `roomcast` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    roomcast::cli::run()
}
