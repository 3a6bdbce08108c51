//! The client's side of messages, written again, so that an error of the server's side shows.

use std::net::{IpAddr, SocketAddr};

use stun_types::attribute::{Fingerprint, MessageIntegrity, MessageIntegritySha256};
use stun_types::message::{IntegrityAlgorithm, LongTermKeyCredentials};

pub(crate) const ALLOCATE: u16 = 0x0003;
pub(crate) const REFRESH: u16 = 0x0004;
pub(crate) const CREATE_PERMISSION: u16 = 0x0008;
pub(crate) const CHANNEL_BIND: u16 = 0x0009;
pub(crate) const BINDING: u16 = 0x0001;
pub(crate) const SEND_INDICATION: u16 = 0x0016;
pub(crate) const DATA_INDICATION: u16 = 0x0017;

pub(crate) const USERNAME: u16 = 0x0006;
pub(crate) const ERROR_CODE: u16 = 0x0009;
pub(crate) const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
pub(crate) const CHANNEL_NUMBER: u16 = 0x000C;
pub(crate) const LIFETIME: u16 = 0x000D;
pub(crate) const XOR_PEER_ADDRESS: u16 = 0x0012;
pub(crate) const DATA: u16 = 0x0013;
pub(crate) const REALM: u16 = 0x0014;
pub(crate) const NONCE: u16 = 0x0015;
pub(crate) const XOR_RELAYED_ADDRESS: u16 = 0x0016;
pub(crate) const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
pub(crate) const EVEN_PORT: u16 = 0x0018;
pub(crate) const REQUESTED_TRANSPORT: u16 = 0x0019;
pub(crate) const DONT_FRAGMENT: u16 = 0x001A;
pub(crate) const PASSWORD_ALGORITHM: u16 = 0x001D;
pub(crate) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
pub(crate) const RESERVATION_TOKEN: u16 = 0x0022;
pub(crate) const ADDITIONAL_ADDRESS_FAMILY: u16 = 0x8000;
pub(crate) const ADDRESS_ERROR_CODE: u16 = 0x8001;
pub(crate) const PASSWORD_ALGORITHMS: u16 = 0x8002;
pub(crate) const MESSAGE_INTEGRITY: u16 = 0x0008;
pub(crate) const MESSAGE_INTEGRITY_SHA256: u16 = 0x001C;

/// A message that is being written.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) bytes: Vec<u8>,
}

impl Draft {
    pub(crate) fn new(kind: u16, transaction: [u8; 12]) -> Self {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend([0, 0, 0x21, 0x12, 0xA4, 0x42]);
        bytes.extend(transaction);
        Self { bytes }
    }

    pub(crate) fn with(mut self, kind: u16, value: &[u8]) -> Self {
        self.bytes.extend(kind.to_be_bytes());
        self.bytes.extend((value.len() as u16).to_be_bytes());
        self.bytes.extend(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.set_length(0);
        self
    }

    pub(crate) fn with_peer(self, peer: SocketAddr) -> Self {
        let value = xor(peer, &self.transaction());
        self.with(XOR_PEER_ADDRESS, &value)
    }

    /// MESSAGE-INTEGRITY with an MD5 key, or MESSAGE-INTEGRITY-SHA256 with a SHA-256 key.
    pub(crate) fn signed(
        mut self,
        username: &str,
        realm: &str,
        password: &str,
        sha256: bool,
    ) -> Self {
        let user = [username, realm, password].map(str::to_owned);
        let [username, realm, password] = user;
        let user = LongTermKeyCredentials::new(username, password, realm);
        if sha256 {
            self.set_length(36);
            let key = user.make_key(IntegrityAlgorithm::Sha256);
            let mac = MessageIntegritySha256::compute(&[&self.bytes], &key).unwrap();
            self.with(MESSAGE_INTEGRITY_SHA256, &mac)
        } else {
            self.set_length(24);
            let key = user.make_key(IntegrityAlgorithm::Sha1);
            let mac = MessageIntegrity::compute(&[&self.bytes], &key).unwrap();
            self.with(MESSAGE_INTEGRITY, &mac)
        }
    }

    pub(crate) fn fingerprinted(mut self) -> Self {
        self.set_length(8);
        let mut value =
            Fingerprint::new(Fingerprint::compute(&[&self.bytes])).fingerprint().to_owned();
        for (byte, mask) in value.iter_mut().zip(*b"STUN") {
            *byte ^= mask;
        }
        self.with(0x8028, &value)
    }

    fn set_length(&mut self, more: usize) {
        let length = (self.bytes.len() - 20 + more) as u16;
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }

    fn transaction(&self) -> [u8; 12] {
        self.bytes[8..20].try_into().unwrap()
    }
}

/// A message of the server, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) kind: u16,
    pub(crate) transaction: [u8; 12],
    pub(crate) attributes: Vec<(u16, Vec<u8>)>,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        assert_eq!(usize::from(u16::from_be_bytes([bytes[2], bytes[3]])) + 20, bytes.len());
        assert_eq!(bytes[4..8], [0x21, 0x12, 0xA4, 0x42]);
        let mut attributes = Vec::new();
        let mut rest = &bytes[20..];
        while !rest.is_empty() {
            let kind = u16::from_be_bytes([rest[0], rest[1]]);
            let length = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
            attributes.push((kind, rest[4..4 + length].to_vec()));
            rest = &rest[4 + length.next_multiple_of(4)..];
        }
        Self {
            kind: u16::from_be_bytes([bytes[0], bytes[1]]),
            transaction: bytes[8..20].try_into().unwrap(),
            attributes,
            bytes: bytes.to_vec(),
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.kind & 0x0110 == 0x0100
    }

    /// 0 in a success.
    pub(crate) fn code(&self) -> u16 {
        self.get(ERROR_CODE).map_or(0, |value| u16::from(value[2]) * 100 + u16::from(value[3]))
    }

    pub(crate) fn get(&self, kind: u16) -> Option<&[u8]> {
        self.attributes.iter().find(|(other, _)| *other == kind).map(|(_, value)| value.as_slice())
    }

    pub(crate) fn text(&self, kind: u16) -> String {
        String::from_utf8(self.get(kind).unwrap_or_default().to_vec()).unwrap()
    }

    pub(crate) fn number(&self, kind: u16) -> u32 {
        u32::from_be_bytes(self.get(kind).unwrap().try_into().unwrap())
    }

    pub(crate) fn address(&self, kind: u16) -> SocketAddr {
        let value = self.get(kind).unwrap();
        let mut bytes = value.to_vec();
        let mask: Vec<u8> = [0x21, 0x12, 0xA4, 0x42].into_iter().chain(self.transaction).collect();
        bytes[2] ^= mask[0];
        bytes[3] ^= mask[1];
        for (byte, mask) in bytes[4..].iter_mut().zip(mask) {
            *byte ^= mask;
        }
        let port = u16::from_be_bytes([bytes[2], bytes[3]]);
        let ip = match value[1] {
            1 => IpAddr::from(<[u8; 4]>::try_from(&bytes[4..]).unwrap()),
            _ => IpAddr::from(<[u8; 16]>::try_from(&bytes[4..]).unwrap()),
        };
        SocketAddr::new(ip, port)
    }
}

fn xor(address: SocketAddr, transaction: &[u8; 12]) -> Vec<u8> {
    let mask: Vec<u8> = [0x21, 0x12, 0xA4, 0x42].into_iter().chain(*transaction).collect();
    let (family, ip) = match address.ip() {
        IpAddr::V4(ip) => (1, ip.octets().to_vec()),
        IpAddr::V6(ip) => (2, ip.octets().to_vec()),
    };
    let mut value = vec![0, family];
    value.extend((address.port() ^ 0x2112).to_be_bytes());
    value.extend(ip.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
    value
}

pub(crate) fn channel_data(number: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.extend((payload.len() as u16).to_be_bytes());
    bytes.extend(payload);
    bytes
}
