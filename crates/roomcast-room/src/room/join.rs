//! Coming in: as someone new, or as someone who was here a moment ago.

use roomcast_protocol::limits::MAX_STAGE;
use roomcast_protocol::server::{Role, ServerMessage, Welcome};
use roomcast_protocol::{ErrorCode, PROTOCOL_VERSION, Refusal};

use super::leave::{RESUME_GRACE, goodbye};
use super::{Room, already_joined};
use crate::input::Join;
use crate::output::Output;
use crate::participant::Participant;
use crate::roster::Arrival;
use crate::timer::Timer;

impl Room {
    /// Takes up the participant whose resume token came with it, or lets a new one in. An unknown
    /// token is that of someone whose grace period is over: they are new.
    pub(super) fn join(&mut self, join: Join) {
        let (connection, re) = (join.connection, join.re);
        if self.roster.by_connection(connection).is_some() {
            return self.refuse(connection, re, already_joined());
        }
        let known = join.resume.as_deref().and_then(|token| self.roster.by_token(token));
        match self.check(&join, known) {
            Ok(()) => match known {
                Some(who) => self.take_up(who, join),
                None => self.let_in(join),
            },
            Err(refusal) => {
                self.refuse(connection, re, refusal);
                self.output(Output::Close { connection });
            }
        }
    }

    /// Whether there is a place. Hosts have places of their own beyond the limit, as many as the
    /// stage has: someone must be able to end a room that is full. Nobody loses a place for it.
    fn check(&self, join: &Join, known: Option<Arrival>) -> Result<(), Refusal> {
        if let Some(refusal) = &self.over {
            return Err(refusal.clone());
        }
        let on_stage = known.and_then(|who| self.roster.get(who)).is_some_and(|p| p.is_on_stage());
        if join.host && !on_stage && self.roster.stage_len() >= MAX_STAGE {
            let message = format!("the stage has its {MAX_STAGE} participants; try again later");
            return Err(Refusal::new(ErrorCode::StageFull, message));
        }
        if known.is_some() {
            return Ok(());
        }
        let extra = if join.host { MAX_STAGE } else { 0 };
        if self.roster.len() >= self.max_participants.saturating_add(extra) {
            let message = format!(
                "the room has its {} participants; try again when someone has left",
                self.max_participants
            );
            return Err(Refusal::new(ErrorCode::RoomFull, message));
        }
        if self.roster.by_id(&join.fresh_participant).is_some() {
            let message = "the participant could not get an id; try again";
            return Err(Refusal::new(ErrorCode::Internal, message));
        }
        Ok(())
    }

    fn let_in(&mut self, join: Join) {
        let role = if join.host { Role::Host } else { Role::Viewer };
        let Join { connection, fresh_participant, name, fresh_resume, .. } = join;
        let newcomer = Participant::new(fresh_participant, name, role, fresh_resume);
        let who = self.roster.add(newcomer);
        self.roster.connect(who, connection);
        self.stage_changed |= join.host;
        self.welcome(who, join.re, join.host_key, false);
    }

    fn take_up(&mut self, who: Arrival, join: Join) {
        if let Some(older) = self.roster.connect(who, join.connection) {
            let sentence = "you have joined again from elsewhere; this connection is closed";
            self.send(older, goodbye(ErrorCode::Replaced, sentence));
            self.output(Output::Close { connection: older });
        }
        self.roster.set_token(who, join.fresh_resume);
        if join.host {
            self.roster.set_role(who, Role::Host);
        }
        self.timers.cancel(Timer::Resume(who));
        self.stage_changed = true;
        self.welcome(who, join.re, join.host_key, true);
        for message in self.roster.get_mut(who).map(Participant::catch_up).unwrap_or_default() {
            self.tell(who, message);
        }
    }

    fn welcome(&mut self, who: Arrival, re: Option<u32>, host_key: Option<String>, resumed: bool) {
        let Some(participant) = self.roster.get(who) else { return };
        let origins = match participant.role {
            Role::Host => self.origins.clone(),
            Role::Speaker | Role::Viewer => Vec::new(),
        };
        let welcome = Welcome {
            re,
            version: PROTOCOL_VERSION,
            server: self.server.clone(),
            participant: participant.id.clone(),
            name: participant.name.as_str().to_owned(),
            role: participant.role,
            resume: participant.resume.clone(),
            resume_seconds: u32::try_from(RESUME_GRACE.as_secs()).unwrap_or(u32::MAX),
            resumed,
            host_key,
            room: self.state(),
            audience: self.audience_count(),
            chat: self.chat.history(),
            origins,
            ice_servers: Vec::new(),
        };
        self.tell(who, ServerMessage::Welcome(Box::new(welcome)));
    }
}
