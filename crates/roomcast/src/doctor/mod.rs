//! `roomcast doctor`: checks this machine and its network, and says what to mend.
//!
//! Each check is a gatherer, which looks at the machine, and a judgement, which turns the gathered
//! facts into a [`Finding`](finding::Finding) and nothing else. Nothing is changed, nothing stays
//! behind, and no host is asked that the operator has not named. `docs/DOCTOR.md` is its manual.

mod certificate;
mod clock;
mod data;
mod finding;
mod limits;
mod occupant;
mod port;
mod probe;
mod public;
mod reach;
mod relay;
mod report;
mod stand_in;
mod stun;
mod turn_client;
mod udp;
mod ways;

use std::io::{self, IsTerminal as _};
use std::time::SystemTime;

use crate::config::{self, Config, ConfigError};
use finding::{Finding, System};
use port::{Occupant, State};
use report::Report;

/// What was asked for.
#[derive(Debug, clap::Args)]
// Its name would be that of the settings, too.
#[group(skip)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: config::Args,

    /// Print the findings as JSON
    #[arg(long)]
    json: bool,

    /// Ask this STUN server under which address the world sees this machine. Without it, no other
    /// host is asked anything
    #[arg(long, value_name = "HOST:PORT")]
    stun: Option<String>,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DoctorError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Checks everything, prints what was found, and returns whether nothing is at fault.
///
/// # Errors
/// When the configuration is wrong or the output cannot be written.
pub(crate) fn run(args: Args) -> Result<bool, DoctorError> {
    let config = Config::load(args.settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let findings = runtime.block_on(examine(&config, args.stun.as_deref()));
    // A name that does not resolve must not hold the exit.
    runtime.shutdown_background();
    let report = Report::new(config.listen, &config.data, findings);
    let mut out = io::stdout().lock();
    if args.json {
        report.write_json(&mut out)?;
    } else {
        let colour = out.is_terminal() && !no_colour(std::env::var_os("NO_COLOR").as_deref());
        report.write_text(&mut out, colour)?;
    }
    Ok(report.is_sound())
}

/// Whether `NO_COLOR` asks for plain text: it does unless it is missing or empty (no-color.org).
fn no_colour(variable: Option<&std::ffi::OsStr>) -> bool {
    variable.is_some_and(|value| !value.is_empty())
}

async fn examine(config: &Config, stun: Option<&str>) -> Vec<Finding> {
    let system = System::THIS;
    let watch = clock::Watch::start();
    let ports = occupant::gather_ports(config.listen, &config.data).await;
    let node = ports.iter().any(|port| matches!(port.state, State::Taken(Occupant::Node { .. })));
    let mut findings: Vec<Finding> = ports.iter().map(|port| port::judge(port, system)).collect();
    findings.extend(ways::examine(config, &ports, stun).await);
    let data = data::gather(&config.data, node);
    let now = clock::unix_seconds(SystemTime::now());
    findings.extend([
        udp::judge_buffers(udp::gather_buffers(), system),
        udp::judge_offload(udp::gather_offload(), system),
        certificate::judge(&certificate::gather(config, now)),
        clock::judge(&watch.facts(), system),
        limits::judge(limits::gather(config.max_participants), system),
        data::judge_folder(&data),
        data::judge_space(&data),
    ]);
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_refused_by_any_word_but_not_by_none() {
        assert!(no_colour(Some("1".as_ref())));
        assert!(!no_colour(Some("".as_ref())));
        assert!(!no_colour(None));
    }
}
