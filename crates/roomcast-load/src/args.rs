//! What can be asked of the load generator.

use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Make load on a node: a host who is live, and viewers who watch
#[derive(Debug, Clone, Parser)]
pub struct Args {
    /// The node, over plain HTTP
    #[arg(default_value = "http://localhost:8443")]
    pub url: String,

    /// The room to open; by default a new one
    #[arg(long)]
    pub room: Option<String>,

    /// Viewers
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub viewers: u32,

    /// Hosts who are live in the room at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub publishers: u8,

    /// Video bit rate of a publisher, in bits per second
    #[arg(long, default_value_t = 2_500_000, value_parser = clap::value_parser!(u32).range(50_000..=100_000_000))]
    pub bitrate: u32,

    /// Pictures per second
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=240))]
    pub fps: u32,

    /// Publish each picture in three layers at once, as browsers do: two smaller ones besides that of
    /// the full bit rate
    #[arg(long)]
    pub simulcast: bool,

    /// Viewers do not tell when packets arrive (transport-wide feedback): the node cannot find out
    /// what their network carries
    #[arg(long)]
    pub no_feedback: bool,

    /// How a picture is cut into packets
    #[arg(long, value_enum, default_value_t = Split::Even)]
    pub split: Split,

    /// Seconds that are measured, after every viewer has a picture
    #[arg(long, default_value = "20", value_parser = seconds)]
    pub duration: Duration,

    /// Seconds that viewers have to get a picture, after the last one joined
    #[arg(long, default_value = "20", value_parser = seconds)]
    pub warm_up: Duration,

    /// Viewers who join in a second; a node limits what one address may do
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub join_rate: u32,

    /// Threads that receive media, besides the one that publishes
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: u16,

    /// The node's process on this machine: measure its processor time and memory
    #[arg(long)]
    pub pid: Option<u32>,

    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,

    /// Exit with 1 when a packet was lost or a viewer got no picture
    #[arg(long)]
    pub expect_no_loss: bool,
}

/// How a picture is cut into packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Split {
    /// As browsers do: about equal sizes, the later packets of a picture one byte longer
    Even,
    /// Full packets, and the rest in the last one
    Full,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if !(0.1..=MAX_SECONDS).contains(&seconds) {
        return Err(format!("not between 0.1 and {MAX_SECONDS}"));
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// A day: longer soaks are several runs, and packet numbers stay far from their end.
const MAX_SECONDS: f64 = 86_400.0;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn durations_are_seconds_within_bounds() {
        let args = Args::try_parse_from(["load", "--duration", "2.5"]).unwrap();
        assert_eq!(args.duration, Duration::from_millis(2_500));
        for bad in ["0", "-1", "NaN", "inf", "1e9", "ten"] {
            assert!(Args::try_parse_from(["load", &format!("--duration={bad}")]).is_err(), "{bad}");
        }
    }
}
