//! Relayed addresses that have a socket.

use std::net::SocketAddr;

use roomcast_turn::{BindError, ClosedCause, Event, Input, Output};

use crate::lab::*;
use crate::wire::*;

/// Asks for an allocation, and binds its socket.
pub(crate) fn open(lab: &mut Lab, browser: &mut Browser, request: Draft) -> Option<Reply> {
    if browser.nonce.is_empty() {
        let bare = Draft::new(ALLOCATE, lab.transaction());
        browser.nonce = lab.ask(browser.client, &bare)?.text(NONCE);
    }
    let signed = browser.sign(request);
    assert_eq!(lab.ask(browser.client, &signed), None);
    answer_bind(lab, Ok(()))
}

pub(crate) fn allocate(lab: &mut Lab, browser: &mut Browser) -> SocketAddr {
    let request = Browser::allocate_request(lab);
    open(lab, browser, request).unwrap().address(XOR_RELAYED_ADDRESS)
}

/// The socket that was asked for last.
fn asked(lab: &Lab) -> SocketAddr {
    let mut binds = lab.outputs.iter().filter_map(|output| match output {
        Output::Bind { relay } => Some(*relay),
        _ => None,
    });
    binds.next_back().unwrap()
}

fn answer_bind(lab: &mut Lab, result: Result<(), BindError>) -> Option<Reply> {
    let relay = asked(lab);
    let sent = lab.handle(Input::Bound { relay, result });
    match sent.as_slice() {
        [] => None,
        [Sent::Client(_, bytes)] => Some(Reply::read(bytes)),
        _ => panic!("{sent:?}"),
    }
}

fn lab() -> Lab {
    Lab::with(|config| config.relay.ports = Some(50_000..=50_099))
}

#[test]
fn the_answer_comes_when_the_socket_is_bound() {
    let mut lab = lab();
    let mut browser = Browser::new(1);
    let relay = allocate(&mut lab, &mut browser);
    assert_eq!(relay, asked(&lab));
    assert!((50_000..=50_099).contains(&relay.port()));
}

#[test]
fn a_repeated_request_waits_for_the_same_socket() {
    let mut lab = lab();
    let mut browser = Browser::new(1);
    let bare = Draft::new(ALLOCATE, lab.transaction());
    browser.nonce = lab.ask(browser.client, &bare).unwrap().text(NONCE);
    let request = Browser::allocate_request(&mut lab);
    let request = browser.sign(request);
    assert_eq!(lab.ask(browser.client, &request), None);
    assert_eq!(lab.ask(browser.client, &request), None);
    assert_eq!(lab.outputs.len(), 1);
    assert_eq!(browser.permit(&mut lab, address("8.8.8.8:53")).code(), 437);
    let first = answer_bind(&mut lab, Ok(())).unwrap();
    assert_eq!(lab.ask(browser.client, &request), Some(first));
}

#[test]
fn a_taken_port_is_replaced_by_another() {
    let mut lab = lab();
    let mut browser = Browser::new(1);
    let bare = Draft::new(ALLOCATE, lab.transaction());
    browser.nonce = lab.ask(browser.client, &bare).unwrap().text(NONCE);
    let request = Browser::allocate_request(&mut lab).with(EVEN_PORT, &[0x80]);
    let request = browser.sign(request);
    assert_eq!(lab.ask(browser.client, &request), None);
    let first = asked(&lab);
    assert_eq!(answer_bind(&mut lab, Err(BindError::Taken)), None);
    assert_ne!(asked(&lab), first);
    let reply = answer_bind(&mut lab, Ok(())).unwrap();
    assert_eq!(reply.address(XOR_RELAYED_ADDRESS), asked(&lab));
    assert!(reply.get(RESERVATION_TOKEN).is_some());
}

#[test]
fn a_client_without_a_socket_gets_508_in_the_end() {
    for error in [BindError::Taken, BindError::Refused] {
        let mut lab = lab();
        let mut browser = Browser::new(1);
        let bare = Draft::new(ALLOCATE, lab.transaction());
        browser.nonce = lab.ask(browser.client, &bare).unwrap().text(NONCE);
        let request = Browser::allocate_request(&mut lab).with(EVEN_PORT, &[0x80]);
        let request = browser.sign(request);
        assert_eq!(lab.ask(browser.client, &request), None);
        let answer = (0..20).find_map(|_| answer_bind(&mut lab, Err(error)));
        assert_eq!(answer.unwrap().code(), 508);
        assert!(lab.server.is_empty());
    }
}

#[test]
fn the_socket_is_closed_with_its_allocation_also_while_it_is_bound() {
    let mut lab = lab();
    let mut browser = Browser::new(1);
    let relay = allocate(&mut lab, &mut browser);
    browser.refresh(&mut lab, 0);
    assert!(lab.outputs.contains(&Output::Unbind { relay }));

    let request = Browser::allocate_request(&mut lab);
    let request = browser.sign(request);
    assert_eq!(lab.ask(browser.client, &request), None);
    lab.handle(Input::Revoke { participant: "alice" });
    assert_eq!(lab.outputs.last(), Some(&Output::Unbind { relay: asked(&lab) }));
    assert_eq!(answer_bind(&mut lab, Ok(())), None);
    let revoked = |output: &Output| {
        let closed = Output::Event(Event::AllocationClosed {
            participant: "alice".into(),
            relay,
            cause: ClosedCause::Revoked,
            to_peers: Default::default(),
            to_client: Default::default(),
        });
        *output == closed
    };
    assert!(!lab.outputs.iter().any(revoked));
}

#[test]
fn outside_peers_are_reached_by_the_socket_and_this_node_in_memory() {
    let mut lab = lab();
    let (mut alice, mut bob) = (Browser::new(1), Browser::at(udp(2), "bob"));
    let relay = allocate(&mut lab, &mut alice);
    let relay_of_bob = allocate(&mut lab, &mut bob);
    for (number, peer) in
        [(0x4000, address("8.8.8.8:53")), (0x4001, address(NODE)), (0x4002, relay_of_bob)]
    {
        assert_eq!(alice.bind(&mut lab, number, peer).code(), 0);
    }
    bob.permit(&mut lab, relay);
    let sent = lab.send(alice.client, &channel_data(0x4000, b"x"));
    assert_eq!(sent, [Sent::Peer(relay, address("8.8.8.8:53"), b"x".to_vec())]);
    let sent = lab.send(alice.client, &channel_data(0x4001, b"x"));
    assert_eq!(sent, [Sent::Node(relay, address(NODE), b"x".to_vec())]);
    let sent = lab.send(alice.client, &channel_data(0x4002, b"x"));
    assert!(matches!(sent.as_slice(), [Sent::Client(to, _)] if *to == bob.client), "{sent:?}");
}

#[test]
fn dont_fragment_gets_420_where_the_sockets_cannot() {
    let mut lab = lab();
    let request = Browser::allocate_request(&mut lab).with(DONT_FRAGMENT, &[]);
    let reply = Browser::new(1).ask(&mut lab, request);
    assert_eq!((reply.code(), reply.get(UNKNOWN_ATTRIBUTES)), (420, Some([0, 0x1A].as_slice())));
    let mut lab = Lab::with(|config| {
        config.relay.ports = Some(50_000..=50_099);
        config.relay.dont_fragment = true;
    });
    let request = Browser::allocate_request(&mut lab).with(DONT_FRAGMENT, &[]);
    assert!(open(&mut lab, &mut Browser::new(1), request).unwrap().is_success());
}
