//! The numbers of one subscription: what the subscriber sees is one stream, whatever happens to the
//! streams of the publication behind it.

mod left_out;
mod moment;
mod pictures;

use std::sync::Arc;
use std::time::Instant;

use self::left_out::LeftOut;
use self::moment::{Draw, Moment};
use self::pictures::{Picture, Pictures};
use crate::frame::Vp8Numbers;
use crate::packet::{Epoch, MediaPacket};

/// Maps the numbers of a publication to those of one subscription.
///
/// Within an epoch packets that come late or were lost keep their place; those that are left out on
/// purpose ([`Rewrite::skip`]) have none. [`Rewrite::resume_at`] closes a gap that was made on
/// purpose and goes on with any stream; [`Rewrite::replay`] does so, too, and draws the timestamps of
/// what is sent after the fact together.
#[derive(Debug)]
pub(crate) struct Rewrite {
    clock_rate: u32,
    last: Option<Sent>,
    current: Option<Mapping>,
    pictures: Pictures,
}

/// The numbers that a packet gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Extended by its rollovers, from [`FIRST_SEQ`].
    pub seq: u64,
    /// The RTP timestamp.
    pub time: u32,
    /// By how many ticks it was moved towards the present.
    pub drawn: u32,
    /// The numbers of VP8 that are to be written over those in the payload.
    pub picture: Option<Vp8Numbers>,
    /// The payload is not to be sent: an empty packet takes its place, so that there is no gap.
    /// Receivers take it for padding (libwebrtc: `NotifyReceiverOfEmptyPacket`).
    pub is_filler: bool,
}

impl Numbers {
    /// Whether the packet is sent with the marker bit.
    pub(crate) fn marks(self, packet: &MediaPacket) -> bool {
        packet.marker && !self.is_filler
    }

    /// What is sent of the packet.
    pub(crate) fn payload(self, packet: &MediaPacket) -> Arc<[u8]> {
        if self.is_filler { Arc::default() } else { Arc::clone(&packet.payload) }
    }
}

#[derive(Debug)]
struct Mapping {
    epoch: Epoch,
    draw: Draw,
    /// Packets before this one are not forwarded any more.
    floor: u64,
    /// The newest packet that was sent or left out.
    newest: Option<u64>,
    /// Added to the publication's number, wrapping.
    seq_offset: u64,
    time_offset: u32,
    left_out: LeftOut,
    /// The timestamp of the frame that was left out last.
    left_out_time: Option<u32>,
}

/// The newest packet that was sent.
#[derive(Debug, Clone, Copy)]
struct Sent {
    seq: u64,
    moment: Moment,
}

impl Rewrite {
    /// A mapping for a stream whose timestamps run at `clock_rate` Hz.
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self { clock_rate, last: None, current: None, pictures: Pictures::default() }
    }

    /// Makes this packet the next one in the subscriber's eyes, with no gap before it. Packets of
    /// the same epoch that come before it are dropped from now on.
    pub(crate) fn resume_at(&mut self, packet: &MediaPacket, now: Instant) {
        let time = match self.last {
            None => packet.time,
            Some(last) => self
                .kept_time(packet, last)
                .unwrap_or_else(|| last.moment.next(packet.captured, now, self.clock_rate)),
        };
        self.start(packet, Draw::default(), time.wrapping_sub(packet.time));
    }

    /// The same for packets that were kept, of which `newest` is the last. What follows them may be
    /// of before what was sent last, too: its frames are drawn together as well.
    pub(crate) fn replay(&mut self, first: &MediaPacket, newest: &MediaPacket, now: Instant) {
        let Some(last) = self.last else {
            return self.start(first, Draw::towards(newest, newest.time), 0);
        };
        let behind = last.moment.since(newest.captured, self.clock_rate);
        let anchor = newest.time.wrapping_add(behind);
        let time = match self.kept_time(newest, last) {
            Some(kept) => kept,
            None => last.moment.next(newest.captured, now, self.clock_rate),
        };
        let (draw, time) = Draw::towards(newest, anchor).within(first, last.moment.time, time);
        self.start(first, draw, time.wrapping_sub(anchor));
    }

    /// Makes the next packet resume, whatever stream it is of.
    pub(crate) fn pause(&mut self) {
        self.current = None;
    }

    fn start(&mut self, first: &MediaPacket, draw: Draw, time_offset: u32) {
        let next_seq = self.last.map_or(FIRST_SEQ, |last| last.seq + 1);
        self.pictures.begin(first.seq, first.frame.vp8.as_ref());
        self.current = Some(Mapping {
            epoch: first.epoch,
            draw,
            floor: first.seq,
            newest: None,
            seq_offset: next_seq.wrapping_sub(first.seq),
            time_offset,
            left_out: LeftOut::default(),
            left_out_time: None,
        });
    }

    /// The timestamp that a packet has in the stream that is being sent, if it is of that one and
    /// later than what was sent.
    fn kept_time(&self, packet: &MediaPacket, last: Sent) -> Option<u32> {
        let current = self.current.as_ref().filter(|c| c.epoch == packet.epoch)?;
        let time = packet.time.wrapping_add(current.time_offset);
        last.moment.is_before(time).then_some(time)
    }

    /// Whether this packet belongs to what is being sent: same epoch, not before its beginning.
    pub(crate) fn covers(&self, packet: &MediaPacket) -> bool {
        self.current.as_ref().is_some_and(|c| c.covers(packet))
    }

    /// Whether this packet belongs to the epoch that is being sent.
    pub(crate) fn is_in_epoch(&self, packet: &MediaPacket) -> bool {
        self.current.as_ref().is_some_and(|c| c.epoch == packet.epoch)
    }

    /// Whether this packet belongs to a later epoch than what is being sent. Says nothing where the
    /// two are of different layers.
    pub(crate) fn is_newer(&self, packet: &MediaPacket) -> bool {
        self.current.as_ref().is_none_or(|c| packet.epoch > c.epoch)
    }

    /// The numbers of a packet that is sent now; `None` for one that is not [covered](Self::covers),
    /// or for which there is no place because the beginning of its frame was left out.
    pub(crate) fn map(&mut self, packet: &MediaPacket, now: Instant) -> Option<Numbers> {
        self.place(packet, true, now).map(|(numbers, picture)| patched(packet, numbers, picture))
    }

    /// A packet is not wanted, and what follows closes up. Returns numbers where it is to be sent
    /// after all: it comes late, and the subscriber waits for it because a place was kept. (A filler
    /// would still leave a gap in the pictures of VP8.)
    pub(crate) fn skip(&mut self, packet: &MediaPacket, now: Instant) -> Option<Numbers> {
        self.place(packet, false, now).map(|(numbers, picture)| patched(packet, numbers, picture))
    }

    fn place(
        &mut self,
        packet: &MediaPacket,
        is_wanted: bool,
        now: Instant,
    ) -> Option<(Numbers, Option<Picture>)> {
        let current = self.current.as_mut().filter(|c| c.covers(packet))?;
        let is_newest = current.is_newest(packet);
        let is_rest = current.is_leaving_out(packet);
        let is_skipped = is_newest && (!is_wanted || is_rest);
        let pictures = &mut self.pictures;
        let picture = packet.frame.vp8.as_ref().map(|vp8| match is_skipped {
            true => pictures.skip(packet.seq, vp8),
            false => pictures.map(packet.seq, vp8),
        });
        let is_useless = is_rest || picture == Some(Picture::LeftOut);
        if is_skipped || (is_newest && is_useless) {
            current.leave_out(packet);
            return None;
        }
        let numbers = Numbers { is_filler: is_useless, ..current.numbers(packet)? };
        self.sent(packet, numbers, now);
        Some((numbers, picture))
    }

    fn sent(&mut self, packet: &MediaPacket, numbers: Numbers, at: Instant) {
        if self.last.is_none_or(|last| numbers.seq > last.seq) {
            let captured = moment::drawn(packet.captured, numbers.drawn, self.clock_rate);
            let moment = Moment { time: numbers.time, captured, at };
            self.last = Some(Sent { seq: numbers.seq, moment });
        }
    }
}

impl Mapping {
    fn covers(&self, packet: &MediaPacket) -> bool {
        self.epoch == packet.epoch && packet.seq >= self.floor
    }

    fn is_newest(&self, packet: &MediaPacket) -> bool {
        self.newest.is_none_or(|newest| packet.seq > newest)
    }

    /// The place of a packet; `None` if it has none.
    fn numbers(&mut self, packet: &MediaPacket) -> Option<Numbers> {
        let before = self.left_out.before(packet.seq)?;
        self.newest = self.newest.max(Some(packet.seq));
        let drawn = self.draw.of(packet);
        Some(Numbers {
            seq: packet.seq.wrapping_add(self.seq_offset).wrapping_sub(before),
            time: packet.time.wrapping_add(drawn).wrapping_add(self.time_offset),
            drawn,
            picture: None,
            is_filler: false,
        })
    }

    /// Whether the packet is of the frame that was left out last.
    fn is_leaving_out(&self, packet: &MediaPacket) -> bool {
        self.left_out_time == Some(packet.time)
    }

    /// Leaves the newest packet out. What was lost between two packets of a frame that is left out
    /// was of that frame.
    fn leave_out(&mut self, packet: &MediaPacket) {
        let behind = self.newest.filter(|_| self.is_leaving_out(packet));
        self.left_out.push(behind.map_or(packet.seq, |newest| newest + 1), packet.seq);
        self.left_out_time = Some(packet.time);
        self.newest = Some(packet.seq);
    }
}

/// Says what has to be written over the payload so that it shows the numbers of its picture.
fn patched(packet: &MediaPacket, numbers: Numbers, picture: Option<Picture>) -> Numbers {
    match picture {
        Some(Picture::Sent(vp8)) if packet.frame.vp8 != Some(vp8) => {
            Numbers { picture: Some(vp8), ..numbers }
        }
        _ => numbers,
    }
}

/// The first number of a stream. SRTP begins with rollover counter 0 (RFC 3711 §3.3.1), so it is
/// below 65,536; above 0, so that one packet may be put before it.
const FIRST_SEQ: u64 = 1;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
