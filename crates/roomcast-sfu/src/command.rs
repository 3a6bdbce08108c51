//! What the control plane tells a session. All of it travels by the engine's control queues.

use crate::ids::{PublicationId, SessionId};
use crate::media::MediaKind;
use crate::quality::{OfferedLayer, Preference};

/// A command to one session. The engine brings it to the shard that owns the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Opens a publisher session, or renegotiates it when it exists.
    /// Answered by [`crate::Event::Answered`] or [`crate::Event::Refused`].
    Publish {
        /// The publisher session.
        session: SessionId,
        /// The whole SDP offer of the browser.
        offer: String,
        /// Which publication each media section carries. Publications of an earlier offer that are
        /// not named any more have stopped.
        tracks: Vec<PublishedTrack>,
        /// For how long the session is kept without a sign of the peer. What the first offer of a
        /// session says holds for all of it.
        patience: Patience,
    },
    /// Opens a subscriber session in which the peer offers, or renegotiates it when it exists: other
    /// ICE credentials than before restart ICE. Answered by [`crate::Event::Answered`] or
    /// [`crate::Event::Refused`].
    ///
    /// The receiving media sections of the first offer are all that the session ever has. They carry
    /// the first publications of each kind, and there is never an offer of this node: a later
    /// [`Command::Subscribe`] changes what they carry without a word to the peer.
    Watch {
        /// The subscriber session.
        session: SessionId,
        /// The whole SDP offer of the peer.
        offer: String,
        /// What it is to receive, most wanted first.
        publications: Vec<WantedPublication>,
        /// As in [`Command::Publish`].
        patience: Patience,
    },
    /// Opens a subscriber session when it does not exist, and says what it is to receive: the whole
    /// list, each time. Leads to [`crate::Event::Offered`] when the media sections change, and to
    /// [`crate::Event::Subscription`] for each publication.
    Subscribe {
        /// The subscriber session.
        session: SessionId,
        /// Everything that it is to receive. A publication need not have started yet.
        publications: Vec<WantedPublication>,
    },
    /// Answers an offer of a subscriber session.
    Answer {
        /// The subscriber session.
        session: SessionId,
        /// The number of the offer that is answered.
        offer: u32,
        /// The whole SDP answer of the browser.
        answer: String,
    },
    /// Restarts ICE in a subscriber session: a new offer follows. (A browser restarts its publisher
    /// session itself, by a new offer.)
    RestartIce {
        /// The subscriber session.
        session: SessionId,
    },
    /// Says how good the pictures of a subscriber session are to be: the whole list, each time. Does
    /// nothing where there is no such session.
    Prefer {
        /// The subscriber session.
        session: SessionId,
        /// One for each picture about which there is something to say.
        preferences: Vec<Preference>,
    },
    /// Stops or resumes the forwarding of a publication, at its source.
    Mute {
        /// The publisher session of the publication.
        session: SessionId,
        /// The publication.
        publication: PublicationId,
        /// Whether nothing of it is forwarded.
        muted: bool,
    },
    /// Closes a session without an event. Does nothing if it is gone already.
    Close {
        /// Either kind of session.
        session: SessionId,
    },
}

impl Command {
    /// The session that the command is for.
    pub fn session(&self) -> SessionId {
        match self {
            Self::Publish { session, .. }
            | Self::Watch { session, .. }
            | Self::Subscribe { session, .. }
            | Self::Answer { session, .. }
            | Self::RestartIce { session }
            | Self::Prefer { session, .. }
            | Self::Mute { session, .. }
            | Self::Close { session } => *session,
        }
    }
}

/// For how long a session outlives its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Patience {
    /// Its peer may resume: it is kept for half a minute without an answer to ICE.
    #[default]
    Resumable,
    /// Nobody is there who would resume: it has to be up within 15 s, and is gone 12 s after the last
    /// that came from the peer, be it media, RTCP or a check.
    Brief,
}

/// What one media section of a publisher session carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTrack {
    /// The `a=mid` of the media section.
    pub mid: String,
    /// The publication. The same publication may come back in a later session: its subscribers then
    /// go on without renegotiation.
    pub publication: PublicationId,
    /// Its simulcast encodings, as far as the publisher describes them. Those that come without a
    /// description are forwarded as well.
    pub layers: Vec<OfferedLayer>,
}

/// A publication that a subscriber session is to receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedPublication {
    /// The publication.
    pub publication: PublicationId,
    /// Its kind, which decides the kind of the media section.
    pub kind: MediaKind,
}
