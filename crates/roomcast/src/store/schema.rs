//! The tables, and how older ones become newer ones.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// Each step takes the data from its index to the next; `user_version` counts the steps taken.
/// Steps are never changed once released, only added.
const STEPS: &[&str] = &[
    "
    CREATE TABLE rooms (
        name TEXT PRIMARY KEY,
        host_key_hash BLOB NOT NULL,
        chat_open INTEGER NOT NULL,
        opened_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE chat (
        room TEXT NOT NULL REFERENCES rooms(name) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        at INTEGER NOT NULL,
        participant TEXT NOT NULL,
        name TEXT NOT NULL,
        host INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (room, number)
    ) STRICT, WITHOUT ROWID;
    ",
    "
    ALTER TABLE rooms ADD COLUMN kind TEXT NOT NULL DEFAULT 'live';
    ALTER TABLE rooms ADD COLUMN topology TEXT;
    ALTER TABLE rooms ADD COLUMN relay_only INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE rooms ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE rooms ADD COLUMN waiting_room INTEGER NOT NULL DEFAULT 0;
    ",
    "
    CREATE TABLE api_keys (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE stream_keys (
        id TEXT PRIMARY KEY,
        room TEXT NOT NULL REFERENCES rooms(name) ON DELETE CASCADE,
        name TEXT NOT NULL,
        takeover INTEGER NOT NULL,
        hash BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        last_used_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX stream_keys_of_room ON stream_keys(room, created_at);
    ",
    "
    CREATE TABLE webhooks (
        id TEXT PRIMARY KEY,
        url TEXT NOT NULL,
        events TEXT NOT NULL,
        rooms TEXT NOT NULL,
        enabled INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        waiting INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE webhook_rooms (
        webhook TEXT NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE,
        room TEXT NOT NULL,
        last_number INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        PRIMARY KEY (webhook, room)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX webhook_rooms_by_age ON webhook_rooms(webhook, last_at);
    CREATE TABLE deliveries (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        webhook TEXT NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE,
        room TEXT NOT NULL,
        event TEXT NOT NULL,
        number INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        since INTEGER NOT NULL,
        detail TEXT NOT NULL,
        state INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        last_status INTEGER,
        last_error TEXT,
        next_at INTEGER
    ) STRICT;
    CREATE INDEX deliveries_by_line ON deliveries(webhook, room, state, key);
    CREATE INDEX deliveries_by_state ON deliveries(webhook, state, key);
    CREATE INDEX deliveries_by_age ON deliveries(webhook, key);
    CREATE TRIGGER delivery_waits AFTER INSERT ON deliveries WHEN NEW.state = 0 BEGIN
        UPDATE webhooks SET waiting = waiting + 1 WHERE id = NEW.webhook;
    END;
    CREATE TRIGGER delivery_waits_again AFTER UPDATE OF state ON deliveries
    WHEN NEW.state = 0 AND OLD.state <> 0 BEGIN
        UPDATE webhooks SET waiting = waiting + 1 WHERE id = NEW.webhook;
    END;
    CREATE TRIGGER delivery_is_done AFTER UPDATE OF state ON deliveries
    WHEN NEW.state <> 0 AND OLD.state = 0 BEGIN
        UPDATE webhooks SET waiting = waiting - 1 WHERE id = NEW.webhook;
    END;
    ",
];

/// Opens the database and brings its tables up to date.
pub(super) fn open(file: &Path) -> Result<Connection, StoreError> {
    let mut database = Connection::open(file)?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    // With the write-ahead log a killed node loses nothing that was committed; only a power cut
    // may lose the last second, and never the file.
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "NORMAL")?;
    database.pragma_update(None, "foreign_keys", true)?;
    let taken = usize::try_from(found).unwrap_or(0);
    for (index, step) in STEPS.iter().enumerate().skip(taken) {
        let transaction = database.transaction()?;
        transaction.execute_batch(step)?;
        let taken = i64::try_from(index + 1).unwrap_or(known);
        transaction.pragma_update(None, "user_version", taken)?;
        transaction.commit()?;
    }
    Ok(database)
}
