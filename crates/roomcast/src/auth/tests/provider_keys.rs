//! An identity provider: key pairs made here, and a JWKS served on loopback.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{unsigned, with_defaults};
use crate::config::{AuthConfig, AuthMode, Provider};

pub(super) const ISSUER: &str = "https://id.example.org";

/// A key pair of one of the three kinds.
pub(super) enum Pair {
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

impl Pair {
    pub(super) fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    pub(super) fn ec() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(super) fn rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed(_) => "EdDSA",
            Self::Ec(_) => "ES256",
            Self::Rsa(_) => "RS256",
        }
    }

    /// The bytes of the public key, as its library writes them.
    pub(super) fn public(&self) -> &[u8] {
        match self {
            Self::Ed(pair) => pair.public_key().as_ref(),
            Self::Ec(pair) => pair.public_key().as_ref(),
            Self::Rsa(pair) => pair.public_key().as_ref(),
        }
    }

    pub(super) fn jwk(&self, id: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match self {
            Self::Ed(_) => json!({"kty": "OKP", "crv": "Ed25519", "x": text(self.public())}),
            Self::Ec(_) => {
                // An uncompressed point: a four, and 32 bytes for each coordinate.
                let (x, y) = self.public()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": text(x), "y": text(y)})
            }
            Self::Rsa(pair) => {
                let key = pair.public_key();
                let n = key.modulus().big_endian_without_leading_zero();
                let e = key.exponent().big_endian_without_leading_zero();
                json!({"kty": "RSA", "n": text(n), "e": text(e), "use": "sig"})
            }
        };
        jwk["kid"] = id.into();
        jwk
    }

    pub(super) fn signed(&self, id: Option<&str>, claims: Value) -> String {
        let mut header = json!({"alg": self.algorithm(), "typ": "JWT"});
        if let Some(id) = id {
            header["kid"] = id.into();
        }
        let text = unsigned(&header, &with_defaults(claims, ISSUER));
        let random = SystemRandom::new();
        let signature = match self {
            Self::Ed(pair) => pair.sign(text.as_bytes()).as_ref().to_vec(),
            Self::Ec(pair) => pair.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What the provider's server answers to everything, and how often it was asked.
#[derive(Clone)]
pub(super) struct Server {
    answer: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
    url: String,
}

impl Server {
    pub(super) async fn start(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let server = Self { answer: Arc::default(), asked: Arc::default(), url };
        server.publish(keys);
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4_096];
                let _ = stream.read(&mut request).await;
                serving.asked.fetch_add(1, Ordering::Relaxed);
                let answer = serving.answer.lock().unwrap().clone();
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        server
    }

    pub(super) fn publish(&self, keys: &[Value]) {
        self.answer("200 OK", "", &json!({"keys": keys}).to_string());
    }

    pub(super) fn answer(&self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        *self.answer.lock().unwrap() = format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    pub(super) fn config(&self) -> AuthConfig {
        config(&self.url)
    }
}

pub(super) fn config(url: &str) -> AuthConfig {
    let provider = Provider { jwks_url: url.parse().unwrap(), issuer: ISSUER.into() };
    AuthConfig { mode: AuthMode::Tokens, provider: Some(provider), cors: Vec::new() }
}
