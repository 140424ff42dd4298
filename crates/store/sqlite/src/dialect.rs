//! The statements that only SQLite understands.

use sqlx::{SqliteConnection, query};

use crate::queries::Failure;
use crate::queries::episodes::EpisodeRow;

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
