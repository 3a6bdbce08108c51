//! What hosts and operators may do to others, and to the room.

use roomcast_protocol::limits::MAX_AUDIENCE_PAGE;
use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{ErrorCode, ParticipantId, Refusal, ServerMessage, Source};

use super::request::{Asker, Caller};
use super::{Room, gone};
use crate::happening::LeaveCause;
use crate::input::Now;
use crate::output::{MediaCommand, Output, StoreCommand};
use crate::participant::Participant;
use crate::roster::Arrival;

impl Room {
    /// Stops or resumes the forwarding of a publication.
    pub(super) fn mute(
        &mut self,
        asker: Asker,
        id: &ParticipantId,
        source: Source,
        muted: bool,
    ) -> Result<(), Refusal> {
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
        (self.stage_changed, self.publications_changed) = (true, true);
        self.ok(asker);
        Ok(())
    }

    /// Takes the right to chat, or gives it back.
    pub(super) fn silence(
        &mut self,
        asker: Asker,
        id: &ParticipantId,
        silenced: bool,
    ) -> Result<(), Refusal> {
        let who = self.find(id)?;
        self.roster.get_mut(who).ok_or_else(gone)?.silenced = silenced;
        self.links_changed = true;
        self.ok(asker);
        Ok(())
    }

    /// Sends a participant out of the room. A person may come back as someone new, a program not yet.
    pub(super) fn remove(
        &mut self,
        now: Now,
        asker: Asker,
        id: &ParticipantId,
    ) -> Result<(), Refusal> {
        let who = self.find(id)?;
        if asker.who() == Some(who) {
            let message = "you cannot remove yourself; leave the room instead";
            return Err(Refusal::new(ErrorCode::Forbidden, message));
        }
        self.bar(now, who);
        let sentence = "a host has removed you from the room";
        self.send_away(who, ErrorCode::Removed, LeaveCause::Removed, sentence);
        self.ok(asker);
        Ok(())
    }

    /// Changes settings of the room.
    pub(super) fn change_settings(
        &mut self,
        asker: Asker,
        change: SettingsChange,
    ) -> Result<(), Refusal> {
        let settings = self.settings.with(change);
        if settings != self.settings {
            self.settings = settings;
            (self.stage_changed, self.links_changed) = (true, true);
            self.output(Output::Store(StoreCommand::Settings(settings)));
        }
        if !settings.waiting_room {
            self.let_everyone_in();
        }
        self.ok(asker);
        Ok(())
    }

    /// Opens or closes the chat for all but hosts.
    pub(super) fn set_chat_open(&mut self, asker: Asker, open: bool) -> Result<(), Refusal> {
        if self.chat.open != open {
            self.chat.open = open;
            self.stage_changed = true;
            self.output(Output::Store(StoreCommand::ChatOpen(open)));
        }
        self.ok(asker);
        Ok(())
    }

    /// Lists the connected viewers, a page at a time.
    pub(super) fn list_audience(
        &mut self,
        caller: Caller,
        after: Option<&ParticipantId>,
    ) -> Result<(), Refusal> {
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
