//! What is sent of a subscription, and when: packets as they come, those that were kept, and those that
//! had to wait.

use std::time::{Duration, Instant};

use str0m::rtp::{RtpWrite, SeqNo, Vp8Descriptor, Vp8Patch};
use str0m::{Rtc, RtcError};

use super::super::outlet::Outlet;
use super::super::pace::Pace;
use super::beside::push;
use super::encoding::Encoding;
use super::temporal::TemporalLimit;
use super::{Begun, Progress, Stage, Subscription};
use crate::frame::Vp8Numbers;
use crate::media::MediaKind;
use crate::packet::MediaPacket;
use crate::rewrite::Numbers;
use crate::run::Run;
use crate::transmit::Transmits;

impl Subscription {
    /// Sends packets of a layer that have just come in.
    pub(crate) fn forward(
        &mut self,
        outlet: &mut Outlet<'_, impl Transmits>,
        (kind, layer): (MediaKind, u8),
        (packets, run): (&[MediaPacket], &Run),
        now: Instant,
    ) -> Result<Progress, RtcError> {
        let mut progress = Progress::default();
        if layer != self.layer {
            progress.left = self.arrive(outlet.rtc, layer, run, now);
            return Ok(progress);
        }
        if self.stage == Stage::NeedsKeyFrame && self.begin_run(run, now) == Begun::NeedsKeyFrame {
            return Ok(progress);
        }
        for packet in packets {
            if self.takes(packet, kind, now) {
                // What waits goes first, also where nothing has to wait any more.
                let waits = outlet.pace.is_on() || !self.queue.is_empty();
                if kind == MediaKind::Video && waits {
                    self.queue.push_back(packet.clone());
                } else {
                    self.send(outlet, packet, now, &mut progress)?;
                }
            } else if self.stage == Stage::NeedsKeyFrame {
                progress.needs_key_frame = self.begin_run(run, now) == Begun::NeedsKeyFrame;
                break;
            }
        }
        self.send_queued(outlet, now, &mut progress)?;
        Ok(progress)
    }

    /// Sends what has waited, as far as the pace allows.
    fn send_queued(
        &mut self,
        outlet: &mut Outlet<'_, impl Transmits>,
        now: Instant,
        progress: &mut Progress,
    ) -> Result<(), RtcError> {
        while let Some(packet) = self.queue.front() {
            let waited = now.saturating_duration_since(packet.arrival);
            progress.is_stuck |= waited > STUCK;
            if !goes(&mut self.temporal, outlet.pace, packet, waited > MAX_WAITING, now) {
                break;
            }
            let Some(packet) = self.queue.pop_front() else { break };
            self.send(outlet, &packet, now, progress)?;
        }
        if self.queue.len() > MAX_QUEUED {
            self.queue.clear();
            self.stage = Stage::NeedsKeyFrame;
            progress.needs_key_frame = true;
        }
        progress.waits = !self.queue.is_empty();
        Ok(())
    }

    /// Sends the next packets of the kept run, [`CATCH_UP_PACKETS`] at most, and goes live at its end;
    /// or what has waited for its pace.
    pub(crate) fn catch_up(
        &mut self,
        outlet: &mut Outlet<'_, impl Transmits>,
        run: &Run,
        now: Instant,
    ) -> Result<Progress, RtcError> {
        let mut progress = Progress::default();
        if self.stage == Stage::Live {
            self.send_queued(outlet, now, &mut progress)?;
            return Ok(progress);
        }
        if !self.follows_run(run, now) {
            progress.needs_key_frame = self.stage == Stage::NeedsKeyFrame;
            return Ok(progress);
        }
        for _ in 0..CATCH_UP_PACKETS {
            let Stage::CatchingUp { next_seq } = self.stage else { break };
            let Some(packet) = run.packets_from(next_seq).next() else {
                self.stage = Stage::Live;
                break;
            };
            let is_late = outlet.pace.is_on() && run.lag(packet) > MAX_WAITING;
            if !goes(&mut self.temporal, outlet.pace, packet, is_late, now) {
                break;
            }
            self.stage = Stage::CatchingUp { next_seq: packet.seq + 1 };
            self.send(outlet, packet, now, &mut progress)?;
        }
        progress.waits = matches!(self.stage, Stage::CatchingUp { .. });
        Ok(progress)
    }

    /// Whether the kept run still leads to where this subscription is; begins anew where it does
    /// not.
    fn follows_run(&mut self, run: &Run, now: Instant) -> bool {
        let Stage::CatchingUp { next_seq } = self.stage else { return false };
        let is_same = run.packets().next().is_some_and(|first| {
            let is_same_stream = self.rewrite.as_ref().is_some_and(|r| r.is_in_epoch(first));
            is_same_stream && first.seq <= next_seq
        });
        is_same || self.begin_run(run, now) == Begun::CatchingUp
    }

    /// Changes to a layer if that has begun anew since it was decided. Returns the layer before it.
    fn arrive(&mut self, rtc: &mut Rtc, layer: u8, run: &Run, now: Instant) -> Option<u8> {
        let next = self.next.filter(|next| next.layer == layer)?;
        let first = run.packets().next()?;
        if first.arrival < next.since {
            return None;
        }
        let left = std::mem::replace(&mut self.layer, layer);
        if next.falls {
            self.forget_resends(rtc);
        }
        self.queue.clear();
        self.temporal = TemporalLimit::new(next.temporal);
        self.next = None;
        self.not_before = None;
        self.begin_run(run, now);
        Some(left)
    }

    pub(super) fn begin_run(&mut self, run: &Run, now: Instant) -> Begun {
        let too_old = |first: &MediaPacket| self.not_before.is_some_and(|at| first.arrival < at);
        let first = run.packets().next().filter(|first| !too_old(first));
        let ends = first.zip(run.newest());
        let (Some(rewrite), Some((first, newest))) = (self.rewrite.as_mut(), ends) else {
            self.stage = Stage::NeedsKeyFrame;
            return Begun::NeedsKeyFrame;
        };
        rewrite.replay(first, newest, now);
        self.temporal = TemporalLimit::new(self.temporal.aim);
        self.not_before = None;
        self.stage = Stage::CatchingUp { next_seq: first.seq };
        Begun::CatchingUp
    }

    /// Whether a packet that has just come in is to be sent now.
    fn takes(&mut self, packet: &MediaPacket, kind: MediaKind, now: Instant) -> bool {
        match self.stage {
            // Behind where the run has been sent up to: it was lost and has been sent again.
            Stage::CatchingUp { next_seq } => packet.seq < next_seq,
            Stage::Live => self.keeps_up_with(packet, kind, now),
            Stage::Idle | Stage::Undecodable | Stage::Paused | Stage::NeedsKeyFrame => false,
        }
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

    /// Numbers a packet and sends it, if it belongs to what is being sent.
    fn send(
        &mut self,
        outlet: &mut Outlet<'_, impl Transmits>,
        packet: &MediaPacket,
        now: Instant,
        progress: &mut Progress,
    ) -> Result<(), RtcError> {
        if self.temporal.begins(packet) {
            self.temporal.begin(packet, false);
        }
        let is_wanted = packet.frame.temporal <= self.temporal.now;
        let Some(rewrite) = self.rewrite.as_mut() else { return Ok(()) };
        let numbers = if is_wanted { rewrite.map(packet, now) } else { rewrite.skip(packet, now) };
        let Some(numbers) = numbers else { return Ok(()) };
        match self.write(outlet, packet, numbers, now)? {
            Written::Beside => progress.beside += 1,
            Written::ByStr0m(timeout) => progress.timeout = Some(timeout),
            Written::Nothing => return Ok(()),
        }
        self.sent.count(packet);
        progress.sent += 1;
        Ok(())
    }

    /// Sends a packet beside str0m where that can be, or has str0m do it.
    fn write(
        &mut self,
        outlet: &mut Outlet<'_, impl Transmits>,
        packet: &MediaPacket,
        numbers: Numbers,
        now: Instant,
    ) -> Result<Written, RtcError> {
        let Some(output) = &self.output else { return Ok(Written::Nothing) };
        let mut nackable = output.resending.is_some();
        if let Some(protection) = outlet.protection {
            if !self.beside.takes(numbers) {
                return Ok(Written::Nothing);
            }
            let kind = self.format.map_or(MediaKind::Video, |format| format.kind());
            let is_spared = outlet.spares(now, kind);
            let way = self.beside.way(now, is_spared, outlet.sink.traffic);
            let parts = self.beside.parts(packet, numbers);
            if let Some(way) = way {
                push(&parts.packet(output), protection, way, &mut outlet.sink);
            }
            // Where there are estimates, str0m sends again what it sent at first.
            if nackable && (way.is_some() || outlet.rest.is_none()) {
                nackable = false;
                self.beside.keep(now, parts);
            }
            if way.is_some() {
                return Ok(Written::Beside);
            }
        }
        let write = rtp_write(output, packet, numbers, now).nackable(nackable);
        outlet.write(output.ssrc, write, now).map(Written::ByStr0m)
    }
}

/// How a packet was written.
enum Written {
    /// By the short way.
    Beside,
    /// str0m did, and wants to be called then.
    ByStr0m(Instant),
    /// Not at all.
    Nothing,
}

fn rtp_write(output: &Encoding, packet: &MediaPacket, numbers: Numbers, now: Instant) -> RtpWrite {
    // What was drawn towards the present is reported as captured then, or lips would not match.
    let drawn = f64::from(numbers.drawn) / f64::from(output.clock_rate);
    let captured = (packet.captured + Duration::from_secs_f64(drawn)).min(now);
    let seq = SeqNo::from(numbers.seq);
    let (pt, payload) = (output.payload_type(packet.is_redundant), numbers.payload(packet));
    let write = RtpWrite::new(pt, seq, numbers.time, captured, payload)
        .marker(numbers.marks(packet))
        .ext_vals(packet.extensions.into());
    let patch = numbers.picture.and_then(|picture| patch(&packet.payload, picture));
    match patch.filter(|_| !numbers.is_filler) {
        Some(patch) => write.vp8_patch(patch),
        None => write,
    }
}

fn patch(payload: &[u8], Vp8Numbers { id, tl0, .. }: Vp8Numbers) -> Option<Vp8Patch> {
    let mut patch = Vp8Descriptor::parse(payload).ok()?.patch();
    if let Some(id) = id {
        patch = patch.picture_id(id.value);
    }
    if let Some(tl0) = tl0 {
        patch = patch.tl0_pic_idx(tl0);
    }
    patch.build().ok()
}

/// Whether the next packet goes now: its turn has come, or it is left out.
fn goes(
    temporal: &mut TemporalLimit,
    pace: &mut Pace,
    packet: &MediaPacket,
    is_late: bool,
    now: Instant,
) -> bool {
    if temporal.begins(packet) {
        temporal.begin(packet, is_late);
    }
    let is_left_out = packet.frame.temporal > temporal.now;
    is_left_out || pace.admits(now, packet.payload.len())
}

/// A frame that waits longer than this for the network is late for everyone who sees it: a queue grows
/// that only sending less takes away.
const MAX_WAITING: Duration = Duration::from_millis(150);

/// Waiting for so long, even the frames that are left are too many.
const STUCK: Duration = Duration::from_millis(400);

/// Packets that wait for their pace: two seconds of 2.5 Mbit/s, which no rule above lets come about.
const MAX_QUEUED: usize = 512;

/// Packets of the kept run that are sent in one go: half of the largest GSO group, so that the
/// groups of live packets fit beside them.
pub(crate) const CATCH_UP_PACKETS: u64 = 32;

/// The pause between two goes: with packets of 1,200 bytes this makes 77 Mbit/s, so that the longest
/// run of a picture of 2.5 Mbit/s is sent within 150 ms, and a browser's socket buffer is read in
/// between. What a slower network drops of it is asked for again.
pub(crate) const CATCH_UP_INTERVAL: Duration = Duration::from_millis(4);
