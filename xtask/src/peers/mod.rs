//! `bench-peers`: the same load against this server, others, and a bare loop, in turns, on one core.
//!
//! It gets each server from where its users would get it, starts it alone on the first core, and lets
//! `roomcast load` on the second tell what came of it. It measures nothing itself.

mod catalogue;
mod figures;
mod load;
mod obtain;
mod options;
mod process;
mod server;
mod table;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{fs, thread};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use catalogue::{LOAD, LOAD_SOURCE, Peer, Source};
use figures::Run;
use load::Load;
use obtain::{Folders, obtain};
use options::{Options, USAGE};
use server::Server;
use table::{Block, Row};

/// Runs the command with the arguments behind its name; the tables go to `out`, what it does to the
/// standard error.
///
/// # Errors
/// When the arguments are not understood, or there is no load generator. A server that cannot be had
/// or fails is told of in the table, and the others are measured all the same.
pub fn bench_peers(root: &Path, arguments: &[String], out: &mut impl Write) -> anyhow::Result<()> {
    if arguments.iter().any(|argument| argument == "--help") {
        return Ok(out.write_all(USAGE.as_bytes())?);
    }
    let options = Options::parse(arguments).context(USAGE)?;
    let cores = thread::available_parallelism()?.get();
    ensure!(cores >= 2, "the server takes a core and the load another: one is not enough");
    let bench = Bench::prepare(options, Folders::of(root)?)?;
    let before = circumstances();
    writeln!(out, "{before}\n")?;
    let mut blocks = Vec::new();
    for (bitrate, viewers) in bench.loads() {
        let block = bench.measure(viewers, bitrate);
        writeln!(out, "{}", block.to_markdown())?;
        out.flush()?;
        blocks.push(block);
        bench.write_json(&before, &blocks)?;
    }
    Ok(())
}

/// Everything that is needed for the runs.
struct Bench {
    options: Options,
    folders: Folders,
    generator: PathBuf,
    /// The program of each server with its version, or why there is none.
    programs: BTreeMap<&'static str, Result<(PathBuf, String), String>>,
}

impl Bench {
    fn prepare(options: Options, folders: Folders) -> anyhow::Result<Self> {
        let get = |name: &str, source: &Source| match options.programs.get(name) {
            Some(given) => Ok((fs::canonicalize(given)?, "(given)".to_owned())),
            None => obtain(source, &folders),
        };
        let (generator, _) = get(LOAD, &LOAD_SOURCE).context("the load generator")?;
        let mut programs = BTreeMap::new();
        for peer in options.peers.iter().filter_map(|name| Peer::named(name)) {
            let program = get(peer.name, &peer.source).map_err(|error| format!("{error:#}"));
            if let Err(reason) = &program {
                say(&format!("{} is left out: {reason}", peer.title));
            }
            programs.insert(peer.name, program);
        }
        Ok(Self { options, folders, generator, programs })
    }

    /// Every load, the smallest bit rate first.
    fn loads(&self) -> impl Iterator<Item = (u32, u32)> {
        let Options { bitrates, viewers, .. } = &self.options;
        bitrates.iter().flat_map(|rate| viewers.iter().map(|viewers| (*rate, *viewers)))
    }

    /// Lets the servers take turns at one load.
    fn measure(&self, viewers: u32, bitrate: u32) -> Block {
        let Options { duration, rounds, ref codec, .. } = self.options;
        let load = Load { viewers, bitrate, duration, codec };
        let peers = self.options.peers.iter().filter_map(|name| Peer::named(name));
        let mut rows: Vec<Row> = peers.map(|peer| self.row(&peer)).collect();
        for round in 1..=rounds {
            for row in &mut rows {
                let Some(Ok((program, _))) = self.programs.get(row.name) else { continue };
                let rate = f64::from(bitrate) / 1e6;
                say(&format!("{viewers} viewers, {rate} Mbit/s, round {round}: {}", row.title));
                match self.run(row.name, program, &load) {
                    Ok(run) => row.runs.push(run),
                    Err(error) => {
                        say(&format!("{} failed: {error:#}", row.title));
                        row.failure = Some(format!("in round {round}: {error:#}"));
                    }
                }
            }
        }
        Block { viewers, bitrate, rows }
    }

    fn row(&self, peer: &Peer) -> Row {
        let program = self.programs.get(peer.name);
        let version = program.and_then(|program| program.as_ref().ok());
        let version = version.map(|(_, version)| version.clone()).unwrap_or_default();
        let failure = program.and_then(|program| program.clone().err());
        Row { name: peer.name, title: peer.title, version, runs: Vec::new(), failure }
    }

    fn run(&self, name: &str, program: &Path, load: &Load<'_>) -> anyhow::Result<Run> {
        if let Some(way) = Peer::named(name).and_then(|peer| peer.floor()) {
            return load::floor(way, load, program);
        }
        let folder = self.folders.peers.join("run").join(name);
        let server = Server::start(name, program, &folder)?;
        load::against(&server, load, &self.generator)
    }

    fn write_json(&self, before: &str, blocks: &[Block]) -> anyhow::Result<()> {
        let Some(path) = &self.options.json else { return Ok(()) };
        let blocks: Vec<Value> = blocks.iter().map(Block::to_json).collect();
        let Options { duration, rounds, ref codec, .. } = self.options;
        let all = json!({
            "machine": before, "seconds": duration, "rounds": rounds, "codec": codec,
            "loads": blocks,
        });
        Ok(fs::write(path, serde_json::to_vec_pretty(&all)?)?)
    }
}

/// The machine, and how busy it is: without that no figure can be judged.
fn circumstances() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo");
    let model = model.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|rest| rest.trim_matches([' ', '\t', ':'])).unwrap_or("unknown");
    let busy = read("/proc/loadavg");
    let busy = busy.split(' ').next().unwrap_or_default();
    let (cores, kernel) = (thread::available_parallelism(), read("/proc/sys/kernel/osrelease"));
    let cores = cores.map_or(0, std::num::NonZero::get);
    format!(
        "{cores} cores of {model}, Linux {}, load average {busy} at the beginning",
        kernel.trim()
    )
}

/// A line of progress.
fn say(text: &str) {
    // Whoever does not want to read it loses nothing.
    let _ = writeln!(io::stderr(), "bench-peers: {text}");
}
