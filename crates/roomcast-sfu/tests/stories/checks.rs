//! What can be seen of the world, and what must hold of it.

use roomcast_sfu::{Counters, Event, PublicationId, SessionId, Shard};

use crate::world::{Who, World};

impl World {
    pub(crate) fn session(&self, who: Who) -> SessionId {
        self.clients[who].session
    }

    /// The events of one client's session, without their times.
    pub(crate) fn events_of(&self, who: Who) -> Vec<&Event> {
        let session = self.session(who);
        self.events.iter().map(|(_, e)| e).filter(|e| session_of(e) == session).collect()
    }

    pub(crate) fn counters(&self) -> Vec<Counters> {
        self.shards.iter().map(Shard::counters).collect()
    }

    pub(crate) fn total(&self, of: impl Fn(&Counters) -> u64) -> u64 {
        self.counters().iter().map(of).sum()
    }

    /// The shard that owns the most recent session, when it is the only one.
    pub(crate) fn shards_with_sessions(&self) -> Vec<u64> {
        self.counters().iter().map(|c| c.sessions).collect()
    }

    /// Nothing is left of any session, publication or address in any shard.
    #[track_caller]
    pub(crate) fn assert_empty(&self) {
        for (index, shard) in self.shards.iter().enumerate() {
            assert!(shard.is_empty(), "shard {index} keeps something: {shard:?}; {self}");
        }
    }

    /// What the client received of a publication has no gap and no repeat, frames' timestamps rise,
    /// and nothing was written twice.
    #[track_caller]
    pub(crate) fn assert_gapless(&self, who: Who, publication: PublicationId) {
        let packets = self.clients[who].in_order(publication);
        assert!(!packets.is_empty(), "client {who} received nothing; {self}");
        assert_eq!(self.sent_twice, 0, "numbers were used twice; {self}");
        for pair in packets.windows(2) {
            let [before, after] = pair else { continue };
            assert_eq!(
                before.seq + 1,
                after.seq,
                "gap or repeat at {after:?} after {before:?}; {self}"
            );
            let step = after.time.wrapping_sub(before.time).cast_signed();
            let is_same_frame = (before.stamp.session, before.stamp.frame)
                == (after.stamp.session, after.stamp.frame);
            let rises = if is_same_frame { step == 0 } else { step > 0 };
            assert!(rises, "time goes by {step} from {before:?} to {after:?}; {self}");
        }
    }

    /// In addition: what it received is every packet that was published from the first one on.
    #[track_caller]
    pub(crate) fn assert_complete(&self, who: Who, publication: PublicationId) {
        self.assert_gapless(who, publication);
        for pair in self.clients[who].in_order(publication).windows(2) {
            let (before, after) = (pair[0].stamp, pair[1].stamp);
            if before.session == after.session {
                assert_eq!(before.number + 1, after.number, "{before:?} {after:?}; {self}");
            }
        }
    }

    /// The same for a stream that is longer than 16 bits can count: here numbers do come twice.
    #[track_caller]
    pub(crate) fn assert_rolls_over(&mut self, who: Who, publication: PublicationId) {
        let count = self.clients[who].of(publication).len() as u64;
        assert!(count > 70_000, "{count} packets; {self}");
        assert!(self.sent_twice < count - 65_000, "{self}");
        self.sent_twice = 0;
        self.assert_complete(who, publication);
    }

    /// The client goes on receiving.
    #[track_caller]
    pub(crate) fn assert_flows(&mut self, who: Who, publication: PublicationId) {
        let before = self.clients[who].of(publication).len();
        self.run_ms(400);
        let after = self.clients[who].of(publication).len();
        assert!(after > before + 8, "{before} then {after} packets; {self}");
    }
}

fn session_of(event: &Event) -> SessionId {
    match event {
        Event::Answered { session, .. }
        | Event::Refused { session, .. }
        | Event::Offered { session, .. }
        | Event::Connected { session }
        | Event::PublicationStarted { session, .. }
        | Event::PublicationTrouble { session, .. }
        | Event::LayersWanted { session, .. }
        | Event::Reception { session, .. }
        | Event::Outgrown { session }
        | Event::Subscription { session, .. }
        | Event::Closed { session, .. } => *session,
    }
}
