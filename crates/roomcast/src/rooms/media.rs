//! Media events on their way from the shards to the rooms.

use std::collections::HashMap;

use roomcast_engine::Event;
use roomcast_room::{MediaEvent, SessionId};
use tokio::sync::mpsc;

use super::translate::to_room;

/// What travels to the router.
#[derive(Debug)]
pub(crate) enum Routed {
    /// A room begins: its number, and where its events go.
    Opened(u32, mpsc::Sender<MediaEvent>),
    /// A room is over.
    Closed(u32),
    /// A shard reports.
    Event(Event),
}

/// Events of all rooms that may wait: each of 10,000 viewers is told of a new publication at once,
/// with several events each.
const QUEUE: usize = 65_536;

/// Events of one room that may wait.
pub(super) const ROOM_QUEUE: usize = 32_768;

/// Starts the router; it ends behind the last sender.
pub(crate) fn events() -> mpsc::Sender<Routed> {
    let (sender, queue) = mpsc::channel(QUEUE);
    tokio::spawn(route(queue));
    sender
}

async fn route(mut queue: mpsc::Receiver<Routed>) {
    let mut rooms = HashMap::new();
    while let Some(routed) = queue.recv().await {
        match routed {
            Routed::Opened(number, room) => {
                rooms.insert(number, room);
            }
            Routed::Closed(number) => {
                rooms.remove(&number);
            }
            Routed::Event(event) => {
                let Some((session, event)) = to_room(event) else { continue };
                // A room that is over closed its sessions; what they still say is of no interest.
                let Some(room) = rooms.get(&room_of(session)) else { continue };
                if let Err(mpsc::error::TrySendError::Full(_)) = room.try_send(event) {
                    tracing::error!(room = room_of(session), "bug: a room's media queue is full");
                }
            }
        }
    }
}

/// The room's number stands in the upper half of each of its session ids.
fn room_of(session: SessionId) -> u32 {
    u32::try_from(session.0 >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use roomcast_engine as engine;

    use super::*;

    #[tokio::test]
    async fn events_reach_the_room_whose_number_their_session_bears() {
        let routes = events();
        let (first, mut at_first) = mpsc::channel(4);
        let (second, mut at_second) = mpsc::channel(4);
        for routed in [
            Routed::Opened(1, first),
            Routed::Opened(2, second),
            Routed::Event(Event::Connected { session: engine::SessionId((2 << 32) | 9) }),
            Routed::Event(Event::Connected { session: engine::SessionId((7 << 32) | 9) }),
            Routed::Closed(1),
            Routed::Event(Event::Connected { session: engine::SessionId((1 << 32) | 9) }),
        ] {
            routes.send(routed).await.unwrap();
        }
        drop(routes);
        let event = at_second.recv().await.unwrap();
        assert!(matches!(event, MediaEvent::Connected { session } if session.0 == (2 << 32) | 9));
        assert!(at_second.recv().await.is_none());
        assert!(at_first.recv().await.is_none());
    }
}
