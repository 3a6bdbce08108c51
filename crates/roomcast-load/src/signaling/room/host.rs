//! A host: opens the room and goes live.

use anyhow::{Context as _, bail};
use roomcast_protocol::client::PublishedTrack;
use roomcast_protocol::quality::PublishedLayer;
use roomcast_protocol::{ClientMessage, ServerMessage, Source};
use tokio::sync::oneshot;

use super::connection::{Connection, Hub, PING_EVERY, TIME_LIMIT, join};
use crate::media::{Handle, Layer};
use crate::signaling::{Over, Published, ended, media_addresses};

/// Joins as publisher `number`, tells `published` when that is done, and stays until the end. With
/// a host key this joins the room, without one it opens it.
pub(in crate::signaling) async fn host(
    hub: Hub,
    over: Over,
    media: Handle,
    number: u8,
    host_key: Option<String>,
    published: oneshot::Sender<anyhow::Result<Published>>,
) -> anyhow::Result<()> {
    let opens = host_key.is_none();
    let gone_live = tokio::time::timeout(TIME_LIMIT, go_live(&hub, &media, number, host_key)).await;
    match gone_live.context("the node did not answer").and_then(|gone_live| gone_live) {
        Ok((connection, entered)) => {
            // Whoever waits may be gone; then the end is near as well.
            let _ = published.send(Ok(entered));
            stay(over, connection, (media, number), opens).await
        }
        Err(error) => {
            let _ = published.send(Err(error));
            Ok(())
        }
    }
}

async fn go_live(
    hub: &Hub,
    media: &Handle,
    number: u8,
    host_key: Option<String>,
) -> anyhow::Result<(Connection, Published)> {
    let mut connection = Connection::open(&hub.target).await?;
    let name = format!("Host {}", u32::from(number) + 1);
    let opens = host_key.is_none();
    connection.send(join(&hub.room, name, opens, host_key)).await?;
    let host_key = loop {
        match connection.receive().await? {
            ServerMessage::Welcome(welcome) => break welcome.host_key,
            ServerMessage::Error { refusal, .. } => bail!("join refused: {}", refusal.message),
            _ => {}
        }
    };
    let offered = media.publish(number).await?;
    let track = |mid: &str, source, layers| PublishedTrack {
        mid: mid.to_owned(),
        source,
        muted: false,
        layers,
    };
    let layers: Vec<_> = offered.layers.iter().filter_map(published).collect();
    let is_layered = !layers.is_empty();
    let tracks = vec![
        track(&offered.video_mid, Source::Camera, layers),
        track(&offered.audio_mid, Source::Microphone, Vec::new()),
    ];
    connection.send(ClientMessage::Publish { sdp: offered.sdp, tracks, fresh: true }).await?;
    loop {
        match connection.receive().await? {
            ServerMessage::Published { sdp, .. } => {
                if is_layered && !sdp.contains("a=simulcast:recv") {
                    bail!("the node takes pictures in one layer only");
                }
                let media_addresses = media_addresses(&sdp);
                media.take_answer(number.into(), sdp).await?;
                return Ok((connection, Published { host_key, media_addresses }));
            }
            ServerMessage::Error { refusal, .. } => bail!("publish refused: {}", refusal.message),
            _ => {}
        }
    }
}

/// What is said of a layer; `None` of one that has no name.
fn published(layer: &Layer) -> Option<PublishedLayer> {
    let (width, height) = layer.size;
    Some(PublishedLayer { rid: layer.rid?.to_owned(), bitrate: layer.bitrate, width, height })
}

/// Answers for the host until the run is over.
async fn stay(
    mut over: Over,
    mut connection: Connection,
    (media, number): (Handle, u8),
    opens: bool,
) -> anyhow::Result<()> {
    let mut ping = tokio::time::interval(PING_EVERY);
    loop {
        tokio::select! {
            () = ended(&mut over) => break,
            _ = ping.tick() => { connection.send(ClientMessage::Ping).await?; }
            message = connection.receive() => match message? {
                ServerMessage::Layers { source: Source::Camera, wanted } => {
                    media.want_layers(number, wanted);
                }
                ServerMessage::Goodbye { message, .. } => bail!("a host was sent away: {message}"),
                ServerMessage::SessionClosed { refusal, .. } => {
                    bail!("a host's session was closed: {}", refusal.message)
                }
                _ => {}
            },
        }
    }
    connection.leave(if opens { ClientMessage::End } else { ClientMessage::Leave }).await;
    Ok(())
}
