//! Offers to a server that answers what a test tells it to.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::exchange::Exchange;

const ANSWER: &str = "v=0\r\nthe answer";

/// Answers one request after the other, each on a connection of its own, and returns the requests.
async fn server(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests.push(request(&mut stream).await);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        requests
    });
    (root, served)
}

async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head
                .split_once("content-length: ")
                .map_or("0", |(_, rest)| rest.split_whitespace().next().unwrap());
            if body.len() >= length.parse().unwrap() {
                return format!("{head}\n{body}");
            }
        }
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

fn exchange(url: &str) -> Exchange {
    Exchange {
        client: Exchange::client(false).unwrap(),
        url: url.parse().unwrap(),
        token: Some("secret".into()),
        option: "--whip",
    }
}

#[tokio::test]
async fn a_redirected_offer_stays_a_post_with_its_token_and_its_session_is_ended_where_it_is() {
    let (root, served) = server(vec![
        answer("307 Temporary Redirect", "location: /second\r\n", ""),
        answer("201 Created", "location: sessions/7\r\n", ANSWER),
        answer("200 OK", "", ""),
    ])
    .await;
    let agreed = exchange(&format!("{root}/first")).offer("v=0\r\nthe offer".into()).await.unwrap();
    assert_eq!(agreed.sdp, ANSWER);
    agreed.end().await;
    let requests = served.await.unwrap();
    let lines = ["post /first ", "post /second ", "delete /sessions/7 "];
    for (request, line) in requests.iter().zip(lines) {
        assert!(request.starts_with(line), "{request}");
        assert!(request.contains("authorization: bearer secret"), "{request}");
    }
    assert!(requests[1].contains("content-type: application/sdp"));
    assert!(requests[1].ends_with("\nv=0\r\nthe offer"));
}

#[tokio::test]
async fn a_problem_becomes_a_sentence_with_advice() {
    let problem = r#"{"title":"Unauthorized","detail":"a key is needed"}"#;
    let (root, _served) = server(vec![answer("401 Unauthorized", "", problem)]).await;
    let failed = exchange(&root).offer("v=0".into()).await.unwrap_err().to_string();
    let expected = format!(
        "--whip {root}/ was refused: 401 Unauthorized, \"a key is needed\": \
         give what lets in with --token (and --whep-token)"
    );
    assert_eq!(failed, expected);
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_and_a_circle_of_redirects_are_told() {
    let (root, _served) = server(vec![answer("200 OK", "", "<html>")]).await;
    let failed = exchange(&root).offer("v=0".into()).await.unwrap_err().to_string();
    assert!(failed.contains("no session description"), "{failed}");
    let again = answer("308 Permanent Redirect", "location: /\r\n", "");
    let (root, _served) = server(vec![again; 6]).await;
    let failed = exchange(&root).offer("v=0".into()).await.unwrap_err().to_string();
    assert!(failed.contains("again and again"), "{failed}");
}
