//! What outlives a run: rooms, their host keys (hashed) and their last messages, in SQLite.
//!
//! One thread owns the database and takes [`Command`]s from a bounded queue, as many as wait in one
//! transaction. It decides nothing: what is worth keeping comes from the rooms. It refuses data of
//! a newer version without touching it.

pub(crate) mod keys;
mod listing;
mod schema;
mod thread;
pub(crate) mod webhooks;

use std::path::{Path, PathBuf};

use roomcast_protocol::server::ChatMessage;
use roomcast_protocol::{RoomKind, RoomName};
use roomcast_room::Settings;
use tokio::sync::{mpsc, oneshot};

pub(crate) use listing::KeptRoom;

use crate::secret::SecretHash;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer version of the program has written it.
    #[error("it is in format {found}, and this version knows {known}")]
    Newer {
        /// The format that stands there.
        found: i64,
        /// The newest that this version knows.
        known: i64,
    },
    /// The database cannot be opened or read.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The thread cannot be started.
    #[error("{0}")]
    Thread(#[from] std::io::Error),
}

/// A room as it was kept.
#[derive(Debug, Clone)]
pub(crate) struct SavedRoom {
    pub(crate) host_key: SecretHash,
    pub(crate) chat_open: bool,
    pub(crate) settings: Settings,
    /// Oldest first.
    pub(crate) chat: Vec<ChatMessage>,
}

/// The store cannot do this now; its log says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreFault {
    #[error("the store has failed")]
    Failed,
    #[error("the store holds as many rooms as it may")]
    Full,
}

/// What the store is asked to do.
#[derive(Debug)]
enum Command {
    Load {
        room: RoomName,
        reply: oneshot::Sender<Result<Option<SavedRoom>, StoreFault>>,
    },
    Open {
        room: RoomName,
        host_key: SecretHash,
        kind: RoomKind,
        reply: oneshot::Sender<Result<(), StoreFault>>,
    },
    Chat {
        room: RoomName,
        message: ChatMessage,
    },
    ChatOpen {
        room: RoomName,
        open: bool,
    },
    Settings {
        room: RoomName,
        settings: Settings,
    },
    Remove {
        room: RoomName,
    },
    List {
        after: Option<RoomName>,
        limit: usize,
        reply: oneshot::Sender<Result<Vec<KeptRoom>, StoreFault>>,
    },
    Keys(keys::Command),
    Webhooks(webhooks::Command),
}

/// The handle of the store. Clones share it; the thread ends behind the last one, when all that was
/// asked is done.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    commands: mpsc::Sender<Command>,
}

/// Commands that may wait: a second of chat in a hundred busy rooms. Who asks beyond it waits.
const QUEUE: usize = 4_096;

impl Store {
    /// Opens or makes the database in the data folder. The second value completes when the thread
    /// has ended.
    pub(crate) fn open(data: &Path) -> Result<(Self, oneshot::Receiver<()>), StoreError> {
        let database = schema::open(&Self::file(data))?;
        let (commands, queue) = mpsc::channel(QUEUE);
        let (ended, end) = oneshot::channel();
        std::thread::Builder::new().name("store".into()).spawn(move || {
            thread::run(database, queue);
            let _ = ended.send(());
        })?;
        Ok((Self { commands }, end))
    }

    /// The database itself, for one who writes beside a running node, and briefly.
    pub(crate) fn beside(data: &Path) -> Result<rusqlite::Connection, StoreError> {
        schema::open(&Self::file(data))
    }

    /// The database in a data folder.
    pub(crate) fn file(data: &Path) -> PathBuf {
        data.join("roomcast.sqlite")
    }

    /// The room of this name, if there is one.
    pub(crate) async fn load(&self, room: RoomName) -> Result<Option<SavedRoom>, StoreFault> {
        self.ask(|reply| Command::Load { room, reply }).await
    }

    /// Keeps a new room.
    pub(crate) async fn open_room(
        &self,
        room: RoomName,
        host_key: SecretHash,
        kind: RoomKind,
    ) -> Result<(), StoreFault> {
        self.ask(|reply| Command::Open { room, host_key, kind, reply }).await
    }

    /// Appends to the chat of a room.
    pub(crate) async fn chat(&self, room: RoomName, message: ChatMessage) {
        self.tell(Command::Chat { room, message }).await;
    }

    /// Keeps whether the chat of a room is open.
    pub(crate) async fn chat_open(&self, room: RoomName, open: bool) {
        self.tell(Command::ChatOpen { room, open }).await;
    }

    /// Keeps what hosts have chosen for a room.
    pub(crate) async fn settings(&self, room: RoomName, settings: Settings) {
        self.tell(Command::Settings { room, settings }).await;
    }

    /// Forgets a room.
    pub(crate) async fn remove(&self, room: RoomName) {
        self.tell(Command::Remove { room }).await;
    }

    /// Rooms by name, behind `after`.
    pub(crate) async fn list(
        &self,
        after: Option<RoomName>,
        limit: usize,
    ) -> Result<Vec<KeptRoom>, StoreFault> {
        self.ask(|reply| Command::List { after, limit, reply }).await
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, StoreFault>>) -> Command,
    ) -> Result<T, StoreFault> {
        let (reply, answer) = oneshot::channel();
        self.tell(command(reply)).await;
        answer.await.unwrap_or(Err(StoreFault::Failed))
    }

    async fn tell(&self, command: Command) {
        if self.commands.send(command).await.is_err() {
            tracing::error!("the store's thread has ended too early; something was not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use roomcast_protocol::limits::CHAT_HISTORY;
    use roomcast_protocol::{ParticipantId, Topology};

    use super::*;
    use crate::secret::Secret;

    fn message(number: u64) -> ChatMessage {
        ChatMessage {
            number,
            at: 1_000 + number,
            participant: ParticipantId("p".into()),
            name: "Ann".into(),
            host: number.is_multiple_of(2),
            text: format!("message {number} <b>"),
        }
    }

    fn name() -> RoomName {
        RoomName::parse("Größe").unwrap()
    }

    async fn closed(store: Store, end: oneshot::Receiver<()>) {
        drop(store);
        end.await.unwrap();
    }

    #[tokio::test]
    async fn what_was_kept_is_there_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let key = Secret::random();
        let (store, end) = Store::open(folder.path()).unwrap();
        assert!(store.load(name()).await.unwrap().is_none());
        store.open_room(name(), key.hash(), RoomKind::Call).await.unwrap();
        for number in 1..=250 {
            store.chat(name(), message(number)).await;
        }
        store.chat_open(name(), false).await;
        let kept = store.load(name()).await.unwrap().unwrap().settings;
        assert_eq!(kept, Settings { kind: RoomKind::Call, ..Settings::default() });
        let settings = Settings {
            topology: Some(Topology::P2p),
            relay_only: true,
            locked: true,
            waiting_room: true,
            ..kept
        };
        store.settings(name(), settings).await;
        closed(store, end).await;

        let (store, end) = Store::open(folder.path()).unwrap();
        let saved = store.load(name()).await.unwrap().unwrap();
        assert!(saved.host_key.fits(&key));
        assert!(!saved.chat_open);
        assert_eq!(saved.settings, settings);
        assert_eq!(saved.chat.len(), CHAT_HISTORY);
        assert_eq!(saved.chat.first(), Some(&message(51)));
        assert_eq!(saved.chat.last(), Some(&message(250)));
        closed(store, end).await;
    }

    #[tokio::test]
    async fn a_removed_room_is_forgotten_with_its_chat() {
        let folder = tempfile::tempdir().unwrap();
        let (store, end) = Store::open(folder.path()).unwrap();
        store.open_room(name(), Secret::random().hash(), RoomKind::Live).await.unwrap();
        store.chat(name(), message(1)).await;
        store.remove(name()).await;
        assert!(store.load(name()).await.unwrap().is_none());
        store.open_room(name(), Secret::random().hash(), RoomKind::Live).await.unwrap();
        assert!(store.load(name()).await.unwrap().unwrap().chat.is_empty());
        closed(store, end).await;
    }

    #[test]
    fn data_of_a_newer_version_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let file = Store::file(folder.path());
        let database = rusqlite::Connection::open(&file).unwrap();
        database.pragma_update(None, "user_version", 99).unwrap();
        drop(database);
        let before = std::fs::read(&file).unwrap();
        assert!(matches!(
            Store::open(folder.path()).unwrap_err(),
            StoreError::Newer { found: 99, .. }
        ));
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
}
