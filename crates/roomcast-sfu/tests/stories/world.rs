//! A node's shards, the browsers, the network between them and the control plane, in one thread and
//! on one clock.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use roomcast_sfu::{
    Command, Event, Identity, Input, MediaKind, OfferedTrack, Output, Patience, Preference,
    PublicationId, SessionId, Shard, ShardConfig, ShardId, ShardMessage, Transmits,
    WantedPublication, opened_at,
};
use rustc_hash::FxBuildHasher;
use str0m::RtcConfig;
use str0m::media::Mid;

use crate::camera::Camera;
use crate::client::Client;
use crate::network::{Datagram, Link, Network};

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::generate().unwrap());

/// Where browsers send to.
pub(crate) const NODE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 8443);

/// An index of [`World::clients`].
pub(crate) type Who = usize;

pub(crate) struct World {
    pub now: Instant,
    pub shards: Vec<Shard>,
    pub network: Network,
    pub clients: Vec<Client>,
    /// Everything that the control plane was told.
    pub events: Vec<(Instant, Event)>,
    /// How long a message from shard to shard takes.
    pub mail_delay: Duration,
    /// Where datagrams of an address land, when it is not left to chance.
    pub landing: HashMap<SocketAddr, u16>,
    mail: VecDeque<(Instant, ShardId, ShardId, ShardMessage)>,
    /// The open offer of each subscriber that does not answer by itself.
    pub open_offers: HashMap<SessionId, (u32, String, Vec<OfferedTrack>)>,
    /// What each address was sent by SSRC and RTP sequence number: under one number nothing else may
    /// come again.
    wire: HashMap<(SocketAddr, u32, u16), u64>,
    pub sent_twice: u64,
    /// Datagrams that came again as they were.
    pub repeated: u64,
    /// RTP and RTCP datagrams that were sent to browsers.
    pub media_datagrams: u64,
    next_session: u64,
    next_port: u16,
    seed: u64,
}

impl World {
    /// A node with so many shards. `seed` decides everything, unless the environment does.
    pub(crate) fn new(seed: u64, shards: u16) -> Self {
        Self::with_limit(seed, shards, 10_000)
    }

    pub(crate) fn with_limit(seed: u64, shards: u16, max_sessions: usize) -> Self {
        let given = std::env::var("ROOMCAST_STORY_SEED").ok().and_then(|s| s.parse().ok());
        let seed = given.unwrap_or(seed);
        // str0m draws from this thread's generator.
        fastrand::seed(seed);
        let now = Instant::now();
        let shard = |id| {
            let config = ShardConfig {
                id: ShardId(id),
                shards,
                identity: IDENTITY.clone(),
                candidates: vec![NODE],
                max_sessions,
                seed,
            };
            Shard::new(config, now)
        };
        Self {
            now,
            shards: (0..shards).map(shard).collect(),
            network: Network::new(seed),
            clients: Vec::new(),
            events: Vec::new(),
            mail_delay: Duration::from_micros(50),
            landing: HashMap::new(),
            mail: VecDeque::new(),
            open_offers: HashMap::new(),
            wire: HashMap::new(),
            sent_twice: 0,
            repeated: 0,
            media_datagrams: 0,
            next_session: 100,
            next_port: 10_000,
            seed,
        }
    }

    // --- What people do ---

    /// A publisher that goes live with these publications; `true` means video.
    pub(crate) fn publisher(&mut self, tracks: &[(PublicationId, bool)]) -> Who {
        self.publisher_with(tracks, |config| config)
    }

    pub(crate) fn publisher_with(
        &mut self,
        tracks: &[(PublicationId, bool)],
        config: impl FnOnce(RtcConfig) -> RtcConfig,
    ) -> Who {
        let who = self.client(config);
        self.republish(who, tracks, &[], false);
        who
    }

    /// A publisher of a camera in layers.
    pub(crate) fn publisher_in_layers(&mut self, publication: PublicationId) -> Who {
        let who = self.client(|config| config);
        let camera = Camera::new(publication, self.now);
        self.clients[who].cameras.push(camera);
        self.republish(who, &[], &[], false);
        who
    }

    /// A further offer of a publisher.
    pub(crate) fn republish(
        &mut self,
        who: Who,
        added: &[(PublicationId, bool)],
        dropped: &[PublicationId],
        restart_ice: bool,
    ) {
        let client = &mut self.clients[who];
        let (offer, tracks) = client.offer(self.now, added, dropped, restart_ice);
        let session = client.session;
        self.command(Command::Publish { session, offer, tracks, patience: Patience::Resumable });
    }

    pub(crate) fn subscriber(&mut self, publications: &[(PublicationId, bool)]) -> Who {
        self.subscriber_with(publications, |config| config)
    }

    pub(crate) fn subscriber_with(
        &mut self,
        publications: &[(PublicationId, bool)],
        config: impl FnOnce(RtcConfig) -> RtcConfig,
    ) -> Who {
        let who = self.client(config);
        self.subscribe(who, publications);
        who
    }

    pub(crate) fn subscribe(&mut self, who: Who, publications: &[(PublicationId, bool)]) {
        let session = self.clients[who].session;
        self.command(Command::Subscribe { session, publications: wanted(publications) });
    }

    /// A player that offers sections for so many pictures and so many sounds.
    pub(crate) fn watcher(
        &mut self,
        sections: (usize, usize),
        publications: &[(PublicationId, bool)],
    ) -> Who {
        let who = self.client(|config| config);
        self.watch(who, sections, publications);
        who
    }

    /// An offer of a player; without sections it restarts ICE.
    pub(crate) fn watch(
        &mut self,
        who: Who,
        (pictures, sounds): (usize, usize),
        publications: &[(PublicationId, bool)],
    ) {
        let offer = self.clients[who].offer_to_receive(pictures, sounds);
        let (session, publications) = (self.clients[who].session, wanted(publications));
        self.command(Command::Watch { session, offer, publications, patience: Patience::Brief });
    }

    /// A browser that has not been introduced to anyone.
    pub(crate) fn client(&mut self, config: impl FnOnce(RtcConfig) -> RtcConfig) -> Who {
        let session = SessionId(self.next_session);
        self.next_session += 1;
        let address = self.new_address();
        self.clients.push(Client::new(session, address, self.now, config));
        self.clients.len() - 1
    }

    pub(crate) fn new_address(&mut self) -> SocketAddr {
        self.next_port += 1;
        SocketAddr::from((Ipv4Addr::new(198, 51, 100, 7), self.next_port))
    }

    /// The client's datagrams land at this shard from now on.
    pub(crate) fn land(&mut self, who: Who, shard: u16) {
        self.landing.insert(self.clients[who].outer, shard);
    }

    /// A NAT gives the client another address.
    pub(crate) fn rebind(&mut self, who: Who, shard: u16) {
        let address = self.new_address();
        self.clients[who].outer = address;
        self.land(who, shard);
    }

    /// Says how good pictures are to be.
    pub(crate) fn prefer(&mut self, who: Who, preferences: Vec<Preference>) {
        let session = self.clients[who].session;
        self.command(Command::Prefer { session, preferences });
    }

    /// The network to a client carries so many bits per second from now on.
    pub(crate) fn narrow(&mut self, who: Who, rate: u64) {
        let link = self.network.links.entry(self.clients[who].outer);
        link.or_insert_with(|| Link::of(rate)).rate = rate as f64;
    }

    pub(crate) fn close(&mut self, who: Who) {
        let session = self.clients[who].session;
        self.command(Command::Close { session });
    }

    pub(crate) fn mute(&mut self, who: Who, publication: PublicationId, muted: bool) {
        let session = self.clients[who].session;
        self.command(Command::Mute { session, publication, muted });
    }

    pub(crate) fn restart_ice(&mut self, who: Who) {
        let session = self.clients[who].session;
        self.command(Command::RestartIce { session });
    }

    pub(crate) fn ask_key_frame(&mut self, who: Who, mid: Mid) {
        let now = self.now;
        self.clients[who].request_key_frame(now, mid);
        self.collect_from_clients();
    }

    /// Answers the open offer of a subscriber that does not do so by itself.
    pub(crate) fn answer_open_offer(&mut self, who: Who) {
        let session = self.clients[who].session;
        let (offer, description, tracks) = self.open_offers.remove(&session).expect("an offer");
        let answer = self.clients[who].answer(&description, tracks);
        self.command(Command::Answer { session, offer, answer });
    }

    pub(crate) fn answer_with(&mut self, who: Who, offer: u32, answer: &str) {
        let session = self.clients[who].session;
        self.command(Command::Answer { session, offer, answer: answer.into() });
    }

    // --- How the world goes on ---

    pub(crate) fn run_for(&mut self, duration: Duration) {
        let until = self.now + duration;
        self.run_until(until, |_| false);
    }

    pub(crate) fn run_ms(&mut self, ms: u64) {
        self.run_for(Duration::from_millis(ms));
    }

    /// Goes on until the condition holds; fails after ten seconds.
    #[track_caller]
    pub(crate) fn await_that(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let until = self.now + Duration::from_secs(10);
        assert!(self.run_until(until, condition), "{what} did not come about; {self}");
    }

    #[track_caller]
    pub(crate) fn await_connected(&mut self, who: &[Who]) {
        self.await_that("connection", |world| who.iter().all(|w| world.clients[*w].connected));
    }

    pub(crate) fn run_until(&mut self, until: Instant, condition: impl Fn(&Self) -> bool) -> bool {
        let mut standing_still = 0;
        loop {
            if condition(self) {
                return true;
            }
            let next = self.next_at().map_or(until, |at| at.max(self.now));
            if next > until {
                self.now = until;
                return false;
            }
            standing_still = if next == self.now { standing_still + 1 } else { 0 };
            assert!(standing_still < 1_000, "time stands still; {self}");
            self.now = next;
            self.step();
        }
    }

    pub(crate) fn command(&mut self, command: Command) {
        let shard = self.batched(command);
        self.settle(shard);
    }

    /// A command in one batch with what comes next.
    pub(crate) fn batched(&mut self, command: Command) -> ShardId {
        let shard = opened_at(command.session(), self.shards.len() as u16);
        self.input(shard, |shard, now, sink| shard.handle(now, Input::Command(command), sink));
        shard
    }

    /// A datagram from nowhere in particular, at once.
    pub(crate) fn inject(&mut self, shard: u16, source: SocketAddr, contents: &[u8]) {
        let input = Input::Datagram { source, destination: Some(NODE.ip()), contents };
        self.input(ShardId(shard), |shard, now, sink| shard.handle(now, input, sink));
        self.settle(ShardId(shard));
    }

    fn next_at(&self) -> Option<Instant> {
        let shards = self.shards.iter().filter_map(Shard::deadline);
        let clients = self.clients.iter().filter(|c| !c.closed).map(|c| c.timeout);
        let sources = self.clients.iter().filter_map(Client::source_due);
        let mail = self.mail.front().map(|(at, ..)| *at);
        shards.chain(clients).chain(sources).chain(mail).chain(self.network.next_at()).min()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some((is_up, datagram)) = self.network.arrived(now) {
            if is_up { self.arrive_at_shard(&datagram) } else { self.arrive_at_client(&datagram) }
        }
        while self.mail.front().is_some_and(|(at, ..)| *at <= now) {
            let Some((_, from, to, message)) = self.mail.pop_front() else { break };
            let input = Input::Message { from, message };
            self.input(to, |shard, now, sink| shard.handle(now, input, sink));
        }
        for index in 0..self.shards.len() {
            let id = ShardId(index as u16);
            if self.shards[index].deadline().is_some_and(|at| at <= now) {
                self.input(id, |shard, now, sink| shard.handle(now, Input::Timeout, sink));
            }
            self.settle(id);
        }
        for client in &mut self.clients {
            if client.timeout <= now && !client.closed {
                client.advance(now);
            }
            if client.source_due().is_some_and(|at| at <= now) {
                client.run_sources(now);
                client.run_cameras(now);
            }
        }
        self.collect_from_clients();
    }

    fn arrive_at_shard(&mut self, datagram: &Datagram) {
        let shard = self.lands_at(datagram.source);
        let input = Input::Datagram {
            source: datagram.source,
            destination: Some(datagram.destination.ip()),
            contents: &datagram.contents,
        };
        self.input(shard, |shard, now, sink| shard.handle(now, input, sink));
    }

    fn arrive_at_client(&mut self, datagram: &Datagram) {
        let now = self.now;
        let client = self.clients.iter_mut().find(|c| c.outer == datagram.destination);
        if let Some(client) = client {
            client.receive(now, datagram.source, &datagram.contents);
        }
    }

    fn lands_at(&self, source: SocketAddr) -> ShardId {
        let chance = u64::from(source.port()).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let by_hash = (chance % self.shards.len() as u64) as u16;
        ShardId(self.landing.get(&source).copied().unwrap_or(by_hash))
    }

    fn input(&mut self, id: ShardId, give: impl FnOnce(&mut Shard, Instant, &mut Sink)) {
        let mut sink = Sink::default();
        give(&mut self.shards[usize::from(id.0)], self.now, &mut sink);
        self.send(sink);
    }

    /// What the engine does after a batch.
    fn settle(&mut self, id: ShardId) {
        self.input(id, |shard, now, sink| shard.flush(now, sink));
        while let Some(output) = self.shards[usize::from(id.0)].poll() {
            match output {
                Output::Message { to, message } => {
                    assert_ne!(to, id, "a shard writes to itself");
                    self.mail.push_back((self.now + self.mail_delay, id, to, message));
                }
                Output::Event(event) => self.told(event),
            }
        }
    }

    fn send(&mut self, sink: Sink) {
        for datagram in sink.0 {
            self.note(&datagram);
            self.network.send_down(self.now, datagram);
        }
    }

    /// Notes RTP on the wire (RFC 3550 §5.1; payload types as in RFC 5761 §4).
    fn note(&mut self, datagram: &Datagram) {
        let [first, second, seq_high, seq_low, _, _, _, _, a, b, c, d, ..] = datagram.contents[..]
        else {
            return;
        };
        let is_media = (128..=191).contains(&first);
        self.media_datagrams += u64::from(is_media);
        if is_media && !(64..=95).contains(&(second & 0x7F)) {
            let ssrc = u32::from_be_bytes([a, b, c, d]);
            let seq = u16::from_be_bytes([seq_high, seq_low]);
            let digest = FxBuildHasher.hash_one(&datagram.contents);
            if let Some(before) = self.wire.insert((datagram.destination, ssrc, seq), digest) {
                let is_same = before == digest;
                self.sent_twice += u64::from(!is_same);
                self.repeated += u64::from(is_same);
            }
        }
    }

    fn collect_from_clients(&mut self) {
        for client in &mut self.clients {
            for datagram in client.take_outbox() {
                self.network.send_up(self.now, datagram);
            }
        }
    }

    /// The control plane: carries descriptions to and fro, and remembers everything.
    fn told(&mut self, event: Event) {
        self.events.push((self.now, event.clone()));
        match event {
            Event::Answered { session, answer } => {
                if let Some(client) = self.client_of(session).filter(|c| c.reads_answers) {
                    client.take_answer(&answer);
                }
            }
            Event::Offered { session, offer, description, tracks } => {
                let Some(client) = self.client_of(session) else { return };
                if client.answers {
                    let answer = client.answer(&description, tracks);
                    self.command(Command::Answer { session, offer, answer });
                } else {
                    self.open_offers.insert(session, (offer, description, tracks));
                }
            }
            Event::LayersWanted { session, publication, layers } => {
                let cameras = self.client_of(session).into_iter().flat_map(|c| &mut c.cameras);
                for camera in cameras.filter(|camera| camera.publication == publication) {
                    camera.wanted(&layers);
                }
            }
            _ => {}
        }
        self.collect_from_clients();
    }

    fn client_of(&mut self, session: SessionId) -> Option<&mut Client> {
        self.clients.iter_mut().find(|c| c.session == session)
    }
}

impl std::fmt::Display for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "replay with ROOMCAST_STORY_SEED={}", self.seed)
    }
}

impl Drop for World {
    /// Assertions of the stories themselves do not name the seed.
    #[allow(clippy::print_stderr, reason = "the test harness shows it for failed tests only")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{self}");
        }
    }
}

fn wanted(publications: &[(PublicationId, bool)]) -> Vec<WantedPublication> {
    let kind = |is_video| if is_video { MediaKind::Video } else { MediaKind::Audio };
    publications
        .iter()
        .map(|(publication, is_video)| WantedPublication {
            publication: *publication,
            kind: kind(*is_video),
        })
        .collect()
}

#[derive(Default)]
struct Sink(Vec<Datagram>);

impl Transmits for Sink {
    fn push(&mut self, destination: SocketAddr, source: IpAddr, contents: &[u8]) {
        let source = SocketAddr::new(source, NODE.port());
        self.0.push(Datagram { source, destination, contents: contents.to_vec() });
    }
}
