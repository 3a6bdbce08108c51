//! Gets a program: builds it here, from the Go module proxy, or takes it from Debian.
//!
//! Everything that is fetched lies below `target/peers`; to remove that folder undoes it. Only a
//! Debian package goes where its packages go.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::catalogue::{Module, Source};
use super::say;

/// Where things lie.
#[derive(Debug, Clone)]
pub(super) struct Folders {
    /// The repository.
    pub(super) root: PathBuf,
    /// Cargo's target folder.
    pub(super) target: PathBuf,
    /// What is fetched, built and written for this command.
    pub(super) peers: PathBuf,
}

impl Folders {
    pub(super) fn of(root: &Path) -> anyhow::Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.unwrap_or_else(|| root.join("target"));
        let peers = target.join("peers");
        fs::create_dir_all(peers.join("bin")).context("the target folder")?;
        Ok(Self { root: root.to_owned(), target, peers })
    }
}

/// The program of a source, made if need be, and its version as the table names it.
pub(super) fn obtain(source: &Source, folders: &Folders) -> anyhow::Result<(PathBuf, String)> {
    match source {
        Source::Here { arguments, program } => build(arguments, program, folders),
        Source::Go(module) => Ok((install(module, folders)?, module.version.to_owned())),
        Source::Debian { package, program } => from_debian(package, Path::new(program)),
    }
}

fn build(
    arguments: &[&str],
    program: &str,
    folders: &Folders,
) -> anyhow::Result<(PathBuf, String)> {
    say(&format!("building {program}"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--quiet"]).args(arguments).current_dir(&folders.root);
    let status = command.env("CARGO_TARGET_DIR", &folders.target).status()?;
    ensure!(status.success(), "cargo build failed");
    Ok((folders.target.join(program), String::new()))
}

/// Builds a Go module, unless that version was built before.
fn install(module: &Module, folders: &Folders) -> anyhow::Result<PathBuf> {
    let last = module.path.rsplit('/').next().unwrap_or(module.path);
    let program = folders.peers.join("bin").join(format!("{last}-{}", module.version));
    if program.exists() {
        return Ok(program);
    }
    say(&format!("downloading {}@{}", module.path, module.version));
    let wanted = format!("{}@{}", module.path, module.version);
    let mut download = go(folders);
    let output = download.args(["mod", "download", "-json", &wanted]).output().context(NO_GO)?;
    let source = folders.peers.join("source").join(last);
    copy(&downloaded(&output)?, &source)?;
    for (file, contents) in module.generated {
        fs::write(source.join(file), contents).context("a generated file")?;
    }
    say(&format!("building {wanted}, which takes minutes"));
    let mut build = go(folders);
    build.arg("build").arg("-o").arg(&program).arg(module.package).current_dir(source);
    check(&build.output()?)?;
    Ok(program)
}

/// Go, with all that it keeps below our folder, and behind everyone else who wants the processor.
fn go(folders: &Folders) -> Command {
    let mut command = Command::new("nice");
    command.args(["-n", "19", "go"]).current_dir(&folders.peers);
    // By default Go makes what it downloads unwritable: nobody could remove the folder.
    command.env("GOFLAGS", "-modcacherw").env("GOPATH", folders.peers.join("go"));
    command.env("GOCACHE", folders.peers.join("go-build"));
    command
}

/// Where the module's source was put, by what `go mod download -json` says.
fn downloaded(output: &Output) -> anyhow::Result<PathBuf> {
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if let Some(error) = said["Error"].as_str() {
        bail!("the Go module proxy: {}", one_line(error));
    }
    check(output)?;
    Ok(said["Dir"].as_str().context("go names no folder")?.into())
}

/// Go must not be given generated files where it keeps its downloads: so it builds a copy. By that
/// copy and not by `go install`, since modules that replace others (`go.mod`) cannot be installed.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    check(&Command::new("cp").arg("-R").arg(from).arg(to).output()?)
}

fn from_debian(package: &str, program: &Path) -> anyhow::Result<(PathBuf, String)> {
    if !program.exists() {
        say(&format!("installing {package} by apt-get"));
        let mut install = Command::new("apt-get");
        install.args(["install", "--yes", "--no-install-recommends", package]);
        install.env("DEBIAN_FRONTEND", "noninteractive");
        let output = install.output().context("there is no apt-get")?;
        check(&output).with_context(|| format!("try apt-get install {package}"))?;
    }
    let mut query = Command::new("dpkg-query");
    let query = query.args(["--show", "--showformat", "${Version}", package]).output();
    let version = query.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    Ok((program.to_owned(), version.unwrap_or_default()))
}

/// An error with what the program said last, unless it succeeded.
fn check(output: &Output) -> anyhow::Result<()> {
    if output.status.success() {
        return Ok(());
    }
    bail!("{}", one_line(&String::from_utf8_lossy(&output.stderr)))
}

/// The end of what a program said, short enough for a note below a table.
fn one_line(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let end = lines[lines.len().saturating_sub(2)..].join(" ");
    match end.char_indices().nth_back(MAX_NOTE - 1) {
        Some((begin, _)) => format!("…{}", &end[begin..]),
        None => end,
    }
}

/// Characters of a reason.
const MAX_NOTE: usize = 300;

const NO_GO: &str = "Go is needed, 1.26 or newer, to build this server";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_the_end_of_what_was_said_in_one_line() {
        assert_eq!(
            one_line("go: downloading\n\ngo: x: 403\n\tserver: no\n"),
            "go: x: 403 server: no"
        );
        assert_eq!(one_line(""), "");
        assert_eq!(one_line(&"é".repeat(1_000)).chars().count(), MAX_NOTE + 1);
    }
}
