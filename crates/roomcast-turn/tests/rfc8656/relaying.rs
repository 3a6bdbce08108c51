//! RFC 8656 §11: data between clients and peers.

use roomcast_turn::{Limits, Traffic, shard_of};

use crate::lab::*;
use crate::wire::*;

#[test]
fn a_data_indication_names_its_peer_and_carries_its_payload() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    browser.permit(&mut lab, address(NODE));
    let sent = lab.relayed(relay, address(NODE), b"hello");
    let [Sent::Client(client, bytes)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(*client, browser.client);
    let reply = Reply::read(bytes);
    assert_eq!(reply.kind, DATA_INDICATION);
    assert_eq!(reply.address(XOR_PEER_ADDRESS), address(NODE));
    assert_eq!(reply.get(DATA), Some(b"hello".as_slice()));
}

#[test]
fn data_of_ipv6_peers_goes_both_ways() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let request = Browser::allocate_request(&mut lab).with(REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]);
    let relay = browser.ask(&mut lab, request).address(XOR_RELAYED_ADDRESS);
    let node = address("[2001:db8::5]:8443");
    assert_eq!(browser.permit(&mut lab, node).code(), 0);
    let sent = browser.send_indication(&mut lab, node, b"ping");
    assert_eq!(sent, [Sent::Node(relay, node, b"ping".to_vec())]);
    let sent = lab.relayed(relay, node, b"pong");
    let [Sent::Client(_, bytes)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(Reply::read(bytes).address(XOR_PEER_ADDRESS), node);
}

#[test]
fn two_allocations_reach_each_other_in_memory() {
    let mut lab = Lab::new();
    let (mut alice, mut bob) = (Browser::new(1), Browser::at(udp(2), "bob"));
    let (relay_of_alice, relay_of_bob) = (alice.allocate(&mut lab), bob.allocate(&mut lab));
    assert_eq!(alice.bind(&mut lab, 0x4000, relay_of_bob).code(), 0);
    assert_eq!(lab.send(alice.client, &channel_data(0x4000, b"hi")), []);
    assert_eq!(bob.bind(&mut lab, 0x4abc, relay_of_alice).code(), 0);
    let sent = lab.send(alice.client, &channel_data(0x4000, b"hi"));
    assert_eq!(sent, [Sent::Client(bob.client, channel_data(0x4abc, b"hi"))]);
    let sent = bob.send_indication(&mut lab, relay_of_alice, b"ho");
    assert_eq!(sent, [Sent::Client(alice.client, channel_data(0x4000, b"ho"))]);
}

#[test]
fn an_allocation_of_another_shard_is_handed_over_with_both_addresses() {
    let mut labs = [0, 1].map(|shard| {
        Lab::with(|config| {
            config.shard = shard;
            config.shards = 2;
            config.seed = u64::from(shard);
        })
    });
    let mut alice = Browser::new(1);
    let mut bob = Browser::at(udp(2), "bob");
    let relay_of_alice = alice.allocate(&mut labs[0]);
    let relay_of_bob = bob.allocate(&mut labs[1]);
    let relay = &config(labs[0].now).relay;
    assert_eq!(shard_of(relay_of_alice, relay, 2), Some(0));
    assert_eq!(shard_of(relay_of_bob, relay, 2), Some(1));
    alice.bind(&mut labs[0], 0x4000, relay_of_bob);
    bob.bind(&mut labs[1], 0x4000, relay_of_alice);
    let sent = labs[0].send(alice.client, &channel_data(0x4000, b"hi"));
    let [Sent::Relay(from, to, payload)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((*from, *to), (relay_of_alice, relay_of_bob));
    let sent = labs[1].relayed(*to, *from, payload);
    assert_eq!(sent, [Sent::Client(bob.client, channel_data(0x4000, b"hi"))]);
}

#[test]
fn a_send_indication_with_faults_is_dropped_without_an_answer() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    browser.permit(&mut lab, address(NODE));
    let base = || Draft::new(SEND_INDICATION, [1; 12]);
    let faulty = [
        base().with(DATA, b"x"),
        base().with_peer(address(NODE)),
        base().with(XOR_PEER_ADDRESS, &[0, 7, 0, 0]).with(DATA, b"x"),
        base().with_peer(address(NODE)).with(DATA, b"x").with(0x7FFF, &[]),
    ];
    for faulty in &faulty {
        assert_eq!(lab.send(browser.client, &faulty.bytes), []);
    }
    assert_eq!(lab.server.counters().malformed, 4);
    let empty = base().with_peer(address(NODE)).with(DATA, b"").with(DONT_FRAGMENT, b"");
    assert_eq!(lab.send(browser.client, &empty.bytes).len(), 1);
}

#[test]
fn a_binding_request_is_answered_with_the_mapped_address_and_nothing_else() {
    let mut lab = Lab::new();
    for client in ["198.51.100.7:9", "[2001:db8::9]:9", "[::ffff:198.51.100.7]:9"] {
        let remote = address(client);
        let client = roomcast_turn::Client::Udp { remote, local: None };
        let reply = lab.ask(client, &Draft::new(BINDING, [4; 12])).unwrap();
        assert_eq!((reply.kind, reply.transaction), (0x0101, [4; 12]));
        assert_eq!(reply.attributes.len(), 1);
        let mapped = reply.address(XOR_MAPPED_ADDRESS);
        assert_eq!((mapped.ip(), mapped.port()), (remote.ip().to_canonical(), 9));
    }
    let unknown = Draft::new(BINDING, [4; 12]).with(0x0003, &[0; 4]);
    let reply = lab.ask(udp(9), &unknown).unwrap();
    assert_eq!((reply.code(), reply.get(UNKNOWN_ATTRIBUTES)), (420, Some([0, 3].as_slice())));
    assert!(lab.server.is_empty());
}

#[test]
fn bytes_above_the_bandwidth_are_dropped_in_each_direction() {
    let limits = Limits { bytes_per_second: Some(4_000), ..Limits::default() };
    let mut lab = Lab::with(|config| config.limits = limits);
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    browser.bind(&mut lab, 0x4000, address(NODE));
    for second in 1..=3 {
        for _ in 0..20 {
            lab.send(browser.client, &channel_data(0x4000, &[0; 500]));
            lab.relayed(relay, address(NODE), &[0; 500]);
        }
        let counters = lab.server.counters();
        let carried = Traffic { packets: 8 * second, bytes: 4_000 * second };
        assert_eq!((counters.to_peers, counters.to_clients), (carried, carried));
        assert_eq!(counters.over_bandwidth, 24 * second);
        lab.wait(seconds(1));
    }
}
