//! Which modules of the client import which, so that all that a page needs can be named at once.

use std::collections::BTreeSet;

use super::assets::Embedded;

/// The modules that a module of the embedded client imports, and what these import, and so on, with
/// itself. What is imported only when it is needed is not among them.
pub(super) fn reached_from(entry: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![entry.to_owned()];
    while let Some(module) = open.pop() {
        let Some(file) = Embedded::get(&module) else { continue };
        if reached.insert(module.clone()) {
            let text = String::from_utf8_lossy(&file.data).into_owned();
            open.extend(imports(&text).filter_map(|path| resolved(&module, path)));
        }
    }
    reached
}

/// The addresses of a module's imports, in our own manner of writing: a statement begins its line.
/// Imports of types stand in comments, and are none.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let begins = ["import ", "export ", "} from "];
    text.lines().filter(move |line| begins.iter().any(|word| line.starts_with(word))).filter_map(
        |line| {
            let (_, rest) = line.split_once("from '").or_else(|| line.split_once("import '"))?;
            rest.split('\'').next()
        },
    )
}

/// A path from the client's folder, of a path that a module names.
fn resolved(module: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = module.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_imports_and_comments_are_not() {
        let text = "import { a } from './a.js';\nimport './b.js';\nexport {\n  c,\n} from '../c.js';\n\
            /** @import { D } from './d.js' */\nexport const e = 'from';\nawait import('./f.js');\n";
        assert_eq!(imports(text).collect::<Vec<_>>(), ["./a.js", "./b.js", "../c.js"]);
    }

    #[test]
    fn paths_are_followed_from_their_module() {
        assert_eq!(resolved("sdk/player.js", "../lib/whep.js").as_deref(), Some("lib/whep.js"));
        assert_eq!(resolved("main.js", "./app.js").as_deref(), Some("app.js"));
        assert_eq!(resolved("main.js", "../app.js"), None);
    }

    #[test]
    fn what_a_module_needs_is_there() {
        let reached = reached_from("sdk/roomcast.js");
        for module in ["sdk/roomcast.js", "sdk/player.js", "lib/whep.js", "lib/backoff.js"] {
            assert!(reached.contains(module), "{module}");
        }
        assert!(!reached.contains("lib/room.js") && !reached.contains("lib/types.js"));
        assert_eq!(reached_from("nothing.js"), BTreeSet::new());
    }
}
