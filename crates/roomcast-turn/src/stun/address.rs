//! Addresses, xored with the magic cookie and the transaction (RFC 8489 §14.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::message::{MAGIC_COOKIE, Transaction};

/// Reads XOR-PEER-ADDRESS and its kin.
pub(crate) fn read_address(value: &[u8], transaction: &Transaction) -> Option<SocketAddr> {
    let (head, address) = value.split_first_chunk::<4>()?;
    let [_, family, port @ ..] = *head;
    let port = u16::from_be_bytes(port) ^ PORT_MASK;
    let ip = match family {
        IPV4 => {
            let bits = u32::from_be_bytes(address.try_into().ok()?);
            IpAddr::V4(Ipv4Addr::from_bits(bits ^ MAGIC_COOKIE))
        }
        IPV6 => {
            let bits = u128::from_be_bytes(address.try_into().ok()?);
            IpAddr::V6(Ipv6Addr::from_bits(bits ^ mask(transaction)))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// The value of an address attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct XorAddress {
    bytes: [u8; 20],
    length: usize,
}

impl XorAddress {
    pub(crate) fn new(address: SocketAddr, transaction: &Transaction) -> Self {
        let mut written = Self { bytes: [0; 20], length: 0 };
        let port = (address.port() ^ PORT_MASK).to_be_bytes();
        match address.ip() {
            IpAddr::V4(ip) => {
                written.push(&[0, IPV4]);
                written.push(&port);
                written.push(&(ip.to_bits() ^ MAGIC_COOKIE).to_be_bytes());
            }
            IpAddr::V6(ip) => {
                written.push(&[0, IPV6]);
                written.push(&port);
                written.push(&(ip.to_bits() ^ mask(transaction)).to_be_bytes());
            }
        }
        written
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, part: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.length..self.length + part.len()) {
            place.copy_from_slice(part);
            self.length += part.len();
        }
    }
}

fn mask(transaction: &Transaction) -> u128 {
    let low = transaction.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    (u128::from(MAGIC_COOKIE) << 96) | low
}

/// Families of addresses (RFC 8489 §14.1).
pub(crate) const IPV4: u8 = 1;
pub(crate) const IPV6: u8 = 2;

/// The first half of the magic cookie.
const PORT_MASK: u16 = (MAGIC_COOKIE >> 16) as u16;
