//! The relay between real sockets on loopback: UDP, TCP, the media core, other clients, outside peers.

mod client;
#[allow(dead_code, reason = "the client's side of messages, as the relay's own tests have it")]
#[path = "../../../roomcast-turn/tests/rfc8656/wire.rs"]
mod wire;

use std::io::{Read as _, Write as _};
use std::net::UdpSocket;
use std::time::Instant;

use client::{Client, DEADLINE, Node, Tcp, Udp, here};
use roomcast_engine::{
    Command, Event, MediaKind, PublicationId, SessionId, SessionState, WantedPublication,
};
use stun_types::attribute::MessageIntegrity;
use stun_types::message::ShortTermCredentials;
use wire::*;

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < DEADLINE, "never happened: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_binding_request_is_answered_with_the_address_that_it_came_from() {
    let node = Node::start(2, None);
    let mut client = Client::new(Udp::new(&node), "alice");
    let reply = client.ask(|draft| draft, BINDING);
    assert_eq!(reply.address(XOR_MAPPED_ADDRESS), client.way.0.local_addr().unwrap());
}

#[test]
fn all_shards_say_how_the_sessions_of_a_room_fare() {
    let node = Node::start(2, None);
    for session in [(7 << 32) | 1, (7 << 32) | 2, (8 << 32) | 1].map(SessionId) {
        let publication = PublicationId(1);
        let publications = vec![WantedPublication { publication, kind: MediaKind::Video }];
        node.engine.command(Command::Subscribe { session, publications });
    }
    for (room, expected) in [(7, 2), (8, 1), (9, 0)] {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        node.engine.report(room, move |sessions| reply.send(sessions).unwrap());
        let sessions = answer.recv_timeout(DEADLINE).unwrap();
        assert_eq!(sessions.len(), expected);
        assert!(sessions.iter().all(|s| s.state == SessionState::New && s.path.is_none()));
    }
}

/// A session's check, as a browser sends it: signed with the password of the node's side.
fn check(offer: &str, transaction: u8) -> Vec<u8> {
    let value = |name: &str| offer.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let username = format!("{}:abcd", value("a=ice-ufrag:"));
    let password = value("a=ice-pwd:");
    let draft = Draft::new(BINDING, [transaction; 12])
        .with(USERNAME, username.as_bytes())
        .with(0x0024, &[0x6E, 0, 0, 0xFF])
        .with(0x802A, &[0; 8])
        .with(0x0025, &[]);
    signed(draft, password).fingerprinted().bytes
}

/// MESSAGE-INTEGRITY with a password alone, as ICE has it.
fn signed(mut draft: Draft, password: &str) -> Draft {
    let length = (draft.bytes.len() - 20 + 24) as u16;
    draft.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    let key = ShortTermCredentials::new(password.to_owned()).make_key();
    let mac = MessageIntegrity::compute(&[&draft.bytes], &key).unwrap();
    draft.with(MESSAGE_INTEGRITY, &mac)
}

#[test]
fn a_session_of_the_media_core_is_reached_through_a_channel() {
    for shards in [1, 2] {
        let node = Node::start(shards, None);
        let session = SessionId(1);
        let publication = PublicationId(1);
        let publications = vec![WantedPublication { publication, kind: MediaKind::Video }];
        node.engine.command(Command::Subscribe { session, publications });
        let Event::Offered { offer, description, .. } = node.events.recv_timeout(DEADLINE).unwrap()
        else {
            panic!("an offer")
        };
        let answer = answer_to(&description);
        node.engine.command(Command::Answer { session, offer, answer });
        let mut client = Client::new(Udp::new(&node), "alice");
        let relay = client.allocate();
        assert_eq!(client.bind(0x4000, node.address), 0);
        // The answer takes its own way to the shard, so that the first checks may come too early.
        let reply = (1..=100).find_map(|transaction| {
            client.send(0x4000, &check(&description, transaction));
            client.way.0.set_read_timeout(Some(DEADLINE / 100)).unwrap();
            client.try_receive()
        });
        let (channel, payload) = reply.expect("an answer through the relay");
        let reply = Reply::read(&payload);
        assert_eq!((channel, reply.kind), (0x4000, 0x0101));
        assert_eq!(
            reply.address(XOR_MAPPED_ADDRESS),
            relay,
            "the session sees the relayed address"
        );
    }
}

/// The answer of a browser that takes everything.
fn answer_to(offer: &str) -> String {
    let lines = offer.lines().filter(|line| !line.starts_with("a=candidate"));
    let lines = lines.filter(|line| !line.starts_with("a=ssrc") && !line.starts_with("a=msid"));
    let mut answer = String::new();
    for line in lines {
        let line = match line {
            "a=sendonly" => "a=recvonly",
            "a=setup:actpass" => "a=setup:active",
            "a=ice-lite" => continue,
            _ if line.starts_with("a=ice-ufrag:") => "a=ice-ufrag:abcd",
            _ if line.starts_with("a=ice-pwd:") => "a=ice-pwd:abcdefghijklmnopqrstuvwx",
            other => other,
        };
        answer.push_str(line);
        answer.push_str("\r\n");
    }
    answer
}

#[test]
fn clients_reach_each_other_in_memory_within_a_shard_and_across() {
    let node = Node::start(2, None);
    let mut first = Client::new(Udp::new(&node), "alice");
    let ours = first.allocate();
    let mut shards = [0, 0];
    // Where a client lands is up to the kernel's hash of its port.
    for number in 0..12 {
        let mut other = Client::new(Udp::new(&node), "bob");
        let theirs = other.allocate();
        let channel = 0x4000 + number;
        assert_eq!((first.bind(channel, theirs), other.bind(0x4FFF, ours)), (0, 0));
        first.send(channel, b"there");
        assert_eq!(other.receive(), (0x4FFF, b"there".to_vec()));
        other.send(0x4FFF, b"and back");
        assert_eq!(first.receive(), (channel, b"and back".to_vec()));
        shards[usize::from(theirs.port() / 2 % 2)] += 1;
    }
    assert!(shards.iter().all(|clients| *clients > 0), "{shards:?}");
}

#[test]
fn an_outside_peer_is_reached_by_a_socket_of_the_range() {
    let node = Node::start(1, Some(12_000..=12_999));
    let peer = UdpSocket::bind(here(0)).unwrap();
    peer.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut client = Client::new(Udp::new(&node), "alice");
    let relay = client.allocate();
    assert!((12_000..=12_999).contains(&relay.port()));
    assert_eq!(client.bind(0x4000, peer.local_addr().unwrap()), 0);
    client.send(0x4000, b"there");
    let mut bytes = [0; 64];
    assert_eq!(peer.recv_from(&mut bytes).unwrap(), (5, relay));
    peer.send_to(b"and back", relay).unwrap();
    assert_eq!(client.receive(), (0x4000, b"and back".to_vec()));
}

#[test]
fn a_client_over_tcp_gets_padded_channel_data_and_leaves_nothing_behind() {
    let node = Node::start(2, None);
    let (stream, place) = node.connect();
    let mut tcp = Client::new(Tcp(stream), "alice");
    let ours = tcp.allocate();
    let mut udp = Client::new(Udp::new(&node), "bob");
    let theirs = udp.allocate();
    assert_eq!((tcp.bind(0x4000, theirs), udp.bind(0x4001, ours)), (0, 0));
    for length in [1, 2, 3, 4, 171, 1_200] {
        let payload = vec![length as u8; length];
        tcp.send(0x4000, &payload);
        assert_eq!(udp.receive(), (0x4001, payload.clone()));
        udp.send(0x4001, &payload);
        assert_eq!(tcp.receive(), (0x4000, payload));
    }
    drop(tcp);
    wait_until("the connection is given up", || place.strong_count() == 0);
}

#[test]
fn a_connection_that_says_what_is_no_message_is_closed() {
    let node = Node::start(1, None);
    let oversized = [&[0, 1, 0xFF, 0xFC, 0x21, 0x12, 0xA4, 0x42][..], &[0; 12]].concat();
    for nonsense in [&b"\0\x01nonsense, which is long enough"[..], &[0x80; 20], &oversized] {
        let (mut stream, place) = node.connect();
        stream.write_all(nonsense).unwrap();
        let mut rest = Vec::new();
        // Closed with something unread, the connection may also be reset.
        let _ = stream.read_to_end(&mut rest);
        assert_eq!(rest, [0; 0]);
        wait_until("the connection is given up", || place.strong_count() == 0);
    }
}

#[test]
fn allocations_end_with_their_participant() {
    let node = Node::start(2, None);
    let mut leaving = Client::new(Udp::new(&node), "alice");
    let mut staying = Client::new(Udp::new(&node), "bob");
    leaving.allocate();
    staying.allocate();
    wait_until("two allocations", || node.engine.stats().relay.allocations == 2);
    node.engine.revoke("alice");
    wait_until("one allocation", || node.engine.stats().relay.allocations == 1);
    assert_eq!(leaving.bind(0x4000, node.address), 437);
    assert_eq!(staying.bind(0x4000, node.address), 0);
}

#[test]
fn a_reserved_port_is_redeemed_from_whichever_shard_the_second_client_lands_at() {
    let node = Node::start(2, None);
    for _ in 0..8 {
        let mut first = Client::new(Udp::new(&node), "alice");
        let udp = |draft: Draft| draft.with(REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        let reply = first.ask(|draft| udp(draft).with(EVEN_PORT, &[0x80]), ALLOCATE);
        assert_eq!(reply.code(), 0);
        let token = reply.get(RESERVATION_TOKEN).unwrap().to_vec();
        let even = reply.address(XOR_RELAYED_ADDRESS);
        let mut second = Client::new(Udp::new(&node), "alice");
        let reply = second.ask(|draft| udp(draft).with(RESERVATION_TOKEN, &token), ALLOCATE);
        assert_eq!(reply.code(), 0);
        assert_eq!(reply.address(XOR_RELAYED_ADDRESS), here(even.port() + 1));
        assert_eq!((second.bind(0x4000, even), first.bind(0x4000, here(even.port() + 1))), (0, 0));
        second.send(0x4000, b"rtcp");
        assert_eq!(first.receive(), (0x4000, b"rtcp".to_vec()));
    }
}
