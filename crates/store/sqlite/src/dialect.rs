//! The statements that only SQLite understands.

use bridgewatch_core::audit::AuditRow;
use sqlx::{SqliteConnection, SqlitePool, query, query_as, query_scalar};

use crate::queries::Failure;
use crate::queries::episodes::{EpisodeRow, HeardRow, NewestRow};
use crate::queries::intake::{DoneRow, ReceiptRow};
use crate::queries::rows::ReadError;

/// How a transaction begins that reads everything as it is at one instant.
pub(crate) const SNAPSHOT: &str = "begin";

/// Adds rows to an audit log. They travel as one JSON array.
pub(crate) async fn append_audit(
    connection: &mut SqliteConnection,
    incident: i64,
    rows: &[AuditRow],
) -> Result<(), Failure> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.number,
                row.at.timestamp_micros(),
                &row.actor,
                row.what.id(),
                row.subject,
                row.revision,
                &row.salt,
                &row.digest,
                &row.previous,
                &row.hash,
            )
        })
        .collect();
    let rows = serde_json::to_string(&rows)
        .map_err(|error| Failure::Wrong(format!("the audit log cannot be stored: {error}")))?;
    query!(
        "insert into audit (incident, number, at_us, actor, what, subject, revision, salt, digest, previous, hash)
         select $2, incoming.value ->> 0, incoming.value ->> 1, incoming.value ->> 2, incoming.value ->> 3,
                incoming.value ->> 4, incoming.value ->> 5, incoming.value ->> 6, incoming.value ->> 7,
                incoming.value ->> 8, incoming.value ->> 9
         from json_each($1) incoming",
        rows,
        incident
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps many episodes at once; each alert occurs at most once among them. The rows travel as one JSON array.
pub(crate) async fn upsert_episodes(
    connection: &mut SqliteConnection,
    rows: &[EpisodeRow],
    incident: Option<i64>,
) -> Result<(), Failure> {
    let rows = as_json(rows)
        .map_err(|error| Failure::Wrong(format!("episodes cannot be stored: {error}")))?;
    query!(
        "insert into episode (alert_hash, number, source, fingerprint, group_hash, incident, state, starts_at_us,
                              ends_at_us, last_seen_at_us, episode)
         select incoming.value ->> 0,
                coalesce((select case when newest.ends_at_us < incoming.value ->> 5 then newest.number + 1
                                      else newest.number end
                          from episode newest where newest.alert_hash = incoming.value ->> 0
                          order by newest.number desc limit 1), 1),
                incoming.value ->> 1, incoming.value ->> 2, incoming.value ->> 3, $2, incoming.value ->> 4,
                incoming.value ->> 5, incoming.value ->> 6, incoming.value ->> 7, incoming.value ->> 8
         from json_each($1) incoming
         where true
         on conflict (alert_hash, number) do update set
             group_hash = excluded.group_hash, incident = coalesce(excluded.incident, episode.incident),
             state = excluded.state, starts_at_us = excluded.starts_at_us, ends_at_us = excluded.ends_at_us,
             last_seen_at_us = excluded.last_seen_at_us, episode = excluded.episode",
        rows,
        incident
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes when many alerts were last heard of; each occurs once. They travel as one JSON array.
pub(crate) async fn hear_again(
    connection: &mut SqliteConnection,
    rows: &[HeardRow],
) -> Result<(), Failure> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (&row.alert_hash, row.last_seen_at_us))
        .collect();
    let rows = serde_json::to_string(&rows)
        .map_err(|error| Failure::Wrong(format!("repeats cannot be noted: {error}")))?;
    query!(
        "update episode set last_seen_at_us = max(episode.last_seen_at_us, heard.value ->> 1)
         from json_each($1) heard
         where episode.alert_hash = heard.value ->> 0
           and episode.number = (select max(newest.number) from episode newest
                                 where newest.alert_hash = heard.value ->> 0)",
        rows
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest episode of each alert, by the alerts' hashes. They travel as one JSON array.
pub(crate) async fn newest_episodes(
    readers: &SqlitePool,
    alert_hashes: &[String],
) -> Result<Vec<NewestRow>, ReadError> {
    let hashes = serde_json::Value::from(alert_hashes).to_string();
    let rows = query_as!(
        NewestRow,
        "select episode.incident, episode.fingerprint, episode.last_seen_at_us, episode.episode
         from json_each($1) wanted join episode on episode.alert_hash = wanted.value
         where episode.number = (select max(newest.number) from episode newest
                                 where newest.alert_hash = episode.alert_hash)",
        hashes
    )
    .fetch_all(readers)
    .await?;
    Ok(rows)
}

/// Keeps many receipts at once, and each body that is not kept already. What is known of them travels as one JSON array,
/// the bodies behind one another as one blob. Gives back the hashes of the bodies that are new.
pub(crate) async fn keep_receipts(
    connection: &mut SqliteConnection,
    rows: &[ReceiptRow<'_>],
) -> Result<Vec<String>, Failure> {
    let mut bodies = Vec::with_capacity(rows.iter().map(|row| row.body.len()).sum());
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        // SQLite counts from 1.
        places.push((row.body_hash, bodies.len() + 1, row.body.len()));
        bodies.extend_from_slice(row.body);
    }
    let places = serde_json::to_string(&places)
        .map_err(|error| Failure::Wrong(format!("bodies cannot be stored: {error}")))?;
    let new = query_scalar!(
        "insert into intake_body (hash, body)
         select incoming.value ->> 0, substr($2, incoming.value ->> 1, incoming.value ->> 2)
         from json_each($1) incoming
         where true
         on conflict (hash) do nothing
         returning hash",
        places,
        bodies
    )
    .fetch_all(&mut *connection)
    .await?;
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                &row.id,
                &row.source,
                row.received_at_us,
                row.body_hash,
                row.state,
                &row.problem,
            )
        })
        .collect();
    let rows = serde_json::to_string(&rows)
        .map_err(|error| Failure::Wrong(format!("receipts cannot be stored: {error}")))?;
    query!(
        "insert into intake_receipt (id, source, received_at_us, body_hash, state, trace)
         select incoming.value ->> 0, incoming.value ->> 1, incoming.value ->> 2, incoming.value ->> 3,
                incoming.value ->> 4, incoming.value ->> 5
         from json_each($1) incoming
         where true
         on conflict (id) do nothing",
        rows
    )
    .execute(connection)
    .await?;
    Ok(new)
}

/// Marks many receipts as worked on; how many there were.
pub(crate) async fn finish_receipts(
    connection: &mut SqliteConnection,
    rows: &[DoneRow],
    incident: Option<i64>,
) -> Result<u64, Failure> {
    let rows: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.trace.as_str()))
        .collect();
    let rows = serde_json::to_string(&rows)
        .map_err(|error| Failure::Wrong(format!("receipts cannot be marked: {error}")))?;
    let updated = query!(
        "update intake_receipt
         set state = 'done', trace = done.value ->> 1, incident = coalesce($2, intake_receipt.incident)
         from json_each($1) done where intake_receipt.id = done.value ->> 0",
        rows,
        incident
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected())
}

fn as_json(rows: &[EpisodeRow]) -> serde_json::Result<String> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                &row.alert_hash,
                &row.source,
                &row.fingerprint,
                &row.group_hash,
                row.state,
                row.starts_at_us,
                row.ends_at_us,
                row.last_seen_at_us,
                &row.episode,
            )
        })
        .collect();
    serde_json::to_string(&rows)
}
