//! Pure crates read no clock, draw no chance, hold no lock and open nothing; `unsafe` has one home.

use crate::arrows::PURE;
use crate::{Report, Tree, TreeError};

/// What a pure crate's code must not say, outside of its tests.
const IMPURE: [&str; 12] = [
    "Instant::now",
    "SystemTime::now",
    "thread::",
    "std::fs",
    "std::env",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "Mutex",
    "RwLock",
    "fastrand::",
    "println!",
];

/// The one crate that may hold `unsafe`, with a reason at each block.
const UNSAFE_HOME: &str = "crates/roomcast-net/";

pub(crate) fn check(tree: &Tree, report: &mut Report) -> Result<(), TreeError> {
    for file in tree.files(&[".rs"])? {
        let text = tree.read(&file)?;
        if !file.starts_with(UNSAFE_HOME) && relaxes_unsafe(&text) {
            report.faults.push(format!("{file}: only roomcast-net may hold unsafe code"));
        }
        if PURE.iter().any(|name| file.starts_with(&format!("crates/{name}/src/"))) {
            let said = impure(&text);
            report.faults.extend(said.map(|what| format!("{file}: a pure crate says `{what}`")));
        }
    }
    for file in tree.files(&["Cargo.toml"])? {
        let text = tree.read(&file)?;
        if text.contains("[package]") && !text.contains("[lints]\nworkspace = true") {
            report.faults.push(format!("{file}: the lints of the workspace must hold here"));
        }
    }
    Ok(())
}

fn relaxes_unsafe(text: &str) -> bool {
    // Written in two halves, or this file would find itself.
    let lint = concat!("unsafe", "_code");
    ["allow", "expect"].iter().any(|level| text.contains(&format!("{level}({lint}")))
}

fn impure(text: &str) -> impl Iterator<Item = &'static str> {
    let code: Vec<&str> = text
        .split("#[cfg(test)]")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    IMPURE.into_iter().filter(move |what| code.iter().any(|line| line.contains(what)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_found_in_code_but_not_in_tests_or_comments() {
        assert_eq!(impure("let now = Instant::now();").collect::<Vec<_>>(), ["Instant::now"]);
        assert_eq!(impure("/// like Instant::now\n#[cfg(test)]\nInstant::now()").count(), 0);
    }

    #[test]
    fn a_relaxed_lint_is_found() {
        assert!(relaxes_unsafe(concat!("#![allow(unsafe", "_code)]")));
        assert!(!relaxes_unsafe("#![forbid(missing_docs)]"));
    }
}
