//! What participants say, and how they are called.

use roomcast_protocol::{DisplayName, ErrorCode, Refusal, ServerMessage};

use super::{Caller, Room, gone};
use crate::chat;
use crate::input::Now;
use crate::output::{Output, StoreCommand};
use crate::permit::{Operation, permits};

impl Room {
    /// Says something to everyone, the speaker included.
    pub(super) fn say(&mut self, now: Now, caller: Caller, text: &str) -> Result<(), Refusal> {
        self.require_voice(caller)?;
        let text = chat::clean(text)?;
        let participant = self.roster.get_mut(caller.who).ok_or_else(gone)?;
        if !participant.pace.allow(now.monotonic) {
            let message = "too many messages; wait a second";
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        let message = self.chat.take(now.unix_ms, participant.as_speaker(), text);
        self.ok(caller);
        self.output(Output::Store(StoreCommand::Chat(message.clone())));
        self.broadcast(ServerMessage::Chat { message });
        Ok(())
    }

    /// Refuses those who may not chat now.
    pub(super) fn require_voice(&self, caller: Caller) -> Result<(), Refusal> {
        let participant = self.roster.get(caller.who).ok_or_else(gone)?;
        let always = permits(&participant.authority(), &Operation::ChatWhileClosed);
        if !self.chat.open && always.is_err() {
            return Err(Refusal::new(ErrorCode::ChatClosed, "the chat is closed"));
        }
        if participant.silenced {
            let message = "a host has taken your right to chat";
            return Err(Refusal::new(ErrorCode::Silenced, message));
        }
        Ok(())
    }

    /// Changes the caller's name. What was said under the older one keeps it.
    pub(super) fn rename(&mut self, caller: Caller, name: &str) -> Result<(), Refusal> {
        let participant = self.roster.get_mut(caller.who).ok_or_else(gone)?;
        participant.name = DisplayName::parse(name)?;
        self.stage_changed |= participant.is_on_stage();
        self.links_changed = true;
        self.hands_changed |= self.hands.contains(&caller.who);
        self.strugglers.renamed(caller.who);
        self.ok(caller);
        Ok(())
    }
}
