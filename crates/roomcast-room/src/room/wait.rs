//! The waiting room: those whom a host has to let in. They are no participants yet: they cost a
//! connection, and a place in a bounded list.

use roomcast_protocol::limits::MAX_WAITING;
use roomcast_protocol::server::NamedParticipant;
use roomcast_protocol::{ClientMessage, ErrorCode, ParticipantId, Refusal, Request, ServerMessage};

use super::leave::goodbye;
use super::request::Asker;
use super::{Room, already_joined};
use crate::input::{ConnectionId, Join};
use crate::output::Output;

impl Room {
    /// Connections that wait to be let in.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Puts a newcomer at the end of the list.
    pub(super) fn let_wait(&mut self, join: Join) {
        if self.waiting.len() >= MAX_WAITING && self.waits_elsewhere(&join).is_none() {
            let message = format!("{MAX_WAITING} wait to be let in already; try again later");
            let refusal = Refusal::new(ErrorCode::WaitingFull, message);
            return self.turn_away(&join, refusal);
        }
        self.stop_waiting_elsewhere(&join);
        self.send(join.connection, ServerMessage::Waiting { re: join.re });
        // The answer has been given: the welcome will be none to the request.
        self.waiting.push(Join { re: None, ..join });
        self.waiting_changed = true;
    }

    /// Where someone of the same identity waits already.
    fn waits_elsewhere(&self, join: &Join) -> Option<usize> {
        let identity = join.admission.identity.as_ref()?;
        self.waiting.iter().position(|other| other.admission.identity.as_ref() == Some(identity))
    }

    fn stop_waiting_elsewhere(&mut self, join: &Join) {
        if let Some(at) = self.waits_elsewhere(join) {
            let older = self.waiting.remove(at).connection;
            let sentence = "you wait elsewhere now; this connection is closed";
            self.dismiss(older, ErrorCode::Replaced, sentence);
        }
    }

    /// A host lets someone in, or turns them away.
    pub(super) fn admit(
        &mut self,
        asker: Asker,
        id: &ParticipantId,
        admitted: bool,
    ) -> Result<(), Refusal> {
        let at = self.waiting.iter().position(|join| join.fresh_participant == *id);
        let Some(at) = at else {
            let message = "nobody of this id waits to be let in";
            return Err(Refusal::new(ErrorCode::ParticipantUnknown, message));
        };
        if admitted {
            self.check_places(false)?;
        }
        let join = self.waiting.remove(at);
        self.waiting_changed = true;
        if admitted {
            self.let_in(join);
        } else {
            self.dismiss(join.connection, ErrorCode::Denied, "a host did not let you in");
        }
        self.ok(asker);
        Ok(())
    }

    /// The room does not let anyone wait any more: all come in, as far as there are places.
    pub(super) fn let_everyone_in(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_changed |= !waiting.is_empty();
        for join in waiting {
            match self.check_places(false) {
                Ok(()) => self.let_in(join),
                Err(refusal) => self.dismiss(join.connection, refusal.code, &refusal.message),
            }
        }
    }

    /// The room is over: nobody will let them in.
    pub(super) fn dismiss_everyone_waiting(&mut self, refusal: &Refusal) {
        for join in std::mem::take(&mut self.waiting) {
            self.dismiss(join.connection, refusal.code, &refusal.message);
        }
    }

    /// Who waits can do little: see whether the connection lives, and go.
    pub(super) fn request_while_waiting(&mut self, connection: ConnectionId, request: &Request) {
        if !self.waiting.iter().any(|join| join.connection == connection) {
            return;
        }
        let re = request.id;
        match request.message {
            ClientMessage::Ping => self.send(connection, ServerMessage::Pong { re }),
            ClientMessage::Join { .. } => self.refuse(connection, re, already_joined()),
            ClientMessage::Leave => {
                self.stop_waiting(connection);
                self.dismiss(connection, ErrorCode::Left, "you have left the room");
            }
            _ => {
                let message = "a host has not let you in yet";
                self.refuse(connection, re, Refusal::new(ErrorCode::NotJoined, message));
            }
        }
    }

    /// A connection that may have waited is gone.
    pub(super) fn stop_waiting(&mut self, connection: ConnectionId) {
        let before = self.waiting.len();
        self.waiting.retain(|join| join.connection != connection);
        self.waiting_changed |= self.waiting.len() != before;
    }

    /// Who waits, the first who came first.
    pub(super) fn waiting_list(&self) -> Vec<NamedParticipant> {
        let named = |join: &Join| NamedParticipant {
            participant: join.fresh_participant.clone(),
            name: join.name.as_str().to_owned(),
        };
        self.waiting.iter().map(named).collect()
    }

    /// Tells hosts who waits.
    pub(super) fn announce_waiting(&mut self) {
        let participants = self.waiting_list();
        self.tell_hosts(&ServerMessage::WaitingList { participants });
    }

    fn dismiss(&mut self, connection: ConnectionId, code: ErrorCode, sentence: &str) {
        self.send(connection, goodbye(code, sentence));
        self.output(Output::Close { connection });
    }
}
