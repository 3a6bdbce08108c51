//! How many requests are judged: for each bearer, and for those without one by address.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use roomcast_protocol::{ErrorCode, Refusal};

use crate::address_limit::{AddressLimit, KeyedLimit};
use crate::prefix::Prefix;

/// Requests a second with one bearer: a backend that makes tokens for a whole school in the morning, and
/// a dashboard beside it. Each costs a look into the store.
const PER_SECOND: u32 = 200;

/// Requests at once with one bearer, after a pause.
const BURST: u32 = 1_000;

/// The same for those without a bearer, by address: a school that watches by WHEP is behind one.
const PER_SECOND_WITHOUT: u32 = 200;
const BURST_WITHOUT: u32 = 2_000;

/// The two limits. The locks are held for a moment.
#[derive(Debug)]
pub(super) struct Rates {
    by_bearer: Mutex<KeyedLimit<u64>>,
    by_prefix: Mutex<AddressLimit>,
    /// Bearers are counted by a keyed hash, so that none is kept and nobody makes two of them collide.
    hasher: RandomState,
}

impl Rates {
    pub(super) fn new() -> Self {
        Self {
            by_bearer: Mutex::new(KeyedLimit::new(PER_SECOND, BURST)),
            by_prefix: Mutex::new(KeyedLimit::new(PER_SECOND_WITHOUT, BURST_WITHOUT)),
            hasher: RandomState::new(),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`ErrorCode::RateLimited`].
    pub(super) fn check(&self, bearer: Option<&str>, prefix: Prefix) -> Result<(), Refusal> {
        let allowed = match bearer {
            Some(text) => {
                let key = self.hasher.hash_one(text);
                self.by_bearer.lock().unwrap_or_else(PoisonError::into_inner).allows(key)
            }
            None => self.by_prefix.lock().unwrap_or_else(PoisonError::into_inner).allows(prefix),
        };
        if allowed {
            return Ok(());
        }
        let message = "too many requests in a short time; wait a moment";
        Err(Refusal::new(ErrorCode::RateLimited, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_does_not_use_up_what_others_have() {
        let rates = Rates::new();
        let prefix = Prefix::of("192.0.2.1".parse().unwrap());
        let most = usize::try_from(BURST * 2).unwrap();
        let passed = (0..most).filter(|_| rates.check(Some("a"), prefix).is_ok()).count();
        assert!((1_000..most).contains(&passed), "{passed}");
        assert!(rates.check(Some("b"), prefix).is_ok());
        assert!(rates.check(None, prefix).is_ok());
    }
}
