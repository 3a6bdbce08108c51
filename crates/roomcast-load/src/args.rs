//! What can be asked of the load generator.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use str0m::format::Codec as Format;

/// Make load: one who publishes and many who watch, in a room of a node or through any server that
/// speaks WHIP and WHEP
#[derive(Debug, Clone, Parser)]
pub struct Args {
    /// The node whose room is to be filled, over plain HTTP
    #[arg(default_value = "http://localhost:8443", value_name = "NODE")]
    pub url: String,

    /// The room to open; by default a new one
    #[arg(long)]
    pub room: Option<String>,

    /// Publish by WHIP at this address, instead of in a room; {n} stands for the publisher's number
    #[arg(long, value_name = "URL", requires = "whep", conflicts_with_all = ["url", "room"], help_heading = WEB)]
    pub whip: Option<String>,

    /// Watch by WHEP at this address, likewise
    #[arg(long, value_name = "URL", requires = "whip", help_heading = WEB)]
    pub whep: Option<String>,

    /// The bearer token of WHIP, and of WHEP unless that has its own, likewise
    #[arg(long, value_name = "BEARER", requires = "whip", help_heading = WEB)]
    pub token: Option<String>,

    /// The bearer token of WHEP; an empty one sends none
    #[arg(long, value_name = "BEARER", requires = "whep", help_heading = WEB)]
    pub whep_token: Option<String>,

    /// Take any certificate of an https server
    #[arg(long, requires = "whip", help_heading = WEB)]
    pub insecure: bool,

    /// Viewers
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub viewers: u32,

    /// Hosts who are live in the room at once; with 0 viewers alone come to the --room that is there.
    /// By WHIP: how many publish, each for its share of the viewers
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=16))]
    pub publishers: u8,

    /// How far viewers of a room go: a WebSocket that joins and stays (welcome), an offer that is left
    /// unanswered, a session whose media is not looked at (connected), or everything
    #[arg(long, value_enum, default_value_t = Goal::Picture, value_name = "STEP", conflicts_with = "whip")]
    pub until: Goal,

    /// How the picture is encoded: some servers take one of them alone
    #[arg(long, value_enum, default_value_t = Codec::Vp8)]
    pub codec: Codec,

    /// Send the pictures of this file, over and over, instead of synthetic ones: VP8 in IVF, or H.264 as a
    /// byte stream
    #[arg(long, value_name = "CLIP", conflicts_with_all = ["codec", "bitrate", "simulcast"])]
    pub file: Option<PathBuf>,

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

    /// Datagrams that viewers lose on their way to them, in percent
    #[arg(long, value_name = "PERCENT", default_value = "0", value_parser = percent)]
    pub loss: f64,

    /// Which ones: the same seed loses the same ones
    #[arg(long, default_value_t = 1, requires = "loss")]
    pub seed: u64,

    /// Seconds that are measured, after every viewer has a picture
    #[arg(long, default_value = "20", value_parser = seconds)]
    pub duration: Duration,

    /// Seconds that viewers have to get a picture, after the last one joined
    #[arg(long, default_value = "20", value_parser = seconds)]
    pub warm_up: Duration,

    /// Viewers who join in a second; servers limit what one address may do
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub join_rate: u32,

    /// Threads that receive media, besides the one that publishes
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: u16,

    /// The server's process on this machine: measure its processor time and memory, with those of its
    /// children
    #[arg(long)]
    pub pid: Option<u32>,

    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,

    /// Exit with 1 when a packet was lost or a viewer got no picture
    #[arg(long)]
    pub expect_no_loss: bool,
}

impl Args {
    /// What fits no run, although each word of it is right.
    ///
    /// # Errors
    /// One sentence that says what to change.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match self.publishers {
            0 if self.whip.is_some() => Err("somebody has to publish by --whip"),
            0 if self.room.is_none() => Err("--publishers 0 needs a --room that is open already"),
            0 if self.until == Goal::Picture => {
                Err("--publishers 0 publishes nothing to look at: add --until connected, or less")
            }
            2.. if self.whip.is_some() && !self.is_numbered() => Err(
                "several --publishers need a {n} in --whip and in --whep, or in the tokens of both",
            ),
            2.. if self.whip.is_none() && self.file.is_some() => {
                Err("the same --file of several hosts in one room could not be told apart")
            }
            _ => Ok(()),
        }
    }

    /// Whether each publisher by WHIP has a resource of its own.
    fn is_numbered(&self) -> bool {
        let numbered = |text: &Option<String>| text.as_ref().is_some_and(|t| t.contains(NUMBER));
        let whep_token = self.whep_token.as_ref().or(self.token.as_ref()).cloned();
        [(&self.whip, &self.token), (&self.whep, &whep_token)]
            .into_iter()
            .all(|(url, token)| numbered(url) || numbered(token))
    }
}

/// What stands for a publisher's number, from 1 on.
pub(crate) const NUMBER: &str = "{n}";

const WEB: &str = "Any server that speaks WHIP and WHEP";

/// How a picture is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Codec {
    /// VP8
    Vp8,
    /// H.264, constrained baseline
    H264,
}

impl Codec {
    pub(crate) fn format(self) -> Format {
        match self {
            Self::Vp8 => Format::Vp8,
            Self::H264 => Format::H264,
        }
    }
}

/// How far a viewer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Goal {
    /// Into the room
    Welcome,
    /// To the node's offer of media
    Offer,
    /// Through ICE and DTLS
    Connected,
    /// To a whole picture of every publisher, and to all that follows
    Picture,
}

/// How a picture is cut into packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Split {
    /// As browsers do: about equal sizes, the later packets of a picture one byte longer
    Even,
    /// Full packets, and the rest in the last one
    Full,
}

fn percent(text: &str) -> Result<f64, String> {
    let percent: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&percent) { Ok(percent) } else { Err("not between 0 and 100".into()) }
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
    fn a_server_is_named_by_both_addresses_or_is_a_node() {
        let parse = |arguments: &[&str]| Args::try_parse_from([&["load"], arguments].concat());
        let (whip, whep) = (["--whip", "http://a/whip"], ["--whep", "http://a/whep"]);
        let both = parse(&[whip, whep].concat()).unwrap();
        assert_eq!((both.whip.as_deref(), both.whep.as_deref()), (Some(whip[1]), Some(whep[1])));
        assert!(parse(&whip).is_err() && parse(&whep).is_err());
        assert!(parse(&[&whip[..], &whep, &["http://node"]].concat()).is_err());
        assert!(parse(&["--token", "x"]).is_err());
    }

    #[test]
    fn without_publishers_there_must_be_a_room_and_no_picture_is_waited_for() {
        let check = |arguments: &[&str]| {
            Args::try_parse_from([&["load"], arguments].concat()).unwrap().check()
        };
        let alone = ["--publishers", "0"];
        assert!(check(&alone).unwrap_err().contains("--room"));
        assert!(check(&[&alone[..], &["--room", "r"]].concat()).unwrap_err().contains("--until"));
        assert_eq!(check(&[&alone[..], &["--room", "r", "--until", "offer"]].concat()), Ok(()));
        assert_eq!(check(&[]), Ok(()));
    }

    #[test]
    fn several_publishers_by_whip_have_a_resource_each() {
        let check = |whip: &str, whep: &str, more: &[&str]| {
            let usual = ["load", "--publishers", "2", "--whip", whip, "--whep", whep];
            Args::try_parse_from([&usual, more].concat()).unwrap().check().is_ok()
        };
        assert!(check("http://a/{n}/whip", "http://a/{n}/whep", &[]));
        assert!(!check("http://a/{n}/whip", "http://a/1/whep", &[]));
        assert!(check("http://a/whip", "http://a/whep", &["--token", "key-{n}"]));
        assert!(!check("http://a/whip", "http://a/whep", &["--token", "{n}", "--whep-token", ""]));
        assert!(check("http://a/{n}/whip", "http://a/{n}/whep", &["--file", "clip.ivf"]));
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
