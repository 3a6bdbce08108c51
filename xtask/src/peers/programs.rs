//! The program of each server, or why there is none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::catalogue::{LOAD, LOAD_SOURCE, Peer, Source};
use super::obtain::{Folders, obtain};
use super::options::Options;
use super::say;

/// What is to be run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Programs {
    /// The load generator.
    pub(super) generator: PathBuf,
    peers: BTreeMap<String, Result<Program, String>>,
}

/// A program and its version, as the table names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) version: String,
}

impl Programs {
    /// Gets all that were asked for.
    ///
    /// # Errors
    /// When there is no load generator. A server that cannot be had is remembered with its reason.
    pub(super) fn obtain(options: &Options, folders: &Folders) -> anyhow::Result<Self> {
        let get = |name: &str, source: &Source| {
            let (path, version) = match options.programs.get(name) {
                Some(given) => (fs::canonicalize(given)?, "(given)".to_owned()),
                None => obtain(source, folders)?,
            };
            Ok::<_, anyhow::Error>(Program { path, version })
        };
        let generator = get(LOAD, &LOAD_SOURCE).context("the load generator")?.path;
        let mut peers = BTreeMap::new();
        for peer in options.peers.iter().filter_map(|name| Peer::named(name)) {
            let program = get(peer.name, &peer.source).map_err(|error| format!("{error:#}"));
            if let Err(reason) = &program {
                say(&format!("{} is left out: {reason}", peer.title));
            }
            peers.insert(peer.name.to_owned(), program);
        }
        Ok(Self { generator, peers })
    }

    /// The program of a server.
    pub(super) fn of(&self, name: &str) -> Result<&Program, &str> {
        let program = self.peers.get(name).ok_or("was not asked for")?;
        program.as_ref().map_err(String::as_str)
    }

    /// Writes them for another process.
    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let peer = |(name, program): (&String, &Result<Program, String>)| {
            let value = match program {
                Ok(program) => json!({"path": program.path, "version": program.version}),
                Err(reason) => json!({ "reason": reason }),
            };
            (name.clone(), value)
        };
        let peers: BTreeMap<String, Value> = self.peers.iter().map(peer).collect();
        let all = json!({"generator": self.generator, "peers": peers});
        Ok(fs::write(file, all.to_string())?)
    }

    /// Reads what another process has written.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let all: Value = serde_json::from_slice(&fs::read(file)?)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let peer = |(name, value): (&String, &Value)| {
            let program = match (text(&value["path"]), text(&value["version"])) {
                (Some(path), Some(version)) => Ok(Program { path: path.into(), version }),
                _ => Err(text(&value["reason"]).unwrap_or_default()),
            };
            (name.clone(), program)
        };
        let peers = all["peers"].as_object().into_iter().flatten().map(peer).collect();
        let generator = text(&all["generator"]).context("no load generator")?.into();
        Ok(Self { generator, peers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_process_writes_the_other_reads() {
        let program = Program { path: "/tmp/a b".into(), version: "v1".to_owned() };
        let peers = BTreeMap::from([
            ("mediamtx".to_owned(), Ok(program.clone())),
            ("janus".to_owned(), Err("no apt-get".to_owned())),
        ]);
        let programs = Programs { generator: "/x/roomcast".into(), peers };
        let file = std::env::temp_dir().join(format!("roomcast-plan-{}", std::process::id()));
        programs.write(&file).unwrap();
        let read = Programs::read(&file);
        fs::remove_file(&file).unwrap();
        let read = read.unwrap();
        assert_eq!(read, programs);
        assert_eq!((read.of("mediamtx"), read.of("janus")), (Ok(&program), Err("no apt-get")));
    }
}
