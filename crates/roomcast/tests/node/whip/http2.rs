//! A whole session over one connection of HTTP/2.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::peer::Peer;
use super::{FRAGMENT, SDP, attribute};
use crate::support::{node, open};

type Sender = SendRequest<Full<Bytes>>;

async fn ask(
    sender: &mut Sender,
    (method, uri): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> (Response<()>, String) {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(head, ()), String::from_utf8(bytes.into()).unwrap())
}

#[tokio::test]
async fn a_session_begins_goes_on_and_ends_over_http_2() {
    let (node, _data) = node().await;
    let (_host, key) = open(&node, "room").await;
    let stream = TcpStream::connect(node.address()).await.unwrap();
    let (mut sender, connection) =
        handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let origin = format!("http://{}", node.address());

    let (peer, offer) = Peer::publisher().await;
    let bearer = format!("Bearer {key}");
    let headers = [("content-type", SDP), ("authorization", bearer.as_str())];
    let endpoint = format!("{origin}/whip/room");
    let (begun, answer) = ask(&mut sender, ("POST", &endpoint), &headers, &offer).await;
    assert_eq!(begun.status(), 201, "{answer}");
    let head = |name: &str| begun.headers()[name].to_str().unwrap().to_owned();
    assert!(head("link").starts_with("<stun:127.0.0.1:"), "the host of the request");
    assert_eq!(attribute(&answer, "a=setup:"), "passive");
    peer.accept(&answer).await;
    peer.until("a connection", |seen| seen.connected).await;

    let (session, tag) = (format!("{origin}{}", head("location")), head("etag"));
    let headers = [("content-type", FRAGMENT), ("if-match", tag.as_str())];
    let (patched, _) =
        ask(&mut sender, ("PATCH", &session), &headers, "a=end-of-candidates\r\n").await;
    assert_eq!(patched.status(), 204);
    for status in [200, 404] {
        let (ended, _) = ask(&mut sender, ("DELETE", &session), &[], "").await;
        assert_eq!(ended.status(), status);
    }
    node.shutdown().await;
}
