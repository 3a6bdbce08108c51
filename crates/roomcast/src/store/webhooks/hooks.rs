//! The table of webhooks.

use rusqlite::types::Type;
use rusqlite::{Connection, Error, Row, params};

use super::{SavedWebhook, WebhookId, unsigned};

pub(super) fn all(database: &Connection) -> rusqlite::Result<Vec<SavedWebhook>> {
    database
        .prepare_cached(
            "SELECT id, url, events, rooms, enabled, created_at FROM webhooks \
             ORDER BY created_at, id",
        )?
        .query_map(params![], webhook)?
        .collect()
}

pub(super) fn keep(database: &Connection, webhook: &SavedWebhook) -> rusqlite::Result<()> {
    database
        .prepare_cached(
            "INSERT INTO webhooks (id, url, events, rooms, enabled, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET \
             url = excluded.url, events = excluded.events, rooms = excluded.rooms, \
             enabled = excluded.enabled",
        )?
        .execute(params![
            webhook.id.0,
            webhook.url,
            list(&webhook.events),
            list(&webhook.rooms),
            webhook.enabled,
            webhook.created_at.cast_signed()
        ])?;
    Ok(())
}

pub(super) fn remove(database: &Connection, id: &WebhookId) -> rusqlite::Result<()> {
    database.prepare_cached("DELETE FROM webhooks WHERE id = ?1")?.execute(params![id.0])?;
    Ok(())
}

fn webhook(row: &Row<'_>) -> rusqlite::Result<SavedWebhook> {
    Ok(SavedWebhook {
        id: WebhookId(row.get(0)?),
        url: row.get(1)?,
        events: listed(row, 2)?,
        rooms: listed(row, 3)?,
        enabled: row.get(4)?,
        created_at: unsigned(row, 5)?,
    })
}

fn list(texts: &[String]) -> String {
    serde_json::to_string(texts).unwrap_or_default()
}

fn listed(row: &Row<'_>, index: usize) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text)
        .map_err(|error| Error::FromSqlConversionFailure(index, Type::Text, error.into()))
}
