//! The stage: raised hands, who is brought on stage, and who goes.

use roomcast_protocol::limits::{MAX_HANDS, MAX_STAGE};
use roomcast_protocol::server::{NamedParticipant, Role};
use roomcast_protocol::{ErrorCode, ParticipantId, Refusal, ServerMessage};

use super::request::{Asker, Caller};
use super::{Room, gone};
use crate::input::Now;
use crate::participant::Participant;
use crate::permit::may_be_on_stage;
use crate::roster::Arrival;
use crate::timer::Timer;

impl Room {
    /// Raises or lowers a hand: a viewer's own, or, by a host, that of another, which can only be
    /// lowered.
    pub(super) fn hand(
        &mut self,
        caller: Caller,
        raised: bool,
        whose: Option<&ParticipantId>,
    ) -> Result<(), Refusal> {
        let who = match whose {
            Some(id) => self.find(id)?,
            None => caller.who,
        };
        if raised {
            self.raise(who)?;
        } else {
            let was_up = self.hands.contains(&who);
            self.lower(who);
            if was_up && who != caller.who {
                self.tell(who, ServerMessage::HandLowered);
            }
        }
        self.ok(caller);
        Ok(())
    }

    fn raise(&mut self, who: Arrival) -> Result<(), Refusal> {
        if self.hands.contains(&who) {
            return Ok(());
        }
        if self.hands.len() >= MAX_HANDS {
            let message = format!("{MAX_HANDS} hands are up already; try again later");
            return Err(Refusal::new(ErrorCode::HandsFull, message));
        }
        self.hands.push(who);
        self.hands_changed = true;
        Ok(())
    }

    /// Takes a hand down, if it is up.
    pub(super) fn lower(&mut self, who: Arrival) {
        let before = self.hands.len();
        self.hands.retain(|raised| *raised != who);
        self.hands_changed |= self.hands.len() != before;
    }

    /// Brings a viewer on stage, or takes a speaker off it. The node starts nobody's devices.
    pub(super) fn set_on_stage(
        &mut self,
        now: Now,
        asker: Asker,
        id: &ParticipantId,
        on: bool,
    ) -> Result<(), Refusal> {
        let who = self.find(id)?;
        let participant = self.roster.get(who).ok_or_else(gone)?;
        if !on && participant.is_host() {
            let message = "a host cannot be taken off the stage";
            return Err(Refusal::new(ErrorCode::Forbidden, message));
        }
        match (participant.is_on_stage(), on) {
            (false, true) => self.bring_on_stage(who)?,
            (true, false) => {
                self.bar(now, who);
                self.take_off_stage(who);
            }
            _ => {}
        }
        self.ok(asker);
        Ok(())
    }

    fn bring_on_stage(&mut self, who: Arrival) -> Result<(), Refusal> {
        if !may_be_on_stage(&self.roster.get(who).ok_or_else(gone)?.grants()) {
            let message = "this participant may not publish anything";
            return Err(Refusal::new(ErrorCode::Forbidden, message));
        }
        if self.roster.stage_len() >= MAX_STAGE {
            let message = format!("the stage has its {MAX_STAGE} participants");
            return Err(Refusal::new(ErrorCode::StageFull, message));
        }
        self.lower(who);
        self.give_role(who, Role::Speaker);
        Ok(())
    }

    fn take_off_stage(&mut self, who: Arrival) {
        self.stop_publishing(who);
        self.give_role(who, Role::Viewer);
    }

    /// Ends what someone publishes, by every path.
    pub(super) fn stop_publishing(&mut self, who: Arrival) {
        self.close_publisher(who);
        self.timers.cancel(Timer::Republish(who));
        if let Some(participant) = self.roster.get_mut(who) {
            participant.publisher.stop();
        }
        (self.stage_changed, self.publications_changed) = (true, true);
    }

    fn give_role(&mut self, who: Arrival, role: Role) {
        self.roster.set_role(who, role);
        self.to_be_told.insert(who);
        self.stage_changed = true;
        self.tell(who, ServerMessage::Role { role });
    }

    /// Tells hosts whose hands are up.
    pub(super) fn announce_hands(&mut self) {
        let hands = self.hand_list();
        self.tell_hosts(&ServerMessage::Hands { hands });
    }

    /// Whose hands are up, the longest first.
    pub(super) fn hand_list(&self) -> Vec<NamedParticipant> {
        let raised = self.hands.iter().filter_map(|who| self.roster.get(*who));
        raised.map(Participant::as_named).collect()
    }

    /// Sends to all who moderate and are connected.
    pub(super) fn tell_hosts(&mut self, message: &ServerMessage) {
        let hosts = self.roster.stage().filter(|(_, p)| p.moderates()).map(|(who, _)| who);
        let hosts: Vec<Arrival> = hosts.collect();
        for who in hosts {
            self.tell(who, message.clone());
        }
    }
}
