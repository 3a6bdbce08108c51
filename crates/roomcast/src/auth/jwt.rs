//! Tokens as text: signing, and the way from a text to its verified claims.
//!
//! Which algorithm is right follows from the key, never from the token: HS256 for API keys, and for keys
//! of a JWKS what their type says. The header only has to agree.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use roomcast_protocol::{ErrorCode, Refusal};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::token::{Claims, invalid};
use crate::secret::Secret;

/// What a token says about itself before anything of it is believed.
#[derive(Debug)]
pub(super) struct Unverified {
    pub(super) algorithm: String,
    pub(super) key: Option<String>,
    pub(super) issuer: String,
}

/// A key, and the one algorithm that it is for.
#[derive(Clone)]
pub(super) struct VerifyingKey {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Issuer {
    iss: Option<String>,
}

impl Unverified {
    /// # Errors
    /// [`ErrorCode::TokenInvalid`] when it cannot be read, names no issuer, or needs something that is
    /// not known here (RFC 7515 section 4.1.11).
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let mut parts = text.split('.');
        let head: Head = part(parts.next())?;
        if head.crit.is_some() {
            return Err(invalid("its header names critical extensions"));
        }
        let claims: Issuer = part(parts.next())?;
        let issuer = claims.iss.ok_or_else(|| invalid("it names no issuer (`iss`)"))?;
        Ok(Self { algorithm: head.alg, key: head.kid, issuer })
    }
}

fn part<T: DeserializeOwned>(text: Option<&str>) -> Result<T, Refusal> {
    let unreadable = || invalid("it cannot be read");
    let bytes = URL_SAFE_NO_PAD.decode(text.ok_or_else(unreadable)?).map_err(|_| unreadable())?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable())
}

impl VerifyingKey {
    /// The key for tokens that an API key signs.
    pub(super) fn of_api_key(secret: Secret) -> Self {
        let key = DecodingKey::from_secret(secret.reveal().as_bytes());
        Self { algorithm: Algorithm::HS256, key }
    }

    /// The claims of a token that this key has signed. Their content has not been judged.
    ///
    /// # Errors
    /// [`ErrorCode::TokenInvalid`].
    pub(super) fn claims(&self, text: &str, said: &Unverified) -> Result<Claims, Refusal> {
        let name = format!("{:?}", self.algorithm);
        if said.algorithm != name {
            let why = format!("its header says `{}`, and its key is for {name}", said.algorithm);
            return Err(invalid(&why));
        }
        let mut validation = Validation::new(self.algorithm);
        // Times are judged with the rest of the claims.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        validation.validate_aud = false;
        let token = jsonwebtoken::decode::<Claims>(text, &self.key, &validation);
        token.map(|token| token.claims).map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(fault) => {
                invalid(&format!("its claims cannot be read ({fault})"))
            }
            _ => invalid("its signature does not fit"),
        })
    }
}

/// Signs claims with the secret of an API key.
///
/// # Errors
/// [`ErrorCode::Internal`].
pub(crate) fn sign(claims: &Claims, secret: Secret) -> Result<String, Refusal> {
    let key = EncodingKey::from_secret(secret.reveal().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key)
        .map_err(|_| Refusal::new(ErrorCode::Internal, "the token could not be signed"))
}
