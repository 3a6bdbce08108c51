//! Servers for ICE, as `RTCPeerConnection` takes them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A STUN or TURN server (RFC 7064, RFC 7065).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceServer {
    /// Its addresses.
    pub urls: Vec<String>,
    /// The user of a TURN server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password of that user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl fmt::Debug for IceServer {
    /// Without the secret, which logs must not hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .field("username", &self.username)
            .field("credential", &self.credential.as_ref().map(|_| "…"))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credential_is_written_for_clients_and_not_for_logs() {
        let server = IceServer {
            urls: vec!["turn:192.0.2.7:8443".into()],
            username: Some("1780000000:Zq3vT8Wb".into()),
            credential: Some("secret".into()),
        };
        assert!(serde_json::to_string(&server).unwrap().contains("secret"));
        assert!(!format!("{server:?}").contains("secret"));
    }
}
