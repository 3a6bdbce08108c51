//! Coming in: as someone new, or as someone who was here a moment ago.

use roomcast_protocol::limits::MAX_STAGE;
use roomcast_protocol::server::{Role, ServerMessage, Welcome};
use roomcast_protocol::{ErrorCode, PROTOCOL_VERSION, Refusal, RoomKind};

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
        let waits = self.waiting.iter().any(|other| other.connection == connection);
        if waits || self.roster.by_connection(connection).is_some() {
            return self.refuse(connection, re, already_joined());
        }
        let known = join.resume.as_deref().and_then(|token| self.roster.by_token(token));
        match (self.check(&join, known), known) {
            (Ok(()), Some(who)) => self.take_up(who, join),
            (Ok(()), None) if self.settings.waiting_room && !join.admission.is_host() => {
                self.let_wait(join)
            }
            (Ok(()), None) => self.let_in(join),
            (Err(refusal), _) => self.turn_away(&join, refusal),
        }
    }

    /// Refuses a `join` and closes its connection.
    pub(super) fn turn_away(&mut self, join: &Join, refusal: Refusal) {
        self.refuse(join.connection, join.re, refusal);
        self.output(Output::Close { connection: join.connection });
    }

    /// Whether they may come in. Nobody loses a place for it.
    fn check(&self, join: &Join, known: Option<Arrival>) -> Result<(), Refusal> {
        if let Some(refusal) = &self.over {
            return Err(refusal.clone());
        }
        let on_stage = known.and_then(|who| self.roster.get(who)).is_some_and(|p| p.is_on_stage());
        if join.admission.is_host() && !on_stage && self.roster.stage_len() >= MAX_STAGE {
            let message = format!("the stage has its {MAX_STAGE} participants; try again later");
            return Err(Refusal::new(ErrorCode::StageFull, message));
        }
        if known.is_some() {
            return Ok(());
        }
        if self.settings.locked && !join.admission.passes_the_door() {
            let message = "a host has locked the room; nobody new may come in";
            return Err(Refusal::new(ErrorCode::RoomLocked, message));
        }
        if self.must_wait(join) && !join.admission.is_page() {
            let message = "a host of this room lets everyone in; open its page to ask";
            return Err(Refusal::new(ErrorCode::Denied, message));
        }
        self.check_places(join.admission.is_host())?;
        let id = &join.fresh_participant;
        let waits = self.waiting.iter().any(|other| other.fresh_participant == *id);
        if waits || self.roster.by_id(id).is_some() {
            let message = "the participant could not get an id; try again";
            return Err(Refusal::new(ErrorCode::Internal, message));
        }
        Ok(())
    }

    /// Whether a host has to let them in.
    fn must_wait(&self, join: &Join) -> bool {
        self.settings.waiting_room && !join.admission.passes_the_door()
    }

    /// Whether one more may come in. Hosts have places of their own beyond the limit, as many as the
    /// stage has: someone must be able to end a room that is full.
    pub(super) fn check_places(&self, host: bool) -> Result<(), Refusal> {
        let extra = if host { MAX_STAGE } else { 0 };
        if self.roster.len() >= self.max_participants.saturating_add(extra) {
            let message = format!(
                "the room has its {} participants; try again when someone has left",
                self.max_participants
            );
            return Err(Refusal::new(ErrorCode::RoomFull, message));
        }
        Ok(())
    }

    /// Lets someone new in.
    pub(super) fn let_in(&mut self, join: Join) {
        let role = self.role_of_newcomer(join.admission.is_host());
        let Join { connection, fresh_participant, name, fresh_resume, .. } = join;
        let newcomer = Participant::new(fresh_participant, name, role, fresh_resume);
        let who = self.roster.add(newcomer);
        self.roster.connect(who, connection);
        self.roster.set_links(who, join.links);
        self.stage_changed |= role != Role::Viewer;
        self.welcome(who, join.re, join.host_key, false);
    }

    /// In a call everyone comes on stage, while there are places.
    fn role_of_newcomer(&self, host: bool) -> Role {
        let call = self.settings.kind == RoomKind::Call;
        match host {
            true => Role::Host,
            false if call && self.roster.stage_len() < MAX_STAGE => Role::Speaker,
            false => Role::Viewer,
        }
    }

    fn take_up(&mut self, who: Arrival, join: Join) {
        if let Some(older) = self.roster.connect(who, join.connection) {
            let sentence = "you have joined again from elsewhere; this connection is closed";
            self.send(older, goodbye(ErrorCode::Replaced, sentence));
            self.output(Output::Close { connection: older });
        }
        self.roster.set_token(who, join.fresh_resume);
        if join.admission.is_host() {
            self.roster.set_role(who, Role::Host);
            self.lower(who);
        }
        if !join.links {
            self.forget_links(who);
        }
        self.roster.set_links(who, join.links);
        self.timers.cancel(Timer::Resume(who));
        self.stage_changed = true;
        self.welcome(who, join.re, join.host_key, true);
        for message in self.roster.get_mut(who).map(Participant::catch_up).unwrap_or_default() {
            self.tell(who, message);
        }
    }

    fn welcome(&mut self, who: Arrival, re: Option<u32>, host_key: Option<String>, resumed: bool) {
        self.to_be_told.insert(who);
        self.links_changed = true;
        let Some(participant) = self.roster.get_mut(who) else { return };
        participant.told_links = None;
        let role = participant.role;
        let origins = match role {
            Role::Host => self.origins.clone(),
            Role::Speaker | Role::Viewer => Vec::new(),
        };
        let welcome = Welcome {
            re,
            version: PROTOCOL_VERSION,
            server: self.server.clone(),
            participant: participant.id.clone(),
            name: participant.name.as_str().to_owned(),
            role,
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
        if role == Role::Host {
            self.tell_host_lists(who);
        }
    }

    /// What a host has to know who has just come or is back. Empty lists need not be told.
    fn tell_host_lists(&mut self, who: Arrival) {
        if !self.hands.is_empty() {
            let hands = self.hand_list();
            self.tell(who, ServerMessage::Hands { hands });
        }
        if !self.waiting.is_empty() {
            let participants = self.waiting_list();
            self.tell(who, ServerMessage::WaitingList { participants });
        }
    }
}
