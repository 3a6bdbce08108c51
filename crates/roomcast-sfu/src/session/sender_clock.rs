//! When a packet was captured, on this node's clock, from the sender reports of its publisher.
//!
//! What is sent on carries sender reports of this node. For lips to match, sound and picture of one
//! publisher must be laid on one clock: its own, shifted by one amount for the whole session.

use std::time::{Duration, Instant, SystemTime};

use str0m::rtp::rtcp::SenderInfo;

/// The shift between a publisher's clock and ours.
#[derive(Debug, Default)]
pub(crate) struct SenderClock {
    anchor: Option<Anchor>,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    theirs: SystemTime,
    ours: Instant,
}

impl SenderClock {
    /// When the packet with the RTP timestamp `time` was captured: never after `arrival`.
    pub(crate) fn captured(
        &mut self,
        report: Option<&SenderInfo>,
        time: u32,
        clock_rate: u32,
        arrival: Instant,
    ) -> Instant {
        let fallback = arrival.checked_sub(ALLOWANCE).unwrap_or(arrival);
        let Some(theirs) = report.and_then(|r| their_time(r, time, clock_rate)) else {
            return fallback;
        };
        let anchor = *self.anchor.get_or_insert(Anchor { theirs, ours: fallback });
        let captured = shifted(anchor, theirs).unwrap_or(fallback);
        let age = arrival.checked_duration_since(captured);
        if age.is_some_and(|age| age <= MAX_AGE) {
            return captured;
        }
        // Their clock has drifted from ours, or was set: shift sound and picture anew, together.
        self.anchor = Some(Anchor { theirs, ours: fallback });
        fallback
    }
}

/// The publisher's own time at which a packet was captured.
fn their_time(report: &SenderInfo, time: u32, clock_rate: u32) -> Option<SystemTime> {
    // Both wrap: their difference is right if it is below half the range (RFC 3550 §6.4.1).
    let ticks = time.wrapping_sub(report.rtp_time.numer() as u32).cast_signed();
    let distance = Duration::from_secs_f64(f64::from(ticks.unsigned_abs()) / f64::from(clock_rate));
    if ticks < 0 {
        report.ntp_time.checked_sub(distance)
    } else {
        report.ntp_time.checked_add(distance)
    }
}

fn shifted(anchor: Anchor, theirs: SystemTime) -> Option<Instant> {
    match theirs.duration_since(anchor.theirs) {
        Ok(later) => anchor.ours.checked_add(later),
        Err(earlier) => anchor.ours.checked_sub(earlier.duration()),
    }
}

/// Packets that travel faster than the first one must not seem to be captured after they arrived.
const ALLOWANCE: Duration = Duration::from_millis(100);

/// A packet seems older than this only when a clock has moved.
const MAX_AGE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use str0m::media::{Frequency, MediaTime};

    use super::*;

    fn report(at: u64, rtp_time: u32, rate: Frequency) -> SenderInfo {
        SenderInfo {
            ssrc: 1.into(),
            ntp_time: SystemTime::UNIX_EPOCH + Duration::from_millis(at),
            rtp_time: MediaTime::new(rtp_time.into(), rate),
            sender_packet_count: 0,
            sender_octet_count: 0,
        }
    }

    #[test]
    fn sound_and_picture_of_one_moment_stay_together() {
        let now = Instant::now() + Duration::from_secs(10);
        let mut clock = SenderClock::default();
        let video = report(5_000, u32::MAX - 100, Frequency::NINETY_KHZ);
        let audio = report(5_020, 77, Frequency::FORTY_EIGHT_KHZ);
        // 40 ms after the video's report, 20 ms after the audio's; the picture travelled longer.
        let picture =
            clock.captured(Some(&video), 3_600 - 101, 90_000, now + Duration::from_millis(30));
        let sound = clock.captured(Some(&audio), 77 + 960, 48_000, now);
        assert_eq!(picture, sound);
    }

    #[test]
    fn a_clock_that_was_set_is_followed() {
        let now = Instant::now() + Duration::from_secs(10);
        let mut clock = SenderClock::default();
        let before = clock.captured(Some(&report(5_000, 0, Frequency::NINETY_KHZ)), 0, 90_000, now);
        let after =
            clock.captured(Some(&report(9_000_000, 0, Frequency::NINETY_KHZ)), 0, 90_000, now);
        assert_eq!(before, after);
        assert!(after <= now);
    }
}
