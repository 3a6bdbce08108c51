//! The task of one room: it owns the state machine, carries out what that wants, and waits for
//! nobody but the store.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::ws::Utf8Bytes;
use roomcast_protocol::{RoomName, ServerMessage};
use roomcast_room::{
    ConnectionId, Input, Join, MediaCommand, MediaEvent, Now, Opening, Output, Room, StoreCommand,
};
use tokio::sync::{mpsc, oneshot};

use super::directory::{IDLE, Request};
use super::media::{ROOM_QUEUE, Routed, to_engine};
use super::{Outbox, Surroundings};

/// What a room is sent by connections and the directory.
#[derive(Debug)]
pub(crate) enum Mail {
    /// Someone enters; the room answers by the outbox.
    Join(Join, Outbox),
    /// A connection that entered has a request, or is gone.
    Input(Input),
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
    surroundings.metrics.rooms.inc();
    let task = Task {
        name: opening.name.clone(),
        number: opening.number,
        room: Room::new(opening),
        surroundings,
        directory,
        members: HashMap::new(),
        lost: Vec::new(),
        joins: 0,
        deadline: None,
        empty_since: Some(Instant::now()),
        participants: 0,
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
    /// Everyone who came in and was neither closed nor lost.
    members: HashMap<ConnectionId, Member>,
    /// Connections that were dropped for reading too slowly; the room is told next.
    lost: Vec<ConnectionId>,
    joins: u64,
    deadline: Option<Instant>,
    empty_since: Option<Instant>,
    /// As counted in the metrics.
    participants: usize,
    over: bool,
}

struct Member {
    outbox: Outbox,
    /// Whether the room let it in: broadcasts are for these.
    welcomed: bool,
}

impl Task {
    async fn run(mut self, mut mail: mpsc::Receiver<Mail>, mut media: mpsc::Receiver<MediaEvent>) {
        let mut going_down = self.surroundings.going_down.clone();
        tracing::debug!(room = self.number, name = %self.name, "room begins");
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
            Mail::Join(join, outbox) => {
                self.joins += 1;
                self.members.insert(join.connection, Member { outbox, welcomed: false });
                self.room.handle(now(), Input::Join(join));
            }
            Mail::Input(input) => {
                if let Input::Disconnected { connection } = &input {
                    self.members.remove(connection);
                }
                self.room.handle(now(), input);
            }
        }
    }

    fn hear(&mut self, event: MediaEvent) {
        self.room.handle(now(), Input::Media(event));
    }

    fn pass_time(&mut self) {
        if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            self.room.handle_timeout(now());
        }
    }

    /// Does what the room wants until it wants nothing more.
    async fn carry_out(&mut self) {
        loop {
            match self.room.poll() {
                Output::Send { to, message } => self.send(to, &message),
                Output::Broadcast { message } => self.broadcast(&message),
                Output::Close { connection } => drop(self.members.remove(&connection)),
                Output::Media(command) => self.command(command),
                Output::Store(command) => self.keep(command).await,
                Output::Ended => self.over = true,
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    let Some(connection) = self.lost.pop() else { break };
                    self.room.handle(now(), Input::Disconnected { connection });
                }
            }
        }
        self.count();
    }

    fn send(&mut self, to: ConnectionId, message: &ServerMessage) {
        if let ServerMessage::Error { refusal, .. } = message {
            self.surroundings.metrics.refused(refusal.code);
        }
        let Some(member) = self.members.get_mut(&to) else { return };
        member.welcomed |= matches!(message, ServerMessage::Welcome(_));
        let Some(text) = written(message) else { return };
        if member.outbox.push(text).is_err() {
            self.lose(to);
        }
    }

    fn broadcast(&mut self, message: &ServerMessage) {
        let Some(text) = written(message) else { return };
        let slow: Vec<ConnectionId> = self
            .members
            .iter()
            .filter(|(_, member)| member.welcomed)
            .filter(|(_, member)| member.outbox.push(text.clone()).is_err())
            .map(|(connection, _)| *connection)
            .collect();
        slow.into_iter().for_each(|connection| self.lose(connection));
    }

    fn lose(&mut self, connection: ConnectionId) {
        tracing::debug!(room = self.number, connection = connection.0, "reads too slowly");
        self.members.remove(&connection);
        self.lost.push(connection);
    }

    fn command(&self, command: MediaCommand) {
        self.surroundings.engine.command(to_engine(command));
    }

    async fn keep(&self, command: StoreCommand) {
        let (store, room) = (&self.surroundings.store, self.name.clone());
        match command {
            StoreCommand::Chat(message) => store.chat(room, message).await,
            StoreCommand::ChatOpen(open) => store.chat_open(room, open).await,
            StoreCommand::Remove => store.remove(room).await,
        }
    }

    fn count(&mut self) {
        let participants = self.room.participants();
        let metric = &self.surroundings.metrics.participants;
        metric.inc_by(gauged(participants) - gauged(self.participants));
        self.participants = participants;
        if participants > 0 {
            self.empty_since = None;
        } else if self.empty_since.is_none() {
            self.empty_since = Some(Instant::now());
        }
    }

    fn wake(&self) -> Option<Instant> {
        let idle = self.empty_since.map(|since| since + IDLE);
        self.deadline.into_iter().chain(idle).min()
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

impl Drop for Task {
    /// Also when the task fails.
    fn drop(&mut self) {
        self.surroundings.metrics.rooms.dec();
        self.surroundings.metrics.participants.dec_by(gauged(self.participants));
    }
}

fn gauged(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn written(message: &ServerMessage) -> Option<Utf8Bytes> {
    match serde_json::to_string(message) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            tracing::error!(%error, "bug: a message cannot be written");
            None
        }
    }
}

/// The one place where a room's clocks are read.
fn now() -> Now {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let unix_ms = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
    Now { monotonic: Instant::now(), unix_ms }
}

async fn sleep_until(wake: Option<Instant>) {
    // Waking once in a while for nothing is cheaper than a second branch.
    const FOREVER: Duration = Duration::from_secs(3_600);
    let wake = wake.unwrap_or_else(|| Instant::now() + FOREVER);
    tokio::time::sleep_until(wake.into()).await;
}
