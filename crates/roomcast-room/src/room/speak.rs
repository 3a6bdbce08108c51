//! What participants say, and how they are called.

use roomcast_protocol::{DisplayName, ErrorCode, Refusal, ServerMessage};

use super::{Caller, Room, gone};
use crate::chat;
use crate::input::Now;
use crate::output::{Output, StoreCommand};

impl Room {
    /// Says something to everyone, the speaker included.
    pub(super) fn say(&mut self, now: Now, caller: Caller, text: &str) -> Result<(), Refusal> {
        let open = self.chat.open;
        let participant = self.roster.get_mut(caller.who).ok_or_else(gone)?;
        let fault = |code, message: &str| Err(Refusal::new(code, message));
        if !open && !participant.is_host() {
            return fault(ErrorCode::ChatClosed, "the chat is closed");
        }
        if participant.silenced {
            return fault(ErrorCode::Silenced, "a host has taken your right to chat");
        }
        let text = chat::clean(text)?;
        if !participant.pace.allow(now.monotonic) {
            return fault(ErrorCode::RateLimited, "too many messages; wait a second");
        }
        let message = self.chat.take(now.unix_ms, participant.as_speaker(), text);
        self.ok(caller);
        self.output(Output::Store(StoreCommand::Chat(message.clone())));
        self.broadcast(ServerMessage::Chat { message });
        Ok(())
    }

    /// Changes the caller's name. What was said under the older one keeps it.
    pub(super) fn rename(&mut self, caller: Caller, name: &str) -> Result<(), Refusal> {
        let participant = self.roster.get_mut(caller.who).ok_or_else(gone)?;
        participant.name = DisplayName::parse(name)?;
        self.stage_changed |= participant.is_on_stage();
        self.ok(caller);
        Ok(())
    }
}
