//! A viewer: joins, asks for media, answers every offer.

use std::time::{Duration, Instant};

use anyhow::bail;
use roomcast_protocol::server::SessionKind;
use roomcast_protocol::{ClientMessage, ServerMessage};

use super::connection::{Connection, Hub, PING_EVERY, join};
use crate::media::Handle;

/// What the signaling of one viewer saw.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// From `join` to `welcome`.
    pub(crate) welcome: Option<Duration>,
    /// Subscriber sessions that the node closed.
    pub(crate) sessions_closed: u32,
    /// Why the viewer was gone before the end.
    pub(crate) failure: Option<String>,
}

/// Watches until the run is over. `slot` is the viewer's number on its media thread.
pub(crate) async fn watch(mut hub: Hub, media: Handle, slot: usize, name: String) -> Watched {
    let mut watched = Watched::default();
    let of_watching = hub.clone();
    let watching = stay(&of_watching, &media, slot, name, &mut watched);
    let ended = tokio::select! {
        ended = watching => ended,
        () = hub.ended() => return watched,
    };
    // A host who ends the room is no failure when the run is over.
    if let Err(error) = ended
        && !*hub.over.borrow()
    {
        watched.failure = Some(format!("{error:#}"));
    }
    watched
}

async fn stay(
    hub: &Hub,
    media: &Handle,
    slot: usize,
    name: String,
    watched: &mut Watched,
) -> anyhow::Result<()> {
    let mut connection = Connection::open(&hub.target).await?;
    let joined = Instant::now();
    connection.send(join(&hub.room, name, false, None)).await?;
    let mut ping = tokio::time::interval(PING_EVERY);
    loop {
        let message = tokio::select! {
            message = connection.receive() => message?,
            _ = ping.tick() => {
                // Not before the node knows who this is.
                if watched.welcome.is_some() {
                    connection.send(ClientMessage::Ping).await?;
                }
                continue;
            }
        };
        match message {
            ServerMessage::Welcome(_) => {
                watched.welcome = Some(joined.elapsed());
                connection.send(ClientMessage::Subscribe { restart_ice: false }).await?;
            }
            ServerMessage::Offer { offer, sdp, fresh, .. } => {
                let sdp = media.answer(slot, joined, sdp, fresh).await?;
                connection.send(ClientMessage::Answer { offer, sdp }).await?;
            }
            ServerMessage::SessionClosed { session: SessionKind::Subscriber, .. } => {
                watched.sessions_closed += 1;
                connection.send(ClientMessage::Subscribe { restart_ice: false }).await?;
            }
            ServerMessage::Error { refusal, .. } => bail!("refused: {}", refusal.message),
            ServerMessage::Goodbye { message, .. } => bail!("sent away: {message}"),
            _ => {}
        }
    }
}
