//! Bounds on what may come in from outside, each with its reason.

/// Bytes of one WebSocket message of a client. The largest honest message is an SDP offer of a
/// browser with four tracks (about 20 KiB); this leaves room for three times that.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// Characters of a room's name. It has to fit in a link that a person reads aloud.
pub const MAX_ROOM_NAME_CHARS: usize = 64;

/// Characters of a participant's name: two long names and a title fit.
pub const MAX_DISPLAY_NAME_CHARS: usize = 64;

/// Characters of one chat message: a long paragraph.
pub const MAX_CHAT_CHARS: usize = 2_000;

/// Chat messages that a room keeps for those who come later.
pub const CHAT_HISTORY: usize = 200;

/// Bytes of them in one `welcome`: 200 messages of some 500 letters each. Longer ones leave room for
/// fewer.
pub const MAX_CHAT_HISTORY_BYTES: usize = 128 * 1024;

/// Publications that one participant may have at a time: one for each [`crate::Source`].
pub const MAX_PUBLICATIONS_PER_PARTICIPANT: usize = 4;

/// Participants on one stage: each viewer receives all of them, and a page that decodes more
/// pictures than this is of no use to anyone.
pub const MAX_STAGE: usize = 16;

/// Characters of a host key, a resume token or any id that comes back from a client. Ours have 22
/// to 43; longer ones are refused unread.
pub const MAX_SECRET_CHARS: usize = 128;

/// Participants listed in one answer to `audience`.
pub const MAX_AUDIENCE_PAGE: usize = 100;
