//! API keys and stream keys, as they are kept: no secret, but the hashes of those that are random.

use roomcast_protocol::RoomName;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tokio::sync::oneshot;

use super::{Store, StoreFault};
use crate::secret::SecretHash;

/// The public part of a key: 16 hexadecimal digits, random, never used twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct KeyId(String);

/// An API key that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiKey {
    pub(crate) id: KeyId,
    /// For people.
    pub(crate) name: String,
    /// Milliseconds since 1970.
    pub(crate) created_at: u64,
}

/// A stream key of one room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamKey {
    pub(crate) id: KeyId,
    pub(crate) room: RoomName,
    /// Who publishes with it goes by this name, unless they say another.
    pub(crate) name: String,
    /// Whether who comes with it takes the place of one who is still publishing with it.
    pub(crate) takeover: bool,
    /// Milliseconds since 1970, like the next.
    pub(crate) created_at: u64,
    /// To the minute.
    pub(crate) last_used_at: Option<u64>,
}

/// What became of a key that was to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    Yes,
    /// There are as many as may be.
    Full,
    /// The room of the stream key is not kept (any more).
    RoomUnknown,
    /// It was to be the first, and is not.
    NotFirst,
}

/// API keys that may be in force: one for each program of a large house.
pub(crate) const MAX_API_KEYS: usize = 1_000;

/// Revoked ones that are remembered, so that the first start is told from an emptied table.
const MAX_REVOKED: i64 = 100;

/// Stream keys of one room: each of its hosts has some programs. A host reads them as a list.
pub(crate) const MAX_STREAM_KEYS: usize = 20;

/// How exactly the last use is kept. A publisher that reconnects all the time costs a write each time.
const USE_RESOLUTION_MS: u64 = 60_000;

type Reply<T> = oneshot::Sender<Result<T, StoreFault>>;

/// What the store is asked about keys.
#[derive(Debug)]
pub(super) enum Command {
    AddApiKey { key: ApiKey, only_first: bool, reply: Reply<Added> },
    ApiKeys { reply: Reply<Vec<ApiKey>> },
    ApiKey { id: KeyId, reply: Reply<Option<ApiKey>> },
    RevokeApiKey { id: KeyId, at: u64, reply: Reply<bool> },
    AddStreamKey { key: StreamKey, hash: SecretHash, reply: Reply<Added> },
    StreamKeys { room: RoomName, reply: Reply<Vec<StreamKey>> },
    StreamKey { id: KeyId, reply: Reply<Option<(StreamKey, SecretHash)>> },
    UseStreamKey { id: KeyId, at: u64 },
    RenewStreamKey { room: RoomName, id: KeyId, hash: SecretHash, reply: Reply<Option<StreamKey>> },
    RemoveStreamKey { room: RoomName, id: KeyId, reply: Reply<bool> },
    HostKey { room: RoomName, reply: Reply<Option<SecretHash>> },
}

impl KeyId {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()))
    }

    /// Takes one that came from outside, if it has the form of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digit = |c: char| c.is_ascii_digit() || matches!(c, 'a'..='f');
        (text.len() == 16 && text.chars().all(digit)).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Store {
    /// Keeps a new API key; with `only_first`, only if there never was one.
    pub(crate) async fn add_api_key(
        &self,
        key: ApiKey,
        only_first: bool,
    ) -> Result<Added, StoreFault> {
        self.about_keys(|reply| Command::AddApiKey { key, only_first, reply }).await
    }

    /// The API keys that are in force, the oldest first.
    pub(crate) async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreFault> {
        self.about_keys(|reply| Command::ApiKeys { reply }).await
    }

    /// The API key of this id, if it is in force.
    pub(crate) async fn api_key(&self, id: KeyId) -> Result<Option<ApiKey>, StoreFault> {
        self.about_keys(|reply| Command::ApiKey { id, reply }).await
    }

    /// Puts an API key out of force. False if it was not in force.
    pub(crate) async fn revoke_api_key(&self, id: KeyId, at: u64) -> Result<bool, StoreFault> {
        self.about_keys(|reply| Command::RevokeApiKey { id, at, reply }).await
    }

    /// Keeps a new stream key.
    pub(crate) async fn add_stream_key(
        &self,
        key: StreamKey,
        hash: SecretHash,
    ) -> Result<Added, StoreFault> {
        self.about_keys(|reply| Command::AddStreamKey { key, hash, reply }).await
    }

    /// The stream keys of a room, the oldest first.
    pub(crate) async fn stream_keys(&self, room: RoomName) -> Result<Vec<StreamKey>, StoreFault> {
        self.about_keys(|reply| Command::StreamKeys { room, reply }).await
    }

    /// The stream key of this id.
    pub(crate) async fn stream_key(
        &self,
        id: KeyId,
    ) -> Result<Option<(StreamKey, SecretHash)>, StoreFault> {
        self.about_keys(|reply| Command::StreamKey { id, reply }).await
    }

    /// Notes that a stream key was used.
    pub(crate) async fn use_stream_key(&self, key: &StreamKey, at: u64) {
        let noted = key.last_used_at.unwrap_or(0);
        if at.saturating_sub(noted) >= USE_RESOLUTION_MS {
            let command = Command::UseStreamKey { id: key.id.clone(), at };
            self.tell(super::Command::Keys(command)).await;
        }
    }

    /// Gives a stream key another secret.
    pub(crate) async fn renew_stream_key(
        &self,
        room: RoomName,
        id: KeyId,
        hash: SecretHash,
    ) -> Result<Option<StreamKey>, StoreFault> {
        self.about_keys(|reply| Command::RenewStreamKey { room, id, hash, reply }).await
    }

    /// Forgets a stream key. False if the room has none of this id.
    pub(crate) async fn remove_stream_key(
        &self,
        room: RoomName,
        id: KeyId,
    ) -> Result<bool, StoreFault> {
        self.about_keys(|reply| Command::RemoveStreamKey { room, id, reply }).await
    }

    /// The hash of a room's host key, if the room is kept.
    pub(crate) async fn host_key(&self, room: RoomName) -> Result<Option<SecretHash>, StoreFault> {
        self.about_keys(|reply| Command::HostKey { room, reply }).await
    }

    async fn about_keys<T>(
        &self,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, StoreFault> {
        self.ask(|reply| super::Command::Keys(command(reply))).await
    }
}

/// An answer that waits until the transaction stands.
pub(super) type Answer = Box<dyn FnOnce() + Send>;

pub(super) fn one(database: &Connection, command: Command) -> rusqlite::Result<Option<Answer>> {
    Ok(match command {
        Command::AddApiKey { key, only_first, reply } => {
            answer(reply, add_api_key(database, &key, only_first)?)
        }
        Command::ApiKeys { reply } => answer(reply, api_keys(database)?),
        Command::ApiKey { id, reply } => answer(reply, api_key(database, &id)?),
        Command::RevokeApiKey { id, at, reply } => answer(reply, revoke(database, &id, at)?),
        Command::AddStreamKey { key, hash, reply } => {
            answer(reply, add_stream_key(database, &key, hash)?)
        }
        Command::StreamKeys { room, reply } => answer(reply, stream_keys(database, &room)?),
        Command::StreamKey { id, reply } => answer(reply, stream_key(database, &id)?),
        Command::UseStreamKey { id, at } => {
            database
                .prepare_cached("UPDATE stream_keys SET last_used_at = ?2 WHERE id = ?1")?
                .execute(params![id.0, at.cast_signed()])?;
            None
        }
        Command::RenewStreamKey { room, id, hash, reply } => {
            answer(reply, renew(database, &room, &id, hash)?)
        }
        Command::RemoveStreamKey { room, id, reply } => {
            let removed = database
                .prepare_cached("DELETE FROM stream_keys WHERE room = ?1 AND id = ?2")?
                .execute(params![room.as_str(), id.0])?;
            answer(reply, removed > 0)
        }
        Command::HostKey { room, reply } => {
            let hash = database
                .prepare_cached("SELECT host_key_hash FROM rooms WHERE name = ?1")?
                .query_row(params![room.as_str()], |row| row.get(0).map(SecretHash::from_bytes))
                .optional()?;
            answer(reply, hash)
        }
    })
}

#[allow(clippy::unnecessary_wraps, reason = "one shape for all arms")]
fn answer<T: Send + 'static>(reply: Reply<T>, value: T) -> Option<Answer> {
    // Who asked may be gone.
    Some(Box::new(move || drop(reply.send(Ok(value)))))
}

/// Keeps a new API key. `roomcast token` uses it on the data folder itself.
pub(crate) fn add_api_key(
    database: &Connection,
    key: &ApiKey,
    only_first: bool,
) -> rusqlite::Result<Added> {
    let count = |text: &str| database.query_row(text, params![], |row| row.get::<_, i64>(0));
    if only_first && count("SELECT count(*) FROM api_keys")? > 0 {
        return Ok(Added::NotFirst);
    }
    let in_force = count("SELECT count(*) FROM api_keys WHERE revoked_at IS NULL")?;
    if usize::try_from(in_force).is_ok_and(|in_force| in_force >= MAX_API_KEYS) {
        return Ok(Added::Full);
    }
    database.execute(
        "INSERT INTO api_keys (id, name, created_at) VALUES (?1, ?2, ?3)",
        params![key.id.0, key.name, key.created_at.cast_signed()],
    )?;
    Ok(Added::Yes)
}

/// The API keys that are in force, the oldest first.
pub(crate) fn api_keys(database: &Connection) -> rusqlite::Result<Vec<ApiKey>> {
    database
        .prepare_cached(
            "SELECT id, name, created_at FROM api_keys WHERE revoked_at IS NULL \
             ORDER BY created_at, id",
        )?
        .query_map(params![], to_api_key)?
        .collect()
}

fn api_key(database: &Connection, id: &KeyId) -> rusqlite::Result<Option<ApiKey>> {
    database
        .prepare_cached(
            "SELECT id, name, created_at FROM api_keys WHERE id = ?1 AND revoked_at IS NULL",
        )?
        .query_row(params![id.0], to_api_key)
        .optional()
}

fn revoke(database: &Connection, id: &KeyId, at: u64) -> rusqlite::Result<bool> {
    let revoked = database
        .prepare_cached("UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")?
        .execute(params![id.0, at.cast_signed()])?;
    database
        .prepare_cached(
            "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys \
             WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC, id LIMIT -1 OFFSET ?1)",
        )?
        .execute(params![MAX_REVOKED])?;
    Ok(revoked > 0)
}

fn add_stream_key(
    database: &Connection,
    key: &StreamKey,
    hash: SecretHash,
) -> rusqlite::Result<Added> {
    let room = params![key.room.as_str()];
    let count = |text: &str| -> rusqlite::Result<i64> {
        database.prepare_cached(text)?.query_row(room, |row| row.get(0))
    };
    if count("SELECT count(*) FROM rooms WHERE name = ?1")? == 0 {
        return Ok(Added::RoomUnknown);
    }
    let of_room = count("SELECT count(*) FROM stream_keys WHERE room = ?1")?;
    if usize::try_from(of_room).is_ok_and(|of_room| of_room >= MAX_STREAM_KEYS) {
        return Ok(Added::Full);
    }
    database
        .prepare_cached(
            "INSERT INTO stream_keys (id, room, name, takeover, hash, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            key.id.0,
            key.room.as_str(),
            key.name,
            key.takeover,
            hash.as_bytes(),
            key.created_at.cast_signed()
        ])?;
    Ok(Added::Yes)
}

const STREAM_KEY_COLUMNS: &str = "id, room, name, takeover, created_at, last_used_at, hash";

fn stream_keys(database: &Connection, room: &RoomName) -> rusqlite::Result<Vec<StreamKey>> {
    let text = format!(
        "SELECT {STREAM_KEY_COLUMNS} FROM stream_keys WHERE room = ?1 ORDER BY created_at, id"
    );
    let found = database
        .prepare_cached(&text)?
        .query_map(params![room.as_str()], to_stream_key)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().map(|(key, _hash)| key).collect())
}

fn stream_key(
    database: &Connection,
    id: &KeyId,
) -> rusqlite::Result<Option<(StreamKey, SecretHash)>> {
    let text = format!("SELECT {STREAM_KEY_COLUMNS} FROM stream_keys WHERE id = ?1");
    database.prepare_cached(&text)?.query_row(params![id.0], to_stream_key).optional()
}

fn renew(
    database: &Connection,
    room: &RoomName,
    id: &KeyId,
    hash: SecretHash,
) -> rusqlite::Result<Option<StreamKey>> {
    let renewed = database
        .prepare_cached("UPDATE stream_keys SET hash = ?3 WHERE room = ?1 AND id = ?2")?
        .execute(params![room.as_str(), id.0, hash.as_bytes()])?;
    let key = if renewed > 0 { stream_key(database, id)? } else { None };
    Ok(key.map(|(key, _hash)| key))
}

fn to_api_key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    let created_at: i64 = row.get(2)?;
    Ok(ApiKey { id: KeyId(row.get(0)?), name: row.get(1)?, created_at: created_at.cast_unsigned() })
}

fn to_stream_key(row: &Row<'_>) -> rusqlite::Result<(StreamKey, SecretHash)> {
    let room: String = row.get(1)?;
    let room = RoomName::parse(&room).map_err(|refusal| {
        rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, refusal.into())
    })?;
    let created_at: i64 = row.get(4)?;
    let last_used_at: Option<i64> = row.get(5)?;
    let key = StreamKey {
        id: KeyId(row.get(0)?),
        room,
        name: row.get(2)?,
        takeover: row.get(3)?,
        created_at: created_at.cast_unsigned(),
        last_used_at: last_used_at.map(i64::cast_unsigned),
    };
    Ok((key, SecretHash::from_bytes(row.get(6)?)))
}
