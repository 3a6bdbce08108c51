//! One room: its state, its doors, and the way of an input through it.
//!
//! Each input is carried out by one of the modules below, which change the state, queue what the one
//! concerned must hear, and mark what else has changed. [`Room::settle`] then tells everyone, once
//! for each input, however much it changed.

mod announce;
mod direct;
mod happen;
mod join;
mod leave;
mod link;
mod media;
mod moderate;
mod paths;
mod publish;
mod quality;
mod read;
mod request;
mod speak;
mod stage;
mod subscribe;
mod trouble;
mod wait;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use roomcast_protocol::server::RoomState;
use roomcast_protocol::{ErrorCode, PublicationId, Refusal, RoomName, ServerMessage, Topology};

use crate::bars::Bars;
use crate::chat::Chat;
use crate::count::Count;
use crate::decoding::Decoding;
use crate::happening::{Happening, LeaveCause, Published};
use crate::input::{ConnectionId, Input, Join, Now, Opening, SessionId};
use crate::links::Pairs;
use crate::output::{MediaCommand, Output};
use crate::roster::{Arrival, Roster};
use crate::settings::Settings;
use crate::strugglers::Strugglers;
use crate::timer::{Timer, Timers};

use request::Caller;

pub use leave::{BRIEF_GRACE, RESUME_GRACE};
pub use paths::PATH_TIME_LIMIT;

/// A room and everyone in it.
#[derive(Debug)]
pub struct Room {
    name: RoomName,
    number: u32,
    server: String,
    origins: Vec<String>,
    max_participants: usize,
    roster: Roster,
    bars: Bars,
    chat: Chat,
    settings: Settings,
    /// How media is to travel unless a host has chosen.
    topology: Topology,
    p2p_max_links: usize,
    /// In `auto`: whether media travels by links now.
    by_links: bool,
    pairs: Pairs,
    /// Those whose links must be looked at, even if they have no pair: whoever has come, is back, has
    /// another role, or has lost the last one.
    to_be_told: BTreeSet<Arrival>,
    /// Those who may receive others by another path than the media engine was told last.
    rerouted: BTreeSet<Arrival>,
    /// Viewers with a raised hand, the longest first; at most
    /// [`roomcast_protocol::limits::MAX_HANDS`].
    hands: Vec<Arrival>,
    /// Who waits to be let in; at most [`roomcast_protocol::limits::MAX_WAITING`].
    waiting: Vec<Join>,
    count: Count,
    /// What the outside knows to be published, by whom. Bounded by the stage.
    published: BTreeMap<PublicationId, (Arrival, Published)>,
    decoding: Decoding,
    strugglers: Strugglers,
    /// Those who may receive better or worse than they were told last.
    receptions_changed: BTreeSet<Arrival>,
    live_since: Option<u64>,
    /// What everyone was told last about the stage and the settings.
    announced: Option<RoomState>,
    /// Whether [`RoomState`] may have changed since then.
    stage_changed: bool,
    /// Whether there are publications that came or went since the subscribers were told.
    publications_changed: bool,
    /// Whether the paths between participants may have to change.
    links_changed: bool,
    /// Whether hosts must be told of the hands, or of those who wait.
    hands_changed: bool,
    waiting_changed: bool,
    last_session: u32,
    last_link: u32,
    last_publication: u32,
    timers: Timers,
    /// Emptied by [`Room::poll`] after each input. Bounded by what one input can cause: a few
    /// outputs for each participant.
    outputs: VecDeque<Output>,
    /// Why the room is over, once it is: it then refuses everyone.
    over: Option<Refusal>,
}

impl Room {
    /// Begins a room, with nobody in it.
    pub fn new(opening: Opening) -> Self {
        let opened = opening.fresh.then_some(Output::Happened(Happening::RoomOpened));
        Self {
            name: opening.name,
            number: opening.number,
            server: opening.server,
            origins: opening.origins,
            max_participants: opening.max_participants,
            roster: Roster::default(),
            bars: Bars::default(),
            chat: Chat::new(opening.chat_open, opening.chat),
            settings: opening.settings,
            topology: opening.topology,
            p2p_max_links: opening.p2p_max_links,
            by_links: true,
            pairs: Pairs::default(),
            to_be_told: BTreeSet::new(),
            rerouted: BTreeSet::new(),
            hands: Vec::new(),
            waiting: Vec::new(),
            count: Count::default(),
            published: BTreeMap::new(),
            decoding: Decoding::default(),
            strugglers: Strugglers::default(),
            receptions_changed: BTreeSet::new(),
            live_since: None,
            announced: None,
            stage_changed: false,
            publications_changed: false,
            links_changed: false,
            hands_changed: false,
            waiting_changed: false,
            last_session: 0,
            last_link: 0,
            last_publication: 0,
            timers: Timers::default(),
            outputs: opened.into_iter().collect(),
            over: None,
        }
    }

    /// Takes one input. Call [`Room::poll`] until it returns [`Output::Timeout`] afterwards. Time
    /// that has passed is accounted for first, so that the order of an input and of a deadline does
    /// not depend on who was called sooner.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.expire(now.monotonic);
        match input {
            Input::Join(join) => self.join(now.monotonic, join),
            Input::Request { connection, request } => self.request(now, connection, request),
            Input::Disconnected { connection } => self.lose(now.monotonic, connection),
            Input::Operate { ticket, message } => self.operate(now, ticket, message),
            Input::Media(event) => self.hear(now.monotonic, event),
            Input::Shutdown => self.shut_down(),
        }
        self.settle(now);
    }

    /// Lets time pass. Call when the deadline of [`Output::Timeout`] is reached; sooner does no harm.
    pub fn handle_timeout(&mut self, now: Now) {
        self.expire(now.monotonic);
        self.settle(now);
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Timeout(self.timers.next()))
    }

    /// Does what has become due.
    fn expire(&mut self, now: Instant) {
        while let Some(timer) = self.timers.due(now) {
            match timer {
                // Settling judges both anew.
                Timer::AudienceCount | Timer::Strugglers => {}
                Timer::Resume(who) => self.depart(who, LeaveCause::Lost),
                Timer::Republish(who) => self.stop_at_node(who),
                Timer::Calm => (self.by_links, self.links_changed) = (true, true),
                Timer::Path(pair) => self.give_up_link(pair),
            }
        }
    }

    fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    fn media(&mut self, command: MediaCommand) {
        self.output(Output::Media(command));
    }

    fn send(&mut self, to: ConnectionId, message: ServerMessage) {
        self.output(Output::Send { to, message });
    }

    /// Sends to a participant, if they are connected.
    fn tell(&mut self, who: Arrival, message: ServerMessage) {
        if let Some(to) = self.roster.get(who).and_then(|participant| participant.connection) {
            self.send(to, message);
        }
    }

    fn refuse(&mut self, to: ConnectionId, re: Option<u32>, refusal: Refusal) {
        self.send(to, ServerMessage::Error { re, refusal });
    }

    /// The id of a new session. One room does not live to see 2³² of them.
    fn next_session(&mut self) -> SessionId {
        self.last_session = self.last_session.wrapping_add(1);
        SessionId(u64::from(self.number) << 32 | u64::from(self.last_session))
    }
}

/// The id of a new publication: the number of the room above a counter, below 2⁵³ in all, since
/// JavaScript has no larger whole numbers. The counter begins anew behind 2²¹ publications, of which
/// the first are long gone then.
fn next_publication(room: u32, last: &mut u32) -> PublicationId {
    *last = last.wrapping_add(1) & ((1 << PUBLICATION_BITS) - 1);
    PublicationId(u64::from(room) << PUBLICATION_BITS | u64::from(*last))
}

/// Bits of a publication id below the number of its room.
const PUBLICATION_BITS: u32 = 21;

fn already_joined() -> Refusal {
    Refusal::new(ErrorCode::AlreadyJoined, "this connection has joined a room already")
}

/// The caller is no longer in the room. Cannot happen, since a request is carried out at once.
fn gone() -> Refusal {
    Refusal::new(ErrorCode::Internal, "the participant of this connection is not in the room")
}

#[cfg(test)]
mod tests {
    use roomcast_protocol::{ClientMessage, DisplayName, ParticipantId, Request};

    use super::*;
    use crate::admission::Admission;
    use crate::input::{Join, MediaEvent};

    fn room() -> Room {
        Room::new(Opening {
            name: RoomName::parse("garden").unwrap(),
            fresh: true,
            number: 1,
            chat_open: true,
            settings: Settings::default(),
            topology: Topology::Auto,
            p2p_max_links: 3,
            chat: Vec::new(),
            max_participants: 10,
            server: "test".into(),
            origins: Vec::new(),
        })
    }

    fn host(n: u64, resume: Option<&str>) -> Input {
        Input::Join(Join {
            connection: ConnectionId(n),
            re: None,
            name: DisplayName::parse("Ann").unwrap(),
            admission: Admission::of_page(true),
            links: true,
            host_key: None,
            resume: resume.map(str::to_owned),
            fresh_participant: ParticipantId(n.to_string()),
            fresh_resume: format!("token {n}"),
        })
    }

    #[test]
    fn sessions_and_tokens_that_are_over_leave_nothing_behind() {
        let mut room = room();
        let now = Now { monotonic: Instant::now(), unix_ms: 0 };
        let mut handle = |input| {
            room.handle(now, input);
            while !matches!(room.poll(), Output::Timeout(_)) {}
            assert!(room.roster.is_consistent());
        };
        handle(host(1, None));
        handle(host(2, Some("token 1")));
        let ask = |message| Input::Request {
            connection: ConnectionId(2),
            request: Request { id: None, message },
        };
        let publish =
            || ClientMessage::Publish { sdp: String::new(), tracks: Vec::new(), fresh: true };
        let refusal = Refusal::new(ErrorCode::MediaTimeout, "lost");
        for _ in 0..3 {
            handle(ask(publish()));
            handle(ask(ClientMessage::Subscribe { restart_ice: false }));
        }
        handle(ask(ClientMessage::Unpublish));
        // Each round begins two sessions behind the six from above, and loses one of either kind.
        for session in [7, 10] {
            let session = SessionId(1 << 32 | session);
            handle(ask(publish()));
            handle(ask(ClientMessage::Subscribe { restart_ice: false }));
            handle(Input::Media(MediaEvent::Closed { session, refusal: refusal.clone() }));
        }
        handle(ask(ClientMessage::Leave));
        handle(Input::Shutdown);
    }
}
