//! The signaling side: how publishers and viewers come to their connections.

mod room;
mod web;

use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use crate::media::Handle;

pub(crate) use room::Hub;
pub(crate) use web::Server;

/// Where everyone comes in. Clones are for single participants.
#[derive(Debug, Clone)]
pub(crate) enum Entrance {
    /// A room of a node, over its own protocol.
    Room(Hub),
    /// A server, over WHIP and WHEP.
    Web(Server),
}

/// Who has published; media follows as soon as the connection is up.
#[derive(Debug)]
pub(crate) struct Published {
    /// The secret that makes further hosts of a room; only the one who opened it has it.
    pub(crate) host_key: Option<String>,
    /// Where the server's answer says that media goes, for those who wonder why it does not.
    pub(crate) media_addresses: String,
}

/// What the signaling of one viewer saw.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// When it came.
    pub(crate) began: Option<Instant>,
    /// From coming to an open WebSocket.
    pub(crate) opened: Option<Duration>,
    /// From asking to being let in: from `join` to `welcome`, or from a POST to its answer.
    pub(crate) welcome: Option<Duration>,
    /// From `join` to the first offer of the node.
    pub(crate) offer: Option<Duration>,
    /// Subscriber sessions that the node closed.
    pub(crate) sessions_closed: u32,
    /// Why the viewer was gone before the end.
    pub(crate) failure: Option<String>,
}

impl Watched {
    /// The moment of a step that is counted from `join`.
    pub(crate) fn let_in(&self, step: Option<Duration>) -> Option<Instant> {
        Some(self.began? + self.opened? + step?)
    }
}

/// Becomes true when everyone is to leave.
pub(crate) type Over = watch::Receiver<bool>;

/// Returns when everyone is to leave.
async fn ended(over: &mut Over) {
    // An error means that the run itself is gone.
    let _ = over.wait_for(|over| *over).await;
}

/// The addresses of the candidates in a description (RFC 8839 section 5.1), each once.
fn media_addresses(sdp: &str) -> String {
    let mut addresses = Vec::new();
    for candidate in sdp.lines().filter_map(|line| line.strip_prefix("a=candidate:")) {
        let mut words = candidate.split(' ').skip(2);
        if let (Some(protocol), _, Some(ip), Some(port)) =
            (words.next(), words.next(), words.next(), words.next())
        {
            let address = format!("{ip} port {port} ({})", protocol.to_ascii_lowercase());
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    if addresses.is_empty() { "none".to_owned() } else { addresses.join(", ") }
}

impl Entrance {
    /// Publishes as `number`, tells `published` when that is done, and stays until the end.
    pub(crate) async fn publish(
        self,
        over: Over,
        media: Handle,
        number: u8,
        host_key: Option<String>,
        published: oneshot::Sender<anyhow::Result<Published>>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Room(hub) => room::host(hub, over, media, number, host_key, published).await,
            Self::Web(server) => server.publish(over, media, number, published).await,
        }
    }

    /// Watches until the run is over: one publisher where each has a resource of its own, and all of a
    /// room. `slot` is the viewer's number on its media thread.
    pub(crate) async fn watch(
        self,
        mut over: Over,
        media: Handle,
        (slot, publisher): (usize, u8),
        name: String,
    ) -> Watched {
        let mut watched = Watched::default();
        let ended = match self {
            Self::Room(hub) => {
                tokio::select! {
                    ended = room::watch(&hub, &media, slot, name, &mut watched) => ended,
                    () = ended(&mut over) => Ok(()),
                }
            }
            Self::Web(server) => {
                server.watch(&mut over, &media, (slot, publisher), &mut watched).await
            }
        };
        // A host who ends the room is no failure when the run is over.
        if let Err(error) = ended
            && !*over.borrow()
        {
            watched.failure = Some(format!("{error:#}"));
        }
        watched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_candidates_are_listed_once() {
        let sdp = "v=0\r\na=candidate:1 1 UDP 2130706431 192.0.2.1 8189 typ host\r\n\
                   a=candidate:1 1 udp 2130706431 192.0.2.1 8189 typ host\r\n\
                   a=candidate:2 1 tcp 1 2001:db8::1 9 typ host tcptype passive\r\na=candidate:x\r\n";
        let expected = "192.0.2.1 port 8189 (udp), 2001:db8::1 port 9 (tcp)";
        assert_eq!(media_addresses(sdp), expected);
        assert_eq!(media_addresses("v=0"), "none");
    }
}
