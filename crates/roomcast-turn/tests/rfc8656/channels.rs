//! RFC 8656 §12: channels.

use crate::lab::*;
use crate::wire::*;

#[test]
fn channel_data_goes_both_ways_without_a_copy_of_its_envelope() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    assert_eq!(browser.bind(&mut lab, 0x4001, address(NODE)).code(), 0);
    let sent = lab.send(browser.client, &channel_data(0x4001, b"ping"));
    assert_eq!(sent, [Sent::Node(relay, address(NODE), b"ping".to_vec())]);
    let sent = lab.relayed(relay, address(NODE), b"pong!");
    assert_eq!(sent, [Sent::Client(browser.client, channel_data(0x4001, b"pong!"))]);
}

#[test]
fn a_channel_number_out_of_range_gets_400() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    for (number, code) in [(0, 400), (0x3FFF, 400), (0x4000, 0), (0x8000, 400), (0xFFFF, 400)] {
        assert_eq!(browser.bind(&mut lab, number, address(NODE)).code(), code, "{number:x}");
    }
    let mut lab = Lab::new();
    browser.allocate(&mut lab);
    assert_eq!(browser.bind(&mut lab, 0x7FFF, address(NODE)).code(), 0);
}

#[test]
fn a_number_stands_for_one_peer_and_a_peer_has_one_number() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    let other = Browser::at(udp(2), "bob").allocate(&mut lab);
    assert_eq!(browser.bind(&mut lab, 0x4000, address(NODE)).code(), 0);
    assert_eq!(browser.bind(&mut lab, 0x4000, other).code(), 400);
    assert_eq!(browser.bind(&mut lab, 0x4001, address(NODE)).code(), 400);
    assert_eq!(browser.bind(&mut lab, 0x4001, other).code(), 0);
    assert_eq!(browser.bind(&mut lab, 0x4000, address(NODE)).code(), 0);
}

#[test]
fn a_channel_bind_without_number_or_peer_gets_400() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    let no_peer =
        Draft::new(CHANNEL_BIND, lab.transaction()).with(CHANNEL_NUMBER, &[0x40, 0, 0, 0]);
    assert_eq!(browser.ask(&mut lab, no_peer).code(), 400);
    let no_number = Draft::new(CHANNEL_BIND, lab.transaction()).with_peer(address(NODE));
    assert_eq!(browser.ask(&mut lab, no_number).code(), 400);
}

#[test]
fn a_channel_lasts_for_600_seconds_and_its_permission_for_300() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    let relay = browser.allocate(&mut lab);
    browser.refresh(&mut lab, 3_600);
    browser.bind(&mut lab, 0x4000, address(NODE));
    lab.wait(seconds(301));
    assert_eq!(lab.relayed(relay, address(NODE), b"pong"), []);
    browser.permit(&mut lab, address(NODE));
    assert_eq!(lab.relayed(relay, address(NODE), b"pong").len(), 1);
    lab.wait(seconds(298));
    assert_eq!(lab.send(browser.client, &channel_data(0x4000, b"ping")).len(), 1);
    lab.wait(seconds(2));
    assert_eq!(lab.send(browser.client, &channel_data(0x4000, b"ping")), []);
    // Its number is free for another peer.
    let other = Browser::at(udp(2), "bob").allocate(&mut lab);
    assert_eq!(browser.bind(&mut lab, 0x4000, other).code(), 0);
}

#[test]
fn a_channel_to_this_nodes_other_ports_gets_403() {
    let mut lab = Lab::with(|config| config.relay.ports = Some(50_000..=50_009));
    let mut browser = Browser::new(1);
    crate::sockets::allocate(&mut lab, &mut browser);
    assert_eq!(browser.permit(&mut lab, address("203.0.113.5:22")).code(), 0);
    assert_eq!(browser.bind(&mut lab, 0x4000, address("203.0.113.5:22")).code(), 403);
    assert_eq!(browser.send_indication(&mut lab, address("203.0.113.5:22"), b"x"), []);
}

#[test]
fn channels_are_bounded() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    let bind = |lab: &mut Lab, browser: &mut Browser, number: u16| {
        let peer = address(&format!("203.0.113.5:{}", 20_000 + number));
        browser.bind(lab, 0x4000 + number, peer).code()
    };
    let codes: Vec<u16> = (0..17).map(|number| bind(&mut lab, &mut browser, number)).collect();
    assert_eq!(codes[..16], [0; 16]);
    assert_eq!(codes[16], 508);
    assert_eq!(bind(&mut lab, &mut browser, 3), 0);
}

#[test]
fn channel_data_of_the_wrong_length_is_dropped() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    browser.bind(&mut lab, 0x4000, address(NODE));
    for wrong in [&[0x40][..], &[0x40, 0, 0], &[0x40, 0, 0, 2, 1], &[0x40, 0, 0, 1, 1, 0, 0, 0, 0]]
    {
        assert_eq!(lab.send(browser.client, wrong), []);
    }
    assert_eq!(lab.server.counters().malformed, 4);
    // Padding is allowed over UDP as well, and so is nothing at all.
    assert_eq!(lab.send(browser.client, &[0x40, 0, 0, 1, 1, 0, 0, 0]).len(), 1);
    assert_eq!(lab.send(browser.client, &[0x40, 0, 0, 0]).len(), 1);
}

#[test]
fn channel_data_of_strangers_and_on_unbound_channels_is_dropped() {
    let mut lab = Lab::new();
    let mut browser = Browser::new(1);
    browser.allocate(&mut lab);
    assert_eq!(lab.send(udp(2), &channel_data(0x4000, b"x")), []);
    assert_eq!(lab.send(browser.client, &channel_data(0x4000, b"x")), []);
    assert_eq!(lab.server.counters().not_permitted, 2);
}
