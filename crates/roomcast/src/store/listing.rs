//! The rooms that are kept, in pages.

use roomcast_protocol::RoomName;
use roomcast_room::Settings;
use rusqlite::{Connection, params};

use super::thread;

/// A room as it was kept, without its key and its chat.
#[derive(Debug, Clone)]
pub(crate) struct KeptRoom {
    pub(crate) name: RoomName,
    pub(crate) chat_open: bool,
    pub(crate) settings: Settings,
}

/// Rooms by name, behind `after`.
pub(super) fn rooms(
    database: &Connection,
    after: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<KeptRoom>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    database
        .prepare_cached(
            "SELECT name, chat_open, kind, topology, relay_only, locked, waiting_room \
             FROM rooms WHERE name > ?1 ORDER BY name LIMIT ?2",
        )?
        // No name is empty.
        .query_map(params![after.unwrap_or_default(), limit], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?, thread::settings(row)?))
        })?
        .filter_map(|row| match row {
            Ok((name, chat_open, settings)) => {
                let name = RoomName::parse(&name).ok()?;
                Some(Ok(KeptRoom { name, chat_open, settings }))
            }
            Err(error) => Some(Err(error)),
        })
        .collect()
}
