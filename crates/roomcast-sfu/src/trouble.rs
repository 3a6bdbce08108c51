//! What a publisher does wrong, so that its owner can mend it.

/// Something that spoils a publication for those who receive it, and that only its publisher can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicationTrouble {
    /// Key frames were asked for, for several seconds, and none came: nobody who comes now sees
    /// anything.
    NoKeyFrame,
    /// H264 with B-frames, which browsers do not show, or show out of order.
    BFrames,
    /// Packets are lost on the way to this node.
    Loss {
        /// Lost among those that were sent, over the last seconds: 1 to 100.
        percent: u8,
    },
}
