//! Going: a connection that is lost, a participant who leaves or is removed, and the end of all.

use std::time::{Duration, Instant};

use roomcast_protocol::{Client, ErrorCode, Refusal, ServerMessage};

use super::Room;
use super::request::{Asker, Caller};
use crate::happening::{Happening, LeaveCause};
use crate::input::{ConnectionId, Now};
use crate::output::{MediaCommand, Output, StoreCommand};
use crate::roster::{Arrival, Roster};
use crate::subscriber::Subscriber;
use crate::timer::Timer;

/// Time for which a participant keeps their place without a connection, and a publication its tile
/// without a session. Long enough for a change of network or a reload of the page, short enough that
/// nobody talks to an empty chair.
pub const RESUME_GRACE: Duration = Duration::from_secs(30);

/// The same for those without a page. They come back by themselves, within the patience that the
/// media engine has had with them, or not at all.
pub const BRIEF_GRACE: Duration = Duration::from_secs(2);

impl Room {
    /// A connection is gone. One that the room closed itself is not known any more.
    pub(super) fn lose(&mut self, now: Instant, connection: ConnectionId) {
        let Some(who) = self.roster.disconnect(connection) else {
            return self.stop_waiting(connection);
        };
        self.timers.set(Timer::Resume(who), now + self.grace_of(who));
        (self.stage_changed, self.links_changed) = (true, true);
    }

    /// A participant leaves by their own wish.
    pub(super) fn leave(&mut self, caller: Caller) -> Result<(), Refusal> {
        let cause = LeaveCause::Left;
        self.send_away(caller.who, ErrorCode::Left, cause, "you have left the room");
        Ok(())
    }

    /// Says goodbye to a participant, if they are connected, and forgets them.
    pub(super) fn send_away(
        &mut self,
        who: Arrival,
        code: ErrorCode,
        cause: LeaveCause,
        sentence: &str,
    ) {
        if let Some(connection) = self.roster.get(who).and_then(|p| p.connection) {
            self.send(connection, goodbye(code, sentence));
            self.output(Output::Close { connection });
            // They hear nothing of their own going.
            self.roster.disconnect(connection);
        }
        self.depart(who, cause);
    }

    /// Keeps a program from coming back by itself after what is done to it now.
    pub(super) fn bar(&mut self, now: Now, who: Arrival) {
        if let Some(participant) = self.roster.get(who) {
            self.bars.add(participant.identity.as_ref(), participant.client, now.monotonic);
        }
    }

    /// For how long someone keeps their place without a connection, or without a session.
    pub(super) fn grace_of(&self, who: Arrival) -> Duration {
        let is_page = self.roster.get(who).is_some_and(|p| p.client == Client::Page);
        if is_page { RESUME_GRACE } else { BRIEF_GRACE }
    }

    /// Forgets a participant: sessions, publications, resume token.
    pub(super) fn depart(&mut self, who: Arrival, cause: LeaveCause) {
        self.leaves(who, cause);
        self.timers.cancel(Timer::Resume(who));
        self.timers.cancel(Timer::Republish(who));
        self.forget_pairs(who);
        self.lower(who);
        self.strugglers.remove(who);
        self.to_be_told.remove(&who);
        self.receptions_changed.remove(&who);
        let Some(mut participant) = self.roster.remove(who) else { return };
        self.stage_changed |= participant.is_on_stage();
        self.publications_changed |= participant.publisher.stop();
        let states = participant.subscriber.as_ref().map(Subscriber::states);
        self.decoding_ended(states.into_iter().flatten());
        let opened = participant.subscriber.filter(|subscriber| subscriber.opened);
        let sessions = participant.publisher.session.into_iter();
        for session in sessions.chain(opened.map(|subscriber| subscriber.session)) {
            self.media(MediaCommand::Close { session });
        }
        self.output(Output::Departed { participant: participant.id });
    }

    /// The room is ended for everyone.
    pub(super) fn end(&mut self, asker: Asker) -> Result<(), Refusal> {
        self.ok(asker);
        self.output(Output::Store(StoreCommand::Remove));
        let refusal = Refusal::new(ErrorCode::RoomEnded, "a host has ended the room");
        self.finish(refusal, LeaveCause::RoomEnded);
        Ok(())
    }

    /// The node goes down. The store keeps everything: the room comes back with the node.
    pub(super) fn shut_down(&mut self) {
        let sentence = "the server is going down; it may be back in a moment";
        let refusal = Refusal::new(ErrorCode::ShuttingDown, sentence);
        self.finish(refusal, LeaveCause::ShuttingDown);
    }

    fn finish(&mut self, refusal: Refusal, cause: LeaveCause) {
        if self.over.is_some() {
            return;
        }
        self.broadcast(goodbye(refusal.code, &refusal.message));
        self.dismiss_everyone_waiting(&refusal);
        let connections: Vec<_> = self.roster.connections().collect();
        for connection in &connections {
            self.roster.disconnect(*connection);
        }
        let everyone: Vec<_> = self.roster.everyone().map(|(who, _)| who).collect();
        for who in everyone {
            self.depart(who, cause);
        }
        if cause == LeaveCause::RoomEnded {
            self.happened(Happening::RoomEnded);
        }
        for connection in connections {
            self.output(Output::Close { connection });
        }
        self.output(Output::Ended);
        self.roster = Roster::default();
        self.timers.clear();
        self.over = Some(refusal);
    }
}

/// The last message of a connection.
pub(super) fn goodbye(code: ErrorCode, sentence: &str) -> ServerMessage {
    ServerMessage::Goodbye { code, message: sentence.to_owned() }
}
