//! Timestamps of one subscription. Streams of a publication count from anywhere (RFC 3550 §5.1):
//! where one follows another, what joins them is when their frames were captured.

use std::time::{Duration, Instant};

use crate::packet::MediaPacket;

/// When the newest frame was captured and sent, and its timestamp.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub time: u32,
    pub captured: Instant,
    pub at: Instant,
}

impl Moment {
    /// The timestamp of a frame of another stream that is sent `now`: as much later as it was
    /// captured, so that lips stay in step. It moves on at least by one tick, or a receiver would
    /// take two frames for one.
    pub(super) fn next(&self, captured: Instant, now: Instant, clock_rate: u32) -> u32 {
        let elapsed = now.saturating_duration_since(self.at);
        let step = captured.saturating_duration_since(self.captured);
        let step = if step > elapsed + MAX_AGE { elapsed } else { step };
        self.time.wrapping_add(ticks(step, clock_rate).max(1))
    }

    /// How many ticks earlier another frame was captured; 0 if it was not.
    pub(super) fn since(&self, captured: Instant, clock_rate: u32) -> u32 {
        let behind = self.captured.saturating_duration_since(captured);
        ticks(behind.min(MAX_BEHIND), clock_rate)
    }

    /// Whether a timestamp is later than this one.
    pub(super) fn is_before(&self, time: u32) -> bool {
        is_after(time, self.time)
    }
}

/// How the frames that are sent after the fact are moved towards the present.
///
/// With their own timestamps they would be shown at their own pace, and the viewer would stay behind
/// by their age. Drawn together they are decoded at once. The rule needs nothing but the packet's own
/// timestamp, so one that comes late fits in wherever it belongs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Draw {
    /// The last packet that it may touch; timestamps of later ones have wrapped.
    until: u64,
    /// Frames from this timestamp on stay as they are.
    anchor: u32,
    /// How much faster than captured the frames before the anchor are shown; 0 for as captured.
    speed: u32,
}

impl Draw {
    /// Draws what was kept until `newest` towards a timestamp of its stream.
    pub(super) fn towards(newest: &MediaPacket, anchor: u32) -> Self {
        Self { until: newest.seq.saturating_add(BEHIND_KEPT), anchor, speed: SPEED }
    }

    /// Draws so close together that the frames from `first` on fit between `last`, which was sent,
    /// and `time`, where the anchor belongs. Returns where the anchor has to go.
    pub(super) fn within(self, first: &MediaPacket, last: u32, time: u32) -> (Self, u32) {
        let behind = self.behind(first.time);
        let room = time.wrapping_sub(last).max(1);
        let speed = (behind / room + 1).clamp(SPEED, MAX_SPEED);
        let length = behind / speed + 1;
        (Self { speed, ..self }, last.wrapping_add(room.max(length)))
    }

    /// By how many ticks a packet is moved.
    pub(super) fn of(self, packet: &MediaPacket) -> u32 {
        if self.speed == 0 || packet.seq > self.until {
            return 0;
        }
        match self.behind(packet.time) {
            0 => 0,
            behind => behind - behind / self.speed,
        }
    }

    /// By how much a timestamp is before the anchor; 0 if it is not.
    fn behind(self, time: u32) -> u32 {
        u32::try_from(self.anchor.wrapping_sub(time).cast_signed()).unwrap_or(0)
    }
}

/// When a packet was captured in the eyes of a subscriber to whom it is drawn by so many ticks.
pub(super) fn drawn(captured: Instant, drawn: u32, clock_rate: u32) -> Instant {
    if drawn == 0 {
        return captured;
    }
    captured + Duration::from_secs_f64(f64::from(drawn) / f64::from(clock_rate))
}

fn ticks(duration: Duration, clock_rate: u32) -> u32 {
    let ticks = duration.as_micros() * u128::from(clock_rate) / 1_000_000;
    // A wrapping clock: only the low 32 bits matter.
    ticks as u32
}

/// Whether one timestamp of a wrapping clock is later than another (RFC 1982 §3.2).
fn is_after(time: u32, other: u32) -> bool {
    time.wrapping_sub(other).cast_signed() > 0
}

/// What is sent was captured no longer ago, save for a picture that stands still; a leap of more
/// would make a receiver begin anew (libwebrtc: `kMaxVideoDelay`).
const MAX_AGE: Duration = Duration::from_secs(2);

/// Pictures that stand still may be old; half the range of timestamps is 6.6 hours at 90 kHz.
const MAX_BEHIND: Duration = Duration::from_secs(3_600);

/// Packets behind the kept ones that may have been captured before what was sent last: on the way
/// for a few frames.
const BEHIND_KEPT: u64 = 100;

/// Four kept seconds become an eighth of one: due at once for any receiver, while frames that are
/// 1 ms apart still differ.
const SPEED: u32 = 32;

/// Frames of 120 a second still differ, by one tick.
const MAX_SPEED: u32 = 512;
