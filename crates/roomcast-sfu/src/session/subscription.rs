//! One subscription: what of a publication is sent to one subscriber, from which packet on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::media::{Mid, Pt};
use str0m::rtp::{RtpWrite, SeqNo, Ssrc};
use str0m::{Input, Rtc, RtcError};

use super::pace::Pace;
use super::{Happening, drain};
use crate::allocator::Choice;
use crate::codec::Format;
use crate::layers::LayerSet;
use crate::media::MediaKind;
use crate::packet::MediaPacket;
use crate::rewrite::{Numbers, Rewrite};
use crate::run::Run;
use crate::transmit::Transmits;

/// A subscription within a media section that has been negotiated.
#[derive(Debug, Default)]
pub(crate) struct Subscription {
    pub stage: Stage,
    /// The layer that is sent, or is waited for; meaningless while nothing is.
    pub layer: u8,
    /// The layer that is to take its place, from its next key frame on.
    pub next: Option<Next>,
    /// The layers that it takes or would take, as counted in the demand.
    pub demanded: LayerSet,
    /// How many earlier packets of sound go with each, if the receiver takes that.
    pub redundancy: u8,
    temporal: TemporalLimit,
    /// Live packets that wait for their pace.
    queue: VecDeque<MediaPacket>,
    /// Runs that began before are not replayed: they are too long for the receiver's network.
    not_before: Option<Instant>,
    format: Option<Format>,
    sent: Sent,
    output: Option<Encoding>,
    rewrite: Option<Rewrite>,
}

/// A layer to which a subscription changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Next {
    pub layer: u8,
    /// The highest temporal layer that is to be sent of it.
    pub temporal: u8,
    /// When that was decided: key frames of before are not waited for.
    pub since: Instant,
    /// Whether it is the lower one: what was sent before need not arrive any more.
    pub falls: bool,
}

/// Which temporal layers are sent. Changes between frames only: a part of one is of no use.
#[derive(Debug, Default, Clone, Copy)]
struct TemporalLimit {
    /// The highest that is sent.
    now: u8,
    /// The highest that is to be sent, from where that can be decoded.
    aim: u8,
    /// The timestamp of the newest frame.
    time: Option<u32>,
}

/// What was sent of the publication that is in the media section now.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sent {
    pub packets: u64,
    pub bytes: u64,
    pub key_frames: u64,
    key_frame_time: Option<u32>,
}

/// How far a subscription has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing has come in yet, or the session is not up.
    #[default]
    Idle,
    /// The receiver cannot decode the codec.
    Undecodable,
    /// Nothing of it is to be sent.
    Paused,
    /// Waits for the start of a key frame.
    NeedsKeyFrame,
    /// Is being sent the kept run.
    CatchingUp {
        /// The first packet that has not been passed.
        next_seq: u64,
    },
    /// Is sent every packet as it comes in.
    Live,
}

/// Payload type and SSRC towards the subscriber.
#[derive(Debug, Clone, Copy)]
struct Encoding {
    pt: Pt,
    /// That of redundant sound.
    red: Option<Pt>,
    ssrc: Ssrc,
    clock_rate: u32,
    nackable: bool,
}

/// What a (re)start led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
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
    /// Packets have waited for so long that less has to be sent.
    pub is_stuck: bool,
    /// The layer that another one has taken the place of.
    pub left: Option<u8>,
    /// There is more to be sent when the pace allows.
    pub waits: bool,
    /// When str0m wants to be called, if anything was written.
    pub timeout: Option<Instant>,
}

impl Subscription {
    /// Chooses the payload type for a format. Nothing is sent before [`Subscription::start`]. Returns
    /// whether the receiver can decode it.
    pub(crate) fn negotiate(
        &mut self,
        rtc: &mut Rtc,
        mid: Mid,
        format: &Format,
        kind: MediaKind,
    ) -> bool {
        self.format = Some(*format);
        self.next = None;
        self.output = encoding(rtc, mid, format, kind);
        let Some(output) = self.output else {
            self.stage = Stage::Undecodable;
            return false;
        };
        if self.rewrite.is_none() {
            allow_resends(rtc, output);
        }
        let rewrite = self.rewrite.get_or_insert_with(|| Rewrite::new(output.clock_rate));
        // Another publication may have been in this media section, in an unrelated stream.
        rewrite.pause();
        self.stage = Stage::Paused;
        true
    }

    /// Begins to send a layer: sound from the next packet on, a picture from a key frame on. `replays`:
    /// the kept run may be sent, else the next key frame is waited for.
    pub(crate) fn start(
        &mut self,
        choice: Choice,
        kind: MediaKind,
        (run, replays): (&Run, bool),
        now: Instant,
    ) -> Begun {
        self.layer = choice.layer;
        self.temporal = TemporalLimit::new(choice.temporal);
        self.next = None;
        self.queue.clear();
        self.not_before = (!replays).then_some(now);
        if kind == MediaKind::Audio {
            self.stage = Stage::Live;
            return Begun::Live;
        }
        self.begin_run(run, now)
    }

    /// Changes to another layer from its next key frame on.
    pub(crate) fn change_to(&mut self, choice: Choice, falls: bool, now: Instant) {
        let Choice { layer, temporal } = choice;
        let since = self.next.filter(|next| next.layer == layer).map_or(now, |next| next.since);
        self.next = Some(Next { layer, temporal, since, falls });
    }

    /// Sends up to this temporal layer: less at once, more from where that can be decoded.
    pub(crate) fn limit(&mut self, temporal: u8) {
        self.temporal.aim = temporal;
    }

    /// Sends nothing for a while. The numbers are kept.
    pub(crate) fn pause(&mut self) {
        self.stage = Stage::Paused;
        self.next = None;
        self.queue.clear();
    }

    /// Sends nothing again of what was sent before.
    pub(crate) fn forget_resends(&self, rtc: &mut Rtc) {
        if let Some(output) = self.output {
            allow_resends(rtc, output);
        }
    }

    /// Whether something may be sent.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Idle | Stage::Undecodable)
    }

    /// What is sent or waited for.
    pub(crate) fn choice(&self) -> Option<Choice> {
        let is_on = self.is_open() && self.stage != Stage::Paused;
        let now = Choice { layer: self.layer, temporal: self.temporal.aim };
        let next = self.next.map(|Next { layer, temporal, .. }| Choice { layer, temporal });
        is_on.then_some(next.unwrap_or(now))
    }

    /// Stops sending. The numbers are kept for what comes next in the same media section.
    pub(crate) fn stop(&mut self) {
        self.stage = Stage::Idle;
        self.next = None;
        self.queue.clear();
        self.demanded = LayerSet::default();
        self.format = None;
        self.sent = Sent::default();
    }

    /// How many earlier packets are to go with each, and the payload type of them; `None`: none. What
    /// came before the subscription does not go along.
    pub(crate) fn protection(&self) -> Option<(u8, Pt)> {
        if self.redundancy == 0 {
            return None;
        }
        let output = self.output.filter(|output| output.red.is_some())?;
        let level = u8::try_from(self.sent.packets).unwrap_or(u8::MAX).min(self.redundancy);
        Some((level, output.pt))
    }

    /// What was sent.
    pub(crate) fn sent(&self) -> Sent {
        self.sent
    }

    /// In which format; `None` before the first packet.
    pub(crate) fn format(&self) -> Option<Format> {
        self.format
    }

    /// Sends packets of a layer that have just come in.
    pub(crate) fn forward(
        &mut self,
        (rtc, pace): (&mut Rtc, &mut Pace),
        (kind, layer): (MediaKind, u8),
        (packets, run): (&[MediaPacket], &Run),
        now: Instant,
        (sink, happenings): (&mut impl Transmits, &mut Vec<Happening>),
    ) -> Result<Progress, RtcError> {
        let mut progress = Progress::default();
        if layer != self.layer {
            progress.left = self.arrive(rtc, layer, run, now);
            return Ok(progress);
        }
        if self.stage == Stage::NeedsKeyFrame && self.begin_run(run, now) == Begun::NeedsKeyFrame {
            return Ok(progress);
        }
        for packet in packets {
            if self.takes(packet, kind, now) {
                if kind == MediaKind::Video && pace.is_on() {
                    self.queue.push_back(packet.clone());
                } else {
                    self.send(rtc, packet, now, (sink, happenings), &mut progress)?;
                }
            } else if self.stage == Stage::NeedsKeyFrame {
                progress.needs_key_frame = self.begin_run(run, now) == Begun::NeedsKeyFrame;
                break;
            }
        }
        self.send_queued((rtc, pace), now, (sink, happenings), &mut progress)?;
        Ok(progress)
    }

    /// Sends what has waited, as far as the pace allows.
    fn send_queued(
        &mut self,
        (rtc, pace): (&mut Rtc, &mut Pace),
        now: Instant,
        (sink, happenings): (&mut impl Transmits, &mut Vec<Happening>),
        progress: &mut Progress,
    ) -> Result<(), RtcError> {
        while let Some(packet) = self.queue.front() {
            let waited = now.saturating_duration_since(packet.arrival);
            progress.is_stuck |= waited > STUCK;
            if self.temporal.begins(packet) {
                self.temporal.begin(packet, waited > MAX_WAITING);
            }
            let is_sent = packet.frame.temporal <= self.temporal.now;
            if is_sent && !pace.admits(now, packet.payload.len()) {
                break;
            }
            let Some(packet) = self.queue.pop_front() else { break };
            self.send(rtc, &packet, now, (sink, happenings), progress)?;
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
        (rtc, pace): (&mut Rtc, &mut Pace),
        run: &Run,
        now: Instant,
        (sink, happenings): (&mut impl Transmits, &mut Vec<Happening>),
    ) -> Result<Progress, RtcError> {
        let mut progress = Progress::default();
        if self.stage == Stage::Live {
            self.send_queued((rtc, pace), now, (sink, happenings), &mut progress)?;
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
            if !pace.admits(now, packet.payload.len()) {
                break;
            }
            self.stage = Stage::CatchingUp { next_seq: packet.seq + 1 };
            self.send(rtc, packet, now, (sink, happenings), &mut progress)?;
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

    fn begin_run(&mut self, run: &Run, now: Instant) -> Begun {
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
        rtc: &mut Rtc,
        packet: &MediaPacket,
        now: Instant,
        (sink, happenings): (&mut impl Transmits, &mut Vec<Happening>),
        progress: &mut Progress,
    ) -> Result<(), RtcError> {
        if self.temporal.begins(packet) {
            self.temporal.begin(packet, false);
        }
        let is_wanted = packet.frame.temporal <= self.temporal.now;
        let Some(rewrite) = self.rewrite.as_mut() else { return Ok(()) };
        let numbers = if is_wanted { rewrite.map(packet, now) } else { rewrite.skip(packet, now) };
        let Some(numbers) = numbers else { return Ok(()) };
        self.write(rtc, packet, numbers, now)?;
        self.sent.count(packet);
        progress.timeout = Some(drain(rtc, sink, happenings)?);
        progress.sent += 1;
        Ok(())
    }

    fn write(
        &self,
        rtc: &mut Rtc,
        packet: &MediaPacket,
        numbers: Numbers,
        now: Instant,
    ) -> Result<(), RtcError> {
        let Some(output) = self.output else { return Ok(()) };
        // What was drawn towards the present is reported as captured then, or lips would not match.
        let drawn = f64::from(numbers.drawn) / f64::from(output.clock_rate);
        let captured = (packet.captured + Duration::from_secs_f64(drawn)).min(now);
        if let Some(stream) = rtc.direct_api().stream_tx(&output.ssrc) {
            let seq = SeqNo::from(numbers.seq);
            let payload = payload(packet, numbers);
            let pt = output.red.filter(|_| packet.is_redundant).unwrap_or(output.pt);
            let mut write = RtpWrite::new(pt, seq, numbers.time, captured, payload)
                .marker(packet.marker && !numbers.is_filler)
                .nackable(output.nackable)
                .ext_vals(packet.extensions.into());
            if let Some(patch) = numbers.vp8 {
                write = write.vp8_patch(patch);
            }
            stream.write_rtp(write);
        }
        rtc.handle_input(Input::Timeout(now))
    }
}

/// What is sent of a packet.
fn payload(packet: &MediaPacket, numbers: Numbers) -> Arc<[u8]> {
    if numbers.is_filler { Arc::default() } else { Arc::clone(&packet.payload) }
}

impl TemporalLimit {
    fn new(temporal: u8) -> Self {
        Self { now: temporal, aim: temporal, time: None }
    }

    /// Whether a packet is of another frame than those before.
    fn begins(&self, packet: &MediaPacket) -> bool {
        self.time.is_none_or(|time| packet.time.wrapping_sub(time).cast_signed() > 0)
    }

    /// A frame begins. `holds_back`: so much is waiting that frames which others do without are left
    /// out; those that come later may be sent again as soon as they can be decoded.
    fn begin(&mut self, packet: &MediaPacket, holds_back: bool) {
        self.time = Some(packet.time);
        self.now = if holds_back { 0 } else { packet.frame.limit(self.now, self.aim) };
    }
}

impl Sent {
    fn count(&mut self, packet: &MediaPacket) {
        self.packets += 1;
        self.bytes += packet.payload.len() as u64;
        if packet.key_frame {
            let is_another = self.key_frame_time.replace(packet.time) != Some(packet.time);
            self.key_frames += u64::from(is_another);
        }
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
    let params = *format.choose(params)?;
    let mut direct = rtc.direct_api();
    let stream = direct.stream_tx_by_mid(mid, None)?;
    Some(Encoding {
        pt: params.pt(),
        red: params.red(),
        ssrc: stream.ssrc(),
        clock_rate: format.clock_rate(),
        nackable: kind == MediaKind::Video,
    })
}

/// Raises str0m's bound on resends, by default 15 % of what is sent: a viewer at 10 % loss needs more
/// whenever losses come in bursts.
fn allow_resends(rtc: &mut Rtc, output: Encoding) {
    if let Some(stream) = rtc.direct_api().stream_tx(&output.ssrc).filter(|_| output.nackable) {
        stream.set_rtx_cache(RESEND_PACKETS, RESEND_AGE, Some(MAX_RESEND_RATIO));
    }
}

/// A frame that waits longer than this for the network is late for everyone who sees it: a queue grows
/// that only sending less takes away.
const MAX_WAITING: Duration = Duration::from_millis(150);

/// Waiting for so long, even the frames that are left are too many.
const STUCK: Duration = Duration::from_millis(400);

/// Packets that wait for their pace: two seconds of 2.5 Mbit/s, which no rule above lets come about.
const MAX_QUEUED: usize = 512;

/// Packets that one subscription can send again: a second of 10 Mbit/s. Only references are kept.
const RESEND_PACKETS: usize = 1_000;

/// No receiver waits longer for a packet before it asks for a key frame.
const RESEND_AGE: Duration = Duration::from_secs(2);

/// Resends among all packets of a second: what a receiver that asks for everything again and again
/// can cost is twice what it was sent. In the stories 0.7 % of the picture is missing at 10 % loss
/// with a bound of 15 %, and 0.03 % with this one.
const MAX_RESEND_RATIO: f32 = 0.5;

/// Packets of the kept run that are sent in one go: half of the largest GSO group, so that the
/// groups of live packets fit beside them.
pub(crate) const CATCH_UP_PACKETS: u64 = 32;

/// The pause between two goes: with packets of 1,200 bytes this makes 77 Mbit/s, so that the longest
/// run of a picture of 2.5 Mbit/s is sent within 150 ms, and a browser's socket buffer is read in
/// between. What a slower network drops of it is asked for again.
pub(crate) const CATCH_UP_INTERVAL: Duration = Duration::from_millis(4);
