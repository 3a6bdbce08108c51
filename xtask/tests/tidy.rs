//! The repository keeps its own rules.

use xtask::{Tree, tidy};

#[test]
fn the_house_is_tidy() {
    let report = tidy(&Tree::of_this_repository()).expect("the repository can be read");
    assert!(report.faults.is_empty(), "\n{}\n", report.faults.join("\n"));
}
