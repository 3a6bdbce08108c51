//! One word for one thing, and no words that say nothing.

use crate::{Report, Tree, TreeError};

/// Endings of type names that hide what a thing does.
const EMPTY_ENDINGS: [&str; 3] = ["Manager", "Helper", "Util"];

/// Names of files that collect what has no place.
const EMPTY_FILES: [&str; 7] = ["common", "helper", "helpers", "manager", "misc", "util", "utils"];

pub(crate) fn check(tree: &Tree, report: &mut Report) -> Result<(), TreeError> {
    for file in tree.files(&[".rs", ".js"])? {
        let name = file.rsplit('/').next().unwrap_or_default();
        let stem = name.split('.').next().unwrap_or_default();
        if EMPTY_FILES.contains(&stem) {
            report.faults.push(format!("{file}: name it by what it is about"));
        }
        for name in named(&tree.read(&file)?) {
            if EMPTY_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                report.faults.push(format!("{file}: `{name}` does not say what it does"));
            }
        }
    }
    Ok(())
}

/// The types that a file makes.
fn named(text: &str) -> Vec<&str> {
    let makes = ["struct", "enum", "trait", "class"];
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            words.find(|word| makes.contains(word))?;
            let name = words.next()?;
            Some(name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_their_names() {
        let text = "pub(crate) struct RoomState<'a> {\nclass Tile extends View {\nenum Kind {";
        assert_eq!(named(text), ["RoomState", "Tile", "Kind"]);
    }
}
