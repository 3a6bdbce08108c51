//! The connections of one room: what is sent to them, and who reads too slowly.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use roomcast_protocol::{ParticipantId, ServerMessage};
use roomcast_room::ConnectionId;

use super::{Outbox, Surroundings};

/// One connection, as a room's task sees it.
#[derive(Debug)]
pub(crate) struct Member {
    outbox: Outbox,
    /// Under which name and port the client reached the node.
    asked_host: Arc<str>,
    /// Who it is, once the room let it in: broadcasts are for these.
    participant: Option<ParticipantId>,
}

impl Member {
    /// Someone who has not been let in yet.
    pub(super) fn new(outbox: Outbox, asked_host: Arc<str>) -> Self {
        Self { outbox, asked_host, participant: None }
    }
}

/// Everyone who came in and was neither closed nor lost.
#[derive(Debug)]
pub(super) struct Members {
    surroundings: Surroundings,
    members: HashMap<ConnectionId, Member>,
    /// Connections that were dropped for reading too slowly; the room is told next.
    lost: Vec<ConnectionId>,
}

impl Members {
    pub(super) fn new(surroundings: Surroundings) -> Self {
        Self { surroundings, members: HashMap::new(), lost: Vec::new() }
    }

    /// Takes a connection in.
    pub(super) fn add(&mut self, connection: ConnectionId, member: Member) {
        self.members.insert(connection, member);
    }

    /// Forgets a connection: it closes after what was sent to it.
    pub(super) fn remove(&mut self, connection: ConnectionId) {
        self.members.remove(&connection);
    }

    /// A connection that was dropped since the last time.
    pub(super) fn take_lost(&mut self) -> Option<ConnectionId> {
        self.lost.pop()
    }

    /// Sends to one.
    pub(super) fn send(&mut self, to: ConnectionId, mut message: ServerMessage) {
        let Some(member) = self.members.get_mut(&to) else { return };
        match &mut message {
            ServerMessage::Error { refusal, .. } => self.surroundings.metrics.refused(refusal.code),
            ServerMessage::Welcome(welcome) => {
                let ice_servers = &self.surroundings.ice_servers;
                welcome.ice_servers = ice_servers.servers(&welcome.participant, &member.asked_host);
                member.participant = Some(welcome.participant.clone());
            }
            // It is counted and sent again by its sender, and must not cost the receiver the
            // connection.
            ServerMessage::Direct { .. } if member.outbox.is_half_full() => return,
            _ => {}
        }
        let Some(text) = written(&message) else { return };
        if member.outbox.push(text).is_err() {
            self.lose(to);
        }
    }

    /// Sends to all who were let in.
    pub(super) fn broadcast(&mut self, message: &ServerMessage) {
        let Some(text) = written(message) else { return };
        let slow: Vec<ConnectionId> = self
            .members
            .iter()
            .filter(|(_, member)| member.participant.is_some())
            .filter(|(_, member)| member.outbox.push(text.clone()).is_err())
            .map(|(connection, _)| *connection)
            .collect();
        slow.into_iter().for_each(|connection| self.lose(connection));
    }

    /// Gives everyone new credentials.
    pub(super) fn renew_ice_servers(&mut self) {
        let renewed: Vec<(ConnectionId, ServerMessage)> = self
            .members
            .iter()
            .filter_map(|(connection, member)| {
                let participant = member.participant.as_ref()?;
                let servers = &self.surroundings.ice_servers;
                let ice_servers = servers.servers(participant, &member.asked_host);
                Some((*connection, ServerMessage::IceServers { ice_servers }))
            })
            .collect();
        for (connection, message) in renewed {
            self.send(connection, message);
        }
    }

    fn lose(&mut self, connection: ConnectionId) {
        tracing::debug!(connection = connection.0, "reads too slowly");
        self.members.remove(&connection);
        self.lost.push(connection);
    }
}

fn written(message: &ServerMessage) -> Option<Utf8Bytes> {
    match serde_json::to_string(message) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            tracing::error!(%error, "bug: a message cannot be written");
            None
        }
    }
}
