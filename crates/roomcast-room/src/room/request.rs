//! Requests: who asks, whether they may, and who carries out what.

use roomcast_protocol::{ClientMessage, ErrorCode, ParticipantId, Refusal, Request, ServerMessage};

use super::{Room, already_joined, gone};
use crate::input::{ConnectionId, Now};
use crate::output::Output;
use crate::permit::{Authority, Operation, permits};
use crate::roster::Arrival;

/// Which participant asks for something, and how to answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) who: Arrival,
    pub(super) connection: ConnectionId,
    pub(super) re: Option<u32>,
}

/// Who asks for what operators may ask for too.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asker {
    Participant(Caller),
    Operator { ticket: u64 },
}

impl From<Caller> for Asker {
    fn from(caller: Caller) -> Self {
        Self::Participant(caller)
    }
}

impl Asker {
    /// Which participant it is, if it is one.
    pub(super) fn who(self) -> Option<Arrival> {
        match self {
            Self::Participant(caller) => Some(caller.who),
            Self::Operator { .. } => None,
        }
    }
}

impl Room {
    /// A request of a connection that has joined. One of another connection is ignored: it was on
    /// its way when the connection was closed.
    pub(super) fn request(&mut self, now: Now, connection: ConnectionId, request: Request) {
        let Some(who) = self.roster.by_connection(connection) else {
            return self.request_while_waiting(connection, &request);
        };
        let caller = Caller { who, connection, re: request.id };
        let permitted = self.check_permission(who, &request.message);
        let result = permitted.and_then(|()| self.carry_out(now, caller, request.message));
        if let Err(refusal) = result {
            self.refuse(connection, caller.re, refusal);
        }
    }

    /// Something that an operator wants.
    pub(super) fn operate(&mut self, now: Now, ticket: u64, message: ClientMessage) {
        let permitted = match &self.over {
            Some(refusal) => Err(refusal.clone()),
            None => permits(&Authority::Operator, &Operation::of(&message, None)),
        };
        let result = permitted.and_then(|()| self.govern(now, Asker::Operator { ticket }, message));
        if let Err(refusal) = result {
            self.output(Output::Operated { ticket, result: Err(refusal) });
        }
    }

    /// It was done.
    pub(super) fn ok(&mut self, asker: impl Into<Asker>) {
        match asker.into() {
            Asker::Participant(Caller { connection, re, .. }) => {
                self.send(connection, ServerMessage::Ok { re });
            }
            Asker::Operator { ticket } => {
                self.output(Output::Operated { ticket, result: Ok(()) });
            }
        }
    }

    fn check_permission(&self, who: Arrival, message: &ClientMessage) -> Result<(), Refusal> {
        let participant = self.roster.get(who).ok_or_else(gone)?;
        let id: &ParticipantId = &participant.id;
        permits(&participant.authority(), &Operation::of(message, Some(id)))
    }

    fn carry_out(
        &mut self,
        now: Now,
        caller: Caller,
        message: ClientMessage,
    ) -> Result<(), Refusal> {
        use ClientMessage as M;
        match message {
            M::Join { .. } => Err(already_joined()),
            M::Publish { sdp, tracks, fresh } => self.publish(caller, sdp, &tracks, fresh),
            M::Unpublish => self.unpublish(caller),
            M::TrackMuted { source, muted } => self.track_muted(caller, source, muted),
            M::Subscribe { restart_ice } => self.subscribe(caller, restart_ice),
            M::Watch { sdp, fresh } => self.watch(caller, sdp, fresh),
            M::Answer { offer, sdp } => self.answer(caller, offer, sdp),
            M::Chat { text } => self.say(now, caller, &text),
            M::Rename { name } => self.rename(caller, &name),
            M::Audience { after } => self.list_audience(caller, after.as_ref()),
            M::Announce { tracks } => self.announce(caller, &tracks),
            M::Link { to, link, signal } => self.signal(caller, &to, link, signal),
            M::LinkState { participant, link, state, cause: _ } => {
                self.link_state(caller, &participant, link, state)
            }
            M::Relink { participant } => self.relink(caller, &participant),
            M::Receiving { participant, via } => self.receiving(caller, &participant, via),
            M::Direct { to, stream, data } => self.direct(caller, &to, stream, data),
            M::Hand { raised, participant } => self.hand(caller, raised, participant.as_ref()),
            M::MediaTrouble { place, participant, cause } => {
                self.report_trouble(now, caller, place, participant, cause)
            }
            M::Prefer { pictures } => self.prefer(caller, pictures),
            M::Leave => self.leave(caller),
            M::Ping => {
                self.send(caller.connection, ServerMessage::Pong { re: caller.re });
                Ok(())
            }
            message @ (M::Mute { .. }
            | M::Silence { .. }
            | M::Remove { .. }
            | M::ChatOpen { .. }
            | M::Stage { .. }
            | M::Settings(_)
            | M::Admit { .. }
            | M::End) => self.govern(now, caller.into(), message),
        }
    }

    /// What hosts and operators may do.
    fn govern(&mut self, now: Now, asker: Asker, message: ClientMessage) -> Result<(), Refusal> {
        use ClientMessage as M;
        match message {
            M::Mute { participant, source, muted } => self.mute(asker, &participant, source, muted),
            M::Silence { participant, silenced } => self.silence(asker, &participant, silenced),
            M::Remove { participant } => self.remove(now, asker, &participant),
            M::ChatOpen { open } => self.set_chat_open(asker, open),
            M::Stage { participant, on } => self.set_on_stage(now, asker, &participant, on),
            M::Settings(change) => self.change_settings(asker, change),
            M::Admit { participant, admitted } => self.admit(asker, &participant, admitted),
            M::End => self.end(asker),
            _ => Err(Refusal::new(ErrorCode::Forbidden, "this is for participants only")),
        }
    }
}
