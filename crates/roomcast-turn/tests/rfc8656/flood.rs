//! Strangers get no memory, and few answers.

use std::net::{IpAddr, Ipv4Addr};

use crate::lab::*;
use crate::wire::*;

fn source(number: u32) -> roomcast_turn::Client {
    udp_at(IpAddr::V4(Ipv4Addr::from_bits(0x0B00_0000 + number)), 4_000)
}

#[test]
fn a_hundred_thousand_strangers_leave_nothing_behind() {
    let mut lab = Lab::new();
    let request = Browser::allocate_request(&mut lab);
    let channel = channel_data(0x4000, b"x");
    let mut answers = 0;
    for number in 0..100_000 {
        answers += lab.send(source(number), &request.bytes).len();
        lab.send(source(number), &channel);
    }
    assert_eq!(answers, 100_000);
    assert!(lab.server.is_empty());
    assert_eq!(lab.server.deadline(), None);
    assert_eq!(lab.outputs, []);
}

#[test]
fn one_source_gets_few_answers_and_others_still_get_theirs() {
    let mut lab = Lab::new();
    let mut alice = Browser::new(1);
    alice.allocate(&mut lab);
    let request = Browser::allocate_request(&mut lab);
    let binding = Draft::new(BINDING, [1; 12]);
    let mut answers = 0;
    for _ in 0..10_000 {
        answers += lab.send(source(1), &request.bytes).len();
        answers += lab.send(source(1), &binding.bytes).len();
    }
    assert_eq!(answers, 2_000);
    assert_eq!(lab.server.counters().rate_limited, 18_000);
    assert_eq!(lab.send(source(2), &request.bytes).len(), 1);
    assert_eq!(alice.refresh(&mut lab, 600).code(), 0);
    lab.wait(seconds(1));
    assert_eq!(lab.send(source(1), &request.bytes).len(), 1);
}

#[test]
fn forged_requests_from_a_clients_address_are_limited_and_the_client_is_not() {
    let mut lab = Lab::new();
    let mut alice = Browser::new(1);
    alice.allocate(&mut lab);
    let forged = Draft::new(REFRESH, [1; 12]).with(LIFETIME, &[0; 4]);
    let answers: usize = (0..10_000).map(|_| lab.send(alice.client, &forged.bytes).len()).sum();
    assert!(answers < 2_000, "{answers}");
    assert_eq!(alice.refresh(&mut lab, 600).code(), 0);
}

#[test]
fn refusals_are_told_but_do_not_pile_up() {
    let mut lab = Lab::new();
    let mut sink = Sink::default();
    let now = lab.now;
    let guess = Browser { password: "guess".into(), nonce: "x".into(), ..Browser::new(1) };
    let request = guess.sign(Draft::new(ALLOCATE, [1; 12]));
    for number in 0..2_000 {
        let roomcast_turn::Client::Udp { remote, .. } = source(number) else { panic!() };
        let contents = &request.bytes;
        let input = roomcast_turn::Input::Datagram { source: remote, destination: None, contents };
        lab.server.handle(now, input, &mut sink);
    }
    let waiting = std::iter::from_fn(|| lab.server.poll()).count();
    assert_eq!(waiting, 1_024);
}

#[test]
fn who_allocates_and_gives_back_in_a_circle_takes_neither_memory_nor_all_ports() {
    let mut lab = Lab::new();
    let mut alice = Browser::new(1);
    let (mut granted, mut refused) = (0, 0);
    for _ in 0..500 {
        let request = Browser::allocate_request(&mut lab).with(EVEN_PORT, &[0x80]);
        match alice.ask(&mut lab, request).code() {
            0 => granted += 1,
            508 => refused += 1,
            code => panic!("{code}"),
        }
        alice.refresh(&mut lab, 0);
    }
    assert_eq!((granted, refused), (64, 436));
    for _ in 0..300 {
        alice.allocate(&mut lab);
        alice.refresh(&mut lab, 0);
        lab.wait(seconds(1) / 4);
    }
    assert_eq!(lab.server.counters().allocations, 0);
}
