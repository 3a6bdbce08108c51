//! Coming in: as someone new, or as someone who was here a moment ago.

use std::time::Instant;

use roomcast_protocol::limits::MAX_STAGE;
use roomcast_protocol::server::{Role, ServerMessage, Welcome};
use roomcast_protocol::{DisplayName, ErrorCode, PROTOCOL_VERSION, Reception, Refusal, RoomKind};

use super::leave::{RESUME_GRACE, goodbye};
use super::{Room, already_joined};
use crate::admission::Admission;
use crate::input::Join;
use crate::output::Output;
use crate::participant::Participant;
use crate::permit::may_be_on_stage;
use crate::preferences::Preferences;
use crate::roster::Arrival;
use crate::timer::Timer;

/// Someone who is here already.
#[derive(Debug, Clone, Copy)]
struct Known {
    who: Arrival,
    /// Whether it is another program of theirs, which knows of nothing that was before.
    afresh: bool,
}

impl Room {
    /// Takes up the participant whose resume token came with it, or who has the same identity, or
    /// lets a new one in. An unknown token is that of someone whose grace period is over: they are
    /// new.
    pub(super) fn join(&mut self, now: Instant, join: Join) {
        let (connection, re) = (join.connection, join.re);
        let waits = self.waiting.iter().any(|other| other.connection == connection);
        if waits || self.roster.by_connection(connection).is_some() {
            return self.refuse(connection, re, already_joined());
        }
        let known = self.known(&join);
        match (self.check(now, &join, known), known) {
            (Err(refusal), _) => self.turn_away(&join, refusal),
            (Ok(()), Some(known)) => self.take_up(known, join),
            (Ok(()), None) if self.must_wait(&join) => self.let_wait(join),
            (Ok(()), None) => self.let_in(join),
        }
    }

    /// The participant that someone was. A resume token is worth nothing with another identity than
    /// that of its owner, or in another kind of program.
    fn known(&self, join: &Join) -> Option<Known> {
        let Admission { identity, client, .. } = &join.admission;
        let by_token = join.resume.as_deref().and_then(|token| self.roster.by_token(token));
        let by_token = by_token.filter(|who| {
            self.roster.get(*who).is_some_and(|p| {
                p.client == *client && (identity.is_none() || p.identity == *identity)
            })
        });
        if let Some(who) = by_token {
            return Some(Known { who, afresh: false });
        }
        let who = self.roster.by_identity(identity.as_ref()?, *client)?;
        Some(Known { who, afresh: true })
    }

    /// Refuses a `join` and closes its connection.
    pub(super) fn turn_away(&mut self, join: &Join, refusal: Refusal) {
        self.refuse(join.connection, join.re, refusal);
        self.output(Output::Close { connection: join.connection });
    }

    /// Whether they may come in. Nobody loses a place for it.
    fn check(&self, now: Instant, join: &Join, known: Option<Known>) -> Result<(), Refusal> {
        if let Some(refusal) = &self.over {
            return Err(refusal.clone());
        }
        let Admission { identity, client, .. } = &join.admission;
        self.bars.check(identity.as_ref(), *client, now)?;
        self.check_stage(join, known)?;
        if let Some(Known { who, afresh }) = known {
            let publishes = self.roster.get(who).is_some_and(|p| p.publisher.is_up);
            if afresh && publishes && !join.admission.takeover {
                let message = "someone publishes with this identity or key already";
                return Err(Refusal::new(ErrorCode::PublisherExists, message));
            }
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

    /// Whether there is a place on stage for those who come for one.
    fn check_stage(&self, join: &Join, known: Option<Known>) -> Result<(), Refusal> {
        let is_on_stage = |known: Known| self.roster.get(known.who).map(Participant::is_on_stage);
        let comes = match known.and_then(is_on_stage) {
            Some(is_on_stage) => join.admission.is_host() && !is_on_stage,
            None => join.admission.comes_on_stage(),
        };
        if comes && self.roster.stage_len() >= MAX_STAGE {
            let message = format!("the stage has its {MAX_STAGE} participants; try again later");
            return Err(Refusal::new(ErrorCode::StageFull, message));
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

    /// Lets someone new in; or, if one of their identity has come while they waited, in that one's
    /// place.
    pub(super) fn let_in(&mut self, join: Join) {
        if let Some(known) = self.known(&join) {
            return self.take_up(known, join);
        }
        let role = self.role_of_newcomer(&join.admission);
        let grants = join.admission.limits();
        let Join { connection, fresh_participant, name, fresh_resume, admission, .. } = join;
        let newcomer = Participant {
            grants,
            identity: admission.identity,
            client: admission.client,
            ..Participant::new(fresh_participant, name, role, fresh_resume)
        };
        let who = self.roster.add(newcomer);
        self.roster.connect(who, connection);
        self.set_links(who, join.links);
        self.stage_changed |= role != Role::Viewer;
        self.joined(who);
        self.welcome(who, join.re, join.host_key, false);
    }

    /// In a call everyone comes on stage who can do something there, while there are places.
    fn role_of_newcomer(&self, admission: &Admission) -> Role {
        let place = self.roster.stage_len() < MAX_STAGE;
        let call = self.settings.kind == RoomKind::Call;
        let useful = admission.limits().is_none_or(|grants| may_be_on_stage(&grants));
        match admission.role {
            _ if admission.is_host() => Role::Host,
            Some(Role::Viewer) => Role::Viewer,
            _ if admission.comes_on_stage() && place => Role::Speaker,
            None if call && place && useful => Role::Speaker,
            _ => Role::Viewer,
        }
    }

    fn take_up(&mut self, Known { who, afresh }: Known, join: Join) {
        if let Some(older) = self.roster.connect(who, join.connection) {
            let sentence = "you have joined again from elsewhere; this connection is closed";
            self.send(older, goodbye(ErrorCode::Replaced, sentence));
            self.output(Output::Close { connection: older });
        }
        self.roster.set_token(who, join.fresh_resume);
        self.take_over_rights(who, &join.admission);
        if afresh {
            self.begin_afresh(who, join.name);
        }
        if !join.links {
            self.forget_links(who);
        }
        self.set_links(who, join.links);
        self.timers.cancel(Timer::Resume(who));
        self.stage_changed = true;
        self.welcome(who, join.re, join.host_key, true);
        for message in self.roster.get_mut(who).map(Participant::catch_up).unwrap_or_default() {
            self.tell(who, message);
        }
    }

    /// Someone is back with other rights: a host is made so by what came with the `join`, and what
    /// they may not do any more ends.
    fn take_over_rights(&mut self, who: Arrival, admission: &Admission) {
        if admission.is_host() {
            self.roster.set_role(who, Role::Host);
            self.lower(who);
            // Whose camera comes first depends on it.
            self.publications_changed = true;
        }
        let Some(grants) = admission.limits() else { return };
        let Some(participant) = self.roster.get_mut(who) else { return };
        let subscribes = grants.subscribe;
        let publishes = participant.publisher.published().all(|(s, _)| grants.publish.contains(&s));
        participant.grants = Some(grants);
        if !publishes {
            self.stop_publishing(who);
        }
        if !subscribes {
            self.end_subscriber(who);
        }
    }

    /// The program is another one than before: it knows of no session, and brings its own name. What
    /// was published stays until it publishes.
    fn begin_afresh(&mut self, who: Arrival, name: DisplayName) {
        self.end_subscriber(who);
        if let Some(participant) = self.roster.get_mut(who) {
            participant.name = name;
            participant.untold.clear();
            participant.preferences = Preferences::default();
        }
        self.hands_changed |= self.hands.contains(&who);
    }

    /// Those without a page hold no links, and those who may not watch get none: by a link the node
    /// could not keep anything from them.
    fn set_links(&mut self, who: Arrival, links: bool) {
        let able = self.roster.get(who).is_some_and(Participant::may_hold_links);
        self.roster.set_links(who, links && able);
    }

    fn welcome(&mut self, who: Arrival, re: Option<u32>, host_key: Option<String>, resumed: bool) {
        self.to_be_told.insert(who);
        self.links_changed = true;
        let Some(participant) = self.roster.get_mut(who) else { return };
        participant.told_links = None;
        participant.told_reception = Reception::default();
        self.receptions_changed.insert(who);
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
        if self.roster.get(who).is_some_and(Participant::moderates) {
            self.tell_host_lists(who);
        }
        self.tell_troubles(who);
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
        if let Some(strugglers) = self.strugglers.for_newcomer() {
            self.tell(who, strugglers);
        }
    }
}
