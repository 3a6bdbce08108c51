//! A message as it lies in the datagram.

use stun_types::attribute::Fingerprint;

use super::attributes::types;

/// The bytes that tell an answer from answers to other requests.
pub(crate) type Transaction = [u8; 12];

/// What stands in bytes 4 to 7 of each message (RFC 8489 §5).
pub(crate) const MAGIC_COOKIE: u32 = 0x2112_A442;

/// Bytes before the attributes.
pub(crate) const HEADER: usize = 20;

/// A whole STUN message whose attributes are well-formed and whose fingerprint, if any, is right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    bytes: &'a [u8],
    /// Where the attributes end that are read: at the first integrity or fingerprint.
    end: usize,
    pub(super) integrity: Option<Integrity<'a>>,
    pub(super) integrity_sha256: Option<Integrity<'a>>,
    fingerprint: bool,
}

/// A MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256.
#[derive(Debug, Clone, Copy)]
pub(super) struct Integrity<'a> {
    /// Where its header begins.
    pub at: usize,
    pub value: &'a [u8],
}

/// What a message is (RFC 8489 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Request,
    Indication,
    /// A success or an error: a server asks nothing, so it gets no answers.
    Answer,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Binding,
    Allocate,
    Refresh,
    Send,
    Data,
    CreatePermission,
    ChannelBind,
    Other(u16),
}

impl<'a> Message<'a> {
    /// `None` if it is not exactly one well-formed message.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let head = bytes.first_chunk::<8>()?;
        let [t0, _, l0, l1, cookie @ ..] = *head;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let whole = t0 < 0x40 && length % 4 == 0 && HEADER + length == bytes.len();
        if !whole || u32::from_be_bytes(cookie) != MAGIC_COOKIE {
            return None;
        }
        let mut message = Self {
            bytes,
            end: bytes.len(),
            integrity: None,
            integrity_sha256: None,
            fingerprint: false,
        };
        message.read_attributes()?;
        Some(message)
    }

    /// What stands behind an integrity is ignored, but for a stronger one and the fingerprint
    /// (RFC 8489 §14.5 to §14.7).
    fn read_attributes(&mut self) -> Option<()> {
        let mut walk = Attributes { rest: self.bytes.get(HEADER..)?, at: HEADER };
        while !walk.rest.is_empty() {
            let at = walk.at;
            let (kind, value) = walk.next()?;
            match kind {
                types::MESSAGE_INTEGRITY if self.end == self.bytes.len() => {
                    self.integrity = Some(Integrity { at, value: sized(value, 20)? });
                    self.end = at;
                }
                types::MESSAGE_INTEGRITY_SHA256 if self.integrity_sha256.is_none() => {
                    // A shorter one would be legal where a usage allows it; TURN does not.
                    self.integrity_sha256 = Some(Integrity { at, value: sized(value, 32)? });
                    self.end = self.end.min(at);
                }
                types::FINGERPRINT => {
                    self.fingerprint = true;
                    self.end = self.end.min(at);
                    // It is the last one.
                    return (self.fingerprint_at(at)? == *value).then_some(());
                }
                _ => {}
            }
        }
        Some(())
    }

    fn fingerprint_at(&self, at: usize) -> Option<[u8; 4]> {
        let head = self.head_with_length(at + FINGERPRINT_SIZE)?;
        let checksum = Fingerprint::compute(&[&head, self.bytes.get(4..at)?]);
        Some((u32::from_be_bytes(checksum) ^ FINGERPRINT_MASK).to_be_bytes())
    }

    /// The first four bytes, as if the message ended at `end`.
    pub(super) fn head_with_length(&self, end: usize) -> Option<[u8; 4]> {
        let [t0, t1, ..] = *self.bytes.first_chunk::<4>()?;
        let [l0, l1] = u16::try_from(end.checked_sub(HEADER)?).ok()?.to_be_bytes();
        Some([t0, t1, l0, l1])
    }

    /// From the cookie to `end`.
    pub(super) fn body_until(&self, end: usize) -> Option<&'a [u8]> {
        self.bytes.get(4..end)
    }

    pub(crate) fn class(&self) -> Class {
        match self.kind() & 0x0110 {
            0x0000 => Class::Request,
            0x0010 => Class::Indication,
            _ => Class::Answer,
        }
    }

    pub(crate) fn method(&self) -> Method {
        let kind = self.kind();
        Method::from((kind & 0x000F) | (kind & 0x00E0) >> 1 | (kind & 0x3E00) >> 2)
    }

    fn kind(&self) -> u16 {
        self.bytes.first_chunk::<2>().map_or(0, |head| u16::from_be_bytes(*head))
    }

    pub(crate) fn transaction(&self) -> Transaction {
        let id = self.bytes.get(8..HEADER).and_then(|id| id.try_into().ok());
        id.unwrap_or_default()
    }

    pub(crate) fn length(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn has_fingerprint(&self) -> bool {
        self.fingerprint
    }

    pub(crate) fn has_integrity(&self) -> bool {
        self.integrity.is_some() || self.integrity_sha256.is_some()
    }

    /// The attributes before the integrity.
    pub(crate) fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.bytes.get(HEADER..self.end).unwrap_or_default(), at: HEADER }
    }

    /// The first attribute of a type; later ones are ignored (RFC 8489 §14).
    pub(crate) fn attribute(&self, kind: u16) -> Option<&'a [u8]> {
        self.attributes().find(|(other, _)| *other == kind).map(|(_, value)| value)
    }
}

/// Goes through the attributes, type and value, until the end or the first that is cut off.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, behind) = self.rest.split_first_chunk::<4>()?;
        let [k0, k1, l0, l1] = *head;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let value = behind.get(..length)?;
        let padded = length.next_multiple_of(4);
        self.rest = behind.get(padded..)?;
        self.at += head.len() + padded;
        Some((u16::from_be_bytes([k0, k1]), value))
    }
}

impl From<u16> for Method {
    fn from(number: u16) -> Self {
        match number {
            0x001 => Self::Binding,
            0x003 => Self::Allocate,
            0x004 => Self::Refresh,
            0x006 => Self::Send,
            0x007 => Self::Data,
            0x008 => Self::CreatePermission,
            0x009 => Self::ChannelBind,
            other => Self::Other(other),
        }
    }
}

impl Method {
    pub(crate) fn number(self) -> u16 {
        match self {
            Self::Binding => 0x001,
            Self::Allocate => 0x003,
            Self::Refresh => 0x004,
            Self::Send => 0x006,
            Self::Data => 0x007,
            Self::CreatePermission => 0x008,
            Self::ChannelBind => 0x009,
            Self::Other(number) => number,
        }
    }
}

fn sized(value: &[u8], size: usize) -> Option<&[u8]> {
    (value.len() == size).then_some(value)
}

/// Tells the checksum from that of another protocol: "STUN" (RFC 8489 §14.7).
const FINGERPRINT_MASK: u32 = 0x5354_554E;

/// Bytes of a FINGERPRINT with its header.
const FINGERPRINT_SIZE: usize = 8;
