//! The HTTP API of a whole node: what each operation does, and what it refuses.

mod describing;
mod keys;
mod participants;
mod requests;
mod rooms;
mod server;

use std::net::SocketAddr;

use roomcast::Node;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{self, DEADLINE, Response};

/// A node and somebody with a bearer who uses its API.
pub(super) struct Caller {
    pub(super) address: SocketAddr,
    /// None: nothing is brought along.
    pub(super) bearer: Option<String>,
}

/// A fresh node and its first API key.
pub(super) async fn node() -> (Node, TempDir, Caller) {
    let (node, folder) = support::node().await;
    let caller = admin(&node);
    (node, folder, caller)
}

/// Whoever started the node for the first time.
pub(super) fn admin(node: &Node) -> Caller {
    let key = node.first_api_key().expect("the first start makes a key");
    Caller { address: node.address(), bearer: Some(key.to_owned()) }
}

impl Caller {
    /// The same node, somebody else.
    pub(super) fn with(&self, bearer: &str) -> Self {
        Self { address: self.address, bearer: Some(bearer.to_owned()) }
    }

    /// The same node, nobody.
    pub(super) fn nobody(&self) -> Self {
        Self { address: self.address, bearer: None }
    }

    pub(super) async fn get(&self, path: &str) -> Response {
        self.send("GET", path, "", "").await
    }

    pub(super) async fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, "", "").await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Response {
        self.json("POST", path, body).await
    }

    pub(super) async fn json(&self, method: &str, path: &str, body: Value) -> Response {
        self.send(method, path, "content-type: application/json\r\n", &body.to_string()).await
    }

    /// A request as it stands; `headers` are whole lines.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Response {
        let bearer = self.bearer.as_ref();
        let bearer = bearer.map(|bearer| format!("authorization: Bearer {bearer}\r\n"));
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{}{headers}\
             content-length: {}\r\n\r\n{body}",
            bearer.unwrap_or_default(),
            body.len(),
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        timeout(DEADLINE, stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Response { status, head: head.to_owned(), body: body.to_owned() }
    }
}

/// A body, and that it came with this status.
pub(super) fn body(response: &Response, status: u16) -> Value {
    assert_eq!(response.status, status, "{}", response.body);
    assert_eq!(response.header("content-type"), Some("application/json"));
    serde_json::from_str(&response.body).unwrap()
}

/// The status and the code of a refusal.
pub(super) fn refusal(response: &Response) -> (u16, String) {
    (response.status, response.code())
}

/// As [`refusal`] gives it.
pub(super) fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
