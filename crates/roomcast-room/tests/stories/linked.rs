//! What stories about links have in common.

use roomcast_protocol::client::AnnouncedTrack;
use roomcast_protocol::link::{
    DescriptionType, LinkCandidate, LinkDescription, LinkEntry, LinkSignal, LinkState, NoLink,
};
use roomcast_protocol::settings::SettingsChange;
use roomcast_protocol::{
    ClientMessage, ErrorCode, Path, PublicationId, ServerMessage, Source, Topology,
};

use crate::harness::{Client, World, assert_ok, assert_refused};

impl World {
    /// How one client sees another in its newest list.
    pub(crate) fn entry(&self, client: Client, other: Client) -> Option<LinkEntry> {
        let other = self.id(other);
        let links = self.links.get(&client)?;
        links.entries.iter().find(|entry| entry.participant == other).cloned()
    }

    /// The number of the link that both are to hold.
    pub(crate) fn link(&self, one: Client, other: Client) -> Option<u32> {
        let held = |entry: &LinkEntry| entry.path == Path::Link;
        let mine = self.entry(one, other).filter(held)?;
        let theirs = self.entry(other, one).filter(held)?;
        assert_eq!(mine.link, theirs.link);
        assert_ne!(mine.polite, theirs.polite);
        Some(mine.link)
    }

    /// Why a client has no link to another, when it is told so.
    pub(crate) fn why(&self, client: Client, other: Client) -> Option<NoLink> {
        self.entry(client, other)?.why
    }

    pub(crate) fn needs_to_publish(&self, client: Client) -> bool {
        self.links[&client].node
    }

    pub(crate) fn signal(
        &mut self,
        from: Client,
        to: Client,
        link: u32,
        signal: LinkSignal,
    ) -> ServerMessage {
        let to = self.id(to);
        self.ask(from, ClientMessage::Link { to, link, signal })
    }

    pub(crate) fn report(&mut self, from: Client, other: Client, state: LinkState) {
        let link = self.entry(from, other).unwrap().link;
        let participant = self.id(other);
        let message = ClientMessage::LinkState { participant, link, state, cause: None };
        assert_ok(&self.ask(from, message));
    }

    pub(crate) fn receives(&mut self, receiver: Client, publisher: Client, via: Path) {
        let participant = self.id(publisher);
        assert_ok(&self.ask(receiver, ClientMessage::Receiving { participant, via }));
    }

    pub(crate) fn relink(&mut self, from: Client, other: Client) -> ServerMessage {
        let participant = self.id(other);
        self.ask(from, ClientMessage::Relink { participant })
    }

    /// Announces sources; the ids of their publications.
    pub(crate) fn announce(&mut self, client: Client, sources: &[Source]) -> Vec<PublicationId> {
        let track = |source: &Source| AnnouncedTrack { source: *source, muted: false };
        let tracks = sources.iter().map(track).collect();
        assert_ok(&self.ask(client, ClientMessage::Announce { tracks }));
        let id = self.id(client);
        let stage = &self.states[&client].stage;
        let member = stage.iter().find(|member| member.participant == id).unwrap();
        member.publications.iter().map(|p| p.publication).collect()
    }

    pub(crate) fn set(&mut self, host: Client, change: SettingsChange) {
        assert_ok(&self.ask(host, ClientMessage::Settings(change)));
    }

    pub(crate) fn set_topology(&mut self, host: Client, topology: Topology) {
        let change = SettingsChange { topology: Some(topology), ..SettingsChange::default() };
        self.set(host, change);
    }

    /// What the node brings to a client that has subscribed; nothing while it brings nothing.
    pub(crate) fn by_node(&self, client: Client) -> Vec<PublicationId> {
        let mine = self.receivers.iter().rev().filter(|(_, receiver)| **receiver == client);
        mine.filter_map(|(session, _)| self.engine.wanted(*session)).next().unwrap_or_default()
    }
}

pub(crate) fn offer(text: &str) -> LinkSignal {
    let description = LinkDescription { r#type: DescriptionType::Offer, sdp: text.to_owned() };
    LinkSignal { description: Some(description), ..LinkSignal::default() }
}

pub(crate) fn candidate(text: &str) -> LinkSignal {
    let candidate = LinkCandidate {
        candidate: text.to_owned(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: Some(0),
        username_fragment: None,
    };
    LinkSignal { candidate: Some(Some(candidate)), ..LinkSignal::default() }
}

/// What came by link signaling, in order: from whom is checked by the caller's numbers.
pub(crate) fn signals(heard: Vec<ServerMessage>) -> Vec<LinkSignal> {
    let link = |message| match message {
        ServerMessage::Link { signal, .. } => Some(signal),
        _ => None,
    };
    heard.into_iter().filter_map(link).collect()
}

pub(crate) fn assert_no_link(message: &ServerMessage) {
    assert_refused(message, ErrorCode::LinkUnknown);
}
