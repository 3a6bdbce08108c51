//! What can be asked of `bench-peers`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context as _, bail, ensure};

use super::catalogue::{LOAD, PEERS};

/// What is printed on `--help`, and where an argument is not understood.
pub(super) const USAGE: &str = "\
usage: cargo xtask bench-peers [OPTION VALUE]...
  --peers NAMES       which servers, by commas (all of them): roomcast, mediamtx, broadcast-box,
                      livekit, janus, floor-sendto, floor-gso, floor-picture
  --viewers NUMBERS   how many watch (10,50,100,200)
  --bitrates NUMBERS  of the picture, in Mbit/s (0.6,2.5)
  --rounds NUMBER     times that the servers take turns at each load (3)
  --duration SECONDS  that are measured in each run (10)
  --codec NAME        vp8 or h264 (h264: Broadcast Box takes no other)
  --program NAME=PATH take this program instead of building or downloading the server; `load` is the
                      load generator, a `roomcast`. May be given several times
  --json FILE         write everything, run by run, to this file
";

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Options {
    /// Names of the catalogue, in its order.
    pub(super) peers: Vec<&'static str>,
    pub(super) viewers: Vec<u32>,
    /// Bits a second.
    pub(super) bitrates: Vec<u32>,
    pub(super) rounds: u32,
    /// Seconds.
    pub(super) duration: f64,
    pub(super) codec: String,
    /// Programs that are there already, by name.
    pub(super) programs: BTreeMap<String, PathBuf>,
    pub(super) json: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            peers: PEERS.iter().map(|peer| peer.name).collect(),
            viewers: vec![10, 50, 100, 200],
            bitrates: vec![600_000, 2_500_000],
            rounds: 3,
            duration: 10.0,
            codec: "h264".to_owned(),
            programs: BTreeMap::new(),
            json: None,
        }
    }
}

impl Options {
    /// Reads the arguments behind `bench-peers`.
    pub(super) fn parse(arguments: &[String]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let value = rest.next().with_context(|| format!("{option} needs a value"))?;
            options.take(option, value).with_context(|| format!("{option} {value}"))?;
        }
        Ok(options)
    }

    fn take(&mut self, option: &str, value: &str) -> anyhow::Result<()> {
        match option {
            "--peers" => self.peers = peers(value)?,
            "--viewers" => self.viewers = numbers(value)?,
            "--bitrates" => self.bitrates = bitrates(value)?,
            "--rounds" => self.rounds = value.parse()?,
            "--duration" => self.duration = value.parse()?,
            "--codec" => self.codec = value.to_owned(),
            "--json" => self.json = Some(value.into()),
            "--program" => {
                let (name, path) = value.split_once('=').context("is not NAME=PATH")?;
                let is_known = name == LOAD || PEERS.iter().any(|peer| peer.name == name);
                ensure!(is_known, "there is no server {name}");
                self.programs.insert(name.to_owned(), path.into());
            }
            _ => bail!("there is no such option"),
        }
        ensure!(self.rounds > 0 && self.duration >= 1.0, "one round of one second at least");
        Ok(())
    }
}

/// Names by commas; the result is in the catalogue's order.
fn peers(value: &str) -> anyhow::Result<Vec<&'static str>> {
    let asked: Vec<&str> = value.split(',').collect();
    for name in &asked {
        ensure!(PEERS.iter().any(|peer| peer.name == *name), "there is no server {name}");
    }
    Ok(PEERS.iter().map(|peer| peer.name).filter(|name| asked.contains(name)).collect())
}

fn numbers<T: FromStr<Err: Into<anyhow::Error>>>(value: &str) -> anyhow::Result<Vec<T>> {
    value.split(',').map(|number| number.parse().map_err(Into::into)).collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small")]
fn bitrates(value: &str) -> anyhow::Result<Vec<u32>> {
    let megabits: Vec<f64> = numbers(value)?;
    ensure!(megabits.iter().all(|rate| (0.05..=100.0).contains(rate)), "not 0.05 to 100 Mbit/s");
    Ok(megabits.iter().map(|rate| (rate * 1e6).round() as u32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> anyhow::Result<Options> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn without_arguments_it_is_the_whole_table() {
        let options = parse("").unwrap();
        assert_eq!(options.peers.len(), PEERS.len());
        assert_eq!((options.viewers.len(), options.bitrates.len(), options.rounds), (4, 2, 3));
    }

    #[test]
    fn lists_are_by_commas_and_bit_rates_in_megabits() {
        let options = parse("--viewers 5,7 --bitrates 0.6 --peers floor-gso,roomcast").unwrap();
        assert_eq!((options.viewers, options.bitrates), (vec![5, 7], vec![600_000]));
        assert_eq!(options.peers, ["roomcast", "floor-gso"]);
    }

    #[test]
    fn programs_are_given_by_name() {
        let options = parse("--program mediamtx=/tmp/a --program load=b").unwrap();
        assert_eq!(options.programs["mediamtx"], PathBuf::from("/tmp/a"));
        assert_eq!(options.programs.len(), 2);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in [
            "--viewers",
            "--viewers ten",
            "--peers nginx",
            "--program x=y",
            "--program janus",
            "--bitrates 900",
            "--rounds 0",
            "--quick 1",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
