//! What is true of paths and rights after every input, whatever came: judged by what clients were told and by
//! what the media engine was commanded.

use std::collections::{BTreeMap, BTreeSet};

use roomcast_protocol::limits::{MAX_HANDS, MAX_LINKS, MAX_STAGE, MAX_STRUGGLING, MAX_WAITING};
use roomcast_protocol::link::LinkEntry;
use roomcast_protocol::server::{Publication, Role};
use roomcast_protocol::{
    Client as Program, MediaKind, ParticipantId, Path, PublicationId, Standing,
};

use crate::chronicle;
use crate::harness::{Client, World};

/// Everyone who is connected, by the id under which others know them.
type Present = BTreeMap<ParticipantId, Client>;

pub(crate) fn check(world: &World) {
    let clients = world.present().into_iter();
    let present: Present = clients.map(|client| (world.id(client), client)).collect();
    assert!(world.waiting() <= MAX_WAITING && world.hands_told <= MAX_HANDS);
    for client in present.values() {
        check_list(world, &present, *client);
        check_need(world, *client);
    }
    check_node(world, &present);
    if !world.ended {
        chronicle::check(world);
        check_rights(world);
        check_strugglers(world);
    }
    let gone: BTreeSet<_> = world.departed.iter().collect();
    assert_eq!(gone.len(), world.departed.len(), "someone departed twice");
    assert!(!present.keys().any(|id| gone.contains(id)), "someone departed and is still there");
}

/// Nobody has what they may not have, and of one identity and kind of program there is one.
fn check_rights(world: &World) {
    let mut identities = BTreeSet::new();
    for record in world.room().participants(None, usize::MAX) {
        let on_stage = record.role != Role::Viewer;
        assert!(on_stage || record.publications.is_empty(), "{record:?}");
        let may_publish = |p: &Publication| record.grants.publish.contains(&p.source);
        assert!(record.publications.iter().all(may_publish), "{record:?}");
        assert!(record.grants.subscribe || record.sessions.subscriber.is_none(), "{record:?}");
        assert!(record.client != Program::Whep || !on_stage, "{record:?}");
        if let Some(identity) = &record.identity {
            assert!(identities.insert((identity.clone(), record.client)), "{record:?} twice");
        }
    }
    for client in world.present() {
        let record = world.room().participant(&world.id(client));
        let record = record.expect("someone present is not here");
        let linked = world.links.get(&client).is_some_and(|links| !links.entries.is_empty());
        assert!(record.client == Program::Page || !linked, "{record:?}");
    }
}

/// Who struggles knows how, and hosts alone know of others.
fn check_strugglers(world: &World) {
    let (now, standings) = (world.room().struggling(), world.room().standings());
    assert_eq!(now.len(), MAX_STRUGGLING.min(standings.limited + standings.poor));
    assert!(now.iter().all(|one| one.reception.standing != Standing::Good), "{now:?}");
    for client in world.present() {
        let mine = now.iter().find(|one| one.participant == world.id(client));
        let told = world.receptions_told.get(&client);
        let told = told.filter(|reception| reception.standing != Standing::Good);
        assert!(now.len() == MAX_STRUGGLING || mine.map(|one| &one.reception) == told, "{mine:?}");
        let Some((told, count)) = world.strugglers_told.get(&client) else { continue };
        let record = world.room().participant(&world.id(client)).expect("someone is not here");
        assert!(record.role == Role::Host && record.grants.moderate, "{record:?}");
        assert!(told.len() <= MAX_STRUGGLING && told.len() <= *count as usize, "{told:?}");
    }
}

/// A link is held by both or by none, under one number, and one of the two gives way.
fn check_list(world: &World, present: &Present, client: Client) {
    let Some(links) = world.links.get(&client) else { return };
    let me = world.id(client);
    let held = links.entries.iter().filter(|entry| entry.path == Path::Link).count();
    // Twice as many while some are made and others are still needed.
    assert!(held <= 2 * MAX_LINKS, "{held} links");
    if links.mesh {
        assert_eq!(links.entries.len() + 1, world.participants(), "a mesh without someone");
    }
    for entry in &links.entries {
        assert_ne!(entry.participant, me);
        assert_eq!(entry.why.is_none(), entry.path == Path::Link, "{entry:?}");
        let Some(theirs) = present.get(&entry.participant).and_then(|c| world.links.get(c)) else {
            continue;
        };
        let mine = theirs.entries.iter().find(|theirs| theirs.participant == me);
        let mine = mine.unwrap_or_else(|| panic!("{me} is not listed for {entry:?}"));
        assert_eq!((mine.link, mine.path, mine.why), (entry.link, entry.path, entry.why));
        assert_ne!(mine.polite, entry.polite);
    }
}

/// Whoever is on stage and has no link to everyone else is asked to publish at the node.
fn check_need(world: &World, client: Client) {
    let Some(links) = world.links.get(&client) else { return };
    let me = world.id(client);
    let stage = &world.states[&client].stage;
    assert!(stage.len() <= MAX_STAGE);
    let on_stage = stage.iter().any(|member| member.participant == me);
    let linked = links.entries.iter().filter(|entry| entry.path == Path::Link).count();
    if on_stage && linked + 1 < world.participants() {
        assert!(links.node, "{me} is not asked to publish for those without a link");
    }
    assert!(on_stage || !links.node, "{me} is asked to publish and may not");
}

/// A subscriber receives by the node all that is there of those to whom they have no link, and only
/// what is published by others.
fn check_node(world: &World, present: &Present) {
    for (session, client) in &world.receivers {
        let (Some(wanted), true) = (world.engine.wanted(*session), world.is_present(*client))
        else {
            continue;
        };
        let wanted: BTreeSet<PublicationId> = wanted.into_iter().collect();
        let me = world.id(*client);
        let linked = |entry: &&LinkEntry| entry.path == Path::Link;
        let links = world.links.get(client).map(|links| links.entries.iter().filter(linked));
        let linked: BTreeSet<_> = links.into_iter().flatten().map(|e| &e.participant).collect();
        let watches = world.engine.watches(*session);
        let mut published = BTreeSet::new();
        for member in world.states[client].stage.iter().filter(|m| m.participant != me) {
            let ids: Vec<_> = member.publications.iter().map(|p| p.publication).collect();
            let expected = member.publications.iter().filter(|p| !watches || !is_dark(p));
            let at_node = !world.announced.contains(&member.participant);
            if at_node && !linked.contains(&member.participant) {
                let mut expected = expected.map(|p| p.publication);
                assert!(expected.all(|id| wanted.contains(&id)), "{me} has no path to {member:?}");
            }
            published.extend(ids);
        }
        assert!(wanted.is_subset(&published), "{me} receives what is not published");
    }
    assert!(present.len() <= world.participants());
}

/// A picture of which nothing is seen.
fn is_dark(publication: &Publication) -> bool {
    let muted = publication.muted || publication.muted_by_host;
    muted && publication.source.kind() == MediaKind::Video
}
