//! The command line: what was asked for, what is said on the terminal, and the exit code.

mod announce;
mod token;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Args, Config, ConfigError, sample};
use crate::doctor::{self, DoctorError};
use crate::node::{Node, StartError};

/// A live room in one binary: start it, open the page, press Go live, share the link
#[derive(Debug, Parser)]
#[command(
    name = "roomcast",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = EXAMPLES
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    args: Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the node (what happens without a command, too)
    #[command(max_term_width = 100, after_help = EXAMPLES)]
    Serve(Args),
    /// Print the effective configuration as a commented TOML file
    #[command(max_term_width = 100)]
    Config(Args),
    /// Check this machine and its network, and say what to mend
    #[command(max_term_width = 100, after_help = CHECKED)]
    Doctor(doctor::Args),
    /// Make a token for an application's users, or an API key for a program
    #[command(max_term_width = 100, after_help = TOKENS)]
    Token(token::Args),
    /// Put load on a node: a synthetic host and many viewers, and what they saw
    #[command(max_term_width = 100)]
    Load(roomcast_load::Args),
}

const EXAMPLES: &str = "\
Every setting is also an environment variable (ROOMCAST_MAX_ROOMS) and a key of the TOML file
(max-rooms). A flag wins over the variable, and that over the file. ROOMCAST_LOG says how much
is logged: error, warn, info, debug.

Examples:
  roomcast                                       a room on this machine and its network
  roomcast --listen 0.0.0.0:443 --public-address live.example.org \\
           --tls-cert fullchain.pem --tls-key privkey.pem
                                                 a server on the internet
  roomcast config > roomcast.toml                a file to begin with
  roomcast --config roomcast.toml                start with it";

const CHECKED: &str = "\
Give it the settings that the node has. It changes nothing, and asks no host that you do not name.
Its exit code is 0 when nothing is at fault, and 1 otherwise.";

const TOKENS: &str = "\
Examples:
  roomcast token --room maths --name Ann --role host --expires 2h
                                                 signed with the newest key of the data folder
  roomcast token --room maths --identity obs-1 --grant publish --key rck_...
                                                 on any machine
  roomcast token --new-key school-website        a key for a program that makes tokens by itself";

/// Runs the program as the command line says, and returns its exit code: 0 when all went well, 1
/// when the node could not start or run, 2 when the command line is wrong.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => serve(cli.args),
        Some(Command::Serve(args)) => serve(args),
        Some(Command::Config(args)) => print_config(args),
        Some(Command::Doctor(args)) => check(args),
        Some(Command::Token(args)) => make_token(args),
        Some(Command::Load(args)) => load(&args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "roomcast: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Why the program ended with an error.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Doctor(#[from] DoctorError),
    #[error(transparent)]
    Token(#[from] token::TokenError),
    #[error("{0}")]
    Load(String),
}

fn print_config(args: Args) -> Result<ExitCode, Failure> {
    let config = Config::load(args)?;
    std::io::stdout().write_all(sample(&config).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn check(args: doctor::Args) -> Result<ExitCode, Failure> {
    let sound = doctor::run(args)?;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn make_token(args: token::Args) -> Result<ExitCode, Failure> {
    token::run(args)?;
    Ok(ExitCode::SUCCESS)
}

fn load(args: &roomcast_load::Args) -> Result<ExitCode, Failure> {
    log_to_stderr();
    raise_file_limit();
    roomcast_load::execute(args).map_err(|error| Failure::Load(format!("{error:#}")))
}

/// What a thread of connections and rooms begins with: it steps back behind the media threads, which have
/// the priority of this one. Where a core has too much to do, a crowd that comes in waits a moment longer,
/// and those who watch already notice nothing.
#[cfg(target_os = "linux")]
fn behind_media() -> impl Fn() {
    use rustix::process::{getpriority_process, setpriority_process};
    let lower = getpriority_process(None).map(|priority| priority.saturating_add(STEPS_BACK));
    move || {
        if let Err(error) = lower.and_then(|lower| setpriority_process(None, lower)) {
            tracing::debug!(%error, "the priority of a thread stays as it is");
        }
    }
}

/// Elsewhere a thread has no priority of its own, or needs a right for it.
#[cfg(not(target_os = "linux"))]
fn behind_media() -> impl Fn() {
    || {}
}

/// Of the twenty that a system knows: about a tenth of the processor time, while media wants all of it.
#[cfg(target_os = "linux")]
const STEPS_BACK: i32 = 10;

/// Each connection is an open file, and many systems start programs with 1,024 of them.
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

fn serve(args: Args) -> Result<ExitCode, Failure> {
    let config = Config::load(args)?;
    log_to_stderr();
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(behind_media())
        .build()?;
    let served = runtime.block_on(async {
        // Before the start, so that a signal during it is not lost.
        let stop = stop_signal()?;
        let node = Node::start(config).await?;
        // Whoever started it may have closed the other end: no reason not to serve.
        if let Err(error) = announce::announce(&node) {
            tracing::warn!(%error, "the addresses cannot be printed");
        }
        stop.await;
        node.shutdown().await;
        Ok(ExitCode::SUCCESS)
    });
    // Blocking work that hangs (a name that does not resolve) must not hold the exit.
    runtime.shutdown_background();
    served
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("ROOMCAST_LOG")
        .unwrap_or_else(|_unset| EnvFilter::new("roomcast=info,warn"));
    tracing_subscriber::fmt().compact().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Completes at ctrl-c, and on unix at SIGTERM.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes at ctrl-c.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_taken_with_serve_and_without() {
        let plain = Cli::try_parse_from(["roomcast", "--max-rooms", "3"]).unwrap();
        assert_eq!(plain.args.max_rooms, Some(3));
        let named = Cli::try_parse_from(["roomcast", "serve", "--max-rooms", "3"]).unwrap();
        assert!(matches!(named.command, Some(Command::Serve(args)) if args.max_rooms == Some(3)));
    }

    #[test]
    fn public_addresses_may_be_repeated() {
        let arguments = ["roomcast", "--public-address", "a", "--public-address", "b,c"];
        let cli = Cli::try_parse_from(arguments).unwrap();
        assert_eq!(cli.args.public_address, ["a", "b", "c"]);
    }
}
