//! LiveKit: its WHIP endpoint, which also subscribes, each participant with a token of its own.
//!
//! It takes an offer to watch like one to publish, if a header names the tracks to wait for.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Backend, http};

/// A LiveKit server, by its HTTP port.
#[derive(Debug)]
pub(in super::super) struct LiveKit {
    api: SocketAddr,
    viewers: AtomicU32,
}

impl LiveKit {
    /// What its configuration has to name. It serves for a minute on loopback, so anybody may know.
    pub(in super::super) const KEY: &str = "peers";
    pub(in super::super) const SECRET: &str = "no-secret-for-a-minute-on-loopback";

    pub(in super::super) fn new(api: SocketAddr) -> Self {
        Self { api, viewers: AtomicU32::new(0) }
    }

    fn exchange(&self, identity: &str, offer: &str, client: &Value) -> anyhow::Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let bearer = format!("Bearer {}", token(identity, now + TOKEN_LIFE)?);
        let headers = [
            ("Content-Type", "application/sdp"),
            ("Authorization", &bearer),
            ("X-LiveKit-ClientInfo", &client.to_string()),
        ];
        http::ask(self.api, "POST", "/whip/v1", &headers, offer).context("LiveKit")
    }
}

impl Backend for LiveKit {
    fn publish(&self, offer: &str) -> anyhow::Result<String> {
        self.exchange(PUBLISHER, offer, &json!({}))
    }

    fn watch(&self, offer: &str) -> anyhow::Result<String> {
        let identity = format!("viewer-{}", self.viewers.fetch_add(1, Relaxed));
        let tracks = json!({"subscribedParticipantTrackNames": {PUBLISHER: TRACKS}});
        self.exchange(&identity, offer, &tracks)
    }
}

/// A JWT (RFC 7519) with LiveKit's claims.
fn token(identity: &str, expires: Duration) -> anyhow::Result<String> {
    let publishes = identity == PUBLISHER;
    let grant = json!({
        "room": "peers", "roomJoin": true, "canPublish": publishes, "canSubscribe": !publishes,
    });
    let claims = json!({
        "iss": LiveKit::KEY, "sub": identity, "exp": expires.as_secs(), "video": grant,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(LiveKit::SECRET.as_bytes())?;
    mac.update(signed.as_bytes());
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

const PUBLISHER: &str = "publisher";

/// What LiveKit calls the tracks of a participant that says nothing but an offer.
const TRACKS: [&str; 2] = ["synthesized-camera", "synthesized-microphone"];

const TOKEN_LIFE: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_who_may_do_what() {
        let token = token("viewer-3", Duration::from_secs(99)).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let claims = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!((&claims["sub"], &claims["exp"]), (&json!("viewer-3"), &json!(99)));
        assert_eq!(claims["video"]["canPublish"], false);
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 32);
    }
}
