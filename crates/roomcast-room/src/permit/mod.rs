//! Who may do what: the one place where roles and grants are looked at. What else may stand in the
//! way (a closed chat, a full stage, someone who is not here) is for those who carry it out.

use std::collections::BTreeSet;

use roomcast_protocol::link::Stream;
use roomcast_protocol::server::Role;
use roomcast_protocol::{ClientMessage, ErrorCode, Grants, ParticipantId, Refusal, Source};

/// Who asks.
#[derive(Debug)]
pub(crate) enum Authority {
    /// Someone in the room.
    Participant(Role, Grants),
    /// An operator of the node, by the HTTP API.
    Operator,
}

/// What is asked: something for each message, and more than one where it matters whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    Join,
    Announce(BTreeSet<Source>),
    Publish(BTreeSet<Source>),
    Unpublish,
    TrackMuted,
    Subscribe,
    Watch,
    Prefer,
    Answer,
    Chat,
    /// To say something while the chat is closed.
    ChatWhileClosed,
    Rename,
    Mute,
    Silence,
    Remove,
    ChatOpen,
    Audience,
    Link,
    LinkState,
    Relink,
    Receiving,
    Direct,
    RaiseHand,
    LowerHand,
    /// Someone else's.
    RaiseHandOf,
    LowerHandOf,
    /// To go oneself.
    LeaveStage,
    Stage,
    Settings,
    Admit,
    MediaTrouble,
    End,
    Leave,
    Ping,
}

/// What it takes.
enum Need<'a> {
    /// To be in the room.
    Presence,
    /// To be on stage, with leave to publish these.
    Publish(&'a BTreeSet<Source>),
    Subscribe,
    Chat,
    /// To be a viewer who might come on stage.
    Hand,
    /// To be a host.
    Moderate,
    /// To be a host or an operator.
    Govern,
    /// More than anyone has.
    Impossible,
}

impl Operation {
    /// What a message asks for. `asker` is the participant who sent it, if it is one.
    pub(crate) fn of(message: &ClientMessage, asker: Option<&ParticipantId>) -> Self {
        use ClientMessage as M;
        match message {
            M::Join { .. } => Self::Join,
            M::Announce { tracks } => Self::Announce(tracks.iter().map(|t| t.source).collect()),
            M::Publish { tracks, .. } => Self::Publish(tracks.iter().map(|t| t.source).collect()),
            M::Unpublish => Self::Unpublish,
            M::TrackMuted { .. } => Self::TrackMuted,
            M::Subscribe { .. } => Self::Subscribe,
            M::Watch { .. } => Self::Watch,
            M::Prefer { .. } => Self::Prefer,
            M::Answer { .. } => Self::Answer,
            M::Chat { .. } | M::Direct { stream: Stream::Chat, .. } => Self::Chat,
            M::Rename { .. } => Self::Rename,
            M::Mute { .. } => Self::Mute,
            M::Silence { .. } => Self::Silence,
            M::Remove { .. } => Self::Remove,
            M::ChatOpen { .. } => Self::ChatOpen,
            M::Audience { .. } => Self::Audience,
            M::Link { .. } => Self::Link,
            M::LinkState { .. } => Self::LinkState,
            M::Relink { .. } => Self::Relink,
            M::Receiving { .. } => Self::Receiving,
            M::Direct { stream: Stream::File, .. } => Self::Direct,
            M::Hand { raised, participant } => {
                Self::hand(*raised, participant.is_none() || participant.as_ref() == asker)
            }
            M::Stage { participant, on: false } if Some(participant) == asker => Self::LeaveStage,
            M::Stage { .. } => Self::Stage,
            M::Settings(_) => Self::Settings,
            M::Admit { .. } => Self::Admit,
            M::MediaTrouble { .. } => Self::MediaTrouble,
            M::End => Self::End,
            M::Leave => Self::Leave,
            M::Ping => Self::Ping,
        }
    }

    fn hand(raised: bool, own: bool) -> Self {
        match (raised, own) {
            (true, true) => Self::RaiseHand,
            (true, false) => Self::RaiseHandOf,
            (false, true) => Self::LowerHand,
            (false, false) => Self::LowerHandOf,
        }
    }

    fn need(&self) -> Need<'_> {
        match self {
            Self::Announce(sources) | Self::Publish(sources) => Need::Publish(sources),
            Self::Subscribe | Self::Watch | Self::Prefer | Self::Answer => Need::Subscribe,
            Self::Chat | Self::Direct => Need::Chat,
            Self::RaiseHand => Need::Hand,
            Self::RaiseHandOf => Need::Impossible,
            Self::ChatWhileClosed | Self::Audience | Self::LowerHandOf => Need::Moderate,
            Self::Mute
            | Self::Silence
            | Self::Remove
            | Self::ChatOpen
            | Self::Stage
            | Self::Settings
            | Self::Admit
            | Self::End => Need::Govern,
            Self::Join
            | Self::Unpublish
            | Self::TrackMuted
            | Self::Rename
            | Self::Link
            | Self::LinkState
            | Self::Relink
            | Self::Receiving
            | Self::LowerHand
            | Self::LeaveStage
            | Self::MediaTrouble
            | Self::Leave
            | Self::Ping => Need::Presence,
        }
    }
}

/// Whether someone may do something.
///
/// # Errors
/// [`ErrorCode::Forbidden`], with a sentence that says who may.
pub(crate) fn permits(authority: &Authority, operation: &Operation) -> Result<(), Refusal> {
    let need = operation.need();
    let Authority::Participant(role, grants) = authority else {
        return permitted_if(matches!(need, Need::Govern), "this cannot be done from outside");
    };
    match need {
        Need::Presence => Ok(()),
        Need::Subscribe => permitted_if(grants.subscribe, "your token does not let you watch"),
        Need::Chat => permitted_if(grants.chat, "your token does not let you chat"),
        Need::Moderate | Need::Govern => {
            permitted_if(moderates(*role, grants), "only a host may do this")
        }
        Need::Hand => {
            permitted_if(*role == Role::Viewer, "only viewers raise a hand, their own")?;
            permitted_if(may_be_on_stage(grants), "your token does not let you come on stage")
        }
        Need::Publish(sources) => {
            permitted_if(*role != Role::Viewer, "only hosts and speakers may publish")?;
            let all = sources.is_subset(&grants.publish);
            permitted_if(all, "your token does not let you publish this")
        }
        Need::Impossible => permitted_if(false, "only viewers raise a hand, their own"),
    }
}

/// Whether someone is to know what hosts know.
pub(crate) fn moderates(role: Role, grants: &Grants) -> bool {
    role == Role::Host && grants.moderate
}

/// Whether it makes sense to bring someone on stage.
pub(crate) fn may_be_on_stage(grants: &Grants) -> bool {
    !grants.publish.is_empty()
}

fn permitted_if(permitted: bool, sentence: &str) -> Result<(), Refusal> {
    if permitted { Ok(()) } else { Err(Refusal::new(ErrorCode::Forbidden, sentence)) }
}

#[cfg(test)]
mod tests;
