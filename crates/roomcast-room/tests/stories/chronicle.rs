//! What the outside was told to have happened, held against the room as it stands.

use std::collections::{BTreeMap, BTreeSet};

use roomcast_protocol::server::Role;
use roomcast_protocol::{ParticipantId, PublicationId};
use roomcast_room::Happening;

use crate::harness::{Told, World};

/// Who is there and what is published, as far as happenings tell it.
#[derive(Debug, Default)]
struct Chronicle {
    opened: bool,
    ended: bool,
    here: BTreeSet<ParticipantId>,
    gone: BTreeSet<ParticipantId>,
    published: BTreeMap<PublicationId, ParticipantId>,
}

impl Chronicle {
    fn read(&mut self, happening: &Happening) {
        assert!(!self.ended, "{happening:?} behind the end");
        match happening {
            Happening::RoomOpened => {
                assert!(!std::mem::replace(&mut self.opened, true), "opened twice");
            }
            Happening::RoomEnded => self.ended = true,
            Happening::ParticipantJoined(who) => {
                assert!(!self.gone.contains(&who.participant), "{happening:?} behind their going");
                assert!(self.here.insert(who.participant.clone()), "{happening:?} twice");
            }
            Happening::ParticipantLeft(who, _) => {
                assert!(self.here.remove(&who.participant), "{happening:?} who was not here");
                let left = self.published.values().any(|owner| *owner == who.participant);
                assert!(!left, "{happening:?} before their publications ended");
                self.gone.insert(who.participant.clone());
            }
            Happening::PublicationStarted(one) => {
                assert!(self.here.contains(&one.participant), "{happening:?} of nobody");
                let before = self.published.insert(one.publication, one.participant.clone());
                assert_eq!(before, None, "{happening:?} twice");
            }
            Happening::PublicationStopped(one) => {
                let owner = self.published.remove(&one.publication);
                assert_eq!(owner.as_ref(), Some(&one.participant), "{happening:?}");
            }
        }
    }
}

/// Everything that happened was told once, and nothing else.
pub(crate) fn check(world: &World) {
    let mut chronicle = Chronicle::default();
    world.happened.iter().for_each(|happening| chronicle.read(happening));
    // Told with the first input.
    assert!(chronicle.opened || world.happened.is_empty());
    let room = world.room();
    let everyone = room.participants(None, usize::MAX);
    assert_eq!(everyone.len(), room.participant_count());
    let here: BTreeSet<_> = everyone.iter().map(|record| record.participant.clone()).collect();
    assert_eq!(chronicle.here, here);
    let published = everyone.iter().flat_map(|record| {
        record.publications.iter().map(|p| (p.publication, record.participant.clone()))
    });
    assert_eq!(chronicle.published, published.collect());
    check_troubles(world);
}

/// Hosts believe just what is so, and owners of publications what concerns them.
fn check_troubles(world: &World) {
    let everyone = world.room().participants(None, usize::MAX);
    let mut all = Vec::new();
    for record in &everyone {
        for (source, trouble) in &record.troubles {
            let published = record.publications.iter().any(|p| p.source == *source);
            assert!(published, "{trouble:?} of what is not published: {record:?}");
            all.push((record.participant.clone(), *source, *trouble));
        }
    }
    for client in world.present() {
        let me = world.id(client);
        let Some(record) = everyone.iter().find(|record| record.participant == me) else {
            continue;
        };
        let moderates = record.role == Role::Host && record.grants.moderate;
        let concerns = |(who, _, _): &&Told| moderates || *who == me;
        let mut expected: Vec<_> = all.iter().filter(concerns).cloned().collect();
        let mut told = world.troubles_told.get(&client).cloned().unwrap_or_default();
        let key = |told: &Told| format!("{told:?}");
        expected.sort_by_key(key);
        told.sort_by_key(key);
        assert_eq!(told, expected, "{me} believes something else");
    }
}
