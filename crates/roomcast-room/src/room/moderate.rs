//! What a host may do to others.

use roomcast_protocol::limits::MAX_AUDIENCE_PAGE;
use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{ErrorCode, ParticipantId, Refusal, ServerMessage, Source};

use super::{Caller, Room, gone};
use crate::output::{MediaCommand, Output, StoreCommand};
use crate::participant::Participant;
use crate::roster::Arrival;

impl Room {
    /// Refuses everyone but hosts.
    pub(super) fn require_host(&self, caller: Caller) -> Result<(), Refusal> {
        if self.roster.get(caller.who).is_some_and(Participant::is_host) {
            return Ok(());
        }
        Err(Refusal::new(ErrorCode::Forbidden, "only a host may do this"))
    }

    /// Stops or resumes the forwarding of a publication.
    pub(super) fn mute(
        &mut self,
        caller: Caller,
        id: &ParticipantId,
        source: Source,
        muted: bool,
    ) -> Result<(), Refusal> {
        self.require_host(caller)?;
        let who = self.find(id)?;
        let publisher = &mut self.roster.get_mut(who).ok_or_else(gone)?.publisher;
        let session = publisher.session;
        let Some(slot) = publisher.publication(source) else {
            let message = "this participant does not publish this source";
            return Err(Refusal::new(ErrorCode::PublicationUnknown, message));
        };
        slot.muted_by_host = muted;
        let publication = slot.id;
        if let Some(session) = session {
            self.media(MediaCommand::Mute { session, publication, muted });
        }
        self.stage_changed = true;
        self.ok(caller);
        Ok(())
    }

    /// Takes the right to chat, or gives it back.
    pub(super) fn silence(
        &mut self,
        caller: Caller,
        id: &ParticipantId,
        silenced: bool,
    ) -> Result<(), Refusal> {
        self.require_host(caller)?;
        let who = self.find(id)?;
        self.roster.get_mut(who).ok_or_else(gone)?.silenced = silenced;
        self.links_changed = true;
        self.ok(caller);
        Ok(())
    }

    /// Sends a participant out of the room. They may come back as someone new.
    pub(super) fn remove(&mut self, caller: Caller, id: &ParticipantId) -> Result<(), Refusal> {
        self.require_host(caller)?;
        let who = self.find(id)?;
        if who == caller.who {
            let message = "you cannot remove yourself; leave the room instead";
            return Err(Refusal::new(ErrorCode::Forbidden, message));
        }
        self.send_away(who, ErrorCode::Removed, "a host has removed you from the room");
        self.ok(caller);
        Ok(())
    }

    /// Changes settings of the room.
    pub(super) fn change_settings(
        &mut self,
        caller: Caller,
        change: SettingsChange,
    ) -> Result<(), Refusal> {
        self.require_host(caller)?;
        let settings = self.settings.with(change);
        if settings != self.settings {
            self.settings = settings;
            (self.stage_changed, self.links_changed) = (true, true);
            self.output(Output::Store(StoreCommand::Settings(settings)));
        }
        if !settings.waiting_room {
            self.let_everyone_in();
        }
        self.ok(caller);
        Ok(())
    }

    /// Opens or closes the chat for all but hosts.
    pub(super) fn set_chat_open(&mut self, caller: Caller, open: bool) -> Result<(), Refusal> {
        self.require_host(caller)?;
        if self.chat.open != open {
            self.chat.open = open;
            self.stage_changed = true;
            self.output(Output::Store(StoreCommand::ChatOpen(open)));
        }
        self.ok(caller);
        Ok(())
    }

    /// Lists the connected viewers, a page at a time.
    pub(super) fn list_audience(
        &mut self,
        caller: Caller,
        after: Option<&ParticipantId>,
    ) -> Result<(), Refusal> {
        self.require_host(caller)?;
        let after = after.map(|id| self.find(id)).transpose()?;
        let mut members = self.roster.audience(after);
        let page = members.by_ref().take(MAX_AUDIENCE_PAGE);
        let participants = page.map(Participant::as_audience_member).collect();
        let more = members.next().is_some();
        drop(members);
        let re = caller.re;
        self.send(caller.connection, ServerMessage::AudiencePage { re, participants, more });
        Ok(())
    }

    /// A participant by the id that others know them by.
    pub(super) fn find(&self, id: &ParticipantId) -> Result<Arrival, Refusal> {
        self.roster.by_id(id).ok_or_else(|| {
            Refusal::new(ErrorCode::ParticipantUnknown, "no such participant is in the room")
        })
    }
}
