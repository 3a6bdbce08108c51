//! What the wall clock says: for people, tokens and what outlives a run. Deadlines are kept by
//! `Instant`, which nobody sets back.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970; 0 on a machine whose clock is set before that.
pub(crate) fn unix_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}

/// The same in whole seconds.
pub(crate) fn unix_seconds() -> u64 {
    unix_ms() / 1_000
}
