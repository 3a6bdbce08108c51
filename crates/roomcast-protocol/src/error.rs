//! Error codes: one table for WebSocket and HTTP. `docs/ERRORS.md` is its manual.

use serde::{Deserialize, Serialize};

/// Who has to do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The message breaks the protocol: the client program is at fault.
    Peer,
    /// The message is well formed, but its sender may not do this, or not now.
    Caller,
    /// A bound was reached: trying again later may work.
    Limit,
    /// The node itself is at fault.
    Node,
}

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $blame:ident, $status:literal;)+) => {
        /// A stable code of what went wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl ErrorCode {
            /// Every code, in the order of `docs/ERRORS.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as it stands in messages.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// Who is at fault.
            pub fn blame(self) -> Blame {
                match self { $(Self::$name => Blame::$blame),+ }
            }

            /// The status of an HTTP response that carries this code.
            pub fn http_status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }
        }
    };
}

error_codes! {
    /// The message is not JSON, or a field is missing or of the wrong type.
    Malformed = "malformed", Peer, 400;
    /// The message or body has more bytes than its bound in [`crate::limits`].
    TooLarge = "too-large", Peer, 413;
    /// There is no message of this type.
    UnknownMessage = "unknown-message", Peer, 400;
    /// The first message must be `join`.
    NotJoined = "not-joined", Peer, 409;
    /// This connection has joined already.
    AlreadyJoined = "already-joined", Peer, 409;
    /// The node does not speak this version of the protocol.
    VersionUnsupported = "version-unsupported", Peer, 400;
    /// A room's or participant's name is empty, too long, or holds control characters.
    NameInvalid = "name-invalid", Caller, 400;
    /// A chat message is empty or too long.
    TextInvalid = "text-invalid", Caller, 400;
    /// The session description cannot be read or answered.
    SdpInvalid = "sdp-invalid", Peer, 400;
    /// The session description offers nothing that this node can receive.
    SdpUnusable = "sdp-unusable", Peer, 400;
    /// An answer came for an offer that is no longer open, or a newer offer took the place of this
    /// one.
    OfferStale = "offer-stale", Peer, 409;
    /// No room of this name is open.
    RoomUnknown = "room-unknown", Caller, 404;
    /// A room of this name is open already, and the host key does not fit it or is missing.
    RoomExists = "room-exists", Caller, 409;
    /// The host key is not the one of this room.
    HostKeyInvalid = "host-key-invalid", Caller, 403;
    /// A host has locked the room: newcomers are refused.
    RoomLocked = "room-locked", Caller, 403;
    /// A host did not let this participant in.
    Denied = "denied", Caller, 403;
    /// The role of this participant does not allow this.
    Forbidden = "forbidden", Caller, 403;
    /// No such participant is in the room.
    ParticipantUnknown = "participant-unknown", Caller, 404;
    /// The participant does not publish this.
    PublicationUnknown = "publication-unknown", Caller, 404;
    /// There is no such link, or not any more: its number is old, or the other side has left.
    LinkUnknown = "link-unknown", Caller, 404;
    /// The chat of this room is closed.
    ChatClosed = "chat-closed", Caller, 403;
    /// A host has silenced this participant in the chat.
    Silenced = "silenced", Caller, 403;
    /// The room has as many participants as it may have.
    RoomFull = "room-full", Limit, 503;
    /// The stage has as many participants as it may have.
    StageFull = "stage-full", Limit, 503;
    /// As many wait to be let in as may.
    WaitingFull = "waiting-full", Limit, 503;
    /// As many hands are up as may be.
    HandsFull = "hands-full", Limit, 503;
    /// The node has as many rooms or sessions as it may have.
    NodeFull = "node-full", Limit, 503;
    /// Too many messages or connections in a short time.
    RateLimited = "rate-limited", Limit, 429;
    /// The client reads its connection too slowly; it has been closed.
    SlowReader = "slow-reader", Limit, 503;
    /// A host removed this participant from the room.
    Removed = "removed", Caller, 403;
    /// A host ended the room.
    RoomEnded = "room-ended", Caller, 410;
    /// The participant left by its own wish.
    Left = "left", Caller, 410;
    /// The same participant connected again; this older connection is closed.
    Replaced = "replaced", Caller, 409;
    /// The media of this session stopped arriving.
    MediaTimeout = "media-timeout", Peer, 408;
    /// The node is going down; come back in a moment.
    ShuttingDown = "shutting-down", Node, 503;
    /// This node or this request needs a token or key, and none came with it.
    TokenMissing = "token-missing", Caller, 401;
    /// The token cannot be read, is signed by nobody known here, or is for something else.
    TokenInvalid = "token-invalid", Caller, 401;
    /// The time of the token is over, or has not come yet.
    TokenExpired = "token-expired", Caller, 401;
    /// The stream key or API key is unknown, was renewed or removed, or does not fit.
    KeyInvalid = "key-invalid", Caller, 403;
    /// The body is not of a media type that is understood here.
    MediaTypeUnsupported = "media-type-unsupported", Peer, 415;
    /// The answer cannot be given in any media type that the client takes.
    NotAcceptable = "not-acceptable", Peer, 406;
    /// The resource does not know this method.
    MethodNotAllowed = "method-not-allowed", Peer, 405;
    /// The session has changed since the entity tag in `If-Match`.
    PreconditionFailed = "precondition-failed", Peer, 412;
    /// The request needs an `If-Match`.
    PreconditionRequired = "precondition-required", Peer, 428;
    /// There is no such session, or not any more.
    SessionUnknown = "session-unknown", Caller, 404;
    /// Another publishes with this identity or key, and this one may not take over.
    PublisherExists = "publisher-exists", Caller, 409;
    /// The address of a webhook is none that this node calls.
    WebhookTarget = "webhook-target", Caller, 400;
    /// There is one of this name already, and it is different.
    AlreadyExists = "already-exists", Caller, 409;
    /// There is no such page or resource.
    NotFound = "not-found", Caller, 404;
    /// Something failed in the node. Its log says what.
    Internal = "internal", Node, 500;
}

/// Why something was refused: a stable code, and a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Refusal {
    /// The stable code: what programs look at.
    pub code: ErrorCode,
    /// What happened and what to do next, in English, for a person.
    pub message: String,
}

impl Refusal {
    /// A refusal with its sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
