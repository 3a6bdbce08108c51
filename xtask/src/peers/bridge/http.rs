//! As much HTTP as a bridge needs: requests with a body, on a connection each.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: String,
}

/// Reads a request as `roomcast load` makes it: with a length, if it has a body.
pub(super) fn receive(stream: &TcpStream) -> anyhow::Result<Request> {
    stream.set_read_timeout(Some(TIME_LIMIT))?;
    let mut reader = BufReader::new(stream.take(MAX_BYTES));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { bail!("no request") };
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        match header.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse()?;
            }
            Some(_) => {}
            None => break,
        }
    }
    ensure!(length < MAX_BYTES, "too long a body");
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body)?;
    Ok(Request { method, path, body })
}

/// Answers, and ends the connection.
pub(super) fn respond(mut stream: &TcpStream, status: &str, body: &str) -> anyhow::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/sdp\r\nLocation: /session\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    Ok(stream.write_all((head + body).as_bytes())?)
}

/// Makes a request and returns the body of the answer.
///
/// It is one of HTTP/1.0: so an answer ends where the connection does, and comes in one piece.
pub(super) fn ask(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(TIME_LIMIT))?;
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {server}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(MAX_BYTES).read_to_string(&mut answer).context("no answer")?;
    read_answer(&answer)
}

fn read_answer(answer: &str) -> anyhow::Result<String> {
    let (head, body) = answer.split_once("\r\n\r\n").context("no whole answer")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    ensure!(status.starts_with('2'), "refused with {status}: {}", body.trim());
    Ok(body.to_owned())
}

/// No description of a session comes near it.
const MAX_BYTES: u64 = 1024 * 1024;

/// `roomcast load` waits no longer either.
const TIME_LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn what_one_half_asks_the_other_answers() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let served = thread::spawn(move || {
            let stream = listener.accept().unwrap().0;
            let request = receive(&stream).unwrap();
            respond(&stream, "201 Created", "v=0\r\n").unwrap();
            request
        });
        let body = ask(server, "POST", "/whip", &[("X-One", "1")], "an offer").unwrap();
        let request = served.join().unwrap();
        assert_eq!(body, "v=0\r\n");
        assert_eq!(
            (&*request.method, &*request.path, &*request.body),
            ("POST", "/whip", "an offer")
        );
    }

    #[test]
    fn a_refusal_is_an_error_with_what_was_said() {
        let error = read_answer("HTTP/1.1 401 Unauthorized\r\nA: b\r\n\r\nno token\n").unwrap_err();
        assert_eq!(error.to_string(), "refused with 401: no token");
        assert!(read_answer("HTTP/1.1 200 OK\r\n").is_err());
    }
}
