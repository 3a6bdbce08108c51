//! A program that receives webhooks, and answers as the test wants.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::support::DEADLINE;

/// What it does with a request.
pub(super) enum Reply {
    Status(u16),
    /// Somewhere else, with this status.
    Redirect(u16, String),
    /// Success, and a body without an end.
    Flood,
    /// Nothing at all, for as long as the node waits.
    Silence,
}

/// A request.
pub(super) struct Heard {
    head: String,
    body: String,
}

/// It listens on loopback until it is dropped.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    heard: mpsc::UnboundedReceiver<Heard>,
    listening: tokio::task::JoinHandle<()>,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).unwrap().1.trim()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// That the node with this secret sent it just now.
    pub(super) fn assert_genuine(&self, secret: &str) {
        let (sent, tag) = self.header("roomcast-signature").split_once(",v1=").unwrap();
        let sent = sent.strip_prefix("t=").unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert!(now.abs_diff(sent.parse().unwrap()) <= 60, "{sent} at {now}");
        let tag: Vec<u8> = (0..tag.len() / 2)
            .map(|index| u8::from_str_radix(&tag[2 * index..2 * index + 2], 16).unwrap())
            .collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::verify(&key, format!("{sent}.{}", self.body).as_bytes(), &tag).unwrap();
    }
}

impl Receiver {
    /// Takes everything.
    pub(super) async fn kind() -> Self {
        Self::new(|_| Reply::Status(204)).await
    }

    /// Does with each request, by the number of those before it, what `reply` says.
    pub(super) async fn new(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (said, heard) = mpsc::unbounded_channel();
        let reply = Arc::new(reply);
        let listening = tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (reply, said) = (Arc::clone(&reply), said.clone());
                tokio::spawn(async move { serve(stream, reply(number), &said).await });
            }
        });
        Self { address, heard, listening }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The next request.
    pub(super) async fn next(&mut self) -> Heard {
        let next = timeout(DEADLINE, self.heard.recv()).await;
        next.expect("a request in time").unwrap()
    }

    /// The type, room and number of the next one.
    pub(super) async fn next_event(&mut self) -> (String, String, u64) {
        let event = self.next().await.json();
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        (text("type"), text("room"), event["number"].as_u64().unwrap())
    }

    /// That nothing has come.
    pub(super) fn assert_silent(&mut self) {
        assert!(self.heard.try_recv().is_err());
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// One request for each connection. The node may be gone at any time.
async fn serve(mut stream: TcpStream, reply: Reply, said: &mpsc::UnboundedSender<Heard>) {
    let Some(heard) = read(&mut stream).await else { return };
    let _ = said.send(heard);
    let floods = matches!(reply, Reply::Flood);
    let (status, more) = match reply {
        Reply::Status(status) => (status, "content-length: 0\r\n".to_owned()),
        Reply::Redirect(status, to) => (status, format!("location: {to}\r\ncontent-length: 0\r\n")),
        Reply::Flood => (200, String::new()),
        Reply::Silence => {
            let _ = stream.read(&mut [0]).await;
            return;
        }
    };
    let head = format!("HTTP/1.1 {status} Answer\r\nconnection: close\r\n{more}\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    if floods {
        let chunk = [b'x'; 16_384];
        while stream.write_all(&chunk).await.is_ok() {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let heard = Heard { head: head.to_owned(), body: body.to_owned() };
        if body.len() >= heard.header("content-length").parse().unwrap() {
            return Some(heard);
        }
    }
}
