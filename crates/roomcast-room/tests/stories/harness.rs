//! A room with several clients, a clock that only the story moves, and a media engine that answers
//! at once unless the story holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use roomcast_protocol::client::PublishedTrack;
use roomcast_protocol::link::LinkEntry;
use roomcast_protocol::server::{ChatMessage, RoomState, Welcome};
use roomcast_protocol::{
    ClientMessage, DisplayName, ErrorCode, ParticipantId, PublicationId, PublicationTrouble,
    Reception, Refusal, Request, RoomName, ServerMessage, Source, Struggling, Topology,
    TroubleCause,
};
use roomcast_room::{
    Admission, ConnectionId, Happening, Input, Join, MediaCommand, MediaEvent, Now, Opening,
    Output, Patience, Room, SessionId, Settings, StoreCommand,
};

use crate::engine::Engine;

pub(crate) type Client = ConnectionId;

/// The number of the room in every story.
pub(crate) const ROOM_NUMBER: u32 = 7;

/// What `links` says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Links {
    pub(crate) mesh: bool,
    pub(crate) node: bool,
    pub(crate) entries: Vec<LinkEntry>,
}

/// How a client joins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guest {
    pub(crate) admission: Admission,
    pub(crate) links: bool,
}

impl Guest {
    /// With a page and the host key, or without that.
    pub(crate) fn page(host: bool, links: bool) -> Self {
        Self { admission: Admission::of_page(host), links }
    }
}

/// A trouble that a client was told of.
pub(crate) type Told = (ParticipantId, Source, PublicationTrouble);

pub(crate) struct World {
    room: Room,
    now: Instant,
    unix_ms: u64,
    last: u32,
    inboxes: BTreeMap<Client, Vec<ServerMessage>>,
    joined: BTreeSet<Client>,
    waits: BTreeSet<Client>,
    pub(crate) closed: BTreeSet<Client>,
    welcomes: BTreeMap<Client, Welcome>,
    pub(crate) media: Vec<MediaCommand>,
    pub(crate) store: Vec<StoreCommand>,
    /// What each connection was told last about its links.
    pub(crate) links: BTreeMap<Client, Links>,
    /// What each connection was told last about the room.
    pub(crate) states: BTreeMap<Client, RoomState>,
    /// Whose subscriber session each is, as far as an offer has shown it.
    pub(crate) receivers: BTreeMap<SessionId, Client>,
    /// Those who have announced: what they publish need not be at the node.
    pub(crate) announced: BTreeSet<ParticipantId>,
    /// The longest list of hands that any host heard.
    pub(crate) hands_told: usize,
    /// What each connection believes to be wrong.
    pub(crate) troubles_told: BTreeMap<Client, Vec<Told>>,
    /// How well each connection receives, as it was told last.
    pub(crate) receptions_told: BTreeMap<Client, Reception>,
    /// Those whose reception is not good, as each connection was told last.
    pub(crate) strugglers_told: BTreeMap<Client, (Vec<Struggling>, u32)>,
    pub(crate) departed: Vec<ParticipantId>,
    pub(crate) troubles: Vec<(ParticipantId, TroubleCause)>,
    pub(crate) operated: BTreeMap<u64, Result<(), Refusal>>,
    pub(crate) happened: Vec<Happening>,
    pub(crate) ended: bool,
    deadline: Option<Instant>,
    pub(crate) engine: Engine,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(100, Vec::new())
    }

    pub(crate) fn with(max_participants: usize, chat: Vec<ChatMessage>) -> Self {
        Self::begin(Opening { chat, max_participants, ..opening() })
    }

    /// A room with these settings.
    pub(crate) fn with_settings(settings: Settings) -> Self {
        Self::begin(Opening { settings, ..opening() })
    }

    /// A room that is taken from the store.
    pub(crate) fn taken_up() -> Self {
        Self::begin(Opening { fresh: false, ..opening() })
    }

    fn begin(opening: Opening) -> Self {
        Self {
            room: Room::new(opening),
            now: Instant::now(),
            unix_ms: 1_700_000_000_000,
            last: 0,
            inboxes: BTreeMap::new(),
            joined: BTreeSet::new(),
            waits: BTreeSet::new(),
            closed: BTreeSet::new(),
            welcomes: BTreeMap::new(),
            media: Vec::new(),
            store: Vec::new(),
            links: BTreeMap::new(),
            states: BTreeMap::new(),
            receivers: BTreeMap::new(),
            announced: BTreeSet::new(),
            hands_told: 0,
            troubles_told: BTreeMap::new(),
            receptions_told: BTreeMap::new(),
            strugglers_told: BTreeMap::new(),
            departed: Vec::new(),
            troubles: Vec::new(),
            operated: BTreeMap::new(),
            happened: Vec::new(),
            ended: false,
            deadline: None,
            engine: Engine::default(),
        }
    }

    // What clients do.

    pub(crate) fn host(&mut self, name: &str) -> Client {
        self.join(name, true, None)
    }

    pub(crate) fn viewer(&mut self, name: &str) -> Client {
        self.join(name, false, None)
    }

    pub(crate) fn resume(&mut self, older: Client) -> Client {
        let token = self.welcome(older).resume.clone();
        self.join("someone", false, Some(token))
    }

    /// A host whose client can hold links.
    pub(crate) fn linked_host(&mut self, name: &str) -> Client {
        self.enter(name, Guest::page(true, true), None)
    }

    /// A viewer whose client can hold links.
    pub(crate) fn linked_viewer(&mut self, name: &str) -> Client {
        self.enter(name, Guest::page(false, true), None)
    }

    /// Someone who comes with this right.
    pub(crate) fn admit(&mut self, name: &str, admission: Admission) -> Client {
        self.enter(name, Guest { admission, links: false }, None)
    }

    /// Takes up a participant whose client can hold links.
    pub(crate) fn linked_resume(&mut self, older: Client) -> Client {
        let token = self.welcome(older).resume.clone();
        self.enter("someone", Guest::page(false, true), Some(token))
    }

    pub(crate) fn join(&mut self, name: &str, host: bool, resume: Option<String>) -> Client {
        self.enter(name, Guest::page(host, false), resume)
    }

    pub(crate) fn enter(&mut self, name: &str, guest: Guest, resume: Option<String>) -> Client {
        self.last += 1;
        let connection = ConnectionId(u64::from(self.last));
        self.inboxes.insert(connection, Vec::new());
        let join = Join {
            connection,
            re: Some(self.last),
            name: DisplayName::parse(name).unwrap(),
            admission: guest.admission,
            links: guest.links,
            host_key: None,
            resume,
            fresh_participant: ParticipantId(format!("p{}", self.last)),
            fresh_resume: format!("secret {}", self.last),
        };
        self.input(Input::Join(join));
        connection
    }

    pub(crate) fn cut(&mut self, client: Client) {
        self.joined.remove(&client);
        self.closed.insert(client);
        self.input(Input::Disconnected { connection: client });
    }

    pub(crate) fn say(&mut self, client: Client, message: ClientMessage) {
        if matches!(message, ClientMessage::Announce { .. }) && self.was_welcome(client) {
            self.announced.insert(self.id(client));
        }
        self.input(Input::Request { connection: client, request: Request { id: None, message } });
    }

    /// Sends a request and takes its answer out of what the client heard.
    pub(crate) fn ask(&mut self, client: Client, message: ClientMessage) -> ServerMessage {
        let id = self.send_with_id(client, message);
        self.answer_to(client, id).expect("no answer")
    }

    pub(crate) fn send_with_id(&mut self, client: Client, message: ClientMessage) -> u32 {
        self.last += 1;
        let id = self.last;
        let request = Request { id: Some(id), message };
        self.input(Input::Request { connection: client, request });
        id
    }

    pub(crate) fn answer_to(&mut self, client: Client, id: u32) -> Option<ServerMessage> {
        let inbox = self.inboxes.get_mut(&client).unwrap();
        let at = inbox.iter().position(|m| re(m) == Some(id))?;
        Some(inbox.remove(at))
    }

    pub(crate) fn publish(&mut self, client: Client, sources: &[Source]) -> ServerMessage {
        self.ask(client, publish(sources, false))
    }

    /// Offers a session in which the client watches.
    pub(crate) fn watch(&mut self, client: Client, fresh: bool) -> ServerMessage {
        self.ask(client, ClientMessage::Watch { sdp: "offer".into(), fresh })
    }

    /// Has an operator do something.
    pub(crate) fn operate(&mut self, message: ClientMessage) -> Result<(), Refusal> {
        self.last += 1;
        let ticket = u64::from(self.last);
        self.input(Input::Operate { ticket, message });
        self.operated.remove(&ticket).expect("no answer")
    }

    pub(crate) fn subscribe(&mut self, client: Client) {
        assert_ok(&self.ask(client, ClientMessage::Subscribe { restart_ice: false }));
    }

    // What happens to the room.

    pub(crate) fn input(&mut self, input: Input) {
        let now = self.both_clocks();
        self.room.handle(now, input);
        self.drain();
    }

    pub(crate) fn event(&mut self, event: MediaEvent) {
        self.engine.note(&event);
        self.input(Input::Media(event));
    }

    /// Lets time pass, and wakes the room at each of its deadlines.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.deadline.filter(|at| *at <= end) {
            self.move_clock_to(deadline.max(self.now));
            let now = self.both_clocks();
            self.room.handle_timeout(now);
            self.drain();
            assert!(self.deadline.is_none_or(|at| at > self.now), "a deadline that stays due");
        }
        self.move_clock_to(end);
    }

    /// Lets time pass without waking the room, as when the node is busy.
    pub(crate) fn oversleep(&mut self, time: Duration) {
        self.move_clock_to(self.now + time);
    }

    // What the story looks at.

    /// The room itself, to be read.
    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    pub(crate) fn participants(&self) -> usize {
        self.room.participant_count()
    }

    pub(crate) fn welcome(&self, client: Client) -> &Welcome {
        self.welcomes.get(&client).expect("not welcome")
    }

    pub(crate) fn was_welcome(&self, client: Client) -> bool {
        self.welcomes.contains_key(&client)
    }

    /// Those who are let in and connected.
    pub(crate) fn present(&self) -> Vec<Client> {
        self.joined.iter().copied().collect()
    }

    /// The number in the newest id that was handed to the room.
    pub(crate) fn last_id(&self) -> u32 {
        self.last
    }

    /// Everyone who was ever let in.
    pub(crate) fn everyone(&self) -> usize {
        let ids = self.welcomes.values().map(|welcome| &welcome.participant);
        ids.collect::<BTreeSet<_>>().len()
    }

    pub(crate) fn is_present(&self, client: Client) -> bool {
        self.joined.contains(&client)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.room.waiting()
    }

    pub(crate) fn has_deadline(&self) -> bool {
        self.deadline.is_some()
    }

    pub(crate) fn id(&self, client: Client) -> ParticipantId {
        self.welcome(client).participant.clone()
    }

    /// Takes everything that the client heard since the last time.
    pub(crate) fn heard(&mut self, client: Client) -> Vec<ServerMessage> {
        std::mem::take(self.inboxes.get_mut(&client).unwrap())
    }

    /// Takes what the client heard and gives the newest state of the room in it.
    pub(crate) fn state(&mut self, client: Client) -> RoomState {
        self.try_state(client).expect("no state of the room was sent")
    }

    pub(crate) fn try_state(&mut self, client: Client) -> Option<RoomState> {
        let mut states = self.heard(client).into_iter().filter_map(|message| match message {
            ServerMessage::Room(state) => Some(state),
            ServerMessage::Welcome(welcome) => Some(welcome.room),
            _ => None,
        });
        states.next_back()
    }

    pub(crate) fn forget_what_was_heard(&mut self) {
        self.inboxes.values_mut().for_each(Vec::clear);
        self.media.clear();
        self.store.clear();
    }

    pub(crate) fn unix_ms(&self) -> u64 {
        self.unix_ms
    }

    /// The session of the last command of its kind.
    pub(crate) fn last_publish(&self) -> (SessionId, Vec<(String, PublicationId)>) {
        let found = self.media.iter().rev().find_map(|command| match command {
            MediaCommand::Publish { session, tracks, .. } => {
                let tracks = tracks.iter().map(|track| (track.mid.clone(), track.publication));
                Some((*session, tracks.collect()))
            }
            _ => None,
        });
        found.expect("nothing was published")
    }

    /// What a watcher is to receive, as the media engine was told last.
    pub(crate) fn program(&self, session: SessionId) -> Vec<PublicationId> {
        self.engine.wanted(session).expect("not open")
    }

    pub(crate) fn last_watch(&self) -> (SessionId, Patience) {
        let found = self.media.iter().rev().find_map(|command| match command {
            MediaCommand::Watch { session, patience, .. } => Some((*session, *patience)),
            _ => None,
        });
        found.expect("nobody watches")
    }

    pub(crate) fn last_subscribe(&self) -> (SessionId, Vec<PublicationId>) {
        let found = self.media.iter().rev().find_map(|command| match command {
            MediaCommand::Subscribe { session, publications } => {
                Some((*session, publications.iter().map(|(id, _)| *id).collect()))
            }
            _ => None,
        });
        found.expect("nothing was subscribed")
    }

    fn both_clocks(&self) -> Now {
        Now { monotonic: self.now, unix_ms: self.unix_ms }
    }

    fn move_clock_to(&mut self, at: Instant) {
        self.unix_ms += u64::try_from((at - self.now).as_millis()).unwrap();
        self.now = at;
    }

    fn drain(&mut self) {
        let mut events = Vec::new();
        loop {
            match self.room.poll() {
                Output::Send { to, message } => self.deliver(to, message),
                Output::Broadcast { message } => {
                    for to in self.joined.clone() {
                        self.deliver(to, message.clone());
                    }
                }
                Output::Close { connection } => {
                    assert!(self.closed.insert(connection), "closed twice: {connection:?}");
                    self.joined.remove(&connection);
                    self.waits.remove(&connection);
                }
                Output::Media(command) => {
                    events.extend(self.engine.obey(&command));
                    self.media.push(command);
                }
                Output::Store(command) => self.store.push(command),
                Output::Departed { participant } => self.departed.push(participant),
                Output::Trouble { participant, cause, .. } => {
                    self.troubles.push((participant, cause));
                }
                Output::Operated { ticket, result } => {
                    assert!(self.operated.insert(ticket, result).is_none(), "answered twice");
                }
                Output::Happened(happening) => self.happened.push(happening),
                Output::Ended => {
                    assert!(!std::mem::replace(&mut self.ended, true), "ended twice");
                    assert!(self.joined.is_empty(), "ended with open connections");
                }
                Output::Timeout(deadline) => break self.deadline = deadline,
            }
        }
        events.into_iter().for_each(|event| self.event(event));
    }

    fn deliver(&mut self, to: Client, message: ServerMessage) {
        assert!(!self.closed.contains(&to), "{message:?} to a connection that is closed");
        self.check_ids(&message);
        self.note(to, &message);
        if let ServerMessage::Welcome(welcome) = &message {
            self.joined.insert(to);
            self.waits.remove(&to);
            self.welcomes.insert(to, (**welcome).clone());
        } else {
            self.waits.extend(matches!(message, ServerMessage::Waiting { .. }).then_some(to));
            let waits = self.waits.contains(&to);
            let refused = waits || matches!(message, ServerMessage::Error { .. });
            assert!(refused || self.joined.contains(&to), "{message:?} before the welcome");
        }
        self.inboxes.get_mut(&to).expect("an unknown connection").push(message);
    }

    fn note(&mut self, to: Client, message: &ServerMessage) {
        match message {
            ServerMessage::Welcome(welcome) => {
                self.states.insert(to, welcome.room.clone());
            }
            ServerMessage::Room(state) => {
                self.states.insert(to, state.clone());
            }
            ServerMessage::Links { mesh, node, links } => {
                let told = Links { mesh: *mesh, node: *node, entries: links.clone() };
                self.links.insert(to, told);
            }
            ServerMessage::PublicationTrouble { participant, source, trouble, over } => {
                let told = self.troubles_told.entry(to).or_default();
                let like = |(who, named, known): &Told| {
                    who == participant && named == source && known.is_like(trouble)
                };
                let known = told.iter().position(like).map(|at| told.remove(at));
                assert!(!over || known.is_some(), "{message:?} of what was not told");
                if !over {
                    told.push((participant.clone(), *source, *trouble));
                }
            }
            ServerMessage::Reception(reception) => {
                self.receptions_told.insert(to, *reception);
            }
            ServerMessage::Struggling { participants, count } => {
                self.strugglers_told.insert(to, (participants.clone(), *count));
            }
            ServerMessage::Hands { hands } => self.hands_told = self.hands_told.max(hands.len()),
            ServerMessage::Offer { sdp, .. } | ServerMessage::Watching { sdp, .. } => {
                let session = sdp.rsplit(' ').next().and_then(|number| number.parse().ok());
                self.receivers.extend(session.map(|session| (SessionId(session), to)));
            }
            _ => {}
        }
    }

    /// Publications that clients hear of belong to this room.
    fn check_ids(&self, message: &ServerMessage) {
        let named: Vec<PublicationId> = match message {
            ServerMessage::Offer { tracks, .. } => tracks.iter().map(|t| t.publication).collect(),
            ServerMessage::Subscription { publication, .. } => vec![*publication],
            ServerMessage::Room(state) => published(state),
            _ => return,
        };
        for PublicationId(id) in named {
            assert_eq!(id >> 21, u64::from(ROOM_NUMBER), "{message:?}");
        }
    }
}

fn opening() -> Opening {
    Opening {
        name: RoomName::parse("garden").unwrap(),
        fresh: true,
        number: ROOM_NUMBER,
        chat_open: true,
        settings: Settings::default(),
        topology: Topology::Auto,
        p2p_max_links: 3,
        chat: Vec::new(),
        max_participants: 100,
        server: "roomcast/test".into(),
        origins: vec!["https://live.example.org".into()],
    }
}

/// A `publish` of these sources, one media section each.
pub(crate) fn publish(sources: &[Source], fresh: bool) -> ClientMessage {
    let tracks = sources.iter().enumerate().map(|(mid, source)| PublishedTrack {
        mid: mid.to_string(),
        source: *source,
        muted: false,
        layers: Vec::new(),
    });
    ClientMessage::Publish { sdp: "offer".into(), tracks: tracks.collect(), fresh }
}

pub(crate) fn assert_ok(message: &ServerMessage) {
    assert!(matches!(message, ServerMessage::Ok { .. }), "{message:?}");
}

pub(crate) fn assert_refused(message: &ServerMessage, code: ErrorCode) {
    match message {
        ServerMessage::Error { refusal, .. } => assert_eq!(refusal.code, code),
        other => panic!("{other:?} instead of {code:?}"),
    }
}

/// The code of the goodbye that a client heard.
pub(crate) fn goodbye(heard: &[ServerMessage]) -> Option<ErrorCode> {
    match heard.last() {
        Some(ServerMessage::Goodbye { code, .. }) => Some(*code),
        _ => None,
    }
}

/// Every publication of a room, in the order of the stage.
pub(crate) fn published(state: &RoomState) -> Vec<PublicationId> {
    state.stage.iter().flat_map(|m| &m.publications).map(|p| p.publication).collect()
}

/// The last offer that a client heard: its number, its publications, and whether it was fresh.
pub(crate) fn last_offer(heard: &[ServerMessage]) -> Option<(u32, Vec<PublicationId>, bool)> {
    heard.iter().rev().find_map(|message| match message {
        ServerMessage::Offer { offer, tracks, fresh, .. } => {
            Some((*offer, tracks.iter().map(|t| t.publication).collect(), *fresh))
        }
        _ => None,
    })
}

fn re(message: &ServerMessage) -> Option<u32> {
    match message {
        ServerMessage::Ok { re }
        | ServerMessage::Error { re, .. }
        | ServerMessage::Published { re, .. }
        | ServerMessage::Watching { re, .. }
        | ServerMessage::AudiencePage { re, .. }
        | ServerMessage::Pong { re } => *re,
        ServerMessage::Welcome(welcome) => welcome.re,
        ServerMessage::Waiting { re } => *re,
        _ => None,
    }
}
