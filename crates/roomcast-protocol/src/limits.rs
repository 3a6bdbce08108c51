//! Bounds on what may come in from outside, each with its reason.

/// Bytes of one WebSocket message of a client. The largest honest message is a browser's answer to a
/// full stage: for [`MAX_STAGE`] participants with two pictures and two sounds each, of about 2.2 and
/// 0.5 KiB, some 90 KiB. Browsers that add codecs of their own have half as much again.
pub const MAX_MESSAGE_BYTES: usize = 160 * 1024;

/// Characters of a room's name. It has to fit in a link that a person reads aloud.
pub const MAX_ROOM_NAME_CHARS: usize = 64;

/// Characters of a participant's name: two long names and a title fit.
pub const MAX_DISPLAY_NAME_CHARS: usize = 64;

/// Characters of an identity: a mail address, a UUID or a short sentence of another system fits.
pub const MAX_IDENTITY_CHARS: usize = 128;

/// Bytes of a body of WHIP or WHEP: ten times what a browser offers with all its codecs.
pub const MAX_DESCRIPTION_BYTES: usize = 64 * 1024;

/// Lines of such a session description: twice what a browser offers with two sounds and two pictures
/// in all its codecs.
pub const MAX_DESCRIPTION_LINES: usize = 1_000;

/// Characters of one chat message: a long paragraph.
pub const MAX_CHAT_CHARS: usize = 2_000;

/// Chat messages that a room keeps for those who come later.
pub const CHAT_HISTORY: usize = 200;

/// Bytes of them in one `welcome`: 200 messages of some 500 letters each. Longer ones leave room for
/// fewer.
pub const MAX_CHAT_HISTORY_BYTES: usize = 128 * 1024;

/// Publications that one participant may have at a time: one for each [`crate::Source`].
pub const MAX_PUBLICATIONS_PER_PARTICIPANT: usize = 4;

/// Simulcast layers of one publication: browsers send three at most.
pub const MAX_LAYERS: usize = 3;

/// Pictures that one `prefer` may name: all that a full stage can show.
pub const MAX_PREFERENCES: usize = 2 * MAX_STAGE;

/// Participants listed in one `struggling`. A host reads them as a list.
pub const MAX_STRUGGLING: usize = 20;

/// Participants on one stage: each viewer receives all of them, and a page that decodes more
/// pictures than this is of no use to anyone.
pub const MAX_STAGE: usize = 16;

/// Characters of a host key, a resume token or any id that comes back from a client. Ours have 22
/// to 43; longer ones are refused unread.
pub const MAX_SECRET_CHARS: usize = 128;

/// Participants listed in one answer to `audience`.
pub const MAX_AUDIENCE_PAGE: usize = 100;

/// Links of one participant. A page that encodes for more than this is of no use to anyone, and it
/// is all that makes the cost of a room by links square.
pub const MAX_LINKS: usize = 16;

/// Bytes of a candidate with its names. Real ones have less than 200.
pub const MAX_CANDIDATE_BYTES: usize = 1024;

/// Bytes of one `direct`: 24 KiB of a file in base64 with its numbers fit twice, and it leaves room
/// for the list of receivers in a message of [`MAX_MESSAGE_BYTES`].
pub const MAX_DIRECT_BYTES: usize = 48 * 1024;

/// Those who may wait to be let in. A host reads them as a list.
pub const MAX_WAITING: usize = 100;

/// Hands that may be up at a time. A host reads them as a list.
pub const MAX_HANDS: usize = 50;
