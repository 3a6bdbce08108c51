//! The manuals say what the code does: every example in `docs/PROTOCOL.md` is read with the real
//! types, and `docs/ERRORS.md` has every error code as it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use roomcast_protocol::{Blame, ClientMessage, ErrorCode, Refusal, Request, ServerMessage};
use serde::de::DeserializeOwned;
use serde_json::Value;

#[test]
fn every_client_example_is_understood_whole() {
    for (line, text) in examples("client") {
        let request = Request::parse(&text)
            .unwrap_or_else(|(_, refusal)| panic!("line {line}: {refusal}\n{text}"));
        let written = serde_json::to_value(request).unwrap();
        assert_contains(&written, &value(line, &text), line);
    }
}

#[test]
fn every_server_example_is_just_what_the_node_would_send() {
    for (line, text) in examples("server") {
        let message: ServerMessage = read(line, &text);
        assert_eq!(serde_json::to_value(message).unwrap(), value(line, &text), "line {line}");
    }
    for (line, text) in examples("http") {
        let refusal: Refusal = read(line, &text);
        assert_eq!(serde_json::to_value(refusal).unwrap(), value(line, &text), "line {line}");
    }
}

#[test]
fn every_message_has_a_heading_and_an_example() {
    let manual = manual("PROTOCOL.md");
    let client = ("client", variants::<ClientMessage>(), "## Messages of the client");
    let server = ("server", variants::<ServerMessage>(), "## Messages of the node");
    for (direction, expected, chapter) in [client, server] {
        let shown = fields(direction, "type");
        let chapter = manual.split(chapter).nth(1).expect(chapter);
        let chapter = chapter.split("\n## ").next().unwrap_or_default();
        for kind in expected {
            assert!(shown.contains(&kind), "no {direction} example of `{kind}`");
            assert!(chapter.contains(&format!("\n### {kind}\n")), "no heading for `{kind}`");
        }
    }
}

#[test]
fn every_error_code_has_an_example() {
    let mut shown = fields("server", "code");
    shown.extend(fields("http", "code"));
    for code in ErrorCode::ALL {
        assert!(shown.contains(code.as_str()), "no example of `{}`", code.as_str());
    }
}

#[test]
fn every_example_says_its_direction() {
    let manual = manual("PROTOCOL.md");
    let fences = manual.lines().filter(|line| line.starts_with("```json"));
    for fence in fences {
        assert!(["```json client", "```json server", "```json http"].contains(&fence), "{fence}");
    }
}

#[test]
fn the_table_of_errors_is_that_of_the_code() {
    let manual = manual("ERRORS.md");
    let rows = manual.lines().filter(|line| line.starts_with("| `"));
    let documented: Vec<[String; 3]> = rows
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 5, "{row}");
            assert!(cells.iter().all(|cell| !cell.is_empty()), "{row}");
            [cells[0].trim_matches('`').into(), cells[1].into(), cells[2].into()]
        })
        .collect();
    let expected: Vec<[String; 3]> = ErrorCode::ALL
        .iter()
        .map(|code| {
            let at_fault = match code.blame() {
                Blame::Peer => "peer",
                Blame::Caller => "caller",
                Blame::Limit => "limit",
                Blame::Node => "node",
            };
            [code.as_str().into(), at_fault.into(), code.http_status().to_string()]
        })
        .collect();
    assert_eq!(documented, expected);
}

fn manual(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The examples of one direction, each with the line of its fence.
fn examples(direction: &str) -> Vec<(usize, String)> {
    let manual = manual("PROTOCOL.md");
    let mut lines = manual.lines().enumerate();
    let mut found = Vec::new();
    while let Some((at, line)) = lines.next() {
        if line == format!("```json {direction}") {
            let body = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            found.push((at + 1, body.collect::<Vec<_>>().join("\n")));
        }
    }
    assert!(!found.is_empty(), "no example of direction {direction}");
    found
}

/// The values of one field over all examples of a direction.
fn fields(direction: &str, field: &str) -> BTreeSet<String> {
    let examples = examples(direction).into_iter();
    examples
        .filter_map(|(line, text)| Some(value(line, &text)[field].as_str()?.to_owned()))
        .collect()
}

fn read<T: DeserializeOwned>(line: usize, text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("line {line}: {error}\n{text}"))
}

fn value(line: usize, text: &str) -> Value {
    read(line, text)
}

/// The types that serde names when it is given one that does not exist.
fn variants<T: DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_str::<T>(r#"{"type":"?"}"#).err().expect("? is no message");
    let error = error.to_string();
    let named = error.split('`').skip(1).step_by(2).filter(|name| *name != "?");
    let variants: BTreeSet<String> = named.map(str::to_owned).collect();
    assert!(variants.len() > 5, "{error}");
    variants
}

/// Whether everything that was shown has come through; defaults may have been added.
fn assert_contains(written: &Value, shown: &Value, line: usize) {
    match (written, shown) {
        (Value::Object(written), Value::Object(shown)) => {
            for (name, shown) in shown {
                let written = written.get(name);
                let written = written.unwrap_or_else(|| panic!("line {line}: no field {name}"));
                assert_contains(written, shown, line);
            }
        }
        (Value::Array(written), Value::Array(shown)) => {
            assert_eq!(written.len(), shown.len(), "line {line}");
            written.iter().zip(shown).for_each(|(w, s)| assert_contains(w, s, line));
        }
        _ => assert_eq!(written, shown, "line {line}"),
    }
}
