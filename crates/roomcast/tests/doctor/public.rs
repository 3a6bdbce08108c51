//! Public addresses, and a STUN server that the operator names.

use std::net::{SocketAddr, UdpSocket};

use stun_types::attribute::XorMappedAddress;
use stun_types::message::{Message, MessageWrite as _, MessageWriteExt as _, MessageWriteVec};

use crate::program::{examined, free_address};

#[test]
fn a_public_address_that_does_not_come_back_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let found = examined(free_address(), folder.path(), &["--public-address", "127.0.0.2"]);
    assert_eq!((found.status("public-address"), found.code), ("warning", Some(0)));
    assert!(found.next("public-address").contains("forward port"));
}

#[test]
fn a_public_address_that_comes_back_is_fine() {
    let folder = tempfile::tempdir().unwrap();
    let found = examined(free_address(), folder.path(), &["--public-address", "127.0.0.1"]);
    assert_eq!(found.status("public-address"), "ok", "{}", found.meaning("public-address"));
}

/// A STUN server that sees everyone at one address, for one question.
fn stun_server(sees: &'static str) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 1_500];
        let (read, source) = socket.recv_from(&mut buffer).unwrap();
        let question = Message::from_bytes(&buffer[..read]).unwrap();
        let mut answer = Message::builder_success(&question, MessageWriteVec::new());
        let seen = XorMappedAddress::new(sees.parse().unwrap(), question.transaction_id());
        answer.add_attribute(&seen).unwrap();
        socket.send_to(&answer.finish(), source).unwrap();
    });
    address
}

#[test]
fn the_address_that_a_named_stun_server_sees_is_held_against_the_public_one() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [("127.0.0.1:7", "ok"), ("203.0.113.9:7", "fault")];
    for (sees, status) in cases {
        let server = stun_server(sees).to_string();
        let flags = ["--stun", &server, "--public-address", "127.0.0.1"];
        let found = examined(free_address(), folder.path(), &flags);
        assert_eq!(
            found.status("external-address"),
            status,
            "{}",
            found.meaning("external-address")
        );
    }
}

#[test]
fn a_stun_server_that_does_not_answer_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = silent.local_addr().unwrap().to_string();
    let found = examined(free_address(), folder.path(), &["--stun", &server]);
    assert_eq!(found.status("external-address"), "warning");
}
