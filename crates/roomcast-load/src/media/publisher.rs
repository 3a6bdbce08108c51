//! When a publisher sends what.

use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::Rtc;
use str0m::format::Codec;
use str0m::media::{Mid, Pt};
use str0m::rtp::RtpWrite;

use super::picture::{payload, payload_sizes};
use super::stamp::{STAMP_BYTES, Stamp};
use super::track::{Kind, Tracks};
use crate::args::Split;

/// What every publisher of a run sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Bits of video per second.
    pub(crate) bitrate: u32,
    /// Pictures per second, at least 1.
    pub(crate) fps: u32,
    pub(crate) split: Split,
}

/// A synthetic camera and microphone.
#[derive(Debug)]
pub(super) struct Publisher {
    number: u8,
    settings: Settings,
    tracks: Arc<Tracks>,
    /// The moment from which stamps count.
    start: Instant,
    video: Stream,
    audio: Stream,
    key_frame_wanted: bool,
    live: bool,
}

/// One outgoing track.
#[derive(Debug)]
struct Stream {
    kind: Kind,
    mid: Mid,
    frames: u32,
    next: Instant,
    interval: Duration,
    clock_rate: u64,
    first: Instant,
    /// RTP sequence number of the next packet, extended.
    sequence: u64,
}

impl Publisher {
    pub(super) fn new(
        number: u8,
        settings: Settings,
        tracks: Arc<Tracks>,
        start: Instant,
        (video, audio): (Mid, Mid),
    ) -> Self {
        let picture = Duration::from_secs(1) / settings.fps.max(1);
        Self {
            number,
            settings,
            tracks,
            start,
            video: Stream::new(Kind::Video, video, picture, 90_000, start),
            audio: Stream::new(Kind::Audio, audio, AUDIO_INTERVAL, 48_000, start),
            key_frame_wanted: true,
            live: false,
        }
    }

    /// The session is connected.
    pub(super) fn go_live(&mut self, now: Instant) {
        self.live = true;
        for stream in [&mut self.video, &mut self.audio] {
            stream.next = now;
            stream.first = now;
        }
    }

    /// A viewer, or the node for it, asked for a key frame.
    pub(super) fn want_key_frame(&mut self) {
        self.key_frame_wanted = true;
    }

    /// When there is something to send.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.live.then(|| self.video.next.min(self.audio.next))
    }

    /// The packets that are due, of one frame of picture or sound. To be called until it is empty.
    pub(super) fn due(&mut self, rtc: &Rtc, now: Instant) -> Vec<(Mid, RtpWrite)> {
        if !self.live {
            return Vec::new();
        }
        if self.video.next <= now {
            let key = std::mem::take(&mut self.key_frame_wanted);
            let average = self.settings.bitrate / 8 / self.settings.fps.max(1);
            let bytes = average as usize * if key { KEY_FRAME_FACTOR } else { 1 };
            let sizes = payload_sizes(bytes, self.settings.split);
            return self.write(Kind::Video, key, &sizes, rtc, now);
        }
        if self.audio.next <= now {
            return self.write(Kind::Audio, false, &[AUDIO_BYTES], rtc, now);
        }
        Vec::new()
    }

    fn write(
        &mut self,
        kind: Kind,
        key: bool,
        sizes: &[usize],
        rtc: &Rtc,
        now: Instant,
    ) -> Vec<(Mid, RtpWrite)> {
        let number = Tracks::number(self.number, kind);
        let stream = if kind == Kind::Video { &mut self.video } else { &mut self.audio };
        let frame = stream.frames;
        let time = stream.begin_frame(now);
        let (Some(track), Some(pt)) = (self.tracks.track(number), stream.payload_type(rtc)) else {
            return Vec::new();
        };
        let sent_us = u64::try_from((now - self.start).as_micros()).unwrap_or(u64::MAX);
        let count = u16::try_from(sizes.len()).unwrap_or(u16::MAX);
        (0..count)
            .zip(sizes)
            .map(|(index, size)| {
                let number_of_packet = track.take_number();
                let stamp = Stamp {
                    track: number,
                    key,
                    index,
                    count,
                    frame,
                    number: number_of_packet,
                    sent_us,
                };
                let bytes = match kind {
                    Kind::Video => payload(*size, stamp),
                    Kind::Audio => sound(*size, stamp),
                };
                let marker = kind == Kind::Video && index + 1 == count;
                let sequence = stream.take_sequence();
                let write = RtpWrite::new(pt, sequence.into(), time, now, bytes)
                    .marker(marker)
                    .nackable(kind == Kind::Video);
                (stream.mid, write)
            })
            .collect()
    }
}

impl Stream {
    fn new(kind: Kind, mid: Mid, interval: Duration, clock_rate: u64, now: Instant) -> Self {
        // A browser begins at a random number below 2^15; so does this, less randomly.
        let sequence = 1_000;
        Self { kind, mid, frames: 0, next: now, interval, clock_rate, first: now, sequence }
    }

    /// Takes a frame out of the schedule and returns its RTP time.
    fn begin_frame(&mut self, now: Instant) -> u32 {
        self.frames = self.frames.wrapping_add(1);
        // After a stall the frames are not made up for: a camera would not either.
        self.next = (self.next + self.interval).max(now - self.interval);
        let since = (now - self.first).as_micros() * u128::from(self.clock_rate) / 1_000_000;
        // RTP time wraps.
        #[allow(clippy::cast_possible_truncation, reason = "RTP time is modulo 2^32")]
        let time = since as u32;
        time
    }

    fn take_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// The negotiated payload type, once the answer is there.
    fn payload_type(&self, rtc: &Rtc) -> Option<Pt> {
        let codec = if self.kind == Kind::Video { Codec::Vp8 } else { Codec::Opus };
        let negotiated = rtc.media(self.mid)?.remote_pts();
        let fits = |pt: &Pt| {
            let config = rtc.codec_config();
            config.params().iter().any(|p| p.pt() == *pt && p.spec().codec == codec)
        };
        negotiated.iter().copied().find(fits)
    }
}

/// Bytes that begin with a plausible Opus TOC: CELT, 20 ms, mono (RFC 6716 section 3.1).
fn sound(size: usize, stamp: Stamp) -> Arc<[u8]> {
    let mut bytes = vec![0xf8; size.saturating_sub(STAMP_BYTES)];
    bytes.extend_from_slice(&stamp.to_bytes());
    bytes.into()
}

/// Opus packets of 20 ms.
const AUDIO_INTERVAL: Duration = Duration::from_millis(20);

/// 40 kbit/s.
const AUDIO_BYTES: usize = 100;

/// How much larger a key frame is than the average picture.
const KEY_FRAME_FACTOR: usize = 4;
