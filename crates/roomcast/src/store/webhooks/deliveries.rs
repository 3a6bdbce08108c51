//! The table of deliveries, and the numbers of the rooms in it.

use roomcast_protocol::RoomName;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    DeliveryId, DeliveryState, Head, MAX_DONE, MAX_NUMBERED_ROOMS, MAX_WAITING, NewDelivery,
    Outcome, SavedDelivery, WebhookId, room_name, unsigned,
};

/// The triggers of `schema.rs`, which count what waits, know it too.
const WAITING: u8 = 0;
const DELIVERED: u8 = 1;
const FAILED: u8 = 2;

/// Puts a delivery behind the others of its line. False if there is no place for it.
pub(super) fn record(database: &Connection, new: &NewDelivery) -> rusqlite::Result<bool> {
    let Some(number) = next_number(database, new)? else { return Ok(false) };
    let waiting: i64 = database
        .prepare_cached("SELECT waiting FROM webhooks WHERE id = ?1")?
        .query_row(params![new.webhook.0], |row| row.get(0))?;
    if waiting >= MAX_WAITING {
        return Ok(false);
    }
    let at = new.at.cast_signed();
    database
        .prepare_cached(
            "INSERT INTO deliveries \
             (id, webhook, room, event, number, created_at, since, detail, state, attempts) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, 0)",
        )?
        .execute(params![
            new.id.0,
            new.webhook.0,
            new.room.as_str(),
            new.event,
            number,
            at,
            new.detail,
            WAITING
        ])?;
    Ok(true)
}

/// Counts one more of the room. None when the webhook was removed in the meantime.
fn next_number(database: &Connection, new: &NewDelivery) -> rusqlite::Result<Option<i64>> {
    let number: Option<i64> = database
        .prepare_cached(
            "INSERT INTO webhook_rooms (webhook, room, last_number, last_at) \
             SELECT ?1, ?2, 1, ?3 WHERE EXISTS (SELECT 1 FROM webhooks WHERE id = ?1) \
             ON CONFLICT (webhook, room) DO UPDATE SET \
             last_number = last_number + 1, last_at = excluded.last_at RETURNING last_number",
        )?
        .query_row(params![new.webhook.0, new.room.as_str(), new.at.cast_signed()], |row| {
            row.get(0)
        })
        .optional()?;
    if number == Some(1) {
        forget_rooms(database, &new.webhook)?;
    }
    Ok(number)
}

fn forget_rooms(database: &Connection, webhook: &WebhookId) -> rusqlite::Result<()> {
    database
        .prepare_cached(
            "DELETE FROM webhook_rooms WHERE webhook = ?1 AND room IN (SELECT room \
             FROM webhook_rooms WHERE webhook = ?1 ORDER BY last_at DESC, room \
             LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![webhook.0, MAX_NUMBERED_ROOMS])?;
    Ok(())
}

pub(super) fn leave_gaps(database: &Connection) -> rusqlite::Result<()> {
    database
        .prepare_cached("UPDATE webhook_rooms SET last_number = last_number + 1")?
        .execute(params![])?;
    Ok(())
}

/// The lines in which something waits, with the tries of their heads.
pub(super) fn lines(database: &Connection) -> rusqlite::Result<Vec<(WebhookId, RoomName, u32)>> {
    database
        // With min(), SQLite takes the other columns of the same row.
        .prepare_cached(
            "SELECT webhook, room, attempts, min(key) FROM deliveries WHERE state = ?1 \
             GROUP BY webhook, room",
        )?
        .query_map(params![WAITING], |row| {
            Ok((WebhookId(row.get(0)?), room_name(row, 1)?, row.get(2)?))
        })?
        .collect()
}

pub(super) fn head(
    database: &Connection,
    webhook: &WebhookId,
    room: &RoomName,
) -> rusqlite::Result<Option<Head>> {
    database
        .prepare_cached(
            "SELECT id, event, number, created_at, since, detail FROM deliveries \
             WHERE webhook = ?1 AND room = ?2 AND state = ?3 ORDER BY key LIMIT 1",
        )?
        .query_row(params![webhook.0, room.as_str(), WAITING], |row| {
            Ok(Head {
                id: DeliveryId(row.get(0)?),
                event: row.get(1)?,
                number: unsigned(row, 2)?,
                at: unsigned(row, 3)?,
                since: unsigned(row, 4)?,
                detail: row.get(5)?,
            })
        })
        .optional()
}

/// Notes what a try has come to. Whether something of this line waits still.
pub(super) fn settle(
    database: &Connection,
    webhook: &WebhookId,
    room: &RoomName,
    id: &DeliveryId,
    outcome: &Outcome,
) -> rusqlite::Result<bool> {
    let state = if outcome.error.is_none() { DELIVERED } else { WAITING };
    database
        .prepare_cached(
            "UPDATE deliveries SET attempts = attempts + 1, last_status = ?3, last_error = ?4, \
             next_at = ?5, state = ?6 WHERE webhook = ?1 AND id = ?2",
        )?
        .execute(params![
            webhook.0,
            id.0,
            outcome.status,
            outcome.error,
            outcome.next_at.map(u64::cast_signed),
            state
        ])?;
    if let Some(since) = outcome.give_up_since {
        give_up(database, webhook, room, since)?;
    }
    forget_done(database, webhook, state)?;
    database
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM deliveries \
             WHERE webhook = ?1 AND room = ?2 AND state = ?3)",
        )?
        .query_row(params![webhook.0, room.as_str(), WAITING], |row| row.get(0))
}

fn give_up(
    database: &Connection,
    webhook: &WebhookId,
    room: &RoomName,
    since: u64,
) -> rusqlite::Result<()> {
    database
        .prepare_cached(
            "UPDATE deliveries SET state = ?4, next_at = NULL, \
             last_error = ifnull(last_error, 'given up unsent, behind one that was not taken') \
             WHERE webhook = ?1 AND room = ?2 AND state = ?3 AND since <= ?5",
        )?
        .execute(params![webhook.0, room.as_str(), WAITING, FAILED, since.cast_signed()])?;
    forget_done(database, webhook, FAILED)
}

/// Keeps the newest alone of those that are done.
fn forget_done(database: &Connection, webhook: &WebhookId, state: u8) -> rusqlite::Result<()> {
    if state == WAITING {
        return Ok(());
    }
    database
        .prepare_cached(
            "DELETE FROM deliveries WHERE webhook = ?1 AND state = ?2 AND key <= (SELECT key \
             FROM deliveries WHERE webhook = ?1 AND state = ?2 ORDER BY key DESC \
             LIMIT 1 OFFSET ?3)",
        )?
        .execute(params![webhook.0, state, MAX_DONE])?;
    Ok(())
}

pub(super) fn list(
    database: &Connection,
    webhook: &WebhookId,
    before: Option<i64>,
    limit: usize,
) -> rusqlite::Result<Vec<SavedDelivery>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    database
        .prepare_cached(
            "SELECT key, id, event, room, number, created_at, attempts, state, last_status, \
             last_error, next_at FROM deliveries WHERE webhook = ?1 AND key < ?2 \
             ORDER BY key DESC LIMIT ?3",
        )?
        .query_map(params![webhook.0, before.unwrap_or(i64::MAX), limit], delivery)?
        .collect()
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<SavedDelivery> {
    let state: u8 = row.get(7)?;
    let next_at: Option<i64> = row.get(10)?;
    Ok(SavedDelivery {
        key: row.get(0)?,
        id: DeliveryId(row.get(1)?),
        event: row.get(2)?,
        room: row.get(3)?,
        number: unsigned(row, 4)?,
        created_at: unsigned(row, 5)?,
        attempts: row.get(6)?,
        state: match state {
            WAITING => DeliveryState::Waiting,
            DELIVERED => DeliveryState::Delivered,
            _ => DeliveryState::Failed,
        },
        last_status: row.get(8)?,
        last_error: row.get(9)?,
        next_at: next_at.map(i64::cast_unsigned),
    })
}

pub(super) fn send_again(
    database: &Connection,
    webhook: &WebhookId,
    id: &DeliveryId,
    now: u64,
) -> rusqlite::Result<Option<RoomName>> {
    database
        .prepare_cached(
            "UPDATE deliveries SET state = ?3, since = ?4, next_at = NULL \
             WHERE webhook = ?1 AND id = ?2 RETURNING room",
        )?
        .query_row(params![webhook.0, id.0, WAITING, now.cast_signed()], |row| room_name(row, 0))
        .optional()
}
