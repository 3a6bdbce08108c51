//! RFC 8656 §3.1 and §12.5: clients over TCP and TLS.

use roomcast_turn::{ClosedCause, Event, Input, Output, StreamId};

use crate::lab::*;
use crate::wire::*;

#[test]
fn channel_data_on_a_stream_is_padded_to_four() {
    let mut lab = Lab::new();
    let client = stream(&mut lab, 1);
    let mut browser = Browser::at(client, "alice");
    let relay = browser.allocate(&mut lab);
    browser.bind(&mut lab, 0x4000, address(NODE));
    let sent = lab.relayed(relay, address(NODE), b"hello");
    let mut padded = channel_data(0x4000, b"hello");
    padded.extend([0; 3]);
    assert_eq!(sent, [Sent::Client(client, padded.clone())]);
    let sent = lab.send(client, &padded);
    assert_eq!(sent, [Sent::Node(relay, address(NODE), b"hello".to_vec())]);
}

#[test]
fn the_mapped_address_is_that_of_the_connection() {
    let mut lab = Lab::new();
    let client = stream(&mut lab, 1);
    let reply = lab.ask(client, &Draft::new(BINDING, [1; 12])).unwrap();
    assert_eq!(reply.address(XOR_MAPPED_ADDRESS), address("198.51.100.8:1001"));
}

#[test]
fn an_allocation_ends_with_its_connection() {
    let mut lab = Lab::new();
    let client = stream(&mut lab, 1);
    Browser::at(client, "alice").allocate(&mut lab);
    lab.handle(Input::StreamClosed { stream: StreamId(1) });
    assert!(lab.server.is_empty());
    let Some(Output::Event(Event::AllocationClosed { cause, .. })) = lab.outputs.last() else {
        panic!("{:?}", lab.outputs)
    };
    assert_eq!(*cause, ClosedCause::StreamClosed);
    let late =
        lab.handle(Input::Stream { stream: StreamId(1), contents: &channel_data(0x4000, b"x") });
    assert_eq!(late, []);
}

#[test]
fn a_connection_on_which_nothing_is_allocated_is_closed() {
    let mut lab = Lab::new();
    stream(&mut lab, 1);
    let client = stream(&mut lab, 2);
    let mut browser = Browser::at(client, "alice");
    browser.allocate(&mut lab);
    lab.wait(seconds(30));
    assert_eq!(lab.outputs.last(), Some(&Output::CloseStream { stream: StreamId(1) }));
    assert_eq!(lab.server.counters().streams, 1);
    browser.refresh(&mut lab, 0);
    lab.wait(seconds(30));
    assert_eq!(lab.outputs.last(), Some(&Output::CloseStream { stream: StreamId(2) }));
    assert!(lab.server.is_empty());
}
