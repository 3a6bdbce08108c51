//! The attributes that the server knows.

/// Types of attributes (RFC 8489 §18.3, RFC 8656 §18).
#[allow(missing_docs, reason = "the names are those of the standards")]
pub(crate) mod types {
    pub(crate) const USERNAME: u16 = 0x0006;
    pub(crate) const MESSAGE_INTEGRITY: u16 = 0x0008;
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
    pub(crate) const MESSAGE_INTEGRITY_SHA256: u16 = 0x001C;
    pub(crate) const PASSWORD_ALGORITHM: u16 = 0x001D;
    pub(crate) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    pub(crate) const RESERVATION_TOKEN: u16 = 0x0022;
    pub(crate) const ADDITIONAL_ADDRESS_FAMILY: u16 = 0x8000;
    pub(crate) const ADDRESS_ERROR_CODE: u16 = 0x8001;
    pub(crate) const PASSWORD_ALGORITHMS: u16 = 0x8002;
    pub(crate) const FINGERPRINT: u16 = 0x8028;
}

/// Whether the type must be understood (RFC 8489 §14) and is not.
pub(crate) fn is_unknown(kind: u16, dont_fragment: bool) -> bool {
    if kind == types::DONT_FRAGMENT {
        return !dont_fragment;
    }
    kind < FIRST_OPTIONAL && !REQUIRED.contains(&kind)
}

/// From here on, an attribute that is not understood is ignored.
const FIRST_OPTIONAL: u16 = 0x8000;

/// Those that must be understood, and are.
const REQUIRED: [u16; 18] = [
    types::USERNAME,
    types::MESSAGE_INTEGRITY,
    types::ERROR_CODE,
    types::UNKNOWN_ATTRIBUTES,
    types::CHANNEL_NUMBER,
    types::LIFETIME,
    types::XOR_PEER_ADDRESS,
    types::DATA,
    types::REALM,
    types::NONCE,
    types::XOR_RELAYED_ADDRESS,
    types::REQUESTED_ADDRESS_FAMILY,
    types::EVEN_PORT,
    types::REQUESTED_TRANSPORT,
    types::MESSAGE_INTEGRITY_SHA256,
    types::PASSWORD_ALGORITHM,
    types::XOR_MAPPED_ADDRESS,
    types::RESERVATION_TOKEN,
];
