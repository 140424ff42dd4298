//! Changes of the systems.

use bridgewatch_core::change::{ChangeKind, ReportedChange};
use chrono::{DateTime, Utc};
use sqlx::query;

use super::rows::{ReadError, micros, text, time};
use super::{Connection, Failure};
use crate::TheStore;

/// Keeps changes that are not known yet.
pub(crate) async fn keep(
    connection: &mut Connection,
    changes: &[ReportedChange],
    received_at: DateTime<Utc>,
) -> Result<(), Failure> {
    for change in changes {
        query!(
            "insert into change (id, service, version, kind, who, link, at_us, received_at_us)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
            text(&change.id),
            text(&change.service),
            text(&change.version),
            change.kind.id(),
            change.who.as_deref().map(text),
            change.link.as_deref().map(text),
            micros(change.at),
            micros(received_at)
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(crate) async fn between(
    store: &TheStore,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    most: i64,
) -> Result<Vec<ReportedChange>, ReadError> {
    let rows = query!(
        "select id, service, version, kind, who, link, at_us from change
         where at_us >= $1 and at_us <= $2 order by at_us desc, id limit $3",
        micros(from),
        micros(until),
        most
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ReportedChange {
                id: row.id,
                service: row.service,
                version: row.version,
                // A kind of a later version is still a change.
                kind: ChangeKind::of(&row.kind).unwrap_or(ChangeKind::Other),
                who: row.who,
                link: row.link,
                at: time(row.at_us)?,
            })
        })
        .collect()
}
