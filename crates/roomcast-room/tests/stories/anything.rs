//! Whatever comes, in whatever order: the harness checks every output.

use std::time::Duration;

use proptest::prelude::*;
use roomcast_protocol::client::AnnouncedTrack;
use roomcast_protocol::link::{LinkState, Stream};
use roomcast_protocol::server::OfferedTrack;
use roomcast_protocol::server::Role;
use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{
    Client, ClientMessage, Codec, ErrorCode, Grants, Identity, ParticipantId, Path, Preference,
    PublicationId, PublicationTrouble, Quality, Reception, Refusal, Source, Standing, Topology,
};
use roomcast_room::{Admission, ConnectionId, Input, MediaEvent, SessionId};

use crate::harness::{Guest, ROOM_NUMBER, World, publish};
use crate::invariants;
use crate::linked::{candidate, offer};

#[derive(Debug, Clone)]
enum Step {
    Join {
        guest: Guest,
        resume: Option<u8>,
    },
    /// Something about a link that the client was told of, under its number or the one before.
    OnLink {
        from: u8,
        nth: u8,
        stale: bool,
        what: OnLink,
    },
    Admit {
        by: u8,
        admitted: bool,
    },
    Request {
        from: u8,
        message: ClientMessage,
    },
    Operate(ClientMessage),
    Cut {
        who: u8,
    },
    Media(MediaEvent),
    HoldEngine(bool),
    Pass(u16),
    Shutdown,
}

#[derive(Debug, Clone)]
enum OnLink {
    Offer,
    Candidate,
    State(LinkState),
    Relink,
    Receiving(Path),
}

fn on_link() -> impl Strategy<Value = OnLink> {
    prop_oneof![
        2 => Just(OnLink::Offer),
        2 => Just(OnLink::Candidate),
        1 => Just(OnLink::State(LinkState::Connected)),
        2 => Just(OnLink::State(LinkState::Failed)),
        2 => Just(OnLink::Relink),
        3 => Just(OnLink::Receiving(Path::Link)),
        3 => Just(OnLink::Receiving(Path::Node)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (admission(), proptest::bool::weighted(0.8), proptest::option::of(0..40u8))
            .prop_map(|(admission, links, resume)| Step::Join { guest: Guest { admission, links }, resume }),
        12 => (0..40u8, 0..17u8, proptest::bool::weighted(0.1), on_link())
            .prop_map(|(from, nth, stale, what)| Step::OnLink { from, nth, stale, what }),
        2 => (0..40u8, any::<bool>()).prop_map(|(by, admitted)| Step::Admit { by, admitted }),
        20 => (0..40u8, message()).prop_map(|(from, message)| Step::Request { from, message }),
        2 => message().prop_map(Step::Operate),
        4 => (0..40u8).prop_map(|who| Step::Cut { who }),
        8 => event().prop_map(Step::Media),
        1 => any::<bool>().prop_map(Step::HoldEngine),
        3 => (0..40_000u16).prop_map(Step::Pass),
        1 => proptest::bool::weighted(0.05).prop_map(|down| match down {
            true => Step::Shutdown,
            false => Step::Pass(1_000),
        }),
    ]
}

/// Half of them have the host key or not; the others come with anything.
fn admission() -> impl Strategy<Value = Admission> {
    let role = proptest::sample::select(vec![
        None,
        Some(Role::Host),
        Some(Role::Speaker),
        Some(Role::Viewer),
    ]);
    let client = proptest::sample::select(vec![Client::Page, Client::Whip, Client::Whep]);
    let identity = proptest::option::of(0..3u8);
    let grants = proptest::option::of(grants());
    let whatever = (role, client, identity, grants, any::<[bool; 2]>()).prop_map(
        |(role, client, identity, grants, [takeover, invited])| {
            let identity = identity.and_then(|n| Identity::parse(&n.to_string()).ok());
            Admission { role, grants, identity, client, takeover, invited }
        },
    );
    prop_oneof![any::<bool>().prop_map(Admission::of_page), whatever]
}

fn grants() -> impl Strategy<Value = Grants> {
    let publish = proptest::collection::btree_set(source(), 0..4);
    (publish, any::<[bool; 3]>()).prop_map(|(publish, [subscribe, chat, moderate])| Grants {
        publish,
        subscribe,
        chat,
        moderate,
        admin: false,
    })
}

fn source() -> impl Strategy<Value = Source> {
    use Source::{Camera, Microphone, Screen, ScreenAudio};
    proptest::sample::select(vec![Camera, Microphone, Screen, ScreenAudio])
}

fn participant() -> impl Strategy<Value = ParticipantId> {
    (0..40u8).prop_map(|n| ParticipantId(format!("p{n}")))
}

fn message() -> impl Strategy<Value = ClientMessage> {
    use ClientMessage as M;
    prop_oneof![
        4 => (proptest::collection::vec(source(), 0..5), any::<bool>())
            .prop_map(|(sources, fresh)| publish(&sources, fresh)),
        1 => Just(M::Unpublish),
        1 => (source(), any::<bool>()).prop_map(|(source, muted)| M::TrackMuted { source, muted }),
        4 => any::<bool>().prop_map(|restart_ice| M::Subscribe { restart_ice }),
        3 => any::<bool>().prop_map(|fresh| M::Watch { sdp: "offer".into(), fresh }),
        4 => (0..6u32).prop_map(|offer| M::Answer { offer, sdp: "answer".into() }),
        2 => ".{0,20}".prop_map(|text| M::Chat { text }),
        1 => ".{0,10}".prop_map(|name| M::Rename { name }),
        2 => (participant(), source(), any::<bool>())
            .prop_map(|(participant, source, muted)| M::Mute { participant, source, muted }),
        1 => (participant(), any::<bool>())
            .prop_map(|(participant, silenced)| M::Silence { participant, silenced }),
        1 => participant().prop_map(|participant| M::Remove { participant }),
        1 => any::<bool>().prop_map(|open| M::ChatOpen { open }),
        1 => proptest::option::of(participant()).prop_map(|after| M::Audience { after }),
        1 => proptest::bool::weighted(0.1).prop_map(|end| if end { M::End } else { M::Ping }),
        1 => Just(M::Leave),
        4 => proptest::collection::vec(source(), 0..3).prop_map(|sources| M::Announce {
            tracks: sources.into_iter().map(|source| AnnouncedTrack { source, muted: false }).collect(),
        }),
        1 => (participant(), 0..30u32, any::<bool>()).prop_map(|(to, link, failed)| match failed {
            true => M::LinkState { participant: to, link, state: LinkState::Failed, cause: None },
            false => M::Link { to, link, signal: offer("x") },
        }),
        1 => proptest::collection::vec(participant(), 0..4)
            .prop_map(|to| M::Direct { to, stream: Stream::Chat, data: "data".into() }),
        2 => (any::<bool>(), proptest::option::of(participant()))
            .prop_map(|(raised, participant)| M::Hand { raised, participant }),
        3 => (participant(), any::<bool>())
            .prop_map(|(participant, on)| M::Stage { participant, on }),
        3 => settings().prop_map(M::Settings),
        3 => proptest::collection::vec(preference(), 0..4).prop_map(|pictures| M::Prefer { pictures }),
    ]
}

fn preference() -> impl Strategy<Value = Preference> {
    let quality = proptest::sample::select(vec![Quality::Auto, Quality::Low, Quality::Paused]);
    (publication(), quality, any::<[bool; 2]>()).prop_map(
        |(publication, quality, [small, spotlight])| {
            let (width, height) = if small { (320, 180) } else { (0, 0) };
            Preference { publication, quality, width, height, spotlight }
        },
    )
}

/// Of this room, and of another one.
fn publication() -> impl Strategy<Value = PublicationId> {
    let room = proptest::sample::select(vec![0, u64::from(ROOM_NUMBER)]);
    (room, 0..12u64).prop_map(|(room, n)| PublicationId(room << 21 | n))
}

fn settings() -> impl Strategy<Value = SettingsChange> {
    let topologies = vec![Topology::Auto, Topology::P2p, Topology::Sfu];
    let rarely = || proptest::option::weighted(0.2, proptest::bool::weighted(0.3));
    (proptest::option::of(proptest::sample::select(topologies)), rarely(), rarely()).prop_map(
        |(topology, locked, waiting_room)| SettingsChange {
            topology,
            locked,
            waiting_room,
            relay_only: None,
        },
    )
}

fn event() -> impl Strategy<Value = MediaEvent> {
    let session = (0..20u64).prop_map(|n| SessionId(u64::from(ROOM_NUMBER) << 32 | n));
    let code = proptest::sample::select(vec![ErrorCode::SdpInvalid, ErrorCode::OfferStale]);
    (session, publication(), code, any::<bool>(), 0..11u8).prop_map(
        |(session, publication, code, flag, kind)| match kind {
            0 => MediaEvent::Closed { session, refusal: Refusal::new(code, "closed") },
            1 => MediaEvent::Refused { session, gone: flag, refusal: Refusal::new(code, "no") },
            2 => MediaEvent::Published { session, sdp: "answer".into() },
            // Those of another room are nothing that anyone must hear of.
            3 => MediaEvent::Offer {
                session,
                offer: u32::from(flag),
                sdp: "offer".into(),
                tracks: vec![OfferedTrack { mid: "0".into(), publication }],
            },
            4 => MediaEvent::Connected { session },
            7 => MediaEvent::LayersWanted {
                session,
                publication,
                layers: if flag { vec!["q".into()] } else { Vec::new() },
            },
            8 | 9 => MediaEvent::Reception {
                session,
                reception: Reception {
                    standing: match kind {
                        8 => Standing::Good,
                        _ => Standing::Poor,
                    },
                    available: flag.then_some(90_000),
                    loss_percent: 3,
                },
            },
            5 | 6 => MediaEvent::PublicationTrouble {
                session,
                publication,
                trouble: match kind {
                    5 => PublicationTrouble::NoKeyFrame,
                    _ => PublicationTrouble::Loss {
                        percent: u8::try_from(session.0 & 3).unwrap() + 1,
                    },
                },
                over: flag,
            },
            _ => MediaEvent::Subscription {
                session,
                publication,
                decodable: flag,
                codec: Codec::Vp8,
            },
        },
    )
}

fn play(world: &mut World, clients: &mut Vec<ConnectionId>, step: Step) {
    let pick = |n: u8| clients.get(usize::from(n)).copied().unwrap_or(ConnectionId(9_999));
    match step {
        Step::OnLink { from, nth, stale, what } => {
            act_on_link(world, pick(from), nth, stale, &what)
        }
        Step::Admit { by, admitted } => {
            // The newest of all ids waits most likely.
            let participant = ParticipantId(format!("p{}", world.last_id()));
            world.say(pick(by), ClientMessage::Admit { participant, admitted });
        }
        Step::Join { guest, resume } => {
            let older = resume.map(pick).filter(|c| world.was_welcome(*c));
            let token = older.map(|client| world.welcome(client).resume.clone());
            let client = world.enter("someone", guest, token);
            clients.push(client);
        }
        Step::Request { from, message } => world.say(pick(from), message),
        // Answered once, whatever the answer is.
        Step::Operate(message) => drop(world.operate(message)),
        Step::Cut { who } => world.cut(pick(who)),
        Step::Media(event) => world.event(event),
        Step::HoldEngine(held) => world.engine.held = held,
        Step::Pass(ms) => world.pass(Duration::from_millis(ms.into())),
        Step::Shutdown => world.input(Input::Shutdown),
    }
}

fn act_on_link(world: &mut World, from: ConnectionId, nth: u8, stale: bool, what: &OnLink) {
    let entries = world.links.get(&from).map(|links| links.entries.clone()).unwrap_or_default();
    let Some(entry) = entries.into_iter().cycle().nth(usize::from(nth)) else { return };
    let (to, participant) = (entry.participant.clone(), entry.participant);
    let link = entry.link.wrapping_sub(u32::from(stale));
    let message = match what {
        OnLink::Offer => ClientMessage::Link { to, link, signal: offer("offer") },
        OnLink::Candidate => ClientMessage::Link { to, link, signal: candidate("candidate") },
        OnLink::State(state) => {
            ClientMessage::LinkState { participant, link, state: *state, cause: None }
        }
        OnLink::Relink => ClientMessage::Relink { participant },
        OnLink::Receiving(via) => ClientMessage::Receiving { participant, via: *via },
    };
    world.say(from, message);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_comes_breaks_a_room(steps in proptest::collection::vec(step(), 1..120)) {
        let mut world = World::with(8, Vec::new());
        world.engine.lenient = true;
        let mut clients = Vec::new();
        for step in steps {
            play(&mut world, &mut clients, step);
            prop_assert!(world.participants() <= 8 + 16);
            invariants::check(&world);
        }
        // Once everyone is gone, nothing is left that would wake the room.
        for client in clients {
            world.cut(client);
        }
        world.pass(Duration::from_secs(60));
        prop_assert_eq!(world.participants(), 0);
        prop_assert_eq!(world.waiting(), 0);
        prop_assert_eq!(world.departed.len(), world.everyone());
        prop_assert!(!world.has_deadline());
    }
}
