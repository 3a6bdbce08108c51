//! Links between the documents lead somewhere: to a file that is there, to a heading that it has.

use crate::{Report, Tree, TreeError};

pub(crate) fn check(tree: &Tree, report: &mut Report) -> Result<(), TreeError> {
    for file in tree.files(&[".md"])? {
        let text = tree.read(&file)?;
        for target in targets(&text) {
            if let Some(fault) = fault(tree, &file, target)? {
                report.faults.push(format!("{file}: the link to {target} is dead: {fault}"));
            }
        }
    }
    Ok(())
}

fn fault(tree: &Tree, file: &str, target: &str) -> Result<Option<&'static str>, TreeError> {
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { Some(file.to_owned()) } else { resolve(file, path) };
    let Some(path) = path.filter(|path| tree.has(path)) else {
        return Ok(Some("there is no such file"));
    };
    if heading.is_empty() || !path.ends_with(".md") {
        return Ok(None);
    }
    let text = tree.read(&path)?;
    let found = text.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == heading);
    Ok((!found).then_some("there is no such heading"))
}

/// The targets of links and pictures that stay within the repository.
fn targets(text: &str) -> Vec<&str> {
    let mut in_code = false;
    let lines = text.lines().filter(|line| {
        in_code ^= line.trim_start().starts_with("```");
        !in_code
    });
    lines
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split_whitespace().next().unwrap_or_default())
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .collect()
}

/// A path from the root, of a path that stands in a file; none when it leads out of the repository.
fn resolve(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A heading as the part of an address that leads to it.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_outside_of_code_are_found() {
        let text = "[a](b.md) and ![c](d.png \"e\")\n```\n[no](x)\n```\n[web](https://example.org)";
        assert_eq!(targets(text), ["b.md", "d.png"]);
    }

    #[test]
    fn paths_are_followed_from_their_file() {
        assert_eq!(resolve("docs/a.md", "../README.md").as_deref(), Some("README.md"));
        assert_eq!(resolve("docs/a.md", "decisions/1.md").as_deref(), Some("docs/decisions/1.md"));
        assert_eq!(resolve("a.md", "../b.md"), None);
    }

    #[test]
    fn headings_become_what_browsers_jump_to() {
        assert_eq!(slug("## The way of a packet"), "the-way-of-a-packet");
        assert_eq!(slug("### `end`"), "end");
    }
}
