//! RFC 8656 §7.2: EVEN-PORT and RESERVATION-TOKEN.

use roomcast_turn::reserved_at;

use crate::lab::*;
use crate::wire::*;

fn even(lab: &mut Lab, bits: u8) -> Draft {
    Browser::allocate_request(lab).with(EVEN_PORT, &[bits])
}

fn with_token(lab: &mut Lab, token: &[u8]) -> Draft {
    Browser::allocate_request(lab).with(RESERVATION_TOKEN, token)
}

#[test]
fn even_port_gets_an_even_port() {
    let mut lab = Lab::new();
    for port in 1..50 {
        let request = even(&mut lab, 0);
        let reply = Browser::new(port).ask(&mut lab, request);
        assert_eq!(reply.address(XOR_RELAYED_ADDRESS).port() % 2, 0);
        assert_eq!(reply.get(RESERVATION_TOKEN), None);
    }
}

#[test]
fn the_next_port_waits_for_whoever_of_the_user_comes_with_the_token() {
    let mut lab = Lab::new();
    let request = even(&mut lab, 0x80);
    let reply = Browser::new(1).ask(&mut lab, request);
    let token = reply.get(RESERVATION_TOKEN).unwrap().to_vec();
    let first = reply.address(XOR_RELAYED_ADDRESS);

    let request = with_token(&mut lab, &token);
    assert_eq!(Browser::at(udp(2), "mallory").ask(&mut lab, request).code(), 508);
    let request = with_token(&mut lab, &token);
    let second = Browser::new(2).ask(&mut lab, request).address(XOR_RELAYED_ADDRESS);
    assert_eq!((second.ip(), second.port()), (first.ip(), first.port() + 1));
    let request = with_token(&mut lab, &token);
    assert_eq!(Browser::new(3).ask(&mut lab, request).code(), 508);
}

#[test]
fn a_reservation_lasts_for_thirty_seconds() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let request = even(&mut lab, 0x80);
    let token = browser.ask(&mut lab, request).get(RESERVATION_TOKEN).unwrap().to_vec();
    browser.refresh(&mut lab, 0);
    assert!(!lab.server.is_empty());
    lab.wait(seconds(30));
    assert!(lab.server.is_empty());
    let request = with_token(&mut lab, &token);
    assert_eq!(Browser::new(2).ask(&mut lab, request).code(), 508);
}

#[test]
fn a_token_tells_the_shard_that_keeps_its_port() {
    for shard in [0, 1, 4] {
        let mut lab = Lab::with(|config| (config.shard, config.shards) = (shard, 5));
        let request = even(&mut lab, 0x80);
        let reply = Browser::new(1).ask(&mut lab, request);
        let token = reply.get(RESERVATION_TOKEN).unwrap();
        let redeeming = Browser::allocate_request(&mut lab).with(RESERVATION_TOKEN, token);
        assert_eq!(reserved_at(&redeeming.bytes, 5), Some(shard));
    }
    let mut lab = Lab::new();
    let without = Browser::allocate_request(&mut lab);
    assert_eq!(reserved_at(&without.bytes, 5), None);
    let half = Browser::allocate_request(&mut lab).with(RESERVATION_TOKEN, &[0; 4]);
    assert_eq!(reserved_at(&half.bytes, 5), None);
}

#[test]
fn pairs_and_single_ports_fill_a_range_and_then_get_508() {
    let mut lab = Lab::with(|config| config.relay.ports = Some(50_000..=50_005));
    let mut ports: Vec<u16> = Vec::new();
    for port in 1..=3 {
        let request = even(&mut lab, 0x80);
        let mut browser = Browser::new(port);
        let reply = crate::sockets::open(&mut lab, &mut browser, request).unwrap();
        ports.push(reply.address(XOR_RELAYED_ADDRESS).port());
    }
    ports.sort_unstable();
    assert_eq!(ports, [50_000, 50_002, 50_004]);
    let request = Browser::allocate_request(&mut lab);
    assert_eq!(Browser::new(4).ask(&mut lab, request).code(), 508);
    lab.wait(seconds(30));
    crate::sockets::allocate(&mut lab, &mut Browser::new(4));
}
