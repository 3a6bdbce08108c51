//! Who can decode what: how many of those who are to receive a publication can, and how many cannot.

use std::collections::{BTreeMap, BTreeSet};

use roomcast_protocol::{Codec, PublicationId};

/// The counts. Bounded by what the stage publishes: a publication that nobody has said anything
/// about is not in it.
#[derive(Debug, Default)]
pub(crate) struct Decoding {
    counts: BTreeMap<PublicationId, Count>,
    changed: BTreeSet<PublicationId>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    able: u32,
    unable: u32,
    /// As it was named last.
    codec: Codec,
}

impl Decoding {
    /// A receiver can decode a publication, or cannot.
    pub(crate) fn begin(&mut self, publication: PublicationId, able: bool, codec: Codec) {
        let count = self.counts.entry(publication).or_insert(Count { able: 0, unable: 0, codec });
        count.codec = codec;
        let number = if able { &mut count.able } else { &mut count.unable };
        *number = number.saturating_add(1);
        self.changed.insert(publication);
    }

    /// That does not count any more.
    pub(crate) fn end(&mut self, publication: PublicationId, able: bool) {
        let Some(count) = self.counts.get_mut(&publication) else { return };
        let number = if able { &mut count.able } else { &mut count.unable };
        *number = number.saturating_sub(1);
        if (count.able, count.unable) == (0, 0) {
            self.counts.remove(&publication);
        }
        self.changed.insert(publication);
    }

    /// The codec of a publication that some are to receive, and none of them can decode.
    pub(crate) fn hopeless(&self, publication: PublicationId) -> Option<Codec> {
        let count = self.counts.get(&publication)?;
        (count.able == 0 && count.unable > 0).then_some(count.codec)
    }

    /// Those whose counts have changed since the last time.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<PublicationId> {
        std::mem::take(&mut self.changed)
    }

    /// How many publications are counted.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.counts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hopeless_while_some_cannot_and_none_can() {
        let mut decoding = Decoding::default();
        let camera = PublicationId(1);
        assert_eq!(decoding.hopeless(camera), None);
        decoding.begin(camera, false, Codec::H264);
        assert_eq!(decoding.hopeless(camera), Some(Codec::H264));
        decoding.begin(camera, true, Codec::H264);
        assert_eq!(decoding.hopeless(camera), None);
        decoding.end(camera, true);
        assert_eq!(decoding.hopeless(camera), Some(Codec::H264));
        decoding.end(camera, false);
        assert_eq!((decoding.hopeless(camera), decoding.len()), (None, 0));
        assert_eq!(decoding.take_changed(), [camera].into());
        assert!(decoding.take_changed().is_empty());
    }
}
