//! Kinds of media and the codecs that are forwarded.

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// A codec that is forwarded untouched. Others are not negotiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// RFC 7587.
    Opus,
    /// RFC 7741.
    Vp8,
    /// RFC 9628.
    Vp9,
    /// RFC 6184.
    H264,
    /// The AV1 RTP payload format of AOMedia.
    Av1,
}
