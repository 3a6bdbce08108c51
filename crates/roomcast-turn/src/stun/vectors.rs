//! The messages of RFC 5769.

use std::net::SocketAddr;

use super::*;

/// The password of the first three.
const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

fn bytes(hexadecimal: &[&str]) -> Vec<u8> {
    let digits = hexadecimal.concat();
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// Whether the message is whole, signed with the key, and no longer so with any byte changed.
fn assert_signed(message: &[u8], key: &Key) {
    let read = Message::read(message).unwrap();
    assert!(key.verifies(&read).is_some());
    for at in 0..message.len() {
        let mut changed = message.to_vec();
        changed[at] ^= 1;
        let verified = Message::read(&changed).and_then(|read| key.verifies(&read));
        // A changed type that still is a FINGERPRINT's to nobody leaves the signature alone.
        let behind = at >= message.len() - 8 && read.has_fingerprint();
        assert!(verified.is_none() || behind, "byte {at}");
    }
}

#[test]
fn the_sample_request_is_read_and_verified() {
    let message = bytes(&REQUEST);
    assert_signed(&message, &Key::short_term(PASSWORD));
    let read = Message::read(&message).unwrap();
    assert_eq!((read.class(), read.method()), (Class::Request, Method::Binding));
    assert!(read.has_fingerprint());
    assert_eq!(read.attribute(types::USERNAME), Some(b"evtj:h6vY".as_slice()));
}

#[test]
fn the_sample_answers_are_read_and_verified_with_their_addresses() {
    let answers = [
        (bytes(&RESPONSE_IPV4), "192.0.2.1:32853"),
        (bytes(&RESPONSE_IPV6), "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ];
    for (message, address) in answers {
        assert_signed(&message, &Key::short_term(PASSWORD));
        let read = Message::read(&message).unwrap();
        assert_eq!((read.class(), read.method()), (Class::Answer, Method::Binding));
        let value = read.attribute(types::XOR_MAPPED_ADDRESS).unwrap();
        let address: SocketAddr = address.parse().unwrap();
        assert_eq!(read_address(value, &read.transaction()), Some(address));
        assert_eq!(XorAddress::new(address, &read.transaction()).bytes(), value);
    }
}

#[test]
fn the_sample_answer_is_written_as_it_stands() {
    let message = bytes(&RESPONSE_IPV4);
    let read = Message::read(&message).unwrap();
    let signature = Key::short_term(PASSWORD).verifies(&read).unwrap();
    // The sample fills with spaces what is filled with zeros here.
    let software = read.attribute(0x8022).unwrap();
    let address = "192.0.2.1:32853".parse().unwrap();
    let written = Answer::success(Method::Binding, read.transaction())
        .with(0x8022, software)
        .with_address(types::XOR_MAPPED_ADDRESS, address)
        .signed(&signature)
        .finish(true);
    assert_eq!(written[..35], message[..35]);
    assert_eq!(written.len(), message.len());
    assert_signed(&written, &Key::short_term(PASSWORD));
}

#[test]
fn the_sample_of_long_term_credentials_is_verified() {
    let message = bytes(&LONG_TERM);
    let user = "\u{30DE}\u{30C8}\u{30EA}\u{30C3}\u{30AF}\u{30B9}";
    let key = Key::new(user, "example.org", "TheMatrIX".into(), PasswordAlgorithm::Md5);
    assert_signed(&message, &key);
    let read = Message::read(&message).unwrap();
    assert_eq!(read.attribute(types::USERNAME), Some(user.as_bytes()));
    assert_eq!(read.attribute(types::REALM), Some(b"example.org".as_slice()));
    assert!(!read.has_fingerprint());
}

/// §2.1: a request with MESSAGE-INTEGRITY and FINGERPRINT.
const REQUEST: [&str; 4] = [
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e20746573",
    "7420636c69656e74002400046e0001ff80290008932ff9b151263b3600060009",
    "6576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249",
    "c1b571a280280004e57a3bcf",
];

/// §2.2: an answer with an IPv4 address.
const RESPONSE_IPV4: [&str; 3] = [
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563",
    "746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f9",
    "2af9ba53f06be7d780280004c07d4c96",
];

/// §2.3: an answer with an IPv6 address.
const RESPONSE_IPV6: [&str; 3] = [
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563",
    "746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014",
    "a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c",
];

/// §2.4: a request with long-term credentials.
const LONG_TERM: [&str; 4] = [
    "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383",
    "aae38383e382afe382b900000015001c662f2f3439396b39353464364f4c3334",
    "6f4c394653547679363473410014000b6578616d706c652e6f72670000080014",
    "f67024656dd64a3e02b8e0712e85c9a28ca89666",
];
