//! `Idempotency-Key`: who asks for the same thing again with the same key, because the answer got
//! lost, gets the same answer, and nothing is made twice.
//!
//! Only what was carried out is remembered; a refusal may be tried again. It is remembered for an
//! hour, in memory: after a restart of the node a key is new again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest as _, FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use roomcast_protocol::ErrorCode;
use sha2::{Digest as _, Sha256};

use super::extract::unread_body;
use super::refused::Refused;
use super::{Api, Asker};

/// The header.
pub(super) const NAME: &str = "idempotency-key";

/// Characters of a key: a UUID has 36.
pub(super) const MAX_KEY_CHARS: usize = 128;

/// How long an answer is remembered: longer than any program keeps trying.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// Answers that are remembered. Beyond it the oldest goes. Answers have some hundred bytes.
const MAX_RECEIPTS: usize = 4_096;

/// Bytes of an answer. What is made is described in some hundred; a room with its stage is the largest.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

type Fingerprint = [u8; 32];

/// The answers. Clones share them; the lock is held for a moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Receipts {
    by_key: Arc<Mutex<HashMap<Fingerprint, Receipt>>>,
}

#[derive(Debug)]
struct Receipt {
    since: Instant,
    /// Of what was asked.
    request: Fingerprint,
    /// `None` while it is under way.
    answer: Option<Answer>,
}

#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// The layer. Requests other than `POST` are the same when they are made twice.
pub(super) async fn remember(
    State((receipts, api)): State<(Receipts, Api)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    if request.method() != Method::POST || !request.headers().contains_key(NAME) {
        return next.run(request).await;
    }
    match receipts.once(&api, request, next).await {
        Ok(answer) => answer,
        Err(refused) => refused.into_response(),
    }
}

impl Receipts {
    async fn once(
        &self,
        api: &Api,
        request: Request,
        next: Next,
    ) -> Result<Response<Body>, Refused> {
        let key = key(request.headers())?;
        let (mut parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(whole, &()).await.map_err(|fault| unread_body(&fault))?;
        let path = parts.uri.path().as_bytes();
        let fingerprint = digest(&[path, &body]);
        if let Some(answer) = self.begin(key, fingerprint, Instant::now())? {
            // A bearer that was revoked meanwhile gets nothing any more.
            Asker::from_request_parts(&mut parts, api).await?;
            return Ok(answer.into_response());
        }
        let mut under_way = UnderWay { receipts: self, key, answer: None };
        let response = next.run(Request::from_parts(parts, body.into())).await;
        if !response.status().is_success() {
            return Ok(response);
        }
        let answer = Answer::of(response).await?;
        under_way.answer = Some(answer.clone());
        Ok(answer.into_response())
    }

    /// The answer that was given already, or leave to go on.
    fn begin(
        &self,
        key: Fingerprint,
        request: Fingerprint,
        now: Instant,
    ) -> Result<Option<Answer>, Refused> {
        let mut by_key = self.lock();
        by_key.retain(|_, receipt| now.saturating_duration_since(receipt.since) < REMEMBERED);
        if let Some(receipt) = by_key.get(&key) {
            let message = match &receipt.answer {
                _ if receipt.request != request => {
                    "this Idempotency-Key was used for another request"
                }
                None => "the same request is under way",
                Some(answer) => return Ok(Some(answer.clone())),
            };
            return Err(Refused::new(ErrorCode::AlreadyExists, message));
        }
        if by_key.len() >= MAX_RECEIPTS {
            let oldest =
                by_key.iter().min_by_key(|(_, receipt)| receipt.since).map(|(key, _)| *key);
            oldest.map(|oldest| by_key.remove(&oldest));
        }
        by_key.insert(key, Receipt { since: now, request, answer: None });
        Ok(None)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Fingerprint, Receipt>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being carried out. If it ends without an answer, it may be tried again.
struct UnderWay<'a> {
    receipts: &'a Receipts,
    key: Fingerprint,
    answer: Option<Answer>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut by_key = self.receipts.lock();
        match (self.answer.take(), by_key.get_mut(&self.key)) {
            (Some(answer), Some(receipt)) => receipt.answer = Some(answer),
            _ => drop(by_key.remove(&self.key)),
        }
    }
}

impl Answer {
    async fn of(response: Response<Body>) -> Result<Self, Refused> {
        let (parts, body) = response.into_parts();
        let Ok(body) = to_bytes(body, MAX_ANSWER_BYTES).await else {
            return Err(Refused::new(ErrorCode::Internal, "the answer could not be written"));
        };
        Ok(Self { status: parts.status, headers: parts.headers, body })
    }

    fn into_response(self) -> Response<Body> {
        (self.status, self.headers, self.body).into_response()
    }
}

/// Each bearer has keys of its own.
fn key(headers: &HeaderMap) -> Result<Fingerprint, Refused> {
    let key = headers.get(NAME).and_then(|key| key.to_str().ok()).unwrap_or_default();
    let plain = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > MAX_KEY_CHARS || !plain {
        let message = format!("an Idempotency-Key has 1 to {MAX_KEY_CHARS} visible characters");
        return Err(Refused::new(ErrorCode::Malformed, message));
    }
    let bearer = headers.get(header::AUTHORIZATION).map_or(&[][..], |bearer| bearer.as_bytes());
    Ok(digest(&[bearer, key.as_bytes()]))
}

fn digest(parts: &[&[u8]]) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Fingerprint = [1; 32];
    const B: Fingerprint = [2; 32];

    fn answer() -> Answer {
        Answer { status: StatusCode::CREATED, headers: HeaderMap::new(), body: "x".into() }
    }

    fn code(result: Result<Option<Answer>, Refused>) -> ErrorCode {
        result.unwrap_err().0.code
    }

    #[test]
    fn an_answer_is_given_again_for_an_hour_and_only_to_the_same_request() {
        let (receipts, now) = (Receipts::default(), Instant::now());
        assert!(receipts.begin(A, B, now).unwrap().is_none());
        assert_eq!(code(receipts.begin(A, B, now)), ErrorCode::AlreadyExists, "under way");
        drop(UnderWay { receipts: &receipts, key: A, answer: Some(answer()) });
        assert_eq!(receipts.begin(A, B, now).unwrap().unwrap().body, "x");
        assert_eq!(code(receipts.begin(A, A, now)), ErrorCode::AlreadyExists);
        assert!(receipts.begin(A, A, now + REMEMBERED).unwrap().is_none());
    }

    #[test]
    fn what_was_refused_or_broken_off_may_be_tried_again() {
        let (receipts, now) = (Receipts::default(), Instant::now());
        assert!(receipts.begin(A, B, now).unwrap().is_none());
        drop(UnderWay { receipts: &receipts, key: A, answer: None });
        assert!(receipts.begin(A, B, now).unwrap().is_none());
    }

    #[test]
    fn the_memory_is_bounded() {
        let (receipts, now) = (Receipts::default(), Instant::now());
        for number in 0..10_000_u64 {
            receipts.begin(digest(&[&number.to_le_bytes()]), B, now).unwrap();
        }
        assert_eq!(receipts.lock().len(), MAX_RECEIPTS);
    }

    #[test]
    fn each_bearer_has_keys_of_its_own() {
        let headers = |bearer: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(NAME, "1".parse().unwrap());
            headers.insert(header::AUTHORIZATION, bearer.parse().unwrap());
            headers
        };
        assert_ne!(key(&headers("Bearer a")).unwrap(), key(&headers("Bearer b")).unwrap());
        assert_eq!(key(&HeaderMap::new()).unwrap_err().0.code, ErrorCode::Malformed);
    }
}
