//! Properties that hold for whatever clients and peers do, in any order.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

use proptest::prelude::*;
use roomcast_turn::{Client, Credential, Input, Secret};

use crate::lab::*;
use crate::wire::*;

/// Something that a client, a peer or time does.
#[derive(Debug, Clone)]
enum Step {
    Allocate(u8),
    Refresh(u8, u32),
    Permit(u8, u8),
    Bind(u8, u16, u8),
    Send(u8, u8),
    ChannelData(u8, u16),
    FromPeer(u8, u8),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (client, peer, number) = (|| 0_u8..3, || 0_u8..4, || 0x4000_u16..0x4004);
    prop_oneof![
        client().prop_map(Step::Allocate),
        (client(), prop_oneof![Just(0), Just(600), Just(3_600)])
            .prop_map(|(client, lifetime)| Step::Refresh(client, lifetime)),
        (client(), peer()).prop_map(|(client, peer)| Step::Permit(client, peer)),
        (client(), number(), peer())
            .prop_map(|(client, number, peer)| Step::Bind(client, number, peer)),
        (client(), peer()).prop_map(|(client, peer)| Step::Send(client, peer)),
        (client(), number()).prop_map(|(client, number)| Step::ChannelData(client, number)),
        (client(), peer()).prop_map(|(client, peer)| Step::FromPeer(client, peer)),
        prop_oneof![1_u64..60, 250_u64..700].prop_map(Step::Wait),
    ]
}

/// What the client believes to have: written from the standard's sentences, not from the server.
#[derive(Debug)]
struct Model {
    relay: SocketAddr,
    expires: Instant,
    permissions: HashMap<u8, Instant>,
    channels: HashMap<u16, (u8, Instant)>,
}

/// The peers: this node's media by two addresses.
fn peer(number: u8) -> SocketAddr {
    address(
        ["203.0.113.5:8443", "203.0.113.6:8443", "203.0.113.7:8443", "203.0.113.8:8443"]
            [usize::from(number)],
    )
}

struct World {
    lab: Lab,
    browsers: Vec<Browser>,
    models: HashMap<u8, Model>,
}

impl World {
    fn new() -> Self {
        let lab = Lab::with(|config| config.policy.node = (0..4).map(peer).collect());
        let secret = Secret::new("s3cret");
        let Credential { username, password } = Credential::mint(&secret, "alice", UNIX * 2);
        let browser = |number: u16| Browser {
            username: username.clone(),
            password: password.clone(),
            ..Browser::new(number + 1)
        };
        let browsers = (0..3).map(browser).collect();
        Self { lab, browsers, models: HashMap::new() }
    }

    fn live(&mut self, client: u8) -> Option<&mut Model> {
        let now = self.lab.now;
        self.models.get_mut(&client).filter(|model| model.expires > now)
    }

    fn ask(&mut self, client: u8, request: Draft) -> Reply {
        let browser = &mut self.browsers[usize::from(client)];
        browser.nonce.clear();
        browser.ask(&mut self.lab, request)
    }

    fn client(&self, client: u8) -> Client {
        self.browsers[usize::from(client)].client
    }

    fn step(&mut self, step: &Step) {
        let now = self.lab.now;
        match *step {
            Step::Allocate(client) => self.allocate(client),
            Step::Refresh(client, lifetime) => self.refresh(client, lifetime),
            Step::Permit(client, number) => {
                let request =
                    Draft::new(CREATE_PERMISSION, self.lab.transaction()).with_peer(peer(number));
                let code = self.ask(client, request).code();
                let Some(model) = self.live(client) else { return assert_eq!(code, 437) };
                assert_eq!(code, 0);
                model.permissions.insert(number, now + seconds(300));
            }
            Step::Bind(client, channel, number) => self.bind(client, channel, number),
            Step::Send(client, number) => {
                let browser = self.browsers[usize::from(client)].clone();
                let sent = browser.send_indication(&mut self.lab, peer(number), b"x");
                let model = self.live(client);
                let model = model.filter(|model| model.permissions.get(&number) > Some(&now));
                let expected =
                    model.map(|model| Sent::Node(model.relay, peer(number), b"x".to_vec()));
                assert_eq!(sent, Vec::from_iter(expected));
            }
            Step::ChannelData(client, channel) => {
                let sent = self.lab.send(self.client(client), &channel_data(channel, b"y"));
                let expected = self.live(client).and_then(|model| {
                    let (number, expires) = model.channels.get(&channel)?;
                    let sent = Sent::Node(model.relay, peer(*number), b"y".to_vec());
                    (*expires > now).then_some(sent)
                });
                assert_eq!(sent, Vec::from_iter(expected));
            }
            Step::FromPeer(client, number) => self.relayed(client, number),
            // Not on a boundary: there the server may be a tenth of a second late.
            Step::Wait(span) => self.lab.wait(seconds(span) + seconds(1) / 3),
        }
    }

    fn allocate(&mut self, client: u8) {
        let request = Browser::allocate_request(&mut self.lab);
        let reply = self.ask(client, request);
        if self.live(client).is_some() {
            return assert_eq!(reply.code(), 437);
        }
        assert_eq!(reply.code(), 0);
        let model = Model {
            relay: reply.address(XOR_RELAYED_ADDRESS),
            expires: self.lab.now + seconds(600),
            permissions: HashMap::new(),
            channels: HashMap::new(),
        };
        self.models.insert(client, model);
    }

    fn refresh(&mut self, client: u8, lifetime: u32) {
        let request =
            Draft::new(REFRESH, self.lab.transaction()).with(LIFETIME, &lifetime.to_be_bytes());
        let reply = self.ask(client, request);
        let now = self.lab.now;
        let Some(model) = self.live(client) else { return assert_eq!(reply.code(), 437) };
        assert_eq!(reply.number(LIFETIME), lifetime);
        model.expires = now + seconds(lifetime.into());
    }

    fn bind(&mut self, client: u8, channel: u16, number: u8) {
        let [high, low] = channel.to_be_bytes();
        let request = Draft::new(CHANNEL_BIND, self.lab.transaction())
            .with(CHANNEL_NUMBER, &[high, low, 0, 0])
            .with_peer(peer(number));
        let code = self.ask(client, request).code();
        let now = self.lab.now;
        let Some(model) = self.live(client) else { return assert_eq!(code, 437) };
        model.channels.retain(|_, (_, expires)| *expires > now);
        let conflict = model
            .channels
            .iter()
            .any(|(other, (bound, _))| (*other == channel) != (*bound == number));
        assert_eq!(code, if conflict { 400 } else { 0 });
        if !conflict {
            model.channels.insert(channel, (number, now + seconds(600)));
            model.permissions.insert(number, now + seconds(300));
        }
    }

    fn relayed(&mut self, client: u8, number: u8) {
        let now = self.lab.now;
        let Some(relay) = self.models.get(&client).map(|model| model.relay) else { return };
        let others = self.models.iter().filter(|(other, model)| {
            **other != client && model.expires > now && model.relay == relay
        });
        if others.count() > 0 {
            return;
        }
        let sent = self.lab.relayed(relay, peer(number), b"z");
        let to = self.client(client);
        let model = self.live(client);
        let Some(model) = model.filter(|model| model.permissions.get(&number) > Some(&now)) else {
            return assert_eq!(sent, []);
        };
        let mut bound = model.channels.iter();
        let bound = bound.find(|(_, (bound, expires))| *bound == number && *expires > now);
        let [Sent::Client(client, bytes)] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!(*client, to);
        match bound {
            Some((channel, _)) => assert_eq!(*bytes, channel_data(*channel, b"z")),
            None => assert_eq!(Reply::read(bytes).address(XOR_PEER_ADDRESS), peer(number)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// RFC 8656 §7 to §12, as one model beside the server.
    #[test]
    fn allocations_permissions_and_channels_live_as_long_as_the_standard_says(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        let now = world.lab.now;
        let live = world.models.values().filter(|model| model.expires > now).count();
        prop_assert_eq!(world.lab.server.counters().allocations, live as u64);
        world.lab.wait(seconds(3_601));
        prop_assert!(world.lab.server.is_empty());
        prop_assert_eq!(world.lab.server.deadline(), None);
    }

    #[test]
    fn a_stranger_gets_at_most_one_answer_that_is_short_and_leaves_nothing(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        kind in any::<u16>(),
        framed in any::<bool>(),
    ) {
        let mut lab = Lab::new();
        let message = Draft::new(kind & 0x3FFF, [1; 12]).with(0x0019, &bytes).bytes;
        let message = if framed { message } else { bytes };
        let sent = lab.send(udp(1), &message);
        prop_assert!(sent.len() <= 1);
        for sent in sent {
            let Sent::Client(_, answer) = sent else { panic!("{sent:?}") };
            prop_assert!(answer.len() <= message.len().max(60));
        }
        prop_assert!(lab.server.is_empty());
    }

    #[test]
    fn a_signed_request_with_any_bit_changed_changes_nothing(bit in 0_usize..8 * 200) {
        let mut lab = Lab::new();
        let mut alice = Browser::new(1);
        alice.allocate(&mut lab);
        let request = Draft::new(REFRESH, lab.transaction()).with(LIFETIME, &[0; 4]);
        let mut request = alice.sign(request).bytes;
        let bit = bit % (8 * request.len());
        request[bit / 8] ^= 1 << (bit % 8);
        lab.send(alice.client, &request);
        prop_assert_eq!(lab.server.counters().allocations, 1);
    }

    #[test]
    fn any_bytes_of_a_peer_reach_the_client_as_they_are(
        payload in prop::collection::vec(any::<u8>(), 0..2_000),
        channel in any::<bool>(),
    ) {
        let mut lab = Lab::new();
        let mut alice = Browser::new(1);
        let relay = alice.allocate(&mut lab);
        alice.permit(&mut lab, address(NODE));
        if channel {
            alice.bind(&mut lab, 0x4000, address(NODE));
        }
        let sent = lab.handle(Input::Relayed { relay, peer: address(NODE), contents: &payload });
        let [Sent::Client(_, bytes)] = sent.as_slice() else { panic!("{sent:?}") };
        if channel {
            prop_assert_eq!(&bytes[4..], payload);
        } else {
            let indication = Reply::read(bytes);
            prop_assert_eq!(indication.get(DATA), Some(payload.as_slice()));
        }
    }
}
