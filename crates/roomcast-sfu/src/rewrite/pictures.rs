//! Picture numbers of VP8 (RFC 7741 §4.2): `PictureID` and `TL0PICIDX`.
//!
//! A receiver that gets temporal layers takes a gap in `PictureID` for a frame that is still to come:
//! libwebrtc's `RtpVp8RefFinder` holds frames of higher layers back until all between them and what
//! they refer to are there. Frames that are left out must not leave a gap, then. Nor may the numbers
//! jump where another stream goes on in the same subscription.

use super::left_out::LeftOut;
use crate::frame::{PictureId, Vp8Numbers};

/// Maps the picture numbers of what is sent to those that the subscriber sees.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// Of the newest packet of the stream.
    newest: Option<Newest>,
    /// Pictures that none of the packets was sent of.
    left_out: LeftOut,
    /// Packets before this one have other numbers.
    floor: u64,
    /// Added to the stream's numbers, wrapping.
    id_offset: u64,
    tl0_offset: u8,
    /// The newest numbers that the subscriber got.
    last_id: Option<u64>,
    last_tl0: Option<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Newest {
    seq: u64,
    /// Extended by its rollovers.
    id: u64,
    is_long: bool,
}

/// What a packet's picture becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picture {
    /// It has these numbers.
    Sent(Vp8Numbers),
    /// Its beginning was left out: what is left of it is of no use.
    LeftOut,
}

impl Pictures {
    /// Another stream goes on, or the same elsewhere, with the packet `seq`.
    pub(super) fn begin(&mut self, seq: u64, numbers: Option<&Vp8Numbers>) {
        self.floor = seq;
        self.newest = None;
        self.left_out = LeftOut::default();
        let Some(numbers) = numbers else { return };
        if let Some(PictureId { value, is_long }) = numbers.id {
            let id = FIRST_ID + u64::from(value);
            self.newest = Some(Newest { seq, id, is_long });
            self.id_offset = self.last_id.map_or(0, |last| (last + 1).wrapping_sub(id));
        }
        if let Some(tl0) = numbers.tl0 {
            let step = u8::from(numbers.temporal == 0);
            let next = self.last_tl0.map_or(tl0, |last| last.wrapping_add(step));
            self.tl0_offset = next.wrapping_sub(tl0);
        }
    }

    /// The numbers of a packet that is sent, in the order of sequence numbers or late.
    pub(super) fn map(&mut self, seq: u64, numbers: &Vp8Numbers) -> Picture {
        let mut mapped = *numbers;
        let mut is_newest = true;
        if let Some(given) = numbers.id {
            let Some(id) = self.look(seq, given, numbers).and_then(|id| self.place(id)) else {
                return Picture::LeftOut;
            };
            mapped.id = Some(given.with(id));
            is_newest = self.last_id.is_none_or(|last| id >= last);
            self.last_id = self.last_id.max(Some(id));
        }
        mapped.tl0 = numbers.tl0.map(|tl0| tl0.wrapping_add(self.tl0_offset));
        if is_newest {
            self.last_tl0 = mapped.tl0.or(self.last_tl0);
        }
        Picture::Sent(mapped)
    }

    /// The newest packet is left out, and with it the picture that it begins.
    pub(super) fn skip(&mut self, seq: u64, numbers: &Vp8Numbers) -> Picture {
        let id = numbers.id.and_then(|given| self.look(seq, given, numbers));
        if let Some(id) = id
            && let Some(place) = self.place(id)
            && self.last_id.is_none_or(|last| place > last)
        {
            self.left_out.push(id, id);
        }
        Picture::LeftOut
    }

    /// The extended number that the subscriber sees for one of the stream.
    fn place(&self, id: u64) -> Option<u64> {
        let before = self.left_out.before(id)?;
        Some(id.wrapping_add(self.id_offset).wrapping_sub(before))
    }

    /// The extended number of a packet's picture; `None` when the packet is of before the numbers
    /// began anew.
    fn look(&mut self, seq: u64, given: PictureId, numbers: &Vp8Numbers) -> Option<u64> {
        if seq < self.floor {
            return None;
        }
        let Some(newest) = self.newest else {
            self.begin(seq, Some(numbers));
            return self.newest.map(|newest| newest.id);
        };
        let step = given.since(newest.id);
        let id = newest.id.wrapping_add_signed(step);
        let Some(packets) = seq.checked_sub(newest.seq).filter(|packets| *packets > 0) else {
            return Some(id);
        };
        // Each picture has a packet: numbers that are ahead of that, or go back, begin anew.
        let goes_on = u64::try_from(step).is_ok_and(|step| step <= packets);
        if !goes_on || given.is_long != newest.is_long {
            self.begin(seq, Some(numbers));
            return self.newest.map(|newest| newest.id);
        }
        self.newest = Some(Newest { seq, id, is_long: given.is_long });
        Some(id)
    }
}

/// Where extended numbers begin, so that late packets find room before them.
const FIRST_ID: u64 = 1 << 32;
