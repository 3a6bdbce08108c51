//! One participant: who they are, what they may do, and their two sessions.

use roomcast_protocol::server::{
    AudienceMember, NamedParticipant, Publication, Role, ServerMessage, SessionKind, StageMember,
};
use roomcast_protocol::{Client, DisplayName, Grants, Identity, ParticipantId, Reception, Refusal};

use crate::chat::{Pace, Speaker};
use crate::input::ConnectionId;
use crate::links::Undelivered;
use crate::permit::{self, Authority, Operation, permits};
use crate::preferences::Preferences;
use crate::publisher::Publisher;
use crate::subscriber::Subscriber;

/// Someone in the room, connected or within the grace period.
#[derive(Debug)]
pub(crate) struct Participant {
    pub(crate) id: ParticipantId,
    pub(crate) name: DisplayName,
    pub(crate) role: Role,
    /// What they may do at most; without it, what their role comes with.
    pub(crate) grants: Option<Grants>,
    pub(crate) identity: Option<Identity>,
    pub(crate) client: Client,
    /// The secret that takes up this participant again. Changed through the roster alone.
    pub(crate) resume: String,
    /// Absent while the connection is lost. Changed through the roster alone.
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) silenced: bool,
    pub(crate) pace: Pace,
    pub(crate) publisher: Publisher,
    pub(crate) subscriber: Option<Subscriber>,
    /// How good the pictures are to be, in whatever subscriber session.
    pub(crate) preferences: Preferences,
    /// The number of the last offer that was made to this participant. It rises over all of their
    /// subscriber sessions: an answer to an offer of an older session is known by it.
    pub(crate) last_offer: u32,
    /// Whether their client can hold links. Changed through the roster alone.
    pub(crate) links: bool,
    /// Whether they have been here since before this input: something may be running for them.
    pub(crate) settled: bool,
    /// How well they receive, as they were told last on this connection.
    pub(crate) told_reception: Reception,
    /// The list of links that they were told last on this connection.
    pub(crate) told_links: Option<ServerMessage>,
    /// What others said about links while the connection was lost.
    pub(crate) undelivered: Undelivered,
    /// How often they may report trouble.
    pub(crate) troubles: Pace,
    /// Sessions that ended while nobody could be told. At most one of each kind, since no session
    /// begins without a connection.
    pub(crate) untold: Vec<(SessionKind, Refusal)>,
}

impl Participant {
    /// A newcomer without a connection.
    pub(crate) fn new(id: ParticipantId, name: DisplayName, role: Role, resume: String) -> Self {
        Self {
            id,
            name,
            role,
            grants: None,
            identity: None,
            client: Client::Page,
            resume,
            connection: None,
            silenced: false,
            pace: Pace::default(),
            publisher: Publisher::default(),
            subscriber: None,
            preferences: Preferences::default(),
            last_offer: 0,
            untold: Vec::new(),
            links: false,
            settled: false,
            told_reception: Reception::default(),
            told_links: None,
            undelivered: Undelivered::default(),
            troubles: Pace::default(),
        }
    }

    /// With which right they ask for something.
    pub(crate) fn authority(&self) -> Authority {
        Authority::Participant(self.role, self.grants())
    }

    /// Whether they are to know what hosts know.
    pub(crate) fn moderates(&self) -> bool {
        permit::moderates(self.role, &self.grants())
    }

    /// Whether links are for them.
    pub(crate) fn may_hold_links(&self) -> bool {
        self.client == Client::Page && permits(&self.authority(), &Operation::Subscribe).is_ok()
    }

    /// Whether they are a host.
    pub(crate) fn is_host(&self) -> bool {
        self.role == Role::Host
    }

    /// Whether they may publish, and are listed for everyone.
    pub(crate) fn is_on_stage(&self) -> bool {
        matches!(self.role, Role::Host | Role::Speaker)
    }

    /// How everyone sees them on stage.
    pub(crate) fn as_stage_member(&self) -> StageMember {
        StageMember {
            participant: self.id.clone(),
            name: self.name.as_str().to_owned(),
            role: self.role,
            client: self.client,
            connected: self.connection.is_some(),
            publications: self.publications(),
        }
    }

    /// What they publish.
    pub(crate) fn publications(&self) -> Vec<Publication> {
        let published = self.publisher.published().map(|(source, slot)| Publication {
            publication: slot.id,
            source,
            muted: slot.muted,
            muted_by_host: slot.muted_by_host,
        });
        published.collect()
    }

    /// What they may do at most.
    pub(crate) fn grants(&self) -> Grants {
        self.grants.clone().unwrap_or_else(|| Grants::of_role(self.role))
    }

    /// How lists of participants name them.
    pub(crate) fn as_named(&self) -> NamedParticipant {
        NamedParticipant { participant: self.id.clone(), name: self.name.as_str().to_owned() }
    }

    /// How a host sees them in the audience.
    pub(crate) fn as_audience_member(&self) -> AudienceMember {
        AudienceMember {
            participant: self.id.clone(),
            name: self.name.as_str().to_owned(),
            silenced: self.silenced,
        }
    }

    /// How the chat names them.
    pub(crate) fn as_speaker(&self) -> Speaker {
        Speaker {
            participant: self.id.clone(),
            name: self.name.as_str().to_owned(),
            host: self.is_host(),
        }
    }

    /// What was said, or could not be said, while the connection was lost. Call once on a resume.
    pub(crate) fn catch_up(&mut self) -> Vec<ServerMessage> {
        let closed = std::mem::take(&mut self.untold).into_iter();
        let mut messages: Vec<_> = closed
            .map(|(session, refusal)| ServerMessage::SessionClosed { session, refusal })
            .collect();
        let layers = self.publisher.wanted_layers();
        messages
            .extend(layers.map(|(source, l)| ServerMessage::Layers { source, wanted: l.to_vec() }));
        if let Some(subscriber) = &self.subscriber {
            messages.extend(subscriber.catch_up());
        }
        messages
    }
}
