//! A camera or a microphone of a publisher: packets at a steady pace, key frames when asked.

use std::time::{Duration, Instant};

use roomcast_sfu::{PublicationId, SessionId};
use str0m::Rtc;
use str0m::media::{Mid, Pt};
use str0m::rtp::{RtpWrite, SeqNo};

use crate::stamp::Stamp;

/// One track of a publisher.
#[derive(Debug)]
pub(crate) struct Source {
    pub mid: Mid,
    pub publication: PublicationId,
    pub is_video: bool,
    pub packets_per_frame: u64,
    pub stopped: bool,
    /// Drops the answer to key frame requests.
    pub obstinate: bool,
    pub key_frame_due: bool,
    /// When key frames were asked for.
    pub asked: Vec<Instant>,
    pub next_at: Instant,
    pub sent: u64,
    /// Packets that do not go out: the number of the packet and of its publication are skipped.
    pub swallow: u32,
    frame: u64,
    seq: u64,
    time: u32,
}

impl Source {
    pub(crate) fn new(
        mid: Mid,
        publication: PublicationId,
        is_video: bool,
        now: Instant,
        first_seq: u64,
        first_time: u32,
    ) -> Self {
        Self {
            mid,
            publication,
            is_video,
            packets_per_frame: if is_video { 4 } else { 1 },
            stopped: false,
            obstinate: false,
            key_frame_due: true,
            asked: Vec::new(),
            next_at: now,
            sent: 0,
            swallow: 0,
            frame: 0,
            seq: first_seq,
            time: first_time,
        }
    }

    /// The packets of the next frame.
    pub(crate) fn frame(&mut self, session: SessionId, pt: Pt, now: Instant) -> Vec<RtpWrite> {
        self.next_at += self.interval();
        let key_frame = self.is_video && std::mem::take(&mut self.key_frame_due);
        let count = self.packets_per_frame * if key_frame { 3 } else { 1 };
        let writes = (0..count).filter_map(|index| {
            let stamp = Stamp {
                publication: self.publication,
                session,
                number: self.sent,
                frame: self.frame,
                key_frame,
            };
            let size = if self.is_video { 600 } else { 80 };
            let payload = stamp.payload(index == 0, size);
            let write = RtpWrite::new(pt, SeqNo::from(self.seq), self.time, now, payload)
                .marker(index + 1 == count)
                .nackable(self.is_video);
            self.seq += 1;
            self.sent += 1;
            let is_swallowed = self.swallow > 0;
            self.swallow = self.swallow.saturating_sub(1);
            (!is_swallowed).then_some(write)
        });
        let writes = writes.collect();
        self.frame += 1;
        self.time = self.time.wrapping_add(if self.is_video { 3_000 } else { 960 });
        writes
    }

    pub(crate) fn sent_frames(&self) -> u64 {
        self.frame
    }

    pub(crate) fn asked_for_key_frame(&mut self, now: Instant) {
        self.asked.push(now);
        self.key_frame_due |= !self.obstinate;
    }

    fn interval(&self) -> Duration {
        // 3,000 ticks at 90 kHz, 960 at 48 kHz.
        if self.is_video { Duration::from_micros(33_333) } else { Duration::from_millis(20) }
    }
}

/// The payload type of the media section's first codec.
pub(crate) fn payload_type(rtc: &Rtc, mid: Mid) -> Option<Pt> {
    rtc.media(mid)?.remote_pts().first().copied()
}
