//! WHIP and WHEP: requests over real sockets, and peers whose media really flows.

mod bad_input;
mod ending;
mod http2;
mod ice;
mod media;
mod peer;
mod rights;

use roomcast::Node;
use serde_json::{Value, json};
use str0m::media::{Direction, MediaKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::peer::Peer;
use crate::support::{Client, DEADLINE, Response, join};

const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// A request and its answer, over a connection of its own.
async fn send(
    node: &Node,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Response {
    let body = body.as_ref();
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(node.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    // The node may have answered and closed before it read all of a large body.
    let _ = stream.write_all(body).await;
    let mut bytes = Vec::new();
    let _ = timeout(DEADLINE, stream.read_to_end(&mut bytes)).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Response { status, head: head.to_owned(), body: body.to_owned() }
}

/// A session that has begun, with the peer that it belongs to.
pub(crate) struct Session {
    peer: Peer,
    /// Of the resource.
    path: String,
    tag: String,
    answer: String,
}

impl Session {
    /// Posts an offer and takes the answer.
    async fn begin(
        node: &Node,
        path: &str,
        key: Option<&str>,
        (peer, offer): (Peer, String),
    ) -> Self {
        let response = post(node, path, key, &offer).await;
        assert_eq!(response.status, 201, "{}", response.body);
        peer.accept(&response.body).await;
        Self {
            peer,
            path: response.header("location").unwrap().to_owned(),
            tag: response.header("etag").unwrap().to_owned(),
            answer: response.body,
        }
    }

    pub(crate) async fn publish(node: &Node, path: &str, key: &str) -> Self {
        Self::begin(node, path, Some(key), Peer::publisher().await).await
    }

    async fn watch(node: &Node, path: &str) -> Self {
        Self::begin(node, path, None, Peer::viewer().await).await
    }

    async fn patch(&self, node: &Node, tag: Option<&str>, fragment: &str) -> Response {
        let mut headers = vec![("content-type", FRAGMENT)];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        send(node, "PATCH", &self.path, &headers, fragment).await
    }

    pub(crate) async fn delete(&self, node: &Node) -> u16 {
        send(node, "DELETE", &self.path, &[], "").await.status
    }

    async fn connected(&self) {
        self.peer.until("a connection", |seen| seen.connected).await;
    }
}

async fn post(node: &Node, path: &str, key: Option<&str>, offer: &str) -> Response {
    let bearer = key.map(|key| format!("Bearer {key}"));
    let mut headers = vec![("content-type", SDP)];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    send(node, "POST", path, &headers, offer).await
}

/// Joins by a page with the host key.
async fn enter_as_host(node: &Node, room: &str, key: &str) -> (Client, Value) {
    let mut host = Client::connect(node).await;
    let mut message = join(room, "Host");
    message["hostKey"] = key.into();
    host.say(message).await;
    let welcome = host.hear_type("welcome").await;
    (host, welcome)
}

/// The members of the stage that came by WHIP.
fn streams(room: &Value) -> Vec<&Value> {
    let stage = room["stage"].as_array().unwrap();
    stage.iter().filter(|member| member["client"] == "whip").collect()
}

/// What a member of the stage publishes.
fn sources(member: &Value) -> Vec<&str> {
    let publications = member["publications"].as_array().unwrap();
    publications.iter().map(|publication| publication["source"].as_str().unwrap()).collect()
}

/// Waits until as many streams are on stage, each with a publication; the state of the room.
async fn hear_streams(page: &mut Client, count: usize) -> Value {
    loop {
        let room = page.hear_type("room").await;
        let streams = streams(&room);
        if streams.len() == count && streams.iter().all(|stream| !sources(stream).is_empty()) {
            return room;
        }
    }
}

/// What stands in a description behind a name, the first time.
fn attribute<'a>(sdp: &'a str, name: &str) -> &'a str {
    sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name}"))
}

/// A fragment with the credentials of an offer.
fn fragment(offer: &str) -> String {
    let (ufrag, pwd) = (attribute(offer, "a=ice-ufrag:"), attribute(offer, "a=ice-pwd:"));
    format!(
        "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:{ufrag}\r\n\
         a=ice-pwd:{pwd}\r\na=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\n\
         a=candidate:2 1 tcp 1518280447 name.local 9 typ host tcptype active\r\n\
         a=end-of-candidates\r\n"
    )
}

/// A host that removes.
async fn remove(host: &mut Client, participant: &Value) {
    host.say(json!({"type": "remove", "id": 9, "participant": participant})).await;
}

const AUDIO: MediaKind = MediaKind::Audio;
const VIDEO: MediaKind = MediaKind::Video;
const SENDS: Direction = Direction::SendOnly;
const RECEIVES: Direction = Direction::RecvOnly;
