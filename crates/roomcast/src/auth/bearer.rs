//! What a request brings along to say who asks.

use std::fmt;

use axum::http::{HeaderMap, header};
use roomcast_protocol::limits::MAX_SECRET_CHARS;
use roomcast_protocol::{ErrorCode, Refusal};

use super::keys::{API_KEY_PREFIX, ApiKey, KeyId, STREAM_KEY_PREFIX, StreamKey};
use super::token::Token;
use crate::prefix::Prefix;
use crate::secret::Secret;

/// Who asks, as far as that can be known without a room. Made by [`super::Gate::bearer`] alone: keys
/// and tokens in it have been verified.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    pub(super) who: Who,
    /// Where the request came from: wrong host keys are counted by it.
    pub(super) prefix: Prefix,
    /// Tells this bearer from others, and says nothing about it: part of a hash.
    pub(super) fingerprint: String,
}

/// The kinds of bearers.
#[derive(Debug, Clone)]
pub(super) enum Who {
    /// May do everything on this node.
    ApiKey(ApiKey),
    /// What its issuer has put down.
    Token(Box<Token>),
    /// May publish in its room.
    StreamKey(StreamKey),
    /// Anything else: perhaps the host key of a room.
    Text(Secret),
}

/// What a text looks like. Nothing of it has been verified.
#[derive(Debug)]
pub(super) enum Shape {
    ApiKey { id: KeyId, secret: Secret },
    StreamKey { id: KeyId, secret: Secret },
    Token(Secret),
    Text(Secret),
}

/// Bytes of a token. Those of identity providers, with RSA signatures and their own claims, have up
/// to 3,000.
pub(super) const MAX_TOKEN_BYTES: usize = 8 * 1024;

impl Shape {
    /// Tells the kinds apart.
    ///
    /// # Errors
    /// [`ErrorCode::KeyInvalid`] for what begins like a key and is none, [`ErrorCode::TokenInvalid`]
    /// for what is too long to be anything.
    pub(super) fn of(text: &str) -> Result<Self, Refusal> {
        if let Some(rest) = text.strip_prefix(API_KEY_PREFIX) {
            return Ok(Self::ApiKey { id: id(rest)?, secret: secret(text)? });
        }
        if let Some(rest) = text.strip_prefix(STREAM_KEY_PREFIX) {
            return Ok(Self::StreamKey { id: id(rest)?, secret: secret(text)? });
        }
        if text.len() > MAX_TOKEN_BYTES {
            return Err(too_long(MAX_TOKEN_BYTES));
        }
        if looks_like_token(text) {
            return Ok(Self::Token(Secret::trusted(text.to_owned())));
        }
        secret(text).map(Self::Text)
    }
}

/// The text behind `Bearer` in the one `Authorization` header (RFC 6750 section 2.1). An empty one is
/// none: encoders send it so when their field was left empty.
///
/// # Errors
/// [`ErrorCode::TokenInvalid`] for several headers, another scheme, or text that is not ASCII.
pub(super) fn from_headers(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut found = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = found.next() else { return Ok(None) };
    let fault = || {
        let message = "the request needs one header `Authorization: Bearer` with a key or token";
        Refusal::new(ErrorCode::TokenInvalid, message)
    };
    if found.next().is_some() {
        return Err(fault());
    }
    let text = value.to_str().map_err(|_| fault())?.trim();
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(fault());
    }
    Ok(Some(rest.trim()).filter(|rest| !rest.is_empty()))
}

/// Three parts between dots, in the alphabet of base64url (RFC 7515 section 7.1). The last may be empty:
/// so are tokens without a signature, which are to be refused as such.
fn looks_like_token(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let parts: Vec<&str> = text.splitn(4, '.').collect();
    matches!(parts.as_slice(), [header, claims, signature]
        if !header.is_empty() && !claims.is_empty()
            && [header, claims, signature].iter().all(|part| part.chars().all(plain)))
}

fn id(rest: &str) -> Result<KeyId, Refusal> {
    let id = rest.split_once('_').and_then(|(id, _secret)| KeyId::parse(id));
    id.ok_or_else(|| Refusal::new(ErrorCode::KeyInvalid, "the key is not whole; copy all of it"))
}

fn secret(text: &str) -> Result<Secret, Refusal> {
    Secret::received(text.to_owned()).map_err(|_| too_long(MAX_SECRET_CHARS))
}

fn too_long(most: usize) -> Refusal {
    let message = format!("this is longer than any key or token may be ({most} characters)");
    Refusal::new(ErrorCode::TokenInvalid, message)
}

impl fmt::Display for Who {
    /// For logs: never a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiKey(key) => write!(f, "API key {}", key.id),
            Self::Token(_) => f.write_str("token"),
            Self::StreamKey(key) => write!(f, "stream key {}", key.id),
            Self::Text(_) => f.write_str("host key"),
        }
    }
}
