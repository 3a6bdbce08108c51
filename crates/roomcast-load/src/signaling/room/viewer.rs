//! A viewer: joins, asks for media, answers every offer.

use std::time::Instant;

use anyhow::bail;
use roomcast_protocol::server::SessionKind;
use roomcast_protocol::{ClientMessage, ServerMessage};

use super::connection::{Connection, Hub, PING_EVERY, join};
use crate::args::Goal;
use crate::media::{Handle, Reached};
use crate::signaling::Watched;

/// Watches until something goes wrong.
pub(in crate::signaling) async fn watch(
    hub: &Hub,
    media: &Handle,
    slot: usize,
    name: String,
    watched: &mut Watched,
) -> anyhow::Result<()> {
    let began = Instant::now();
    watched.began = Some(began);
    let mut connection = Connection::open(&hub.target).await?;
    watched.opened = Some(began.elapsed());
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
                Reached::count(&hub.reached.welcomed);
                if hub.goal > Goal::Welcome {
                    connection.send(ClientMessage::Subscribe { restart_ice: false }).await?;
                }
            }
            ServerMessage::Offer { offer, sdp, fresh, .. } => {
                if watched.offer.is_none() {
                    watched.offer = Some(joined.elapsed());
                    Reached::count(&hub.reached.offered);
                }
                if hub.goal == Goal::Offer {
                    continue;
                }
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
