//! RFC 8656 §9 and §10: permissions.

use roomcast_turn::{RefusedCause, Traffic};

use crate::lab::*;
use crate::wire::*;

#[test]
fn a_peer_without_a_permission_is_not_heard_and_not_spoken_to() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    assert_eq!(browser.send_indication(&mut lab, address(NODE), b"ping"), []);
    assert_eq!(lab.relayed(relay, address(NODE), b"pong"), []);
    let counters = lab.server.counters();
    assert_eq!((counters.not_permitted, counters.unwanted), (1, 1));
    assert_eq!(counters.to_peers, Traffic::default());
}

#[test]
fn a_permission_lasts_for_300_seconds() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    assert_eq!(browser.permit(&mut lab, address(NODE)).code(), 0);
    lab.wait(seconds(299));
    assert_eq!(lab.relayed(relay, address(NODE), b"pong").len(), 1);
    assert_eq!(browser.send_indication(&mut lab, address(NODE), b"ping").len(), 1);
    lab.wait(seconds(2));
    assert_eq!(lab.relayed(relay, address(NODE), b"pong"), []);
    assert_eq!(browser.send_indication(&mut lab, address(NODE), b"ping"), []);
}

#[test]
fn data_does_not_renew_a_permission_but_another_request_does() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    browser.permit(&mut lab, address(NODE));
    lab.wait(seconds(200));
    browser.permit(&mut lab, address(NODE));
    lab.wait(seconds(299));
    assert_eq!(browser.send_indication(&mut lab, address(NODE), b"ping").len(), 1);
    lab.wait(seconds(2));
    assert_eq!(browser.send_indication(&mut lab, address(NODE), b"ping"), []);
}

#[test]
fn a_permission_is_for_an_address_whatever_the_port() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    assert_eq!(browser.permit(&mut lab, address("203.0.113.5:9")).code(), 0);
    assert_eq!(lab.relayed(relay, address(NODE), b"pong").len(), 1);
    assert_eq!(browser.send_indication(&mut lab, address(NODE), b"ping").len(), 1);
    // But this node's other ports are not reached.
    assert_eq!(browser.send_indication(&mut lab, address("203.0.113.5:22"), b"ping"), []);
}

#[test]
fn several_peers_get_permissions_at_once_or_none_does() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    let both = Draft::new(CREATE_PERMISSION, lab.transaction())
        .with_peer(address(NODE))
        .with_peer(address("10.0.0.1:80"));
    assert_eq!(browser.ask(&mut lab, both).code(), 403);
    assert_eq!(lab.relayed(relay, address(NODE), b"pong"), []);
}

#[test]
fn a_forbidden_peer_gets_403_and_the_others_go_on() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    assert_eq!(browser.permit(&mut lab, address(NODE)).code(), 0);
    for forbidden in
        ["0.0.0.0:0", "127.0.0.1:80", "10.0.0.1:80", "169.254.169.254:80", "8.8.8.8:53"]
    {
        assert_eq!(browser.permit(&mut lab, address(forbidden)).code(), 403);
        assert_eq!(browser.bind(&mut lab, 0x4000, address(forbidden)).code(), 403);
    }
    assert_eq!(lab.refusals(), [RefusedCause::ForbiddenPeer; 10]);
    assert_eq!(lab.relayed(relay, address(NODE), b"pong").len(), 1);
}

#[test]
fn a_denied_network_wins_over_everything_but_the_nodes_own_media() {
    let mut lab = Lab::with(|config| config.policy.deny = vec!["203.0.113.0/24".parse().unwrap()]);
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    assert_eq!(browser.permit(&mut lab, address("203.0.113.5:50000")).code(), 403);
    assert_eq!(browser.permit(&mut lab, address(NODE)).code(), 0);
    assert_eq!(browser.send_indication(&mut lab, address("203.0.113.5:50000"), b"x"), []);
    assert_eq!(browser.send_indication(&mut lab, address(NODE), b"x").len(), 1);
}

#[test]
fn a_peer_of_the_other_family_gets_443_and_none_or_half_of_one_gets_400() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    assert_eq!(browser.permit(&mut lab, address("[2001:db8::5]:8443")).code(), 443);
    let none = Draft::new(CREATE_PERMISSION, lab.transaction());
    assert_eq!(browser.ask(&mut lab, none).code(), 400);
    let half = Draft::new(CREATE_PERMISSION, lab.transaction()).with(XOR_PEER_ADDRESS, &[0, 1, 2]);
    assert_eq!(browser.ask(&mut lab, half).code(), 400);
}

#[test]
fn a_request_without_an_allocation_gets_437() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    assert_eq!(browser.permit(&mut lab, address(NODE)).code(), 437);
    assert_eq!(browser.bind(&mut lab, 0x4000, address(NODE)).code(), 437);
    assert_eq!(browser.refresh(&mut lab, 600).code(), 437);
}

#[test]
fn permissions_are_bounded_and_make_place_when_they_expire() {
    let sockets = |config: &mut roomcast_turn::Config| config.relay.ports = Some(50_000..=50_009);
    let mut lab = Lab::with(sockets);
    let mut browser = Browser::new(1);
    crate::sockets::allocate(&mut lab, &mut browser);
    let permit = |lab: &mut Lab, browser: &mut Browser, host: u8| {
        browser.permit(lab, address(&format!("8.8.8.{host}:53"))).code()
    };
    let codes: Vec<u16> = (0..25).map(|host| permit(&mut lab, &mut browser, host)).collect();
    assert_eq!(codes[..24], [0; 24]);
    assert_eq!(codes[24], 508);
    lab.wait(seconds(301));
    assert_eq!(permit(&mut lab, &mut browser, 33), 0);
}
