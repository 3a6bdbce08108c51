//! Requests: who asks, and who carries out what.

use roomcast_protocol::{ClientMessage, ErrorCode, Refusal, Request, ServerMessage};

use super::{Room, already_joined};
use crate::input::{ConnectionId, Now};
use crate::roster::Arrival;

/// Who asks for something, and how to answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) who: Arrival,
    pub(super) connection: ConnectionId,
    pub(super) re: Option<u32>,
}

impl Room {
    /// A request of a connection that has joined. One of another connection is ignored: it was on
    /// its way when the connection was closed.
    pub(super) fn request(&mut self, now: Now, connection: ConnectionId, request: Request) {
        let Some(who) = self.roster.by_connection(connection) else {
            return self.request_while_waiting(connection, &request);
        };
        let caller = Caller { who, connection, re: request.id };
        if let Err(refusal) = self.carry_out(now, caller, request.message) {
            self.refuse(connection, caller.re, refusal);
        }
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
            M::Watch { .. } => Err(Refusal::new(ErrorCode::Forbidden, "not yet")),
            M::Answer { offer, sdp } => self.answer(caller, offer, sdp),
            M::Chat { text } => self.say(now, caller, &text),
            M::Rename { name } => self.rename(caller, &name),
            M::Mute { participant, source, muted } => {
                self.mute(caller, &participant, source, muted)
            }
            M::Silence { participant, silenced } => self.silence(caller, &participant, silenced),
            M::Remove { participant } => self.remove(caller, &participant),
            M::ChatOpen { open } => self.set_chat_open(caller, open),
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
            M::Stage { participant, on } => self.set_on_stage(caller, &participant, on),
            M::Settings(change) => self.change_settings(caller, change),
            M::Admit { participant, admitted } => self.admit(caller, &participant, admitted),
            M::MediaTrouble { place, participant, cause } => {
                self.report_trouble(now, caller, place, participant, cause)
            }
            M::End => self.end(caller),
            M::Leave => self.leave(caller),
            M::Ping => {
                self.send(caller.connection, ServerMessage::Pong { re: caller.re });
                Ok(())
            }
        }
    }
}
