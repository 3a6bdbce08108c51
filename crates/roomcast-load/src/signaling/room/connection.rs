//! A WebSocket that speaks the protocol.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use roomcast_protocol::{ClientMessage, PROTOCOL_VERSION, Request, ServerMessage};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::args::Goal;
use crate::media::Reached;
use crate::target::Target;

/// What every participant of a run shares.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    pub(crate) target: Target,
    pub(crate) room: String,
    /// How far viewers go.
    pub(crate) goal: Goal,
    pub(crate) reached: Arc<Reached>,
}

/// A connection to the node.
pub(super) struct Connection {
    stream: WebSocketStream<TcpStream>,
    next_id: u32,
}

impl Connection {
    pub(super) async fn open(target: &Target) -> anyhow::Result<Self> {
        let stream = target.connect().await.context("cannot connect")?;
        let url = format!("ws://{}/ws", target.authority);
        let shake = client_async_with_config(url, stream, Some(buffers()));
        let opened = tokio::time::timeout(TIME_LIMIT, shake).await;
        let (stream, _response) =
            opened.context("the node did not answer")?.context("the node refused the WebSocket")?;
        Ok(Self { stream, next_id: 0 })
    }

    /// Sends a request and returns its number.
    pub(super) async fn send(&mut self, message: ClientMessage) -> anyhow::Result<u32> {
        self.next_id += 1;
        let request = Request { id: Some(self.next_id), message };
        let text = serde_json::to_string(&request)?;
        self.stream.send(Message::text(text)).await.context("the connection is gone")?;
        Ok(self.next_id)
    }

    /// The next message. May be cancelled without losing one.
    pub(super) async fn receive(&mut self) -> anyhow::Result<ServerMessage> {
        loop {
            let message = self.stream.next().await.ok_or_else(|| anyhow!("the node hung up"))?;
            match message.context("the connection broke")? {
                Message::Text(text) => {
                    return serde_json::from_str(&text)
                        .with_context(|| format!("cannot read a message of the node: {text}"));
                }
                Message::Close(_) => bail!("the node closed the connection"),
                _ => {}
            }
        }
    }

    /// Leaves the room, by whatever message does so.
    pub(super) async fn leave(mut self, message: ClientMessage) {
        if self.send(message).await.is_ok() {
            let _ = tokio::time::timeout(TIME_LIMIT, self.stream.close(None)).await;
        }
    }
}

/// Thousands of connections at once: what most messages need, and no more.
fn buffers() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(4 * 1024).write_buffer_size(0)
}

/// How a participant introduces itself.
pub(super) fn join(
    room: &str,
    name: String,
    open: bool,
    host_key: Option<String>,
) -> ClientMessage {
    ClientMessage::Join {
        version: PROTOCOL_VERSION,
        room: room.to_owned(),
        name,
        open,
        host_key,
        resume: None,
        links: false,
        token: None,
        kind: None,
    }
}

/// How long the node may take for an answer before it counts as none.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How often a participant says that it is there.
pub(super) const PING_EVERY: Duration = Duration::from_secs(15);
