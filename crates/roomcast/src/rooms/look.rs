//! Reading a room from outside of it: what is asked, and how its task answers.

use roomcast_protocol::server::RoomState;
use roomcast_protocol::{ParticipantId, Struggling};
use roomcast_room::{ParticipantRecord, Room, Standings};
use tokio::sync::oneshot;

/// What is to be read. No answer means that the room is over.
#[derive(Debug)]
pub(crate) enum Look {
    /// The room as a whole.
    Room(oneshot::Sender<RoomLook>),
    /// Its participants in the order of arrival.
    Participants {
        /// Behind this one; from the beginning without it.
        after: Option<ParticipantId>,
        /// So many at most.
        limit: usize,
        reply: oneshot::Sender<Vec<ParticipantRecord>>,
    },
    /// One of them, if they are here.
    Participant(ParticipantId, oneshot::Sender<Option<ParticipantRecord>>),
}

/// A room as a whole.
#[derive(Debug, Clone)]
pub(crate) struct RoomLook {
    /// Its number: the upper half of its session ids.
    pub(crate) number: u32,
    pub(crate) state: RoomState,
    /// Connected, or within their grace period.
    pub(crate) participants: usize,
    /// Those who wait to be let in.
    pub(crate) waiting: usize,
    /// Those whose reception is not good, the worst first; not all, if they are many.
    pub(crate) struggling: Vec<Struggling>,
    /// How many they are in all.
    pub(crate) standings: Standings,
}

impl Look {
    /// Reads it. Who asked may have gone: then nothing happens.
    pub(super) fn answer(self, room: &Room, number: u32) {
        match self {
            Self::Room(reply) => {
                let look = RoomLook {
                    number,
                    state: room.state(),
                    participants: room.participant_count(),
                    waiting: room.waiting(),
                    struggling: room.struggling(),
                    standings: room.standings(),
                };
                let _ = reply.send(look);
            }
            Self::Participants { after, limit, reply } => {
                let _ = reply.send(room.participants(after.as_ref(), limit));
            }
            Self::Participant(id, reply) => {
                let _ = reply.send(room.participant(&id));
            }
        }
    }
}
