//! A session description as lines: of the session, and of each media section.

use crate::event::RefusedReason;

/// The lines of one part, without their ends.
#[derive(Debug, Default)]
pub(super) struct Lines<'a> {
    /// What stands behind `m=`; empty for the session.
    pub media: &'a str,
    attributes: Vec<&'a str>,
}

/// Splits a description into the part of the session and those of its media sections. Lines end with
/// CRLF or LF (RFC 8866 §5 asks readers for both); blank ones are passed over.
///
/// # Errors
/// When it does not begin as a description does, a line is none of one, or a part has too many.
pub(super) fn parts(text: &str) -> Result<Vec<Lines<'_>>, RefusedReason> {
    let mut lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
    let begins = lines.next() == Some("v=0") && lines.next().is_some_and(|l| l.starts_with("o="));
    if !begins {
        return Err(RefusedReason::Invalid);
    }
    let mut parts = vec![Lines::default()];
    for line in lines {
        // No sign of control is part of a line; one that is echoed in an answer would end it there.
        if line.contains(char::is_control) {
            return Err(RefusedReason::Invalid);
        }
        let (kind, value) = line.split_once('=').ok_or(RefusedReason::Invalid)?;
        match (kind, parts.last_mut()) {
            ("m", _) => parts.push(Lines { media: value, attributes: Vec::new() }),
            ("a", Some(part)) if part.attributes.len() < MAX_ATTRIBUTES => {
                part.attributes.push(value);
            }
            // Bandwidths, connections, times and titles in any order: nothing here uses them.
            (kind, _) if kind.len() == 1 && kind != "a" => {}
            _ => return Err(RefusedReason::Invalid),
        }
    }
    Ok(parts)
}

impl<'a> Lines<'a> {
    /// Whether an attribute without a value is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes.contains(&name)
    }

    /// The value of the first attribute of this name, unless it is empty.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.values(name).next().filter(|value| !value.is_empty())
    }

    /// The values of all attributes of this name.
    pub(super) fn values<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a str> + 'b {
        self.attributes
            .iter()
            .filter_map(move |a| a.strip_prefix(name)?.strip_prefix(':').map(str::trim))
    }

    /// The `mid`s that share one transport; `None` when it says nothing of bundling.
    pub(super) fn bundle(&self) -> Option<Vec<&'a str>> {
        let group = self.values("group").find_map(|group| group.strip_prefix("BUNDLE"))?;
        Some(group.split_whitespace().collect())
    }
}

/// Attributes of one part: several times what a browser writes into its fullest section. They are looked
/// through for each payload type.
const MAX_ATTRIBUTES: usize = 1_000;
