//! Files stay small enough to be read at once.

use crate::{Report, Tree, TreeError};

/// Lines from which a file should be looked at.
const WARN_AT: usize = 600;
/// Lines that no file may have without a reason.
const FAIL_AT: usize = 1_000;

/// Files that may be longer, and why.
const LONGER: [(&str, &str); 0] = [];

pub(crate) fn check(tree: &Tree, report: &mut Report) -> Result<(), TreeError> {
    for file in tree.files(&[".rs", ".js", ".css"])? {
        let lines = tree.read(&file)?.lines().count();
        if lines >= FAIL_AT && LONGER.iter().all(|(longer, _)| *longer != file) {
            report.faults.push(format!("{file}: {lines} lines; split it by ideas"));
        } else if lines >= WARN_AT {
            report.warnings.push(format!("{file}: {lines} lines"));
        }
    }
    for (file, reason) in LONGER {
        if !tree.has(file) {
            report.faults.push(format!("{file} is gone, with its reason to be long: {reason}"));
        }
    }
    Ok(())
}
