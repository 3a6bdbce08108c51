//! One try: a signed POST to a target that is judged anew, and what it answers.
//!
//! A redirect is not followed, a proxy of the environment is not asked, and of the answer nothing
//! matters but its status.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response, StatusCode, header};
use roomcast_protocol::RoomName;

use super::event;
use super::signature::{self, signature};
use super::target::{self, Reach, TargetFault};
use crate::store::webhooks::Head;
use crate::wall_clock::unix_seconds;

/// Sends deliveries. Clones share the connections.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    /// Absent when the system has no means for it; the log has said so.
    client: Option<Client>,
    reach: Reach,
}

/// What came of a try.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    /// Why the receiver does not have it.
    pub(super) error: Option<String>,
}

/// For the whole of a try: a receiver notes the event and answers, and works on it afterwards.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(10);

/// For the connection alone.
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection is kept for the next delivery.
const IDLE_TIME_LIMIT: Duration = Duration::from_secs(30);

/// Bytes of an answer that are read, so that the connection can be used again.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Characters of an error that are kept.
const MAX_ERROR_CHARS: usize = 200;

impl Sender {
    pub(super) fn new(reach: Reach) -> Self {
        let made = builder(&reach).build().or_else(|error| {
            tracing::warn!(%error, "no certificates to trust: webhooks reach http targets alone");
            builder(&reach).tls_certs_only([]).build()
        });
        let client = made.inspect_err(|error| tracing::error!(%error, "webhooks cannot be sent"));
        Self { client: client.ok(), reach }
    }

    /// Sends the head of a line to a target.
    pub(super) async fn send(
        &self,
        url: &str,
        secret: &str,
        room: &RoomName,
        head: &Head,
    ) -> Answer {
        match self.post(url, secret, room, head).await {
            Ok(response) => answered(response).await,
            Err(error) => Answer { status: None, error: Some(told(&*error)) },
        }
    }

    async fn post(
        &self,
        url: &str,
        secret: &str,
        room: &RoomName,
        head: &Head,
    ) -> Result<Response, Box<dyn Error + Send + Sync>> {
        let client = self.client.as_ref().ok_or("this machine cannot send webhooks")?;
        let url = target::parse(url)?;
        self.reach.check_literal(&url)?;
        let body = event::body(room, head);
        let request = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("roomcast-event", &head.event)
            .header("roomcast-delivery", &head.id.0)
            .header(signature::HEADER, signature(secret, unix_seconds(), &body))
            .body(body);
        Ok(request.send().await?)
    }
}

fn builder(reach: &Reach) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("roomcast/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(reach.clone())
        // It would reach the target in our place, and what lies around it.
        .no_proxy()
        .redirect(Policy::none())
        .timeout(TIME_LIMIT)
        .connect_timeout(CONNECT_TIME_LIMIT)
        .pool_idle_timeout(IDLE_TIME_LIMIT)
        .pool_max_idle_per_host(super::lines::MAX_IN_FLIGHT)
}

async fn answered(response: Response) -> Answer {
    let status = response.status();
    read_some(response).await;
    Answer { status: Some(status.as_u16()), error: fault(status) }
}

async fn read_some(mut response: Response) {
    let mut read = 0;
    while read <= MAX_ANSWER_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        read += chunk.len();
    }
}

fn fault(status: StatusCode) -> Option<String> {
    if status.is_success() {
        None
    } else if status.is_redirection() {
        Some("the target redirects, which is not followed; give the final address".to_owned())
    } else {
        Some(format!("the target answered {}", status.as_u16()))
    }
}

/// A fault in a sentence for whoever looks after the webhook.
fn told(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    loop {
        if let Some(fault) = cause.downcast_ref::<TargetFault>() {
            return fault.to_string();
        }
        if let Some(error) = cause.downcast_ref::<reqwest::Error>()
            && error.is_timeout()
        {
            return format!("no answer came within {} seconds", TIME_LIMIT.as_secs());
        }
        match cause.source() {
            Some(source) => cause = source,
            None => return cause.to_string().chars().take(MAX_ERROR_CHARS).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::store::webhooks::DeliveryId;

    fn head() -> Head {
        Head {
            id: DeliveryId("1".into()),
            event: "room.opened".into(),
            number: 1,
            at: 1,
            since: 1,
            detail: "{}".into(),
        }
    }

    async fn sent(reach: &Reach, url: &str) -> Answer {
        let room = RoomName::parse("room").unwrap();
        Sender::new(reach.clone()).send(url, "secret", &room, &head()).await
    }

    #[tokio::test]
    async fn a_name_that_leads_elsewhere_by_now_is_refused_at_the_connect() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://hook.example.org:{port}/");
        let reach = Reach::told(&[], &[&["8.8.8.8"], &["127.0.0.1"]]);
        reach.check(&target::parse(&url).unwrap()).await.unwrap();
        let answer = sent(&reach, &url).await;
        assert_eq!(answer.error, Some(TargetFault::Refused.to_string()));
        let untouched = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
        assert!(untouched.is_err(), "nobody connected");
    }

    #[tokio::test]
    async fn a_name_that_is_gone_and_an_address_that_is_not_allowed_are_told() {
        let reach = Reach::told(&[], &[]);
        let answer = sent(&reach, "https://hook.example.org/").await;
        assert_eq!(answer.error, Some(TargetFault::Unresolved.to_string()));
        let answer = sent(&reach, "http://127.0.0.1:9/").await;
        assert_eq!(answer.error, Some(TargetFault::Refused.to_string()));
    }

    #[tokio::test]
    async fn a_target_that_nobody_listens_at_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let reach = Reach::told(&["127.0.0.0/8"], &[]);
        let answer = sent(&reach, &format!("http://127.0.0.1:{port}/")).await;
        assert_eq!(answer.status, None);
        assert!(answer.error.is_some_and(|error| error.contains("refused")));
    }

    #[test]
    fn only_a_success_is_one() {
        for (status, success) in
            [(200, true), (204, true), (301, false), (404, false), (500, false)]
        {
            assert_eq!(fault(StatusCode::from_u16(status).unwrap()).is_none(), success, "{status}");
        }
    }
}
