//! Data between participants to whom there is no link, and reports about media that did not get
//! through.

use std::collections::BTreeSet;

use roomcast_protocol::limits::{MAX_DIRECT_BYTES, MAX_LINKS};
use roomcast_protocol::link::Stream;
use roomcast_protocol::{
    ErrorCode, ParticipantId, Refusal, ServerMessage, TroubleCause, TroublePlace,
};

use super::{Caller, Room, gone};
use crate::input::Now;
use crate::output::Output;
use crate::roster::Arrival;

impl Room {
    /// Hands data to some participants: to all of them or to none. Those whose connection is lost
    /// miss it.
    pub(super) fn direct(
        &mut self,
        caller: Caller,
        to: &[ParticipantId],
        stream: Stream,
        data: String,
    ) -> Result<(), Refusal> {
        if stream == Stream::Chat {
            self.require_voice(caller)?;
        }
        if data.len() > MAX_DIRECT_BYTES {
            let message = format!("direct data may have {MAX_DIRECT_BYTES} bytes at most");
            return Err(Refusal::new(ErrorCode::TooLarge, message));
        }
        let receivers = self.receivers(to)?;
        let from = self.roster.get(caller.who).ok_or_else(gone)?.id.clone();
        let message = ServerMessage::Direct { from, stream, data };
        for receiver in receivers {
            self.tell(receiver, message.clone());
        }
        self.ok(caller);
        Ok(())
    }

    /// Tells the operator that media did not get through.
    pub(super) fn report_trouble(
        &mut self,
        now: Now,
        caller: Caller,
        place: TroublePlace,
        other: Option<ParticipantId>,
        cause: TroubleCause,
    ) -> Result<(), Refusal> {
        if let Some(other) = &other {
            self.find(other)?;
        }
        let participant = self.roster.get_mut(caller.who).ok_or_else(gone)?;
        if !participant.troubles.allow(now.monotonic) {
            return Err(Refusal::new(ErrorCode::RateLimited, "too many reports; wait a second"));
        }
        let participant = participant.id.clone();
        self.output(Output::Trouble { participant, place, other, cause });
        self.ok(caller);
        Ok(())
    }

    fn receivers(&self, to: &[ParticipantId]) -> Result<BTreeSet<Arrival>, Refusal> {
        if to.is_empty() || to.len() > MAX_LINKS {
            let message = format!("name 1 to {MAX_LINKS} receivers");
            return Err(Refusal::new(ErrorCode::Malformed, message));
        }
        let one = |id: &ParticipantId| {
            self.roster.by_id(id).ok_or_else(|| {
                let message = format!("no participant {} is in the room", shortened(id));
                Refusal::new(ErrorCode::ParticipantUnknown, message)
            })
        };
        to.iter().map(one).collect()
    }
}

/// An id as it came, but not longer than ours are.
fn shortened(id: &ParticipantId) -> String {
    const CHARS: usize = 43;
    id.0.chars().filter(|c| !c.is_control()).take(CHARS).collect()
}
