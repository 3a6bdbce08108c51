//! What a viewer of a camera in layers sees: whole pictures, which it can decode, without gaps.

use std::time::{Duration, Instant};

use roomcast_sfu::PublicationId;

use crate::client::Received;
use crate::world::{Who, World};

/// One picture that a viewer received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// When its last packet came.
    pub at: Instant,
    pub layer: u8,
    pub temporal: u8,
    /// The number of the picture at the camera.
    pub number: u64,
    pub key_frame: bool,
    /// Bytes.
    pub size: usize,
}

impl World {
    /// The pictures of which all packets came, in their order.
    pub(crate) fn seen(&self, who: Who, publication: PublicationId) -> Vec<Seen> {
        let packets = self.clients[who].in_order(publication);
        let mut seen: Vec<Seen> = Vec::new();
        let mut begun: Option<(u64, Seen)> = None;
        for packet in packets {
            let Some(picture) = packet.picture else { continue };
            if picture.starts_frame {
                begun = Some((packet.seq, Self::begun(packet)));
            }
            let Some((seq, one)) = &mut begun else { continue };
            if packet.seq != *seq || packet.stamp.frame != one.number {
                begun = None;
                continue;
            }
            *seq += 1;
            one.at = one.at.max(packet.at);
            one.size += packet.size;
            if packet.marker {
                seen.push(*one);
                begun = None;
            }
        }
        seen
    }

    fn begun(packet: &Received) -> Seen {
        let picture = packet.picture.expect("a packet of a picture in layers");
        Seen {
            at: packet.at,
            layer: picture.layer,
            temporal: picture.temporal,
            number: packet.stamp.frame,
            key_frame: packet.stamp.key_frame,
            size: 0,
        }
    }

    /// The pictures that can be decoded: those before them that they need could be.
    pub(crate) fn decoded(&self, who: Who, publication: PublicationId) -> Vec<Seen> {
        let mut decoded: Vec<Seen> = Vec::new();
        // The newest picture of each temporal layer, of the layer that is being decoded.
        let mut newest: [Option<u64>; 3] = [None; 3];
        let mut layer = None;
        for one in self.seen(who, publication) {
            if one.key_frame {
                (layer, newest) = (Some(one.layer), [Some(one.number), None, None]);
                decoded.push(one);
                continue;
            }
            // Of each four pictures: 0, 2, 1, 2.
            let needed = one.number - [4, 2, 1][usize::from(one.temporal)];
            let has = newest.iter().flatten().any(|number| *number == needed);
            if layer == Some(one.layer) && has {
                newest[usize::from(one.temporal)] = Some(one.number);
                decoded.push(one);
            }
        }
        decoded
    }

    /// The longest time without a new picture between two moments.
    pub(crate) fn longest_gap(
        &self,
        who: Who,
        publication: PublicationId,
        (from, until): (Instant, Instant),
    ) -> Duration {
        let decoded = self.decoded(who, publication);
        let times = decoded.iter().map(|one| one.at).filter(|at| *at >= from && *at <= until);
        let mut times: Vec<_> = times.chain([from, until]).collect();
        times.sort_unstable();
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }

    /// Numbers go on without a gap or a repeat, times and the numbers of VP8 as well, whatever layer
    /// was sent. Holds where nothing was lost.
    #[track_caller]
    pub(crate) fn assert_continuous(&self, who: Who, publication: PublicationId) {
        let packets = self.clients[who].in_order(publication);
        assert!(!packets.is_empty(), "client {who} received nothing; {self}");
        assert_eq!(self.sent_twice, 0, "numbers were used twice; {self}");
        let fillers = &self.clients[who].fillers;
        for pair in packets.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            let is_filled = (before.seq + 1..after.seq).all(|seq| fillers.contains(&seq));
            assert!(before.seq < after.seq && is_filled, "from {before:?} to {after:?}; {self}");
            let step = after.time.wrapping_sub(before.time).cast_signed();
            let (Some(a), Some(b)) = (before.picture, after.picture) else { continue };
            let ids = b.picture_id.wrapping_sub(a.picture_id) & 0x7FFF;
            let bases = b.base_index.wrapping_sub(a.base_index);
            if b.starts_frame {
                assert!(step > 0, "time goes by {step} from {before:?} to {after:?}; {self}");
                assert_eq!(ids, 1, "picture ids from {before:?} to {after:?}; {self}");
                assert_eq!(bases, u8::from(b.temporal == 0), "{before:?} to {after:?}; {self}");
            } else {
                assert_eq!((step, ids, bases), (0, 0, 0), "{before:?} to {after:?}; {self}");
            }
        }
    }
}
