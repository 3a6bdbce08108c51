//! The gate: whose bearer this is, and who may use the HTTP API.

use std::sync::Arc;
use std::time::Instant;

use axum::http::HeaderMap;
use roomcast_protocol::{ErrorCode, Refusal, RoomName};

use super::bearer::{self, Shape, Who};
use super::failures::{Failures, MAX_GUESSES, MAX_STRANGERS};
use super::jwks::Jwks;
use super::jwt::{self, Unverified, VerifyingKey};
use super::keys::Keys;
use super::operator::{Operator, TokenRequest};
use super::rates::Rates;
use super::token::{Token, invalid};
use super::{Bearer, KeyId};
use crate::config::{AuthConfig, AuthMode};
use crate::prefix::Prefix;
use crate::secret::Secret;
use crate::wall_clock::{unix_ms, unix_seconds};

/// Judges bearers. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    keys: Keys,
    closed: bool,
    jwks: Option<Jwks>,
    rates: Rates,
    guesses: Failures,
    strangers: Failures,
}

impl Gate {
    /// The gate of a node.
    pub(crate) fn new(keys: Keys, config: &AuthConfig) -> Self {
        let inner = Inner {
            keys,
            closed: config.mode == AuthMode::Tokens,
            jwks: config.provider.as_ref().map(Jwks::new),
            rates: Rates::new(),
            guesses: Failures::new(MAX_GUESSES),
            strangers: Failures::new(MAX_STRANGERS),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Who asks. None, when the request brings nothing along.
    ///
    /// # Errors
    /// [`ErrorCode::TokenInvalid`], [`ErrorCode::TokenExpired`] and [`ErrorCode::KeyInvalid`] for a bearer
    /// that is none, [`ErrorCode::RateLimited`] when too many came from this address or with this bearer.
    pub(crate) async fn bearer(
        &self,
        headers: &HeaderMap,
        prefix: Prefix,
    ) -> Result<Option<Bearer>, Refusal> {
        let text = bearer::from_headers(headers)?;
        self.inner.rates.check(text, prefix)?;
        let Some(text) = text else { return Ok(None) };
        let who = self.recognize(text, prefix).await?;
        let hash = Secret::trusted(text.to_owned()).hash();
        let fingerprint = super::master::hex(hash.as_bytes().get(..8).unwrap_or_default());
        Ok(Some(Bearer { who, prefix, fingerprint }))
    }

    /// With which right the HTTP API is used: for the whole node, or for one room.
    ///
    /// # Errors
    /// [`ErrorCode::TokenMissing`], [`ErrorCode::HostKeyInvalid`] for the host key of another room,
    /// [`ErrorCode::Forbidden`] for a bearer that does not reach so far.
    pub(crate) async fn operator(
        &self,
        bearer: Option<&Bearer>,
        room: Option<&RoomName>,
    ) -> Result<Operator, Refusal> {
        let Some(bearer) = bearer else { return Err(missing(room)) };
        match (&bearer.who, room) {
            (Who::ApiKey(key), _) => Ok(Operator::Admin { key: Some(key.id.clone()) }),
            (Who::Token(token), _) if token.is_admin_of_node() => Ok(Operator::Admin { key: None }),
            (Who::Token(token), Some(room)) => {
                token.check_room(room)?;
                if token.moderates() {
                    return Ok(Operator::Moderator(room.clone()));
                }
                Err(forbidden("the token has not the grant `moderate`"))
            }
            (Who::Token(_), None) => Err(forbidden("the token has not the grant `admin`")),
            (Who::StreamKey(_), _) => Err(forbidden("a stream key is for publishing alone")),
            (Who::Text(text), Some(room)) => {
                self.check_host_key(room, text, bearer.prefix).await?;
                Ok(Operator::Moderator(room.clone()))
            }
            (Who::Text(_), None) => {
                self.inner.strangers.count(bearer.prefix, Instant::now());
                Err(invalid("it is neither an API key nor a token; `roomcast token` makes both"))
            }
        }
    }

    /// Makes a token, signed with the operator's API key.
    ///
    /// # Errors
    /// [`ErrorCode::Forbidden`] without an API key, [`ErrorCode::TokenInvalid`] when nobody would accept
    /// such a token.
    pub(crate) async fn mint(
        &self,
        operator: &Operator,
        request: TokenRequest,
    ) -> Result<String, Refusal> {
        let Operator::Admin { key: Some(key) } = operator else {
            return Err(forbidden("tokens are made with an API key"));
        };
        let secret = self.inner.keys.signing_secret(key).await?;
        let secret = secret.ok_or_else(|| forbidden("the API key has been revoked"))?;
        let now = unix_seconds();
        jwt::sign(&request.claims(key, now)?, secret)
    }

    /// The keys, to be made, listed and revoked.
    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// Whether nobody enters without a token.
    pub(crate) fn is_closed(&self) -> bool {
        self.inner.closed
    }

    /// Wrong host keys by address. The directory counts those that it finds.
    pub(crate) fn guesses(&self) -> Failures {
        self.inner.guesses.clone()
    }

    /// Whose text this is.
    pub(super) async fn recognize(&self, text: &str, prefix: Prefix) -> Result<Who, Refusal> {
        if self.inner.strangers.blocks(prefix, Instant::now()) {
            let message = "too many wrong keys and tokens came from this address; wait a minute";
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        let judged = self.judge(text).await;
        if judged.as_ref().is_err_and(|refusal| is_of_stranger(refusal.code)) {
            self.inner.strangers.count(prefix, Instant::now());
        }
        judged
    }

    async fn judge(&self, text: &str) -> Result<Who, Refusal> {
        let keys = &self.inner.keys;
        match Shape::of(text)? {
            Shape::ApiKey { id, secret } => {
                let key = keys.check_api_key(&id, &secret).await?;
                let message = "the API key does not fit or has been revoked";
                key.map(Who::ApiKey).ok_or_else(|| key_invalid(message))
            }
            Shape::StreamKey { id, secret } => {
                let key = keys.check_stream_key(&id, &secret).await?;
                let message = "the stream key does not fit, or was renewed or removed";
                key.map(Who::StreamKey).ok_or_else(|| key_invalid(message))
            }
            Shape::Token(text) => Ok(Who::Token(Box::new(self.verify(&text.reveal()).await?))),
            Shape::Text(text) => Ok(Who::Text(text)),
        }
    }

    async fn verify(&self, text: &str) -> Result<Token, Refusal> {
        let said = Unverified::read(text)?;
        let key = self.verifying_key(&said).await?;
        #[allow(clippy::cast_precision_loss, reason = "exact for the next 200,000 years")]
        let now = unix_ms() as f64 / 1_000.0;
        key.claims(text, &said)?.check(now)
    }

    async fn verifying_key(&self, said: &Unverified) -> Result<VerifyingKey, Refusal> {
        if let Some(jwks) = &self.inner.jwks
            && jwks.issuer() == said.issuer
        {
            return jwks.key(said).await;
        }
        let unknown = || invalid("its issuer is not known here, or its API key has been revoked");
        let id = KeyId::parse(&said.issuer).ok_or_else(unknown)?;
        let secret = self.inner.keys.signing_secret(&id).await?;
        secret.map(VerifyingKey::of_api_key).ok_or_else(unknown)
    }

    /// Whether this is the host key of the room.
    pub(super) async fn check_host_key(
        &self,
        room: &RoomName,
        text: &Secret,
        prefix: Prefix,
    ) -> Result<(), Refusal> {
        let now = Instant::now();
        if self.inner.guesses.blocks(prefix, now) {
            let message = "too many wrong host keys came from this address; wait a minute";
            return Err(Refusal::new(ErrorCode::RateLimited, message));
        }
        let expected = self.inner.keys.host_key(room).await?;
        if expected.is_some_and(|expected| expected.fits(text)) {
            return Ok(());
        }
        self.inner.guesses.count(prefix, now);
        let message = "this is not the host key of this room, and no other key or token either";
        Err(Refusal::new(ErrorCode::HostKeyInvalid, message))
    }
}

#[cfg(test)]
impl Gate {
    /// As if the identity provider had been asked longer ago.
    pub(super) async fn let_a_minute_pass(&self) {
        if let Some(jwks) = &self.inner.jwks {
            jwks.let_a_minute_pass().await;
        }
    }
}

/// Whether a refusal says that the bearer is nobody's. One whose time is over was somebody's.
fn is_of_stranger(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TokenInvalid | ErrorCode::KeyInvalid)
}

fn missing(room: Option<&RoomName>) -> Refusal {
    let message = match room {
        Some(_) => {
            "this needs `Authorization: Bearer` with an API key, a token with the grant \
             `moderate`, or the host key of the room"
        }
        None => {
            "this needs `Authorization: Bearer` with an API key, or a token with the grant `admin`"
        }
    };
    Refusal::new(ErrorCode::TokenMissing, message)
}

pub(super) fn forbidden(message: &str) -> Refusal {
    Refusal::new(ErrorCode::Forbidden, message)
}

fn key_invalid(message: &str) -> Refusal {
    Refusal::new(ErrorCode::KeyInvalid, message)
}
