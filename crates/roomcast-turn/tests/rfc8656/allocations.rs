//! RFC 8656 §7 and §8: Allocate and Refresh.

use roomcast_turn::{ClosedCause, Event, Input, Limits, Output, RefusedCause};

use crate::lab::*;
use crate::wire::*;

fn closed(lab: &Lab) -> Vec<ClosedCause> {
    let closed = lab.outputs.iter().filter_map(|output| match output {
        Output::Event(Event::AllocationClosed { cause, .. }) => Some(*cause),
        _ => None,
    });
    closed.collect()
}

#[test]
fn an_allocate_request_is_answered_with_relayed_and_mapped_address_and_lifetime() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(4_000);
    let request = Browser::allocate_request(&mut lab);
    let reply = browser.ask(&mut lab, request);
    assert!(reply.is_success());
    assert_eq!(reply.kind, 0x0103);
    assert_eq!(reply.address(XOR_RELAYED_ADDRESS).ip(), address(NODE).ip());
    assert_ne!(reply.address(XOR_RELAYED_ADDRESS), address(NODE));
    assert_eq!(reply.address(XOR_MAPPED_ADDRESS), address("198.51.100.7:4000"));
    assert_eq!(reply.number(LIFETIME), 600);
    assert_eq!(lab.server.counters().allocations, 1);
}

#[test]
fn a_retransmitted_allocate_request_gets_the_same_answer_and_another_gets_437() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(4_000);
    let request = Browser::allocate_request(&mut lab);
    let first = browser.ask(&mut lab, request.clone());
    let second = browser.ask(&mut lab, request);
    assert_eq!(first, second);
    let other = Browser::allocate_request(&mut lab);
    assert_eq!(browser.ask(&mut lab, other).code(), 437);
    assert_eq!(lab.server.counters().allocations, 1);
}

#[test]
fn a_request_without_requested_transport_gets_400_and_one_for_tcp_gets_442() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(4_000);
    let without = Draft::new(ALLOCATE, lab.transaction());
    assert_eq!(browser.ask(&mut lab, without).code(), 400);
    let short = Draft::new(ALLOCATE, lab.transaction()).with(REQUESTED_TRANSPORT, &[17]);
    assert_eq!(browser.ask(&mut lab, short).code(), 400);
    let tcp = Draft::new(ALLOCATE, lab.transaction()).with(REQUESTED_TRANSPORT, &[6, 0, 0, 0]);
    assert_eq!(browser.ask(&mut lab, tcp).code(), 442);
    assert!(lab.server.is_empty());
}

#[test]
fn requested_address_family_chooses_ipv6_or_gets_440() {
    let mut lab = Lab::new();
    let family = |lab: &mut Lab, family: u8| {
        Browser::allocate_request(lab).with(REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0])
    };
    let request = family(&mut lab, 2);
    let reply = Browser::new(1).ask(&mut lab, request);
    assert_eq!(reply.address(XOR_RELAYED_ADDRESS).ip().to_string(), "2001:db8::5");
    let request = family(&mut lab, 3);
    assert_eq!(Browser::new(2).ask(&mut lab, request).code(), 440);

    let mut lab = Lab::with(|config| config.relay.ipv6 = None);
    let request = family(&mut lab, 2);
    assert_eq!(Browser::new(3).ask(&mut lab, request).code(), 440);
}

#[test]
fn a_second_family_is_refused_in_the_success() {
    let mut lab = Lab::new();
    let request =
        Browser::allocate_request(&mut lab).with(ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]);
    let reply = Browser::new(1).ask(&mut lab, request);
    assert!(reply.is_success());
    assert_eq!(reply.get(ADDRESS_ERROR_CODE), Some([2, 0, 4, 40].as_slice()));
    for wrong in [&[1, 0, 0, 0][..], &[2]] {
        let request = Browser::allocate_request(&mut lab).with(ADDITIONAL_ADDRESS_FAMILY, wrong);
        assert_eq!(Browser::new(2).ask(&mut lab, request).code(), 400);
    }
}

#[test]
fn attributes_that_contradict_each_other_get_400() {
    let mut lab = Lab::new();
    let contradictions: [&[(u16, &[u8])]; 5] = [
        &[(RESERVATION_TOKEN, &[0; 8]), (EVEN_PORT, &[0])],
        &[(RESERVATION_TOKEN, &[0; 8]), (REQUESTED_ADDRESS_FAMILY, &[1, 0, 0, 0])],
        &[(RESERVATION_TOKEN, &[0; 7])],
        &[(REQUESTED_ADDRESS_FAMILY, &[1, 0, 0, 0]), (ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0])],
        &[(EVEN_PORT, &[0x80]), (ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0])],
    ];
    for contradiction in contradictions {
        let mut request = Browser::allocate_request(&mut lab);
        for (kind, value) in contradiction {
            request = request.with(*kind, value);
        }
        assert_eq!(Browser::new(1).ask(&mut lab, request).code(), 400, "{contradiction:?}");
    }
}

#[test]
fn the_lifetime_is_at_least_the_default_and_at_most_an_hour() {
    let mut lab = Lab::new();
    for (port, (wanted, granted)) in
        [(1, (0, 600)), (2, (599, 600)), (3, (777, 777)), (4, (u32::MAX, 3_600))]
    {
        let request = Browser::allocate_request(&mut lab).with(LIFETIME, &u32::to_be_bytes(wanted));
        let reply = Browser::new(port).ask(&mut lab, request);
        assert_eq!(reply.number(LIFETIME), granted);
    }
}

#[test]
fn an_allocation_that_is_not_refreshed_expires_after_its_lifetime() {
    let mut lab = Lab::new();
    let relay = Browser::new(1).allocate(&mut lab);
    lab.wait(seconds(599));
    assert_eq!(lab.server.counters().allocations, 1);
    lab.wait(seconds(1));
    assert_eq!(closed(&lab), [ClosedCause::Expired]);
    assert!(lab.server.is_empty());
    assert_eq!(lab.relayed(relay, address(NODE), b"late"), []);
}

#[test]
fn a_refresh_puts_the_end_off_or_forward() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    assert_eq!(browser.refresh(&mut lab, 3_600).number(LIFETIME), 3_600);
    lab.wait(seconds(3_000));
    assert_eq!(lab.server.counters().allocations, 1);
    assert_eq!(browser.refresh(&mut lab, 3_600).number(LIFETIME), 3_600);
    assert_eq!(browser.refresh(&mut lab, 700).number(LIFETIME), 700);
    lab.wait(seconds(699));
    assert_eq!(lab.server.counters().allocations, 1);
    lab.wait(seconds(1));
    assert!(lab.server.is_empty());
    lab.wait(seconds(4_000));
    assert_eq!(lab.server.deadline(), None);
}

#[test]
fn a_refresh_with_lifetime_zero_deletes_the_allocation() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    assert_eq!(browser.refresh(&mut lab, 0).number(LIFETIME), 0);
    assert_eq!(closed(&lab), [ClosedCause::ByClient]);
    assert_eq!(browser.refresh(&mut lab, 0).code(), 437);
    browser.allocate(&mut lab);
}

#[test]
fn a_refresh_of_the_other_family_gets_443() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    for (family, code) in [(2, 443), (1, 0)] {
        let request = Draft::new(REFRESH, lab.transaction())
            .with(REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0]);
        assert_eq!(browser.ask(&mut lab, request).code(), code);
    }
}

#[test]
fn requests_of_another_user_on_the_same_5_tuple_get_441() {
    let mut lab = Lab::new();
    Browser::new(1).allocate(&mut lab);
    let mut other = Browser::at(udp(1), "mallory");
    assert_eq!(other.refresh(&mut lab, 0).code(), 441);
    assert_eq!(other.permit(&mut lab, address(NODE)).code(), 441);
    assert_eq!(other.bind(&mut lab, 0x4000, address(NODE)).code(), 441);
    assert_eq!(lab.server.counters().allocations, 1);
}

#[test]
fn a_quota_for_users_addresses_and_in_sum() {
    let limits = Limits { per_user: 2, per_address: 3, total: 4, bytes_per_second: None };
    let mut lab = Lab::with(|config| config.limits = limits);
    let open = |lab: &mut Lab, client, name: &str| {
        let request = Browser::allocate_request(lab);
        Browser::at(client, name).ask(lab, request).code()
    };
    assert_eq!(open(&mut lab, udp(1), "alice"), 0);
    assert_eq!(open(&mut lab, udp(2), "alice"), 0);
    assert_eq!(open(&mut lab, udp(3), "alice"), 486);
    assert_eq!(open(&mut lab, udp(3), "bob"), 0);
    assert_eq!(open(&mut lab, udp(4), "carol"), 486);
    let elsewhere = |port| udp_at("192.0.2.1".parse().unwrap(), port);
    assert_eq!(open(&mut lab, elsewhere(1), "carol"), 0);
    assert_eq!(open(&mut lab, elsewhere(2), "carol"), 508);
    let causes = [RefusedCause::Quota, RefusedCause::Quota, RefusedCause::Capacity];
    assert_eq!(lab.refusals(), causes);
    Browser::new(1).refresh(&mut lab, 0);
    assert_eq!(open(&mut lab, udp(5), "alice"), 0);
}

#[test]
fn the_allocations_of_a_participant_who_left_end() {
    let mut lab = Lab::new();
    Browser::new(1).allocate(&mut lab);
    Browser::at(udp(2), "alice").allocate(&mut lab);
    Browser::at(udp(3), "bob").allocate(&mut lab);
    lab.handle(Input::Revoke { participant: "alice" });
    assert_eq!(closed(&lab), [ClosedCause::Revoked; 2]);
    assert_eq!(lab.server.counters().allocations, 1);
}

#[test]
fn dont_fragment_is_granted_without_sockets() {
    let mut lab = Lab::new();
    let request = Browser::allocate_request(&mut lab).with(DONT_FRAGMENT, &[]);
    assert_eq!(Browser::new(1).ask(&mut lab, request).code(), 0);
}
