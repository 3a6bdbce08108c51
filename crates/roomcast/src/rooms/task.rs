//! The task of one room: it owns the state machine, carries out what that wants, and waits for
//! nobody but the store.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use roomcast_protocol::{
    ClientMessage, ParticipantId, Refusal, RoomName, TroubleCause, TroublePlace,
};
use roomcast_room::{
    Input, Join, MediaCommand, MediaEvent, Now, Opening, Output, Room, StoreCommand,
};
use tokio::sync::{mpsc, oneshot};

use super::Surroundings;
use super::counted::Counted;
use super::directory::{IDLE, Request};
use super::look::Look;
use super::media::{ROOM_QUEUE, Routed};
use super::members::{Member, Members};
use super::translate::to_engine;
use super::troubles::Trouble;
use crate::wall_clock::unix_ms;

/// What a room is sent by connections and the directory.
#[derive(Debug)]
pub(crate) enum Mail {
    /// Someone enters; the room answers by the member's outbox.
    Join(Join, Member),
    /// A connection that entered has a request, or is gone.
    Input(Input),
    /// An operator wants something done. No answer means that the room is over.
    Operate(ClientMessage, oneshot::Sender<Result<(), Refusal>>),
    /// Someone wants to know how the room stands.
    Look(Look),
}

/// Where mail for a room goes. Connections wait when it is full.
pub(crate) type RoomMailbox = mpsc::Sender<Mail>;

/// Mail that may wait: each of a thousand viewers that come within one moment.
const MAILBOX: usize = 2_048;

/// Starts the task of a room.
pub(super) async fn start(
    opening: Opening,
    surroundings: Surroundings,
    directory: mpsc::WeakSender<Request>,
) -> RoomMailbox {
    let (mailbox, mail) = mpsc::channel(MAILBOX);
    let (events, media) = mpsc::channel(ROOM_QUEUE);
    // Known to the router before its first command, so that no event comes too early.
    let _ = surroundings.routes.send(Routed::Opened(opening.number, events)).await;
    let task = Task {
        name: opening.name.clone(),
        number: opening.number,
        room: Room::new(opening),
        members: Members::new(surroundings.clone()),
        counted: Counted::new(&surroundings.metrics),
        renew_at: surroundings.ice_servers.renewal().map(|after| Instant::now() + after),
        surroundings,
        directory,
        joins: 0,
        deadline: None,
        empty_since: Some(Instant::now()),
        operations: HashMap::new(),
        last_ticket: 0,
        over: false,
    };
    tokio::spawn(task.run(mail, media));
    mailbox
}

struct Task {
    name: RoomName,
    number: u32,
    room: Room,
    surroundings: Surroundings,
    directory: mpsc::WeakSender<Request>,
    members: Members,
    /// When everyone gets new credentials.
    renew_at: Option<Instant>,
    joins: u64,
    deadline: Option<Instant>,
    empty_since: Option<Instant>,
    counted: Counted,
    /// Operations that the room has not answered. It answers each at once, so that there is never
    /// more than one.
    operations: HashMap<u64, oneshot::Sender<Result<(), Refusal>>>,
    last_ticket: u64,
    over: bool,
}

impl Task {
    async fn run(mut self, mut mail: mpsc::Receiver<Mail>, mut media: mpsc::Receiver<MediaEvent>) {
        let mut going_down = self.surroundings.going_down.clone();
        tracing::debug!(room = self.number, name = %self.name, "room begins");
        // That it was opened, if it was, is told before anyone comes.
        self.carry_out().await;
        while !self.over {
            let wake = self.wake();
            tokio::select! {
                received = mail.recv() => match received {
                    Some(letter) => self.read(letter),
                    None => break,
                },
                Some(event) = media.recv() => self.hear(event),
                () = sleep_until(wake) => self.pass_time(),
                _ = going_down.wait_for(|down| *down) => {
                    self.room.handle(now(), Input::Shutdown);
                    self.over = true;
                }
            }
            self.carry_out().await;
            if self.is_idle() && self.may_be_put_away().await {
                break;
            }
        }
        self.end(mail).await;
    }

    fn read(&mut self, letter: Mail) {
        match letter {
            Mail::Join(join, member) => {
                self.joins += 1;
                self.members.add(join.connection, member);
                self.room.handle(now(), Input::Join(join));
            }
            Mail::Input(input) => {
                if let Input::Disconnected { connection } = &input {
                    self.members.remove(*connection);
                }
                self.room.handle(now(), input);
            }
            Mail::Operate(message, reply) => self.operate(message, reply),
            Mail::Look(look) => look.answer(&self.room, self.number),
        }
    }

    fn operate(&mut self, message: ClientMessage, reply: oneshot::Sender<Result<(), Refusal>>) {
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        self.operations.insert(ticket, reply);
        self.room.handle(now(), Input::Operate { ticket, message });
    }

    fn hear(&mut self, event: MediaEvent) {
        self.room.handle(now(), Input::Media(event));
    }

    fn pass_time(&mut self) {
        let now_is = Instant::now();
        if self.deadline.is_some_and(|deadline| deadline <= now_is) {
            self.room.handle_timeout(now());
        }
        if self.renew_at.is_some_and(|renew_at| renew_at <= now_is) {
            self.members.renew_ice_servers();
            self.renew_at = self.surroundings.ice_servers.renewal().map(|after| now_is + after);
        }
    }

    /// Does what the room wants until it wants nothing more.
    async fn carry_out(&mut self) {
        loop {
            match self.room.poll() {
                Output::Send { to, message } => self.members.send(to, message),
                Output::Broadcast { message } => self.members.broadcast(&message),
                Output::Close { connection } => self.members.remove(connection),
                Output::Media(command) => self.command(command),
                Output::Store(command) => self.keep(command).await,
                Output::Departed { participant } => {
                    self.surroundings.ice_servers.revoke(&participant);
                }
                Output::Trouble { participant, place, other, cause } => {
                    self.log_trouble(&participant, place, other.as_ref(), cause);
                }
                Output::Operated { ticket, result } => {
                    if let Some(reply) = self.operations.remove(&ticket) {
                        // Who asked may have gone.
                        let _ = reply.send(result);
                    }
                }
                Output::Happened(happening) => {
                    self.surroundings.happenings.record(&self.name, happening);
                }
                Output::Ended => self.over = true,
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    let Some(connection) = self.members.take_lost() else { break };
                    self.room.handle(now(), Input::Disconnected { connection });
                }
            }
        }
        self.count();
    }

    fn command(&self, command: MediaCommand) {
        self.surroundings.engine.command(to_engine(command));
    }

    async fn keep(&self, command: StoreCommand) {
        let (store, room) = (&self.surroundings.store, self.name.clone());
        match command {
            StoreCommand::Chat(message) => store.chat(room, message).await,
            StoreCommand::ChatOpen(open) => store.chat_open(room, open).await,
            StoreCommand::Settings(settings) => store.settings(room, settings).await,
            StoreCommand::Remove => store.remove(room).await,
        }
    }

    fn log_trouble(
        &self,
        participant: &ParticipantId,
        place: TroublePlace,
        other: Option<&ParticipantId>,
        cause: TroubleCause,
    ) {
        let trouble = Trouble {
            at: now().unix_ms,
            room: self.name.clone(),
            participant: participant.clone(),
            place,
            other: other.cloned(),
            cause,
        };
        let other = other.map(tracing::field::display);
        let (place, cause) = (place.as_str(), cause.as_str());
        tracing::info!(
            room = self.number, %participant, place, other, cause,
            "media of a participant did not get through"
        );
        self.surroundings.metrics.media_trouble(cause, place);
        self.surroundings.troubles.keep(trouble);
    }

    fn count(&mut self) {
        self.counted.count(&self.room);
        if self.room.participant_count() > 0 || self.room.waiting() > 0 {
            self.empty_since = None;
        } else if self.empty_since.is_none() {
            self.empty_since = Some(Instant::now());
        }
    }

    fn wake(&self) -> Option<Instant> {
        let idle = self.empty_since.map(|since| since + IDLE);
        self.deadline.into_iter().chain(idle).chain(self.renew_at).min()
    }

    fn is_idle(&self) -> bool {
        !self.over && self.empty_since.is_some_and(|since| since.elapsed() >= IDLE)
    }

    async fn may_be_put_away(&mut self) -> bool {
        let (reply, answer) = oneshot::channel();
        let request = Request::Idle { number: self.number, joins: self.joins, reply };
        let Some(directory) = self.directory.upgrade() else { return true };
        let _ = directory.send(request).await;
        let idle = answer.await.unwrap_or(true);
        // Someone is on the way in.
        self.empty_since = Some(Instant::now());
        idle
    }

    /// Takes leave of the directory, and refuses those who came in the same moment.
    async fn end(&mut self, mut mail: mpsc::Receiver<Mail>) {
        let (reply, answer) = oneshot::channel();
        if let Some(directory) = self.directory.upgrade() {
            let _ = directory.send(Request::Over { number: self.number, reply }).await;
            let _ = answer.await;
        }
        mail.close();
        while let Ok(letter) = mail.try_recv() {
            self.read(letter);
            self.carry_out().await;
        }
        let _ = self.surroundings.routes.send(Routed::Closed(self.number)).await;
        tracing::debug!(room = self.number, "room put away");
    }
}

/// The one place where a room's clocks are read.
fn now() -> Now {
    Now { monotonic: Instant::now(), unix_ms: unix_ms() }
}

async fn sleep_until(wake: Option<Instant>) {
    // Waking once in a while for nothing is cheaper than a second branch.
    const FOREVER: Duration = Duration::from_secs(3_600);
    let wake = wake.unwrap_or_else(|| Instant::now() + FOREVER);
    tokio::time::sleep_until(wake.into()).await;
}
