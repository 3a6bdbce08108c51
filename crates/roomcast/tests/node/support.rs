//! A node for one test, and clients that wait for what they expect, with a deadline.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use roomcast::{Config, Node};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Whatever is awaited has come by then, also on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A configuration that disturbs nobody: loopback, a chosen port, and a folder of its own.
pub(crate) fn config(data: &Path) -> Config {
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        data: data.to_owned(),
        shards: 1,
        connections_per_second: 10_000,
        ..Config::default()
    }
}

/// A node with its folder.
pub(crate) async fn node() -> (Node, TempDir) {
    node_with(|_| {}).await
}

/// The same, configured otherwise.
pub(crate) async fn node_with(change: impl FnOnce(&mut Config)) -> (Node, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    change(&mut config);
    (Node::start(config).await.unwrap(), folder)
}

/// A node that serves this client: a page, a module, and what should stay inside.
pub(crate) async fn node_with_client() -> (Node, TempDir, TempDir) {
    let web = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("index.html", "<!doctype html><title>page</title>"),
        ("main.js", "export const main = 1;"),
        ("lib/x.js", "export const x = 1;"),
        ("package.json", "{}"),
        (".secret", "secret"),
    ] {
        let file = web.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let (node, data) = node_with(|config| config.web_dir = Some(web.path().to_owned())).await;
    (node, data, web)
}

/// An HTTP response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The code of the error in the body.
    pub(crate) fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert!(body["message"].is_string());
        body["code"].as_str().unwrap().to_owned()
    }
}

/// Asks for a path as it stands, without cleaning it.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Response {
    get_with(address, path, "").await
}

/// The same with further header lines.
pub(crate) async fn get_with(address: SocketAddr, path: &str, headers: &str) -> Response {
    let stream = TcpStream::connect(address).await.unwrap();
    ask(stream, path, headers).await.unwrap()
}

/// Asks over an open connection.
pub(crate) async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    path: &str,
    headers: &str,
) -> std::io::Result<Response> {
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut bytes)).await??;
    let text = String::from_utf8_lossy(&bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    };
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Response { status, head: head.to_owned(), body: body.to_owned() })
}

/// The value of a metric line, such as `roomcast_rooms`.
pub(crate) async fn metric(address: SocketAddr, line: &str) -> Option<f64> {
    let text = get(address, "/metrics").await.body;
    let value = text.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' '))?;
    value.parse().ok()
}

/// Asks again and again until the answer is right.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let start = Instant::now();
    while !check().await {
        assert!(start.elapsed() < DEADLINE, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A TCP connection from an address of this machine.
pub(crate) async fn connect_from(from: &str, address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from.parse::<IpAddr>().unwrap(), 0))?;
    socket.connect(address).await
}

/// A signaling client.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Client {
    pub(crate) async fn connect(node: &Node) -> Self {
        let stream = TcpStream::connect(node.address()).await.unwrap();
        Self::over(stream, node).await.unwrap()
    }

    pub(crate) async fn over(stream: TcpStream, node: &Node) -> Result<Self, tungstenite::Error> {
        Self::at(stream, node.address()).await
    }

    pub(crate) async fn at(
        stream: TcpStream,
        address: SocketAddr,
    ) -> Result<Self, tungstenite::Error> {
        let url = format!("ws://{address}/ws");
        Ok(Self { socket: client_async(url, stream).await?.0 })
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next message, or `None` when the connection is closed.
    pub(crate) async fn hear(&mut self) -> Option<Value> {
        loop {
            let next = timeout(DEADLINE, self.socket.next()).await;
            match next.expect("a message in time")? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(_) | Err(_) => return None,
            }
        }
    }

    /// The next message of a type; what comes before is skipped.
    pub(crate) async fn hear_type(&mut self, kind: &str) -> Value {
        let skip = async {
            loop {
                match self.hear().await {
                    Some(message) if message["type"] == kind => return message,
                    Some(_) => {}
                    None => panic!("closed before {kind}"),
                }
            }
        };
        timeout(DEADLINE, skip).await.unwrap_or_else(|_| panic!("no {kind} in time"))
    }

    /// The code of the next error.
    pub(crate) async fn hear_error(&mut self) -> String {
        self.hear_type("error").await["code"].as_str().unwrap().to_owned()
    }

    /// The code of the goodbye, and that the connection is closed behind it.
    pub(crate) async fn hear_goodbye(&mut self) -> String {
        let code = self.hear_type("goodbye").await["code"].as_str().unwrap().to_owned();
        assert_eq!(self.hear().await, None, "closed after {code}");
        code
    }

    /// Says something and returns the code of the error.
    pub(crate) async fn refused(&mut self, message: Value) -> String {
        self.say(message).await;
        self.hear_error().await
    }
}

/// A `join`.
pub(crate) fn join(room: &str, name: &str) -> Value {
    json!({"type": "join", "id": 1, "version": 1, "room": room, "name": name})
}

/// A `join` with which a room is opened.
pub(crate) fn opening(room: &str) -> Value {
    let mut message = join(room, "Host");
    message["open"] = true.into();
    message
}

/// Opens a room: its host, and the host key.
pub(crate) async fn open(node: &Node, room: &str) -> (Client, String) {
    let mut host = Client::connect(node).await;
    host.say(opening(room)).await;
    let welcome = host.hear_type("welcome").await;
    let key = welcome["hostKey"].as_str().expect("a host key").to_owned();
    (host, key)
}

/// Enters a room as a viewer.
pub(crate) async fn enter(node: &Node, room: &str) -> Client {
    let mut viewer = Client::connect(node).await;
    viewer.say(join(room, "Viewer")).await;
    viewer.hear_type("welcome").await;
    viewer
}
