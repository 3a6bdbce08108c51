//! A gate with a data folder of its own, and tokens made by hand: not with the library that reads them.

mod admissions;
mod bad_tokens;
mod keys;
mod operators;
mod other_sites;
mod provider;
mod provider_keys;

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roomcast_protocol::{DisplayName, ErrorCode, Refusal, RoomKind, RoomName};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{ApiKey, Bearer, Gate, Keys, Master, PageCredentials, Pass};
use crate::config::{AuthConfig, AuthMode};
use crate::prefix::Prefix;
use crate::secret::Secret;
use crate::store::Store;

struct House {
    gate: Gate,
    store: Store,
    _folder: TempDir,
}

impl House {
    fn with(config: &AuthConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, _end) = Store::open(folder.path()).unwrap();
        let master = Master::load(folder.path()).unwrap();
        let gate = Gate::new(Keys::new(store.clone(), master), config);
        Self { gate, store, _folder: folder }
    }

    fn open() -> Self {
        Self::with(&AuthConfig::default())
    }

    fn closed() -> Self {
        Self::with(&AuthConfig { mode: AuthMode::Tokens, ..AuthConfig::default() })
    }

    /// A new API key, and the whole of it.
    async fn api_key(&self) -> (ApiKey, String) {
        let (key, whole) = self.gate.keys().new_api_key(&name("test")).await.unwrap();
        (key, whole.reveal())
    }

    /// A token of a new API key.
    async fn token(&self, claims: Value) -> String {
        let (_, whole) = self.api_key().await;
        signed(&whole, claims)
    }

    /// A room in the store with this host key.
    async fn room(&self, text: &str, host_key: &str) {
        let hash = Secret::trusted(host_key.into()).hash();
        self.store.open_room(room(text), hash, RoomKind::Live).await.unwrap();
    }

    async fn stream_key(&self, text: &str, takeover: bool) -> (super::StreamKey, String) {
        let made = self.gate.keys().new_stream_key(&room(text), &name("OBS"), takeover).await;
        let (key, whole) = made.unwrap();
        (key, whole.reveal())
    }

    async fn bearer(&self, text: &str) -> Result<Bearer, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, format!("Bearer {text}").parse().unwrap());
        Ok(self.gate.bearer(&headers, prefix()).await?.expect("a bearer"))
    }

    /// The code with which a bearer is refused by itself.
    async fn refused(&self, text: &str) -> ErrorCode {
        self.bearer(text).await.expect_err("a bad bearer").code
    }

    async fn publisher(&self, text: &str, bearer: &str) -> Result<Pass, Refusal> {
        let bearer = self.bearer(bearer).await?;
        self.gate.admit_publisher(&room(text), Some(&bearer)).await
    }

    async fn viewer(&self, text: &str, bearer: &str) -> Result<Pass, Refusal> {
        let bearer = self.bearer(bearer).await?;
        self.gate.admit_viewer(&room(text), Some(&bearer)).await
    }

    async fn page(&self, text: &str, token: Option<&str>) -> Result<Pass, Refusal> {
        let credentials = PageCredentials { token: token.map(Into::into), host_key: None };
        self.gate.admit_page(&room(text), credentials, prefix()).await
    }
}

fn prefix() -> Prefix {
    Prefix::of("192.0.2.1".parse().unwrap())
}

fn room(text: &str) -> RoomName {
    RoomName::parse(text).unwrap()
}

fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Header and claims, ready to be signed.
fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header), encoded(claims))
}

/// Signed with HMAC-SHA256, whatever the header says.
fn hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let text = unsigned(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// Signed as an application does it that has taken a whole API key apart; issuer and an expiry in an
/// hour are added where they are missing.
fn signed(api_key: &str, claims: Value) -> String {
    let (id, secret) = parts(api_key);
    hs256(&json!({"alg": "HS256", "typ": "JWT"}), &with_defaults(claims, id), secret.as_bytes())
}

fn parts(api_key: &str) -> (&str, &str) {
    let mut parts = api_key.split('_').skip(1);
    (parts.next().unwrap(), parts.next().unwrap())
}

fn with_defaults(mut claims: Value, issuer: &str) -> Value {
    let fields = claims.as_object_mut().unwrap();
    fields.entry("iss").or_insert_with(|| issuer.into());
    fields.entry("exp").or_insert_with(|| (now() + 3_600).into());
    claims
}
