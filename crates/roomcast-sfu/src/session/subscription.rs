//! One subscription: what of a publication is sent to one subscriber, from which packet on.

use std::time::{Duration, Instant};

use str0m::media::{Mid, Pt};
use str0m::rtp::{RtpWrite, SeqNo, Ssrc};
use str0m::{Input, Rtc, RtcError};

use super::{Happening, drain};
use crate::codec::Format;
use crate::media::MediaKind;
use crate::packet::MediaPacket;
use crate::rewrite::{Numbers, Rewrite};
use crate::run::Run;
use crate::transmit::Transmits;

/// A subscription within a media section that has been negotiated.
#[derive(Debug, Default)]
pub(crate) struct Subscription {
    pub stage: Stage,
    output: Option<Encoding>,
    rewrite: Option<Rewrite>,
}

/// How far a subscription has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing has come in yet, or the session is not up.
    #[default]
    Idle,
    /// The receiver cannot decode the codec.
    Undecodable,
    /// Waits for the start of a key frame.
    NeedsKeyFrame,
    /// Is being sent the kept run.
    CatchingUp(CatchUp),
    /// Is sent every packet as it comes in.
    Live,
}

/// How far the kept run has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CatchUp {
    next_seq: u64,
    /// The newest packet when this began: up to it, timestamps are drawn together.
    until: u64,
    anchor_time: u32,
    /// Frames between the current one and the anchor.
    frames_left: u32,
    frame_time: u32,
}

/// Payload type and SSRC towards the subscriber.
#[derive(Debug, Clone, Copy)]
struct Encoding {
    pt: Pt,
    ssrc: Ssrc,
    clock_rate: u32,
    nackable: bool,
}

/// What a (re)start led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// The receiver cannot decode this.
    Undecodable,
    /// A key frame has to be asked for.
    NeedsKeyFrame,
    /// The kept run is to be sent: see [`Subscription::catch_up`].
    CatchingUp,
    /// Packets are sent as they come.
    Live,
}

/// What a step of sending led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Packets written.
    pub sent: u64,
    /// It waits for a key frame from now on.
    pub needs_key_frame: bool,
    /// When str0m wants to be called, if anything was written.
    pub timeout: Option<Instant>,
}

impl Subscription {
    /// Chooses the payload type for a format and where to begin.
    pub(crate) fn begin(
        &mut self,
        rtc: &mut Rtc,
        mid: Mid,
        format: &Format,
        kind: MediaKind,
        run: &Run,
        now: Instant,
    ) -> Begun {
        self.output = encoding(rtc, mid, format, kind);
        let Some(output) = self.output else {
            self.stage = Stage::Undecodable;
            return Begun::Undecodable;
        };
        self.rewrite.get_or_insert_with(|| Rewrite::new(output.clock_rate));
        if kind == MediaKind::Audio {
            self.stage = Stage::Live;
            return Begun::Live;
        }
        self.begin_run(run, now)
    }

    /// Stops sending. The numbers are kept for what comes next in the same media section.
    pub(crate) fn stop(&mut self) {
        self.stage = Stage::Idle;
    }

    /// Sends packets that have just come in.
    pub(crate) fn forward(
        &mut self,
        rtc: &mut Rtc,
        kind: MediaKind,
        (packets, run): (&[MediaPacket], &Run),
        now: Instant,
        (sink, happenings): (&mut impl Transmits, &mut Vec<Happening>),
    ) -> Result<Progress, RtcError> {
        let mut progress = Progress::default();
        if self.stage == Stage::NeedsKeyFrame && run.is_usable() {
            self.begin_run(run, now);
        }
        if self.stage != Stage::Live {
            return Ok(progress);
        }
        for packet in packets {
            if !self.keeps_up_with(packet, kind, now) {
                if self.stage == Stage::NeedsKeyFrame {
                    let begun = self.begin_run(run, now);
                    progress.needs_key_frame = begun == Begun::NeedsKeyFrame;
                    return Ok(progress);
                }
                continue;
            }
            let Some(numbers) = self.rewrite.as_mut().and_then(|r| r.map(packet, now)) else {
                continue;
            };
            self.write(rtc, packet, numbers, packet.captured, now)?;
            progress.timeout = Some(drain(rtc, sink, happenings)?);
            progress.sent += 1;
        }
        Ok(progress)
    }

    /// Sends the next packets of the kept run, [`CATCH_UP_PACKETS`] at most. Goes live at its end.
    pub(crate) fn catch_up(
        &mut self,
        rtc: &mut Rtc,
        run: &Run,
        now: Instant,
        (sink, happenings): (&mut impl Transmits, &mut Vec<Happening>),
    ) -> Result<Progress, RtcError> {
        let mut progress = Progress::default();
        if !self.follows_run(run, now) {
            progress.needs_key_frame = self.stage == Stage::NeedsKeyFrame;
            return Ok(progress);
        }
        while progress.sent < CATCH_UP_PACKETS {
            let Stage::CatchingUp(mut state) = self.stage else { break };
            let Some(packet) = run.packets_from(state.next_seq).next() else {
                self.stage = Stage::Live;
                break;
            };
            let time = state.pass(packet);
            self.stage = Stage::CatchingUp(state);
            let Some(rewrite) = self.rewrite.as_mut() else { break };
            if let Some(linear) = rewrite.map(packet, now) {
                let shift = time.wrapping_sub(packet.time);
                let numbers = Numbers { time: linear.time.wrapping_add(shift), ..linear };
                let captured = self.captured_at(packet, shift);
                self.write(rtc, packet, numbers, captured, now)?;
                progress.timeout = Some(drain(rtc, sink, happenings)?);
            }
            progress.sent += 1;
        }
        Ok(progress)
    }

    /// Whether the kept run still leads to where this subscription is; begins anew where it does
    /// not.
    fn follows_run(&mut self, run: &Run, now: Instant) -> bool {
        let Stage::CatchingUp(state) = self.stage else { return false };
        let is_same = run.packets().next().is_some_and(|first| {
            let is_same_stream = self.rewrite.as_ref().is_some_and(|r| r.is_in_epoch(first));
            is_same_stream && first.seq <= state.next_seq
        });
        is_same || self.begin_run(run, now) == Begun::CatchingUp
    }

    fn begin_run(&mut self, run: &Run, now: Instant) -> Begun {
        let (Some(rewrite), Some(state)) = (self.rewrite.as_mut(), CatchUp::plan(run)) else {
            self.stage = Stage::NeedsKeyFrame;
            return Begun::NeedsKeyFrame;
        };
        if let Some(first) = run.packets().next() {
            rewrite.resume_at(first, now);
        }
        self.stage = Stage::CatchingUp(state);
        Begun::CatchingUp
    }

    /// Whether a live packet can be sent as it is. Sound goes on with a new stream at once; a
    /// picture needs a key frame of it.
    fn keeps_up_with(&mut self, packet: &MediaPacket, kind: MediaKind, now: Instant) -> bool {
        let Some(rewrite) = self.rewrite.as_mut() else { return false };
        if rewrite.covers(packet) {
            return true;
        }
        if rewrite.is_newer(packet) {
            if kind == MediaKind::Audio {
                rewrite.resume_at(packet, now);
                return true;
            }
            self.stage = Stage::NeedsKeyFrame;
        }
        false
    }

    fn captured_at(&self, packet: &MediaPacket, shift: u32) -> Instant {
        let rate = self.output.map_or(90_000, |o| o.clock_rate);
        let later = Duration::from_secs_f64(f64::from(shift) / f64::from(rate));
        packet.captured + later
    }

    fn write(
        &self,
        rtc: &mut Rtc,
        packet: &MediaPacket,
        numbers: Numbers,
        captured: Instant,
        now: Instant,
    ) -> Result<(), RtcError> {
        let Some(output) = self.output else { return Ok(()) };
        if let Some(stream) = rtc.direct_api().stream_tx(&output.ssrc) {
            let seq = SeqNo::from(numbers.seq);
            let payload = std::sync::Arc::clone(&packet.payload);
            let write = RtpWrite::new(output.pt, seq, numbers.time, captured, payload)
                .marker(packet.marker)
                .nackable(output.nackable)
                .ext_vals(packet.extensions.into());
            stream.write_rtp(write);
        }
        rtc.handle_input(Input::Timeout(now))
    }
}

impl CatchUp {
    fn plan(run: &Run) -> Option<Self> {
        let mut packets = run.packets();
        let first = packets.next()?;
        let newest = run.newest()?;
        let (mut frames, mut time) = (0, first.time);
        for packet in packets {
            frames += u32::from(packet.time != time);
            time = packet.time;
        }
        Some(Self {
            next_seq: first.seq,
            until: newest.seq,
            anchor_time: newest.time,
            frames_left: frames,
            frame_time: first.time,
        })
    }

    /// Goes past a packet and tells the timestamp that it is to have, on the publication's clock.
    ///
    /// With their own timestamps the kept frames would be shown at their own pace, and the viewer
    /// would stay behind for as long as the run is old. Drawn together they are decoded at once.
    fn pass(&mut self, packet: &MediaPacket) -> u32 {
        self.next_seq = packet.seq + 1;
        if packet.seq > self.until {
            return packet.time;
        }
        if packet.time != self.frame_time {
            self.frame_time = packet.time;
            self.frames_left = self.frames_left.saturating_sub(1);
        }
        self.anchor_time.wrapping_sub(self.frames_left * CATCH_UP_TICKS)
    }
}

/// The payload type in which the receiver wants a format, and the SSRC of the media section.
fn encoding(rtc: &mut Rtc, mid: Mid, format: &Format, kind: MediaKind) -> Option<Encoding> {
    let media = rtc.media(mid)?;
    if !media.direction().is_sending() {
        return None;
    }
    let accepted = media.remote_pts();
    let params = rtc.codec_config().params().iter().filter(|p| accepted.contains(&p.pt()));
    let pt = format.choose(params)?.pt();
    let mut direct = rtc.direct_api();
    let stream = direct.stream_tx_by_mid(mid, None)?;
    Some(Encoding {
        pt,
        ssrc: stream.ssrc(),
        clock_rate: format.clock_rate(),
        nackable: kind == MediaKind::Video,
    })
}

/// Packets of the kept run that are sent in one go: half of the largest GSO group, so that the
/// groups of live packets fit beside them.
pub(crate) const CATCH_UP_PACKETS: u64 = 32;

/// The pause between two goes: with packets of 1,200 bytes this makes 77 Mbit/s, above what one
/// receiver's socket buffer is drained by and below what a home network carries.
pub(crate) const CATCH_UP_INTERVAL: Duration = Duration::from_millis(4);

/// The distance of two frames of the kept run: 1 ms at 90 kHz, far below any frame rate, so that
/// none of them is waited for.
const CATCH_UP_TICKS: u32 = 90;
