//! The statements that only PostgreSQL understands.

use bridgewatch_core::audit::AuditRow;
use sqlx::{PgConnection, PgPool, query, query_as, query_scalar};

use crate::queries::Failure;
use crate::queries::episodes::{EpisodeRow, HeardRow, NewestRow};
use crate::queries::intake::{DoneRow, ReceiptRow};
use crate::queries::rows::ReadError;

/// How a transaction begins that reads everything as it is at one instant.
pub(crate) const SNAPSHOT: &str = "begin isolation level repeatable read read only";

/// Adds rows to an audit log. They travel as one array per column.
pub(crate) async fn append_audit(
    connection: &mut PgConnection,
    incident: i64,
    rows: &[AuditRow],
) -> Result<(), Failure> {
    let numbers: Vec<i64> = rows.iter().map(|row| row.number).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.at.timestamp_micros()).collect();
    let actors: Vec<&str> = rows.iter().map(|row| row.actor.as_str()).collect();
    let whats: Vec<&str> = rows.iter().map(|row| row.what.id()).collect();
    let subjects: Vec<i64> = rows.iter().map(|row| row.subject).collect();
    let revisions: Vec<i64> = rows.iter().map(|row| row.revision).collect();
    let salts: Vec<Option<&str>> = rows.iter().map(|row| row.salt.as_deref()).collect();
    let digests: Vec<&str> = rows.iter().map(|row| row.digest.as_str()).collect();
    let previous: Vec<&str> = rows.iter().map(|row| row.previous.as_str()).collect();
    let hashes: Vec<&str> = rows.iter().map(|row| row.hash.as_str()).collect();
    query!(
        "insert into audit (incident, number, at_us, actor, what, subject, revision, salt, digest, previous, hash)
         select $1, incoming.*
         from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[],
                     $9::text[], $10::text[], $11::text[]) as incoming",
        incident,
        &numbers,
        &times,
        &actors as &[&str],
        &whats as &[&str],
        &subjects,
        &revisions,
        &salts as &[Option<&str>],
        &digests as &[&str],
        &previous as &[&str],
        &hashes as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps many episodes at once; each alert occurs at most once among them. The rows travel as one array per column.
pub(crate) async fn upsert_episodes(
    connection: &mut PgConnection,
    rows: &[EpisodeRow],
    incident: Option<i64>,
) -> Result<(), Failure> {
    let alert_hashes: Vec<&str> = rows.iter().map(|row| row.alert_hash.as_str()).collect();
    let sources: Vec<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    let fingerprints: Vec<&str> = rows.iter().map(|row| row.fingerprint.as_str()).collect();
    let group_hashes: Vec<&str> = rows.iter().map(|row| row.group_hash.as_str()).collect();
    let states: Vec<&str> = rows.iter().map(|row| row.state).collect();
    let starts: Vec<i64> = rows.iter().map(|row| row.starts_at_us).collect();
    let ends: Vec<Option<i64>> = rows.iter().map(|row| row.ends_at_us).collect();
    let last_seen: Vec<i64> = rows.iter().map(|row| row.last_seen_at_us).collect();
    let episodes: Vec<&str> = rows.iter().map(|row| row.episode.as_str()).collect();
    query!(
        "insert into episode (alert_hash, number, source, fingerprint, group_hash, incident, state, starts_at_us,
                              ends_at_us, last_seen_at_us, episode)
         select incoming.alert_hash,
                coalesce((select case when newest.ends_at_us < incoming.starts_at_us then newest.number + 1
                                      else newest.number end
                          from episode newest where newest.alert_hash = incoming.alert_hash
                          order by newest.number desc limit 1), 1),
                incoming.source, incoming.fingerprint, incoming.group_hash, $10, incoming.state,
                incoming.starts_at_us, incoming.ends_at_us, incoming.last_seen_at_us, incoming.episode
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::text[])
              as incoming (alert_hash, source, fingerprint, group_hash, state, starts_at_us, ends_at_us,
                           last_seen_at_us, episode)
         on conflict (alert_hash, number) do update set
             group_hash = excluded.group_hash, incident = coalesce(excluded.incident, episode.incident),
             state = excluded.state, starts_at_us = excluded.starts_at_us, ends_at_us = excluded.ends_at_us,
             last_seen_at_us = excluded.last_seen_at_us, episode = excluded.episode",
        &alert_hashes as &[&str],
        &sources as &[&str],
        &fingerprints as &[&str],
        &group_hashes as &[&str],
        &states as &[&str],
        &starts,
        &ends as &[Option<i64>],
        &last_seen,
        &episodes as &[&str],
        incident
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes when many alerts were last heard of; each occurs once. The rows travel as one array per column.
pub(crate) async fn hear_again(
    connection: &mut PgConnection,
    rows: &[HeardRow],
) -> Result<(), Failure> {
    let alert_hashes: Vec<&str> = rows.iter().map(|row| row.alert_hash.as_str()).collect();
    let last_seen: Vec<i64> = rows.iter().map(|row| row.last_seen_at_us).collect();
    query!(
        "update episode set last_seen_at_us = greatest(episode.last_seen_at_us, heard.last_seen_at_us)
         from unnest($1::text[], $2::bigint[]) as heard (alert_hash, last_seen_at_us)
         where episode.alert_hash = heard.alert_hash
           and episode.number = (select max(newest.number) from episode newest
                                 where newest.alert_hash = heard.alert_hash)",
        &alert_hashes as &[&str],
        &last_seen
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest episode of each alert, by the alerts' hashes.
pub(crate) async fn newest_episodes(
    readers: &PgPool,
    alert_hashes: &[String],
) -> Result<Vec<NewestRow>, ReadError> {
    let rows = query_as!(
        NewestRow,
        "select episode.incident, episode.fingerprint, episode.last_seen_at_us, episode.episode
         from unnest($1::text[]) as wanted (alert_hash) join episode on episode.alert_hash = wanted.alert_hash
         where episode.number = (select max(newest.number) from episode newest
                                 where newest.alert_hash = episode.alert_hash)",
        alert_hashes
    )
    .fetch_all(readers)
    .await?;
    Ok(rows)
}

/// Keeps many receipts at once, and each body that is not kept already. The rows travel as one array per column.
/// Gives back the hashes of the bodies that are new.
pub(crate) async fn keep_receipts(
    connection: &mut PgConnection,
    rows: &[ReceiptRow<'_>],
) -> Result<Vec<String>, Failure> {
    let hashes: Vec<&str> = rows.iter().map(|row| row.body_hash).collect();
    let bodies: Vec<&[u8]> = rows.iter().map(|row| row.body).collect();
    let new = query_scalar!(
        "insert into intake_body (hash, body)
         select incoming.hash, incoming.body from unnest($1::text[], $2::bytea[]) as incoming (hash, body)
         on conflict (hash) do nothing
         returning hash",
        &hashes as &[&str],
        &bodies as &[&[u8]]
    )
    .fetch_all(&mut *connection)
    .await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let sources: Vec<&str> = rows.iter().map(|row| row.source.as_str()).collect();
    let received: Vec<i64> = rows.iter().map(|row| row.received_at_us).collect();
    let states: Vec<&str> = rows.iter().map(|row| row.state).collect();
    let problems: Vec<Option<&str>> = rows.iter().map(|row| row.problem.as_deref()).collect();
    query!(
        "insert into intake_receipt (id, source, received_at_us, body_hash, state, trace)
         select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[])
         on conflict (id) do nothing",
        &ids as &[&str],
        &sources as &[&str],
        &received,
        &hashes as &[&str],
        &states as &[&str],
        &problems as &[Option<&str>]
    )
    .execute(connection)
    .await?;
    Ok(new)
}

/// Marks many receipts as worked on; how many there were. The rows travel as one array per column.
pub(crate) async fn finish_receipts(
    connection: &mut PgConnection,
    rows: &[DoneRow],
    incident: Option<i64>,
) -> Result<u64, Failure> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let traces: Vec<&str> = rows.iter().map(|row| row.trace.as_str()).collect();
    let updated = query!(
        "update intake_receipt
         set state = 'done', trace = done.trace, incident = coalesce($3, intake_receipt.incident)
         from unnest($1::text[], $2::text[]) as done (id, trace) where intake_receipt.id = done.id",
        &ids as &[&str],
        &traces as &[&str],
        incident
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected())
}
