//! One subscription: what of a publication is sent to one subscriber, from which packet on.

mod beside;
mod encoding;
mod sending;
mod temporal;

use std::collections::VecDeque;
use std::time::Instant;

use str0m::Rtc;
use str0m::media::{Mid, Pt};

use crate::allocator::Choice;
use crate::codec::Format;
use crate::layers::LayerSet;
use crate::media::MediaKind;
use crate::packet::MediaPacket;
use crate::rewrite::Rewrite;
use crate::run::Run;
use beside::Beside;
use encoding::{Encoding, RESEND_AGE, RESEND_PACKETS, allow_resends, encoding};
pub(crate) use sending::CATCH_UP_INTERVAL;
use temporal::TemporalLimit;

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
    beside: Beside,
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
    /// Those among them that str0m did not see.
    pub beside: u64,
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
    /// whether the receiver can decode it. `resends`: str0m is to send again what the receiver misses.
    pub(crate) fn negotiate(
        &mut self,
        (rtc, resends): (&mut Rtc, bool),
        mid: Mid,
        format: &Format,
        kind: MediaKind,
    ) -> bool {
        self.format = Some(*format);
        self.next = None;
        // What was sent is sent again in the form that it had, or not at all.
        self.beside.forget();
        self.output = encoding(rtc, mid, format, kind);
        let Some(output) = self.output else {
            self.stage = Stage::Undecodable;
            return false;
        };
        if resends && self.rewrite.is_none() {
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
    pub(crate) fn forget_resends(&mut self, rtc: &mut Rtc) {
        self.beside.forget();
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
}

/// What was sent of the publication that is in the media section now.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sent {
    pub packets: u64,
    pub bytes: u64,
    pub key_frames: u64,
    key_frame_time: Option<u32>,
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
