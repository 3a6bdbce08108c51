//! The thread that owns the database.

use roomcast_protocol::limits::CHAT_HISTORY;
use roomcast_protocol::server::ChatMessage;
use roomcast_protocol::{ParticipantId, RoomKind, RoomName, Topology};
use roomcast_room::Settings;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::{Command, KeptRoom, SavedRoom, StoreFault, keys, listing, webhooks};
use crate::secret::SecretHash;
use crate::wall_clock::unix_seconds;

/// Serves the queue until its last sender is gone and it is empty.
pub(super) fn run(mut database: Connection, mut queue: mpsc::Receiver<Command>) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(first) = queue.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        if let Err(error) = carry_out(&mut database, batch.drain(..)) {
            // The askers see their reply channels closed, which is `StoreFault::Failed`.
            tracing::error!(%error, "the store could not write");
        }
        batch.clear();
    }
}

/// Commands in one transaction: one `fsync` of the log serves them all.
const BATCH: usize = 256;

/// Rooms that may be kept. With full histories of long messages this is some 40 GB, with usual ones
/// well below one.
const MAX_SAVED_ROOMS: i64 = 100_000;

/// An answer that is sent when the transaction stands.
enum Answer {
    Loaded(
        oneshot::Sender<Result<Option<SavedRoom>, StoreFault>>,
        Result<Option<SavedRoom>, StoreFault>,
    ),
    Opened(oneshot::Sender<Result<(), StoreFault>>, Result<(), StoreFault>),
    Listed(oneshot::Sender<Result<Vec<KeptRoom>, StoreFault>>, Result<Vec<KeptRoom>, StoreFault>),
    Keys(keys::Answer),
    Webhooks(webhooks::Answer),
}

fn carry_out(
    database: &mut Connection,
    batch: impl Iterator<Item = Command>,
) -> rusqlite::Result<()> {
    // `roomcast token` may write beside this thread: taken at once, the lock is waited for.
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut answers = Vec::new();
    for command in batch {
        answers.extend(one(&transaction, command)?);
    }
    transaction.commit()?;
    for answer in answers {
        // Who asked may be gone.
        match answer {
            Answer::Loaded(reply, result) => drop(reply.send(result)),
            Answer::Opened(reply, result) => drop(reply.send(result)),
            Answer::Listed(reply, result) => drop(reply.send(result)),
            Answer::Keys(send) | Answer::Webhooks(send) => send(),
        }
    }
    Ok(())
}

fn one(database: &Connection, command: Command) -> rusqlite::Result<Option<Answer>> {
    match command {
        Command::Load { room, reply } => {
            return Ok(Some(Answer::Loaded(reply, Ok(load(database, &room)?))));
        }
        Command::Open { room, host_key, kind, reply } => {
            return Ok(Some(Answer::Opened(reply, open(database, &room, host_key, kind)?)));
        }
        Command::Chat { room, message } => chat(database, &room, &message)?,
        Command::ChatOpen { room, open } => {
            database
                .prepare_cached("UPDATE rooms SET chat_open = ?2 WHERE name = ?1")?
                .execute(params![room.as_str(), open])?;
        }
        Command::Settings { room, settings } => keep_settings(database, &room, settings)?,
        Command::Remove { room } => {
            database
                .prepare_cached("DELETE FROM rooms WHERE name = ?1")?
                .execute(params![room.as_str()])?;
        }
        Command::List { after, limit, reply } => {
            let kept = listing::rooms(database, after.as_ref().map(RoomName::as_str), limit)?;
            return Ok(Some(Answer::Listed(reply, Ok(kept))));
        }
        Command::Keys(command) => return Ok(keys::one(database, command)?.map(Answer::Keys)),
        Command::Webhooks(command) => {
            return Ok(Some(Answer::Webhooks(webhooks::one(database, command)?)));
        }
    }
    Ok(None)
}

fn load(database: &Connection, room: &RoomName) -> rusqlite::Result<Option<SavedRoom>> {
    let found = database
        .prepare_cached(
            "SELECT host_key_hash, chat_open, kind, topology, relay_only, locked, waiting_room \
             FROM rooms WHERE name = ?1",
        )?
        .query_row(params![room.as_str()], |row| {
            Ok((SecretHash::from_bytes(row.get(0)?), row.get(1)?, settings(row)?))
        })
        .optional()?;
    let Some((host_key, chat_open, settings)) = found else { return Ok(None) };
    let chat = database
        .prepare_cached(
            "SELECT number, at, participant, name, host, text FROM chat WHERE room = ?1 \
             ORDER BY number",
        )?
        .query_map(params![room.as_str()], message)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(Some(SavedRoom { host_key, chat_open, settings, chat }))
}

pub(super) fn settings(row: &Row<'_>) -> rusqlite::Result<Settings> {
    let kind: String = row.get(2)?;
    let topology: Option<String> = row.get(3)?;
    let known = [Topology::Auto, Topology::P2p, Topology::Sfu];
    Ok(Settings {
        kind: if kind == RoomKind::Call.as_str() { RoomKind::Call } else { RoomKind::Live },
        topology: known.into_iter().find(|known| topology.as_deref() == Some(known.as_str())),
        relay_only: row.get(4)?,
        locked: row.get(5)?,
        waiting_room: row.get(6)?,
    })
}

fn keep_settings(
    database: &Connection,
    room: &RoomName,
    settings: Settings,
) -> rusqlite::Result<()> {
    let Settings { kind: _, topology, relay_only, locked, waiting_room } = settings;
    database
        .prepare_cached(
            "UPDATE rooms SET topology = ?2, relay_only = ?3, locked = ?4, waiting_room = ?5 \
             WHERE name = ?1",
        )?
        .execute(params![
            room.as_str(),
            topology.map(Topology::as_str),
            relay_only,
            locked,
            waiting_room
        ])?;
    Ok(())
}

fn message(row: &Row<'_>) -> rusqlite::Result<ChatMessage> {
    // SQLite numbers are signed; ours are never beyond that.
    let unsigned = |index| row.get(index).map(|value: i64| value.cast_unsigned());
    Ok(ChatMessage {
        number: unsigned(0)?,
        at: unsigned(1)?,
        participant: ParticipantId(row.get(2)?),
        name: row.get(3)?,
        host: row.get(4)?,
        text: row.get(5)?,
    })
}

fn open(
    database: &Connection,
    room: &RoomName,
    host_key: SecretHash,
    kind: RoomKind,
) -> rusqlite::Result<Result<(), StoreFault>> {
    let rooms: i64 = database
        .prepare_cached("SELECT count(*) FROM rooms")?
        .query_row(params![], |row| row.get(0))?;
    if rooms >= MAX_SAVED_ROOMS {
        return Ok(Err(StoreFault::Full));
    }
    let now = unix_seconds();
    database
        .prepare_cached(
            "INSERT INTO rooms (name, host_key_hash, chat_open, opened_at, kind) \
             VALUES (?1, ?2, 1, ?3, ?4)",
        )?
        .execute(params![room.as_str(), host_key.as_bytes(), now.cast_signed(), kind.as_str()])?;
    Ok(Ok(()))
}

fn chat(database: &Connection, room: &RoomName, said: &ChatMessage) -> rusqlite::Result<()> {
    // A room that was removed in the same batch has no chat any more.
    database
        .prepare_cached(
            "INSERT OR REPLACE INTO chat (room, number, at, participant, name, host, text) \
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM rooms WHERE name = ?1)",
        )?
        .execute(params![
            room.as_str(),
            said.number.cast_signed(),
            said.at.cast_signed(),
            said.participant.0,
            said.name,
            said.host,
            said.text
        ])?;
    let history = i64::try_from(CHAT_HISTORY).unwrap_or(i64::MAX);
    database
        .prepare_cached("DELETE FROM chat WHERE room = ?1 AND number <= ?2")?
        .execute(params![room.as_str(), said.number.cast_signed().saturating_sub(history)])?;
    Ok(())
}
