//! What participants say to each other by way of the node about their links, and what they say to
//! the node about them. Descriptions and candidates pass through unread.

use roomcast_protocol::link::{LinkSignal, LinkState};
use roomcast_protocol::{ErrorCode, ParticipantId, Path, Refusal, ServerMessage};

use super::{Caller, Room, gone};
use crate::links::{Kept, Key, MAX_UNDELIVERED};
use crate::roster::Arrival;

impl Room {
    /// Passes a description or a candidate on, in the order in which they come. For someone whose
    /// connection is lost it is kept.
    pub(super) fn signal(
        &mut self,
        caller: Caller,
        to: &ParticipantId,
        link: u32,
        signal: LinkSignal,
    ) -> Result<(), Refusal> {
        signal.check()?;
        let (other, _) = self.held_link(caller.who, to, link)?;
        let from = self.roster.get(caller.who).ok_or_else(gone)?.id.clone();
        let bytes = signal.bytes();
        let message = ServerMessage::Link { from, link, signal };
        let receiver = self.roster.get_mut(other).ok_or_else(gone)?;
        let kept = Kept { from: caller.who, link, message };
        if let Some(connection) = receiver.connection {
            self.send(connection, kept.message);
        } else if receiver.undelivered.keep(kept, bytes).is_err() {
            let message = format!(
                "this participant is away, and no more than {MAX_UNDELIVERED} messages can wait"
            );
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        self.ok(caller);
        Ok(())
    }

    /// How a link stands at one of its ends. A failed one is not used any more at the other either.
    pub(super) fn link_state(
        &mut self,
        caller: Caller,
        other: &ParticipantId,
        link: u32,
        state: LinkState,
    ) -> Result<(), Refusal> {
        let (_, key) = self.held_link(caller.who, other, link)?;
        if state == LinkState::Failed
            && let Some(pair) = self.pairs.get_mut(key)
        {
            pair.fail();
            self.reroute(key);
        }
        self.ok(caller);
        Ok(())
    }

    /// Makes a new link in place of the one that there is or was.
    pub(super) fn relink(&mut self, caller: Caller, other: &ParticipantId) -> Result<(), Refusal> {
        let other = self.roster.by_id(other).ok_or_else(link_unknown)?;
        let (key, pair) = self.pairs.between_mut(caller.who, other).ok_or_else(link_unknown)?;
        if !pair.renew() {
            return Err(link_unknown());
        }
        self.reroute(key);
        self.ok(caller);
        Ok(())
    }

    /// A participant shows another's publications from this path now.
    pub(super) fn receiving(
        &mut self,
        caller: Caller,
        other: &ParticipantId,
        via: Path,
    ) -> Result<(), Refusal> {
        let other = self.find(other)?;
        if let Some((key, pair)) = self.pairs.between_mut(caller.who, other) {
            pair.set_receives(key.side(caller.who), via);
            self.reroute(key);
        }
        self.ok(caller);
        Ok(())
    }

    /// Gives someone who is back what was said for links that they still have.
    pub(super) fn deliver(&mut self, who: Arrival) {
        let Some(participant) = self.roster.get_mut(who) else { return };
        for Kept { from, link, message } in participant.undelivered.take() {
            let pair = self.pairs.between(who, from);
            if pair.is_some_and(|(_, pair)| pair.held && pair.number == link) {
                self.tell(who, message);
            }
        }
    }

    fn held_link(
        &self,
        who: Arrival,
        other: &ParticipantId,
        link: u32,
    ) -> Result<(Arrival, Key), Refusal> {
        let other = self.roster.by_id(other).ok_or_else(link_unknown)?;
        let (key, pair) = self.pairs.between(who, other).ok_or_else(link_unknown)?;
        if !pair.held || pair.number != link {
            return Err(link_unknown());
        }
        Ok((other, key))
    }
}

fn link_unknown() -> Refusal {
    let message = "there is no such link any more; look at the newest list";
    Refusal::new(ErrorCode::LinkUnknown, message)
}
