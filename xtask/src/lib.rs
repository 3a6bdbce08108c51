//! Chores of the repository. `tidy`: what can be kept true by a machine is kept true by one.
//! [`bench_peers`]: what this server costs beside others.
//!
//! Each check of `tidy` reads the repository and lists its faults, one line each. It looks at names,
//! arrows and sizes; it has no opinion about code, which is for the compiler, clippy and readers.

mod arrows;
mod links;
mod peers;
mod purity;
mod sizes;
mod tree;
mod words;

pub use peers::bench_peers;
pub use tree::{Tree, TreeError};

/// What does not hold, and what only deserves a look.
#[derive(Debug, Default)]
pub struct Report {
    /// Each breaks a rule; `tidy` fails.
    pub faults: Vec<String>,
    /// Each is allowed, for now.
    pub warnings: Vec<String>,
}

/// Runs every check.
///
/// # Errors
/// When the repository cannot be read: `cargo metadata` fails, or a file is not text.
pub fn tidy(tree: &Tree) -> Result<Report, TreeError> {
    let mut report = Report::default();
    arrows::check(&tree.packages()?, &mut report);
    purity::check(tree, &mut report)?;
    sizes::check(tree, &mut report)?;
    words::check(tree, &mut report)?;
    links::check(tree, &mut report)?;
    Ok(report)
}
