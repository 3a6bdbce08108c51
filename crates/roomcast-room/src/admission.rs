//! With which right someone comes in, as the outside has found it out.

use roomcast_protocol::server::Role;
use roomcast_protocol::{Client, Grants, Identity};

/// What a token, a key or the opening of the room says about the one who joins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Admission {
    /// The role to come with. Without one: a speaker in a call while there are places, and for a
    /// client that publishes only; otherwise a viewer.
    pub role: Option<Role>,
    /// What they may do at most, whatever role they get. Without them: what the role comes with.
    pub grants: Option<Grants>,
    /// Who they are to the one who gave them their token or key. Of one identity and kind of client
    /// there is one participant: a later one takes the place of the earlier.
    pub identity: Option<Identity>,
    /// With which kind of program they come.
    pub client: Client,
    /// Whether they may take the place of someone whose publisher session is up.
    pub takeover: bool,
    /// Whether the lock and the waiting room are not for them.
    pub invited: bool,
}

impl Admission {
    /// That of a page without a token, with the host key of the room or without. An invalid key
    /// never gets here.
    #[must_use]
    pub fn of_page(host: bool) -> Self {
        Self { role: host.then_some(Role::Host), takeover: true, ..Self::default() }
    }

    /// Whether a valid host key, or what is worth as much, came with it. Those who came to watch
    /// only are nothing else.
    pub(crate) fn is_host(&self) -> bool {
        self.role == Some(Role::Host) && self.client != Client::Whep
    }

    /// Whether they come to be on stage at once: it is all that a client can do that only publishes.
    pub(crate) fn comes_on_stage(&self) -> bool {
        match (self.client, self.role) {
            (Client::Whep, _) => false,
            (_, Some(role)) => role != Role::Viewer,
            (client, None) => client == Client::Whip,
        }
    }

    /// What they may do at most, whatever role they get, if that is limited. Those who came to watch
    /// only do so.
    pub(crate) fn limits(&self) -> Option<Grants> {
        if self.client != Client::Whep {
            return self.grants.clone();
        }
        let subscribe = self.grants.as_ref().is_none_or(|grants| grants.subscribe);
        Some(Grants { subscribe, ..Grants::default() })
    }

    /// Whether they come in past the lock and the waiting room.
    pub(crate) fn passes_the_door(&self) -> bool {
        self.invited || self.is_host()
    }

    /// Whether a person is before it who can wait, answer, and come back by a resume token.
    pub(crate) fn is_page(&self) -> bool {
        self.client == Client::Page
    }
}
