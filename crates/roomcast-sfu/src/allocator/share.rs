//! Shares of bit rates.

/// So many percent of a bit rate. Estimates and announcements come from outside: none is too large.
pub(super) fn share(bitrate: u64, percent: u64) -> u64 {
    bitrate.saturating_mul(percent) / 100
}
