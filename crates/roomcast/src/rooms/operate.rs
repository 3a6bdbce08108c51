//! What operators ask of the directory: to list rooms, to look into one, to operate and to make one.
//!
//! The directory only finds the task of a room. What is asked goes there, and who asks waits for the
//! answer by itself: a slow room holds up nobody else.

use roomcast_protocol::{ClientMessage, ErrorCode, Refusal, RoomName};
use tokio::sync::oneshot;

use super::directory::{Directory, Request, Table, shutting_down, store_fault};
use super::look::{Look, RoomLook};
use super::task::{Mail, RoomMailbox};
use crate::secret::Secret;
use crate::store::{KeptRoom, SavedRoom};

/// What the directory is asked for operators.
#[derive(Debug)]
pub(super) enum Operation {
    /// The mailboxes of these rooms, of those that are in use.
    InUse { rooms: Vec<RoomName>, reply: oneshot::Sender<Vec<Option<RoomMailbox>>> },
    /// The mailbox of a room, which is taken up from the store if need be.
    Reach { room: RoomName, reply: oneshot::Sender<Result<RoomMailbox, Refusal>> },
    /// A new room.
    Make { plan: KeptRoom, reply: oneshot::Sender<Result<Made, Refusal>> },
}

/// What came of the wish for a room.
#[derive(Debug)]
pub(crate) enum Made {
    /// It is new, and this is its host key.
    New(Secret),
    /// It was there already.
    Was(KeptRoom),
}

/// A room that is kept.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) kept: KeptRoom,
    /// How it stands, if it is in use.
    pub(crate) look: Option<RoomLook>,
}

/// How often a room is looked for that is put away in the very moment.
const TRIES: usize = 3;

impl Directory {
    /// Rooms by name, behind `after`: those in use and those that are only kept.
    pub(crate) async fn list(
        &self,
        after: Option<RoomName>,
        limit: usize,
    ) -> Result<Vec<Found>, Refusal> {
        let kept = self.store.list(after, limit).await.map_err(store_fault)?;
        let rooms = kept.iter().map(|kept| kept.name.clone()).collect();
        let mailboxes = self.in_use(rooms).await?;
        // All are asked before the first answer is awaited.
        let mut asked = Vec::with_capacity(kept.len());
        for (kept, mailbox) in kept.into_iter().zip(mailboxes) {
            let (reply, answer) = oneshot::channel();
            if let Some(mailbox) = mailbox {
                let _ = mailbox.send(Mail::Look(Look::Room(reply))).await;
            }
            asked.push((kept, answer));
        }
        let mut found = Vec::with_capacity(asked.len());
        for (kept, answer) in asked {
            found.push(Found { kept, look: answer.await.ok() });
        }
        Ok(found)
    }

    /// One room.
    pub(crate) async fn find(&self, room: &RoomName) -> Result<Found, Refusal> {
        let saved = self.store.load(room.clone()).await.map_err(store_fault)?;
        let SavedRoom { chat_open, settings, .. } = saved.ok_or_else(room_unknown)?;
        let kept = KeptRoom { name: room.clone(), chat_open, settings };
        Ok(Found { kept, look: self.look(room, Look::Room).await? })
    }

    /// Looks into a room; `None` when it is not in use, which says nothing about whether it is kept.
    pub(crate) async fn look<T>(
        &self,
        room: &RoomName,
        question: impl FnOnce(oneshot::Sender<T>) -> Look,
    ) -> Result<Option<T>, Refusal> {
        let Some(Some(mailbox)) = self.in_use(vec![room.clone()]).await?.pop() else {
            return Ok(None);
        };
        let (reply, answer) = oneshot::channel();
        let _ = mailbox.send(Mail::Look(question(reply))).await;
        Ok(answer.await.ok())
    }

    /// Does something in a room with the right of an operator. A room that is only kept is taken up.
    pub(crate) async fn operate(
        &self,
        room: &RoomName,
        message: ClientMessage,
    ) -> Result<(), Refusal> {
        for _ in 0..TRIES {
            let reach = |reply| Operation::Reach { room: room.clone(), reply };
            let mailbox = self.ask(reach).await??;
            let (reply, answer) = oneshot::channel();
            if mailbox.send(Mail::Operate(message.clone(), reply)).await.is_ok() {
                return answer.await.unwrap_or_else(|_| Err(room_unknown()));
            }
        }
        Err(Refusal::new(ErrorCode::NodeFull, "the room was busy; try again in a moment"))
    }

    /// Makes a room, unless there is one of the name.
    pub(crate) async fn make(&self, plan: KeptRoom) -> Result<Made, Refusal> {
        self.ask(|reply| Operation::Make { plan, reply }).await?
    }

    async fn in_use(&self, rooms: Vec<RoomName>) -> Result<Vec<Option<RoomMailbox>>, Refusal> {
        self.ask(|reply| Operation::InUse { rooms, reply }).await
    }

    async fn ask<T>(
        &self,
        operation: impl FnOnce(oneshot::Sender<T>) -> Operation,
    ) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Operation(operation(reply));
        if self.requests.send(request).await.is_err() {
            return Err(shutting_down());
        }
        answer.await.map_err(|_| shutting_down())
    }
}

impl Table {
    /// Serves operators. Who asked may have gone.
    pub(super) async fn serve(&mut self, operation: Operation) {
        match operation {
            Operation::InUse { rooms, reply } => {
                let mailbox = |room| self.rooms.get(room).map(|room| room.mailbox.clone());
                let _ = reply.send(rooms.iter().map(mailbox).collect());
            }
            Operation::Reach { room, reply } => {
                let _ = reply.send(self.reach(room).await);
            }
            Operation::Make { plan, reply } => {
                let _ = reply.send(self.make(plan).await);
            }
        }
    }

    async fn reach(&mut self, name: RoomName) -> Result<RoomMailbox, Refusal> {
        if *self.surroundings.going_down.borrow() {
            return Err(shutting_down());
        }
        // A room whose task has failed is taken from the store anew.
        self.rooms.retain(|known, room| *known != name || !room.mailbox.is_closed());
        if let Some(room) = self.rooms.get(&name) {
            return Ok(room.mailbox.clone());
        }
        let saved = self.surroundings.store.load(name.clone()).await.map_err(store_fault)?;
        let saved = saved.ok_or_else(room_unknown)?;
        self.check_room_left()?;
        self.begin(name.clone(), saved, false).await;
        self.rooms.get(&name).map(|room| room.mailbox.clone()).ok_or_else(room_unknown)
    }

    async fn make(&mut self, plan: KeptRoom) -> Result<Made, Refusal> {
        let KeptRoom { name, chat_open, settings } = plan;
        let store = self.surroundings.store.clone();
        if let Some(saved) = store.load(name.clone()).await.map_err(store_fault)? {
            let SavedRoom { chat_open, settings, .. } = saved;
            return Ok(Made::Was(KeptRoom { name, chat_open, settings }));
        }
        self.check_room_left()?;
        let secret = Secret::random();
        let host_key = secret.hash();
        store.open_room(name.clone(), host_key, settings.kind).await.map_err(store_fault)?;
        store.settings(name.clone(), settings).await;
        store.chat_open(name.clone(), chat_open).await;
        let saved = SavedRoom { host_key, chat_open, settings, chat: Vec::new() };
        self.begin(name, saved, true).await;
        Ok(Made::New(secret))
    }
}

fn room_unknown() -> Refusal {
    Refusal::new(ErrorCode::RoomUnknown, "there is no room of this name")
}
