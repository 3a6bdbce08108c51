//! The answer of str0m, in the frame of the offer: as many sections, by the same names.

use std::fmt::Write;

use super::section::Section;
use crate::media::MediaKind;

/// Puts the answer to the plain form of these sections into their frame.
pub(super) fn framed(sections: &[Section], plain: &str) -> String {
    let (session, mut answered) = split(plain);
    let candidates = take_candidates(&mut answered);
    let mut text = session_part(sections, session);
    let mut answered = answered.into_iter();
    let mut has_candidates = false;
    let mut pairs = Pairs::default();
    for section in sections {
        let lines = section.kind.and_then(|_| answered.next());
        match lines.filter(|_| !section.is_rejected) {
            Some(lines) => {
                accepted(&mut text, section, &lines, &pairs.next(section));
                if !std::mem::replace(&mut has_candidates, true) {
                    candidates.iter().for_each(|line| push(&mut text, line));
                }
            }
            None => rejected(&mut text, section),
        }
    }
    text
}

/// The lines of the session, and those of each section.
fn split(plain: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    let (mut session, mut sections) = (Vec::new(), Vec::<Vec<_>>::new());
    for line in plain.lines().filter(|line| !line.is_empty()) {
        if line.starts_with("m=") {
            sections.push(vec![line]);
        } else {
            sections.last_mut().unwrap_or(&mut session).push(line);
        }
    }
    (session, sections)
}

/// str0m writes the candidates into the first section. If that is rejected, nobody reads them there.
fn take_candidates<'a>(sections: &mut [Vec<&'a str>]) -> Vec<&'a str> {
    let is_candidate =
        |line: &&str| line.starts_with("a=candidate:") || *line == "a=end-of-candidates";
    let mut taken = Vec::new();
    for section in sections {
        taken.extend(section.iter().copied().filter(is_candidate));
        section.retain(|line| !is_candidate(line));
    }
    taken
}

fn session_part(sections: &[Section], session: Vec<&str>) -> String {
    let accepted = sections.iter().filter(|s| !s.is_rejected);
    let mids = accepted.map(|s| format!(" {}", s.mid)).collect::<String>();
    let mut text = String::new();
    for line in session {
        if line.starts_with("a=group:BUNDLE") {
            push(&mut text, &format!("a=group:BUNDLE{mids}"));
        } else {
            push(&mut text, line);
        }
    }
    text
}

/// Names of streams. A receiver keeps sound and picture of one stream together (RFC 8830), where there
/// is one of each: what is most wanted comes in the first of both, what comes second in the second.
#[derive(Default)]
struct Pairs {
    sounds: usize,
    pictures: usize,
}

impl Pairs {
    fn next(&mut self, section: &Section) -> String {
        let is_sound = section.kind == Some(MediaKind::Audio);
        let count = if is_sound { &mut self.sounds } else { &mut self.pictures };
        *count += 1;
        format!("stream{count}")
    }
}

/// By its full name, which str0m cuts after 16 letters and rids of signs, its own protocol, and the
/// name of its stream.
fn accepted(text: &mut String, section: &Section, lines: &[&str], stream: &str) {
    for line in lines {
        if let Some(head) = line.strip_prefix("m=") {
            let mut parts = head.splitn(4, ' ');
            let (media, port) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("9"));
            let formats = parts.nth(1).unwrap_or_default();
            push(text, &format!("m={media} {port} {} {formats}", section.head.protocol));
        } else if line.starts_with("a=mid:") {
            push(text, &format!("a=mid:{}", section.mid));
        } else if let Some((of, named)) = line.split_once("msid:")
            && let Some((_, track)) = named.split_once(' ')
        {
            push(text, &format!("{of}msid:{stream} {track}"));
        } else {
            push(text, line);
        }
    }
}

/// Port 0 (RFC 3264 §6).
fn rejected(text: &mut String, section: &Section) {
    let head = &section.head;
    push(text, &format!("m={} 0 {} {}", head.media, head.protocol, head.formats));
    push(text, "c=IN IP4 0.0.0.0");
    push(text, &format!("a=mid:{}", section.mid));
    push(text, "a=inactive");
}

fn push(text: &mut String, line: &str) {
    let _ = write!(text, "{line}\r\n");
}
