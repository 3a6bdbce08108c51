//! A refusal as a sentence: what the server says, and what can be done.

use reqwest::{Response, StatusCode};
use serde::Deserialize;

/// What bodies of refusals hold: problems (RFC 9457), and what is common besides.
#[derive(Debug, Default, Deserialize)]
struct Problem {
    detail: Option<String>,
    message: Option<String>,
    error: Option<String>,
    title: Option<String>,
}

/// Says why an answer is none.
pub(super) async fn refusal(response: Response) -> String {
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut sentence = format!("{} {reason}", status.as_u16());
    if let Some(said) = said(&body) {
        sentence.push_str(&format!(", \"{said}\""));
    }
    if let Some(advice) = advice(status) {
        sentence.push_str(&format!(": {advice}"));
    }
    sentence
}

/// What the body says: the text of a problem, or its first line.
fn said(body: &str) -> Option<String> {
    let text = match serde_json::from_str::<Problem>(body) {
        Ok(problem) => problem.detail.or(problem.message).or(problem.error).or(problem.title)?,
        Err(_) => body.trim().lines().next()?.to_owned(),
    };
    let is_markup = text.starts_with('<');
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_SAID).collect();
    (!text.is_empty() && !is_markup).then_some(text)
}

fn advice(status: StatusCode) -> Option<&'static str> {
    Some(match status.as_u16() {
        400 | 406 | 422 => "the server may want the other --codec",
        401 | 403 => "give what lets in with --token (and --whep-token)",
        404 => "is the path right, and does the server know this stream?",
        405 | 415 => "this is no such address: look up the server's WHIP and WHEP paths",
        409 => "someone publishes there already",
        429 | 503 => "a slower --join-rate may help, or a higher limit of the server",
        301 | 302 | 303 | 307 | 308 => "it leads nowhere",
        _ => return None,
    })
}

/// Characters of a server's text that are shown.
const MAX_SAID: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_errors_and_plain_lines_are_read_and_pages_are_not() {
        for (body, expected) in [
            (r#"{"title":"Conflict","detail":"taken"}"#, Some("taken")),
            (r#"{"code":"x","message":"no such room"}"#, Some("no such room")),
            (r#"{"status":"error","error":"no stream"}"#, Some("no stream")),
            (r#"{"title":"Conflict"}"#, Some("Conflict")),
            ("stream not found\nmore", Some("stream not found")),
            ("<html>", None),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(said(body).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn refusals_that_one_can_do_something_about_say_what() {
        let advised = |status| advice(StatusCode::from_u16(status).unwrap()).unwrap_or_default();
        assert!(advised(401).contains("--token") && advised(429).contains("--join-rate"));
        assert!(advised(400).contains("--codec"));
        assert_eq!(advised(500), "");
    }
}
