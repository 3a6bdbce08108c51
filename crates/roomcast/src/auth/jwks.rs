//! The keys of an identity provider (JWKS, RFC 7517): fetched when they are needed, and kept.
//!
//! What is fetched is bounded in bytes, time, number and rate, and no redirect is followed. While the
//! provider cannot be reached, the keys that are known go on being good for a day.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::redirect::Policy;
use roomcast_protocol::Refusal;
use serde::Deserialize;
use tokio::sync::OwnedMutexGuard;

use super::jwt::{Unverified, VerifyingKey};
use super::token::invalid;
use crate::config::Provider;

/// An identity provider and what is known of its keys.
#[derive(Debug)]
pub(super) struct Jwks {
    issuer: String,
    keys: Arc<Keys>,
}

#[derive(Debug)]
struct Keys {
    url: String,
    known: Mutex<Arc<Known>>,
    /// When a fetch began last. Held while one is under way.
    fetched: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Key>,
    at: Option<Instant>,
}

struct Key {
    id: Option<String>,
    key: VerifyingKey,
}

/// How often the provider is asked at most: tokens with made-up key ids cost it no more.
const MIN_INTERVAL: Duration = Duration::from_secs(60);

/// After this time it is asked again even when the key is known: a key that it took back is out of
/// force by then.
const FRESH: Duration = Duration::from_secs(600);

/// How long keys are good while it cannot be reached.
const MAX_AGE: Duration = Duration::from_secs(24 * 3_600);

/// How long one fetch may take. Someone waits for it.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Bytes of the answer. Real ones have less than 20,000.
const MAX_BYTES: usize = 256 * 1024;

/// Keys of one provider. Those that rotate daily have a handful.
const MAX_KEYS: usize = 64;

/// Bytes of an RSA modulus: RFC 7518 section 3.3 asks for 2,048 bits at least.
const MIN_RSA_BYTES: usize = 256;

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("it answers with status {0}")]
    Status(u16),
    #[error("it has more than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("it is no JWKS: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl Jwks {
    /// Of this provider. Nothing is fetched yet.
    pub(super) fn new(provider: &Provider) -> Self {
        let keys = Keys {
            url: provider.jwks_url.value.0.clone(),
            known: Mutex::default(),
            fetched: Arc::default(),
        };
        Self { issuer: provider.issuer.clone(), keys: Arc::new(keys) }
    }

    /// The `iss` of its tokens.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key that a token names.
    ///
    /// # Errors
    /// [`roomcast_protocol::ErrorCode::TokenInvalid`] when the provider has no such key, or cannot be asked.
    pub(super) async fn key(&self, said: &Unverified) -> Result<VerifyingKey, Refusal> {
        let fetched = Arc::clone(&self.keys.fetched);
        let known = self.keys.known();
        if let Some(key) = known.find(said) {
            if known.is_younger_than(FRESH) {
                return Ok(key);
            }
            if let Ok(fetched) = fetched.try_lock_owned() {
                self.refresh(fetched).await;
            }
        } else {
            self.refresh(fetched.lock_owned().await).await;
        }
        let known = self.keys.known();
        let unknown = || invalid("its issuer has no such key, or does not answer");
        known.find(said).filter(|_| known.is_younger_than(MAX_AGE)).ok_or_else(unknown)
    }

    /// Asks the provider, unless it was asked just now. A task does it: whoever waits for the answer may
    /// go away, and the others would wait for a minute.
    async fn refresh(&self, mut fetched: OwnedMutexGuard<Option<Instant>>) {
        if fetched.is_some_and(|at| at.elapsed() < MIN_INTERVAL) {
            return;
        }
        let keys = Arc::clone(&self.keys);
        let fetching = tokio::spawn(async move {
            *fetched = Some(Instant::now());
            keys.refresh().await;
        });
        if let Err(error) = fetching.await {
            tracing::error!(%error, "bug: fetching the keys of the token issuer failed");
        }
    }
}

impl Keys {
    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn refresh(&self) {
        match fetch(&self.url).await {
            Ok(keys) => {
                tracing::debug!(keys = keys.len(), "the keys of the token issuer were fetched");
                let known = Arc::new(Known { keys, at: Some(Instant::now()) });
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
            }
            Err(error) => {
                tracing::warn!(%error, "the keys of the token issuer cannot be fetched");
            }
        }
    }
}

#[cfg(test)]
impl Jwks {
    /// As if the last fetch were longer ago.
    pub(super) async fn let_a_minute_pass(&self) {
        let mut fetched = self.keys.fetched.lock().await;
        *fetched = fetched.and_then(|at| at.checked_sub(MIN_INTERVAL));
    }
}

impl Known {
    /// The key of this id; for a token without one, the only key of its algorithm.
    fn find(&self, said: &Unverified) -> Option<VerifyingKey> {
        let fits = |key: &&Key| match &said.key {
            Some(id) => key.id.as_ref() == Some(id),
            None => format!("{:?}", key.key.algorithm) == said.algorithm,
        };
        let mut fitting = self.keys.iter().filter(fits);
        let first = fitting.next()?;
        let is_only = said.key.is_some() || fitting.next().is_none();
        is_only.then(|| first.key.clone())
    }

    fn is_younger_than(&self, age: Duration) -> bool {
        self.at.is_some_and(|at| at.elapsed() < age)
    }
}

async fn fetch(url: &str) -> Result<Vec<Key>, FetchError> {
    let mut client = reqwest::Client::builder().redirect(Policy::none()).timeout(TIME_LIMIT);
    if url.starts_with("http://") {
        // It is on this machine.
        client = client.no_proxy();
    }
    let mut response = client.build()?.get(url).send().await?;
    if !response.status().is_success() {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    keys(&body)
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

/// The keys of a set that can be used here; others are left out.
fn keys(body: &[u8]) -> Result<Vec<Key>, FetchError> {
    let set: Set = serde_json::from_slice(body)?;
    let readable = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
    Ok(readable.filter_map(|jwk: Jwk| usable(&jwk)).take(MAX_KEYS).collect())
}

fn usable(jwk: &Jwk) -> Option<Key> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        // Among them secrets, which have no place among public keys.
        _ => return None,
    };
    if jwk.common.key_algorithm.is_some_and(|said| said != named) {
        return None;
    }
    let key = DecodingKey::from_jwk(jwk).ok()?;
    if let jsonwebtoken::DecodingKeyKind::RsaModulusExponent { n, .. } = key.kind()
        && n.len() < MIN_RSA_BYTES
    {
        return None;
    }
    Some(Key { id: jwk.common.key_id.clone(), key: VerifyingKey { algorithm, key } })
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}
