//! What issue 3 lists as bad input, as far as it is TURN's: each gets its answer or silence, and
//! nobody else notices.

use crate::lab::*;
use crate::wire::*;

/// A server on which Alice has an allocation and a channel to the node.
fn lab() -> (Lab, Browser) {
    let mut lab = Lab::new();
    let mut alice = Browser::new(1);
    alice.allocate(&mut lab);
    assert_eq!(alice.bind(&mut lab, 0x4000, address(NODE)).code(), 0);
    (lab, alice)
}

fn assert_undisturbed(lab: &mut Lab, alice: &mut Browser) {
    assert_eq!(lab.send(alice.client, &channel_data(0x4000, b"x")).len(), 1);
    assert_eq!(alice.refresh(lab, 600).code(), 0);
    assert_eq!(lab.server.counters().allocations, 1);
}

#[test]
fn unknown_attributes_get_420_with_their_types() {
    let (mut lab, mut alice) = lab();
    let request = Draft::new(REFRESH, lab.transaction())
        .with(0x0099, b"what")
        .with(0x7FFF, b"")
        .with(0x8099, b"optional");
    let reply = alice.ask(&mut lab, request);
    assert_eq!(reply.code(), 420);
    assert_eq!(reply.get(UNKNOWN_ATTRIBUTES), Some([0, 0x99, 0x7F, 0xFF].as_slice()));
    let request = Browser::allocate_request(&mut lab).with(0x0099, b"");
    assert_eq!(Browser::new(2).ask(&mut lab, request).code(), 420);
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn a_flood_of_unknown_attributes_gets_a_short_answer() {
    let (mut lab, mut alice) = lab();
    let mut request = Draft::new(REFRESH, lab.transaction());
    for kind in 0x100..0x400 {
        request = request.with(kind, b"");
    }
    let reply = alice.ask(&mut lab, request);
    assert_eq!((reply.code(), reply.get(UNKNOWN_ATTRIBUTES).unwrap().len()), (420, 32));
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn truncated_and_prolonged_messages_get_silence() {
    let (mut lab, mut alice) = lab();
    let request = Draft::new(REFRESH, lab.transaction()).with(LIFETIME, &[0; 4]);
    let request = alice.sign(request).bytes;
    for length in 0..request.len() {
        assert_eq!(lab.send(alice.client, &request[..length]), []);
    }
    for more in 1..9 {
        let longer = [request.as_slice(), &vec![0; more]].concat();
        assert_eq!(lab.send(alice.client, &longer), []);
    }
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn attributes_that_reach_beyond_their_message_get_silence() {
    let (mut lab, mut alice) = lab();
    let mut bytes = Draft::new(REFRESH, lab.transaction()).with(LIFETIME, &[0; 4]).bytes;
    for length in 5..=255 {
        bytes[23] = length;
        assert_eq!(lab.send(alice.client, &bytes), []);
    }
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn a_message_of_the_greatest_length_is_read() {
    let (mut lab, mut alice) = lab();
    let longest = Draft::new(SEND_INDICATION, lab.transaction())
        .with_peer(address(NODE))
        .with(DATA, &vec![1; 65_000]);
    assert_eq!(lab.send(alice.client, &longest.bytes).len(), 1);
    let filled = Draft::new(REFRESH, lab.transaction()).with(0x8022, &vec![b'x'; 65_000]);
    assert_eq!(alice.ask(&mut lab, filled).code(), 0);
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn a_wrong_fingerprint_or_cookie_gets_silence() {
    let (mut lab, mut alice) = lab();
    let request = Draft::new(BINDING, lab.transaction()).fingerprinted();
    assert!(lab.ask(alice.client, &request).is_some());
    // With another type it is no fingerprint.
    for at in (0..request.bytes.len()).filter(|at| !(20..22).contains(at)) {
        let mut bytes = request.bytes.clone();
        bytes[at] ^= 0x20;
        assert_eq!(lab.send(alice.client, &bytes), [], "{at}");
    }
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn attributes_of_the_wrong_size_get_400() {
    let (mut lab, mut alice) = lab();
    let wrong = [
        Draft::new(REFRESH, [1; 12]).with(LIFETIME, &[0; 3]),
        Draft::new(CHANNEL_BIND, [1; 12]).with(CHANNEL_NUMBER, &[0x40, 1]).with_peer(address(NODE)),
        Draft::new(CREATE_PERMISSION, [1; 12]).with(XOR_PEER_ADDRESS, &[0, 1, 0, 0, 1, 2, 3]),
        Draft::new(CREATE_PERMISSION, [1; 12]).with(XOR_PEER_ADDRESS, &[0; 8]),
        Draft::new(CREATE_PERMISSION, [1; 12]).with(XOR_PEER_ADDRESS, &[]),
    ];
    for request in wrong {
        assert_eq!(alice.ask(&mut lab, request).code(), 400);
    }
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn a_message_signed_for_another_transaction_gets_401() {
    let (mut lab, mut alice) = lab();
    let request = Draft::new(REFRESH, lab.transaction()).with(LIFETIME, &[0; 4]);
    let mut request = alice.sign(request);
    request.bytes[10] ^= 1;
    assert_eq!(lab.ask(alice.client, &request).unwrap().code(), 401);
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn answers_indications_and_unknown_methods_get_silence() {
    let (mut lab, mut alice) = lab();
    for kind in [0x0101, 0x0111, 0x0103, 0x0113, 0x0011, 0x0017, 0x0013, 0x000A, 0x000B, 0x3EEF] {
        let message = Draft::new(kind, lab.transaction());
        assert_eq!(lab.ask(alice.client, &message), None, "{kind:x}");
    }
    assert_undisturbed(&mut lab, &mut alice);
}

#[test]
fn empty_datagrams_get_silence() {
    let (mut lab, mut alice) = lab();
    assert_eq!(lab.send(alice.client, &[]), []);
    assert_eq!(lab.send(udp(9), &[]), []);
    assert_undisturbed(&mut lab, &mut alice);
}
