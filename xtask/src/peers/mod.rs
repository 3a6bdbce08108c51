//! `bench-peers`: the same load against this server, others, and a bare loop, in turns, on one core.
//!
//! It gets each server from where its users would get it, starts it alone on the first core, and lets
//! `roomcast load` on the second tell what came of it. It measures nothing itself.

mod bridge;
mod catalogue;
mod figures;
mod load;
mod namespace;
mod obtain;
mod options;
mod process;
mod programs;
mod server;
mod table;

use std::io::{self, Write};
use std::path::Path;
use std::{fs, thread};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use catalogue::Peer;
use figures::Run;
use load::Load;
use obtain::Folders;
use options::{Options, USAGE};
use programs::Programs;
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
    let folders = Folders::of(root)?;
    if let Some(plan) = namespace::plan() {
        namespace::furnish()?;
        return Bench { options, folders, programs: Programs::read(&plan)? }.run(out);
    }
    let programs = Programs::obtain(&options, &folders)?;
    if namespace::is_possible() {
        let plan = folders.peers.join("plan.json");
        programs.write(&plan)?;
        return namespace::repeat(&plan);
    }
    say("no network of its own can be made here: the runs share that of the machine");
    Bench { options, folders, programs }.run(out)
}

/// Everything that is needed for the runs.
struct Bench {
    options: Options,
    folders: Folders,
    programs: Programs,
}

impl Bench {
    fn run(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let before = circumstances();
        writeln!(out, "{before}\n")?;
        let mut blocks = Vec::new();
        for (bitrate, viewers) in self.loads() {
            let block = self.measure(viewers, bitrate);
            writeln!(out, "{}", block.to_markdown())?;
            out.flush()?;
            blocks.push(block);
            self.write_json(&before, &blocks)?;
        }
        Ok(())
    }

    /// Every load, in the order that was asked for.
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
                let Ok(program) = self.programs.of(row.name) else { continue };
                let rate = f64::from(bitrate) / 1e6;
                say(&format!("{viewers} viewers, {rate} Mbit/s, round {round}: {}", row.title));
                match self.once(row.name, &program.path, &load) {
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
        let (version, failure) = match self.programs.of(peer.name) {
            Ok(program) => (program.version.clone(), None),
            Err(reason) => (String::new(), Some(reason.to_owned())),
        };
        Row { name: peer.name, title: peer.title, version, runs: Vec::new(), failure }
    }

    fn once(&self, name: &str, program: &Path, load: &Load<'_>) -> anyhow::Result<Run> {
        if let Some(way) = Peer::named(name).and_then(|peer| peer.floor()) {
            return load::floor(way, load, program);
        }
        let folder = self.folders.peers.join("run").join(name);
        let server = Server::start(name, program, &folder)?;
        load::against(&server, load, &self.programs.generator)
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
