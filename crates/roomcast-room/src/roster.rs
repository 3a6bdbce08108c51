//! Everyone in the room, and the ways to find them: by arrival, id, connection, session and resume
//! token. The stage and the audience are kept as lists, so that neither is searched among the other.
//!
//! Every index changes here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use roomcast_protocol::server::Role;
use roomcast_protocol::{Client, Identity, ParticipantId};

use crate::input::{ConnectionId, SessionId};
use crate::participant::Participant;
use crate::token;

/// When someone came, counted from 1: the order of every list, and the name of a participant within
/// this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrival(pub(crate) u64);

/// Everyone in the room. Bounded by who is let in.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    arrivals: u64,
    participants: BTreeMap<Arrival, Participant>,
    ids: BTreeMap<ParticipantId, Arrival>,
    connections: BTreeMap<ConnectionId, Arrival>,
    sessions: BTreeMap<SessionId, Arrival>,
    tokens: token::Index,
    identities: BTreeMap<(Identity, Client), Arrival>,
    stage: BTreeSet<Arrival>,
    audience: BTreeSet<Arrival>,
    linkable: BTreeSet<Arrival>,
}

impl Roster {
    /// Participants, connected or not.
    pub(crate) fn len(&self) -> usize {
        self.participants.len()
    }

    /// One participant.
    pub(crate) fn get(&self, who: Arrival) -> Option<&Participant> {
        self.participants.get(&who)
    }

    /// One participant, to be changed: but for the role, the connection and the resume token.
    pub(crate) fn get_mut(&mut self, who: Arrival) -> Option<&mut Participant> {
        self.participants.get_mut(&who)
    }

    /// Everyone, in the order of arrival.
    pub(crate) fn everyone(&mut self) -> impl Iterator<Item = (Arrival, &mut Participant)> {
        self.participants.iter_mut().map(|(who, participant)| (*who, participant))
    }

    /// Those who came behind one of them, or all, in the order of arrival.
    pub(crate) fn behind(
        &self,
        after: Option<Arrival>,
    ) -> impl Iterator<Item = (Arrival, &Participant)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self.participants.range((start, Bound::Unbounded));
        range.map(|(who, participant)| (*who, participant))
    }

    /// Hosts and speakers, connected or not, in the order of arrival.
    pub(crate) fn stage(&self) -> impl Iterator<Item = (Arrival, &Participant)> {
        self.stage.iter().filter_map(|who| Some((*who, self.participants.get(who)?)))
    }

    /// How many are on stage.
    pub(crate) fn stage_len(&self) -> usize {
        self.stage.len()
    }

    /// Viewers who are connected, in the order of arrival: those behind one of them, or all.
    pub(crate) fn audience(&self, after: Option<Arrival>) -> impl Iterator<Item = &Participant> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let members = self.audience.range((start, Bound::Unbounded));
        members.filter_map(|who| self.participants.get(who))
    }

    /// How many viewers are connected.
    pub(crate) fn audience_len(&self) -> usize {
        self.audience.len()
    }

    /// Those whose client can hold links, connected or not, in the order of arrival.
    pub(crate) fn linkable(&self) -> impl Iterator<Item = Arrival> {
        self.linkable.iter().copied()
    }

    /// How many that are.
    pub(crate) fn linkable_len(&self) -> usize {
        self.linkable.len()
    }

    /// How many are connected.
    pub(crate) fn connected_len(&self) -> usize {
        self.connections.len()
    }

    /// Every open connection.
    pub(crate) fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.connections.keys().copied()
    }

    /// Whether no connection is open.
    pub(crate) fn is_deserted(&self) -> bool {
        self.connections.is_empty()
    }

    /// Who has this id.
    pub(crate) fn by_id(&self, id: &ParticipantId) -> Option<Arrival> {
        self.ids.get(id).copied()
    }

    /// Whose connection this is.
    pub(crate) fn by_connection(&self, connection: ConnectionId) -> Option<Arrival> {
        self.connections.get(&connection).copied()
    }

    /// Whose session this is.
    pub(crate) fn by_session(&self, session: SessionId) -> Option<Arrival> {
        self.sessions.get(&session).copied()
    }

    /// Who may be taken up again with this token.
    pub(crate) fn by_token(&self, token: &str) -> Option<Arrival> {
        self.tokens
            .candidates(token)
            .find(|who| self.get(*who).is_some_and(|p| token::same(&p.resume, token)))
    }

    /// Who is here with this identity and this kind of program.
    pub(crate) fn by_identity(&self, identity: &Identity, client: Client) -> Option<Arrival> {
        self.identities.get(&(identity.clone(), client)).copied()
    }

    /// Lets someone in, not yet connected. Nobody of their identity is here.
    pub(crate) fn add(&mut self, participant: Participant) -> Arrival {
        self.arrivals = self.arrivals.saturating_add(1);
        let who = Arrival(self.arrivals);
        self.ids.insert(participant.id.clone(), who);
        self.tokens.insert(&participant.resume, who);
        if let Some(identity) = participant.identity.clone() {
            self.identities.insert((identity, participant.client), who);
        }
        self.participants.insert(who, participant);
        self.place(who);
        who
    }

    /// Forgets someone with their connection and sessions.
    pub(crate) fn remove(&mut self, who: Arrival) -> Option<Participant> {
        let participant = self.participants.remove(&who)?;
        self.ids.remove(&participant.id);
        self.tokens.remove(&participant.resume, who);
        if let Some(identity) = participant.identity.clone() {
            self.identities.remove(&(identity, participant.client));
        }
        if let Some(connection) = participant.connection {
            self.connections.remove(&connection);
        }
        let subscriber = participant.subscriber.as_ref().map(|s| s.session);
        for session in participant.publisher.session.into_iter().chain(subscriber) {
            self.sessions.remove(&session);
        }
        for list in [&mut self.stage, &mut self.audience, &mut self.linkable] {
            list.remove(&who);
        }
        Some(participant)
    }

    /// Gives someone a connection. The older one that this replaces comes back.
    pub(crate) fn connect(
        &mut self,
        who: Arrival,
        connection: ConnectionId,
    ) -> Option<ConnectionId> {
        let older = self.participants.get_mut(&who)?.connection.replace(connection);
        if let Some(older) = older {
            self.connections.remove(&older);
        }
        self.connections.insert(connection, who);
        self.place(who);
        older
    }

    /// Takes a connection away. Whose it was.
    pub(crate) fn disconnect(&mut self, connection: ConnectionId) -> Option<Arrival> {
        let who = self.connections.remove(&connection)?;
        self.participants.get_mut(&who)?.connection = None;
        self.place(who);
        Some(who)
    }

    /// Gives someone another resume token; the older one is void.
    pub(crate) fn set_token(&mut self, who: Arrival, token: String) {
        let Some(participant) = self.participants.get_mut(&who) else { return };
        self.tokens.remove(&participant.resume, who);
        self.tokens.insert(&token, who);
        participant.resume = token;
    }

    /// Gives someone a role.
    pub(crate) fn set_role(&mut self, who: Arrival, role: Role) {
        if let Some(participant) = self.participants.get_mut(&who) {
            participant.role = role;
        }
        self.place(who);
    }

    /// Notes whether someone's client can hold links.
    pub(crate) fn set_links(&mut self, who: Arrival, links: bool) {
        if let Some(participant) = self.participants.get_mut(&who) {
            participant.links = links;
        }
        self.place(who);
    }

    /// Notes whose session this is.
    pub(crate) fn own(&mut self, session: SessionId, who: Arrival) {
        self.sessions.insert(session, who);
    }

    /// Forgets a session.
    pub(crate) fn disown(&mut self, session: SessionId) {
        self.sessions.remove(&session);
    }

    /// Whether every index names just those who are there, with what they have.
    #[cfg(test)]
    pub(crate) fn is_consistent(&self) -> bool {
        let all = || self.participants.values();
        let connections = all().filter(|p| p.connection.is_some()).count();
        let publishers = all().filter(|p| p.publisher.session.is_some()).count();
        let subscribers = all().filter(|p| p.subscriber.is_some()).count();
        self.ids.len() == self.len()
            && self.tokens.len() == self.len()
            && self.identities.len() == all().filter(|p| p.identity.is_some()).count()
            && self.connections.len() == connections
            && self.linkable.len() == all().filter(|p| p.links).count()
            && self.sessions.len() == publishers + subscribers
    }

    /// Lists someone on stage or in the audience, as they stand.
    fn place(&mut self, who: Arrival) {
        let Some(participant) = self.participants.get(&who) else { return };
        let on_stage = participant.is_on_stage();
        let watches = !on_stage && participant.connection.is_some();
        for (list, belongs) in [
            (&mut self.stage, on_stage),
            (&mut self.audience, watches),
            (&mut self.linkable, participant.links),
        ] {
            if belongs {
                list.insert(who);
            } else {
                list.remove(&who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use roomcast_protocol::DisplayName;

    use super::*;

    fn add(roster: &mut Roster, id: &str, role: Role) -> Arrival {
        let name = DisplayName::parse(id).unwrap();
        roster.add(Participant::new(ParticipantId(id.into()), name, role, format!("token {id}")))
    }

    #[test]
    fn a_participant_is_found_in_every_way_until_removed() {
        let mut roster = Roster::default();
        let ann = add(&mut roster, "ann", Role::Viewer);
        roster.connect(ann, ConnectionId(7));
        let find = |roster: &Roster| {
            [
                roster.by_id(&ParticipantId("ann".into())),
                roster.by_connection(ConnectionId(7)),
                roster.by_token("token ann"),
            ]
        };
        assert_eq!(find(&roster), [Some(ann); 3]);
        assert!(roster.is_consistent());
        roster.remove(ann);
        assert_eq!(find(&roster), [None; 3]);
        assert!(roster.is_consistent());
        assert_eq!((roster.len(), roster.audience_len()), (0, 0));
    }

    #[test]
    fn the_stage_keeps_those_who_are_away_and_the_audience_does_not() {
        let mut roster = Roster::default();
        let host = add(&mut roster, "host", Role::Host);
        let viewer = add(&mut roster, "viewer", Role::Viewer);
        roster.connect(host, ConnectionId(1));
        roster.connect(viewer, ConnectionId(2));
        assert_eq!((roster.stage_len(), roster.audience_len()), (1, 1));
        roster.disconnect(ConnectionId(1));
        roster.disconnect(ConnectionId(2));
        assert_eq!((roster.stage_len(), roster.audience_len()), (1, 0));
        roster.connect(viewer, ConnectionId(3));
        roster.set_role(viewer, Role::Speaker);
        assert_eq!((roster.stage_len(), roster.audience_len()), (2, 0));
    }

    #[test]
    fn a_new_connection_or_token_makes_the_older_one_void() {
        let mut roster = Roster::default();
        let ann = add(&mut roster, "ann", Role::Viewer);
        assert_eq!(roster.connect(ann, ConnectionId(1)), None);
        assert_eq!(roster.connect(ann, ConnectionId(2)), Some(ConnectionId(1)));
        assert_eq!(roster.disconnect(ConnectionId(1)), None);
        roster.set_token(ann, "another".into());
        assert_eq!(roster.by_token("token ann"), None);
        assert_eq!(roster.by_token("another"), Some(ann));
    }
}
